import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gcf_am.errors import ConfigError
from gcf_am.trust.identity_files import (
    private_directory,
    read_identity,
    write_certificates,
    write_identity,
    write_private,
)
from tests.pki import Pki


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_read(pki: Pki, tmp_path: Path) -> None:
    alice = pki.user("alice")
    certificate, key = write_identity(alice, tmp_path / "certs", "alice")
    assert (certificate.name, key.name) == ("alice-cert.pem", "alice-key.pem")
    read = read_identity(certificate, key)
    assert read.chain == alice.chain
    assert read.key.private_numbers() == alice.key.private_numbers()


def test_private_keys_are_private_also_where_they_were_not(pki: Pki, tmp_path: Path) -> None:
    directory = tmp_path / "certs"
    directory.mkdir(mode=0o755)
    (directory / "alice-key.pem").write_text("old")
    (directory / "alice-key.pem").chmod(0o644)
    _, key = write_identity(pki.user("alice"), directory, "alice")
    assert (mode(key), mode(directory)) == (0o600, 0o700)
    assert [path.name for path in directory.iterdir() if path.name.startswith(".")] == []


def test_a_private_directory_has_private_parents_only_if_new(tmp_path: Path) -> None:
    assert mode(private_directory(tmp_path / "a" / "b")) == 0o700


def test_a_key_that_others_can_read_is_refused(pki: Pki, tmp_path: Path) -> None:
    certificate, key = write_identity(pki.user("alice"), tmp_path, "alice")
    for wrong in (0o640, 0o604, 0o660):
        key.chmod(wrong)
        with pytest.raises(ConfigError, match="chmod 600"):
            read_identity(certificate, key)


def test_what_cannot_be_read_is_named_without_its_place(pki: Pki, tmp_path: Path) -> None:
    certificate, key = write_identity(pki.user("alice"), tmp_path, "alice")
    cases = [
        (tmp_path / "none.pem", key, "none.pem cannot be read"),
        (certificate, tmp_path / "none.pem", "none.pem cannot be read"),
    ]
    write_private(tmp_path / "junk.pem", "junk")
    cases.append((certificate, tmp_path / "junk.pem", "junk.pem is no PEM private key"))
    cases.append((tmp_path / "junk.pem", key, "junk.pem: a certificate cannot be read"))
    _, other = write_identity(pki.user("bob"), tmp_path, "bob")
    cases.append((certificate, other, "bob-key.pem is not the key of alice-cert.pem"))
    for cert_file, key_file, message in cases:
        with pytest.raises(ConfigError, match=message) as error:
            read_identity(cert_file, key_file)
        assert str(tmp_path) not in str(error.value)


def test_only_rsa_keys_are_read(pki: Pki, tmp_path: Path) -> None:
    certificate = tmp_path / "cert.pem"
    write_certificates(certificate, pki.user("alice").chain)
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    write_private(tmp_path / "key.pem", pem.decode())
    with pytest.raises(ConfigError, match="no RSA key"):
        read_identity(certificate, tmp_path / "key.pem")
