import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gcf_am.trust.ssh_keys import judge_key
from tests.pki import key


def line(
    public: rsa.RSAPublicKey | ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey,
) -> str:
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


ED25519 = line(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key())
RSA = line(key("ssh", 1).public_key())
SHORT = line(rsa.RSAPublicNumbers(65537, (1 << 767) + 1).public_key())


@pytest.mark.parametrize(
    "good",
    [
        ED25519,
        f"{ED25519} alice@home",
        f"{ED25519}\talice's laptop, \u00e9t\u00e9",
        RSA,
        line(ec.generate_private_key(ec.SECP256R1()).public_key()),
        line(ec.generate_private_key(ec.SECP521R1()).public_key()),
    ],
)
def test_good_keys_come_back_without_the_blanks_around_them(good: str) -> None:
    assert judge_key(f"  {good}\r\n") == good


PRIVATE = ed25519.Ed25519PrivateKey.generate().private_bytes(
    Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("", "no SSH public key"),
        ("ssh-ed25519", "no SSH public key"),
        (ED25519.replace(" ", ""), "no SSH public key"),
        (f'command="x" {ED25519}', "no SSH public key"),
        (f"no-pty {ED25519}", "no SSH public key"),
        (f"{ED25519} a\n{ED25519} b", "one line"),
        (f"{ED25519} a\0b", "one line"),
        (f"{ED25519} a\u2028b", "one line"),
        (f"{ED25519} {'a' * 9000}", "at most"),
        (ED25519.replace("ssh-ed25519", "ssh-dss"), "'ssh-dss' are not accepted"),
        (ED25519.replace("ssh-ed25519", "ssh-rsa"), "damaged"),
        (ED25519[:-8], "damaged"),
        (f"{ED25519[:-4]}!!!!", "no SSH public key"),
        (f"ssh-rsa {base64.b64encode(b'junk').decode()}", "damaged"),
        (SHORT, "RSA keys need 1024 bits, this one has 768"),
        (PRIVATE.decode(), "private key"),
    ],
)
def test_bad_keys_are_refused_with_a_reason(bad: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        judge_key(bad)
