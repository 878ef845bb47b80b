from pathlib import Path

import pytest

from gcf_am.client.credential_file import (
    UnreadableCredential,
    load_credential,
    read_credential,
    save_credential,
)

SLICE = "urn:publicid:IDN+a+slice+s"
TEXT = f"""<?xml version="1.0"?>
<signed-credential><credential xml:id="ref1"><type>privilege</type>
<target_urn>{SLICE}</target_urn><expires>2030-01-01T00:00:00Z</expires>
<parent><credential xml:id="ref0"><type>privilege</type><expires>2029-01-01T00:00:00Z</expires>
</credential></parent></credential></signed-credential>
"""


def test_the_outermost_credential_is_read() -> None:
    read = read_credential(TEXT)
    assert (read.target, read.kind, read.version) == (SLICE, "geni_sfa", "3")
    assert read.expires.year == 2030
    assert read.argument()["geni_value"] == TEXT.strip()


def test_version_and_type_as_omni_tells_them() -> None:
    assert read_credential(TEXT.replace(f"{SLICE}<", "<")).version == "2"
    abac = read_credential(TEXT.replace("privilege", "abac"))
    assert (abac.kind, abac.version) == ("geni_abac", "1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN CERTIFICATE-----",
        "<credential/>",
        "<signed-credential/>",
        TEXT.replace("2030-01-01T00:00:00Z", "soon"),
        "<!DOCTYPE x>" + TEXT.removeprefix('<?xml version="1.0"?>\n'),
        "<a>" * 200 + "</a>" * 200,
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(UnreadableCredential):
        read_credential(text)


def test_a_file_is_private_and_named_when_it_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "cred.xml"
    save_credential(file, TEXT)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_credential(file).target == SLICE
    file.write_bytes(b"\xff")
    with pytest.raises(UnreadableCredential, match=r"cred\.xml"):
        load_credential(file)
    with pytest.raises(UnreadableCredential, match="cannot be read"):
        load_credential(tmp_path / "nothing")
