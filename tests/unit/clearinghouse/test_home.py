import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName
from sqlalchemy import select

from gcf_am.clearinghouse.home import add_aggregate, create
from gcf_am.clearinghouse.key_files import load_identity
from gcf_am.clearinghouse.people import Words, add_user
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register
from gcf_am.clearinghouse.tables import MemberRow
from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import load_chain
from gcf_am.urn import Urn
from tests.unit.clearinghouse.homes import AUTHORITY, USERS, SetClock, user_urn


def people(home: Path) -> dict[str, MemberRow]:
    with closing(Register(Places(home).database)) as register, register.unit() as session:
        found = {one.name: one for one in session.scalars(select(MemberRow))}
        session.expunge_all()
        return found


def contents(home: Path) -> dict[Path, bytes]:
    return {
        file: file.read_bytes()
        for file in sorted(home.rglob("*"))
        if file.is_file() and "sqlite" not in file.name
    }


def test_what_a_home_holds(home: Path) -> None:
    names = {file.name for file in (home / "certs").iterdir()}
    assert names >= {"ch-cert.pem", "am-cert.pem", "am-key.pem"}
    assert names >= {f"{user}-{what}.pem" for user in USERS for what in ("cert", "key")}
    assert [file.name for file in (home / "trusted_roots").iterdir()] == ["ch-cert.pem"]


def test_private_keys_are_private(home: Path) -> None:
    keys = list(home.rglob("*-key.pem"))
    assert len(keys) == 8
    for key in keys:
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


def test_chains_lead_to_the_root_by_the_right_authority(home: Path) -> None:
    # decision 28: SA and MA have keys of their own
    root = Places(home).root()
    sa, ma = (Places(home).authority(name).certificate for name in ("sa", "ma"))
    assert len({root.key, sa.key, ma.key}) == 3
    assert sa.signed_by(root)
    assert ma.signed_by(root)
    alice = load_chain((home / "certs" / "alice-cert.pem").read_bytes())
    assert alice[0].urn == user_urn("alice")
    assert alice[1] == ma
    assert alice[0].signed_by(ma)
    server = load_chain((home / "certs" / "am-cert.pem").read_bytes())[0]
    assert server.urn == Urn.of(AUTHORITY, "authority", "am")
    assert not server.authority


def test_a_second_start_keeps_everything(home: Path) -> None:
    before = contents(home)
    create(home, authority=AUTHORITY, users=USERS)
    assert contents(home) == before


def test_a_start_that_was_cut_short_is_finished(home: Path) -> None:
    # the key was written, its certificate not yet
    key = (home / "certs" / "am-key.pem").read_bytes()
    (home / "certs" / "am-cert.pem").unlink()
    create(home, authority=AUTHORITY, users=USERS)
    assert (home / "certs" / "am-key.pem").read_bytes() == key
    load_identity(home / "certs" / "am-cert.pem", home / "certs" / "am-key.pem")


def test_certificates_that_end_soon_are_made_anew_for_the_same_keys(home: Path) -> None:
    files = [home / "certs" / f"{name}-cert.pem" for name in ("am", "alice")]
    before = [load_chain(file.read_bytes())[0] for file in files]
    clock = SetClock(min(one.not_after for one in before) - timedelta(days=20))
    create(home, authority=AUTHORITY, users=USERS, clock=clock)
    after = [load_chain(file.read_bytes())[0] for file in files]
    for old, new in zip(before, after, strict=True):
        assert new.not_after > old.not_after
        assert (new.key, new.urn) == (old.key, old.urn)
    assert after[1].uuid == before[1].uuid
    members = people(home)
    assert load_chain(members["alice"].certificate)[0] == after[1]
    assert members["carol"].operator


def test_servers_get_the_hosts_they_answer_at(home: Path) -> None:
    file = home / "certs" / "am-cert.pem"
    before = load_chain(file.read_bytes())[0]
    create(home, authority=AUTHORITY, hosts=["am.example.org", "192.0.2.7"])
    after = load_chain(file.read_bytes())[0]
    assert after.key == before.key
    names = after.parsed.extensions.get_extension_for_class(SubjectAlternativeName).value
    assert names.get_values_for_type(DNSName) == ["localhost", "am.example.org"]
    assert "192.0.2.7" in map(str, names.get_values_for_type(IPAddress))


def test_a_home_keeps_its_authority(home: Path) -> None:
    with pytest.raises(ConfigError, match=r"belongs to the authority gcf\.local, not lab"):
        create(home, authority="lab.example", users=USERS)


def test_an_authority_with_a_colon_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="letters, digits, dots and hyphens"):
        create(tmp_path / "home", authority="geni:gpo", users=())
    assert not (tmp_path / "home").exists()


def test_the_operator_is_known_as_one(home: Path) -> None:
    assert {name: one.operator for name, one in people(home).items()} == {
        "alice": False,
        "bob": False,
        "carol": True,
    }


def test_users_are_added_later_and_stay_what_they_are(home: Path) -> None:
    add_user(home, "dave", Words(operator=True, email="dave@example.org"))
    create(home, authority=AUTHORITY, users=(*USERS, "dave"))
    dave = people(home)["dave"]
    assert dave.operator
    assert load_chain(dave.certificate)[0].email == "dave@example.org" == dave.email
    assert (home / "certs" / "dave-ssh.pub").read_text().startswith("ssh-rsa ")


@pytest.mark.parametrize("name", ["", "9lives", "toolongname", "a b", "../x", "é"])
def test_no_user_has_such_a_name(home: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="is no user name"):
        add_user(home, name)


def test_another_users_certificate_is_not_taken(home: Path) -> None:
    for what in ("cert", "key"):
        (home / "certs" / f"bob-{what}.pem").rename(home / "certs" / f"eve-{what}.pem")
    with pytest.raises(ConfigError, match=r"belongs to .*bob, not to .*eve"):
        add_user(home, "eve")


def test_a_key_that_others_may_read_is_refused(home: Path) -> None:
    (home / "ch" / "sa-key.pem").chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        Places(home).authority("sa")


def test_certificate_and_key_must_belong_together(home: Path) -> None:
    certs = home / "certs"
    with pytest.raises(ConfigError, match="do not belong together"):
        load_identity(certs / "alice-cert.pem", certs / "bob-key.pem")


@pytest.mark.parametrize(
    ("urn", "url"),
    [
        (Urn.of(AUTHORITY, "user", "am"), "https://127.0.0.1:8001/"),
        (Urn.of(AUTHORITY, "authority", "am"), "http://127.0.0.1:8001/"),
    ],
)
def test_what_is_no_aggregate_is_refused(home: Path, urn: Urn, url: str) -> None:
    with pytest.raises(ConfigError):
        add_aggregate(home, urn, url)
