"""What is told of calls and answers holds no secrets."""

import json
from xmlrpc.client import Binary

import pytest

from gcf_am.conformance.shortening import (
    readable,
    readable_call,
    shortened,
    without_secrets,
)

CREDENTIAL = (
    '<?xml version="1.0"?>\n<signed-credential><credential xml:id="ref0"><type>privilege</type>'
    "<owner_gid>PEM of alice</owner_gid><owner_urn>urn:publicid:IDN+a+user+alice</owner_urn>"
    "<target_urn>urn:publicid:IDN+a+slice+s</target_urn><expires>2030-01-01T00:00:00Z</expires>"
    "</credential><signatures><SignatureValue>sixsixsix</SignatureValue></signatures>"
    "</signed-credential>"
)
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----"


def test_a_credential_is_shortened_to_what_it_says() -> None:
    told = shortened(f"before {CREDENTIAL} after")
    assert told == (
        f"before [a credential of {len(CREDENTIAL)} characters: type privilege, owner_urn "
        "urn:publicid:IDN+a+user+alice, target_urn urn:publicid:IDN+a+slice+s, expires "
        "2030-01-01T00:00:00Z] after"
    )


@pytest.mark.parametrize("wrap", [str, lambda text: text.replace("<", "&lt;").replace(">", "&gt;")])
@pytest.mark.parametrize("cut", [0, 10, 90])
def test_no_part_of_one_is_left_however_it_is_written(wrap: type[str], cut: int) -> None:
    told = shortened(f"x {wrap(CREDENTIAL[: len(CREDENTIAL) - cut])}")
    assert "sixsixsix" not in told
    assert "PEM of alice" not in told
    assert told.startswith("x [a credential of ")


@pytest.mark.parametrize("text", [KEY, KEY[:-10], KEY.replace("RSA ", ""), f"a\n{KEY}\nb"])
def test_private_keys_go(text: str) -> None:
    told = shortened(text)
    assert "MIIE" not in told
    assert "[a private key]" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Authorization: Bearer abc.def", "Authorization: Bearer [a secret]"),
        ('{"token": "abc"}', '{"token": "[a secret]"}'),
        ("password=abc&x=1", "password=[a secret]&x=1"),
        ("the token of a slice", "the token of a slice"),
    ],
)
def test_tokens_go(text: str, told: str) -> None:
    assert shortened(text) == told


def test_calls_are_readable() -> None:
    credential = {"geni_type": "geni_sfa", "geni_value": CREDENTIAL}
    told = readable_call("Status", [["urn:a"], [credential], {"x": True, "y": None}])
    assert told.startswith('Status([\n  "urn:a"\n]')
    assert '"x": true' in told
    assert "[a credential of" in told
    assert readable(Binary(KEY.encode())) == '"[base64] [a private key]"'
    assert readable({"rspec": "<a>\n<b/>"}) == '{\n  "rspec": "<a>\n<b/>"\n}'


def test_a_cassettes_texts_are_shortened_too() -> None:
    told = without_secrets({"checks": {"a": [("call", {"body": CREDENTIAL, "n": 1})]}})
    assert "sixsixsix" not in json.dumps(told)
    assert told["checks"]["a"][0][1]["n"] == 1
