"""What the operator does with `gcf-ch`: people, certificates, lists, copies."""

from __future__ import annotations

import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gcf_am.clearinghouse.authority import Authority
from gcf_am.clearinghouse.backup import back_up
from gcf_am.clearinghouse.home import create
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register
from gcf_am.clearinghouse.revoking import Refresher
from gcf_am.cli.ch import ch
from gcf_am.errors import ConfigError
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.chains import verify_chain
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.issue import new_key
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.revocation import read_lists
from tests.unit.clearinghouse.homes import AUTHORITY, USERS, SetClock, slice_urn, user_urn
from tests.unit.clearinghouse.house import DAY, House


def run(home: Path, *arguments: str | Path) -> Result:
    command, *rest = map(str, arguments)
    return CliRunner().invoke(ch, [command, "--home", str(home), *rest])


def done(home: Path, *arguments: str | Path) -> str:
    result = run(home, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def refused(home: Path, *arguments: str | Path) -> str:
    result = run(home, *arguments)
    assert result.exit_code == 1, result.output
    return result.output


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    """What a user makes at home, with the key that stays there."""
    key = new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "me")])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "me.csr").write_bytes(made.public_bytes(Encoding.PEM))
    return tmp_path / "me.csr"


def test_a_user_is_enrolled_whose_key_stays_where_it_is(
    home: Path, request_file: Path, authority: Authority
) -> None:
    done(home, "enroll", "dave", request_file, "--email", "dave@example.org", "--pi")
    assert not Places(home).pair("dave")[1].exists()
    house = House(home, authority, SetClock(datetime.now(UTC)))
    leaf = house.chain("dave")[0]
    assert (leaf.urn, leaf.email) == (user_urn("dave"), "dave@example.org")
    assert leaf.not_after - leaf.not_before <= timedelta(days=366)
    usage = leaf.parsed.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH in usage
    fields = {"fields": {"PROJECT_NAME": "demo"}}
    assert house.done("SA", "dave", "create", "PROJECT", [], fields)
    house.close()
    # a renewal keeps the UUID, and a start makes no key for who keeps their own
    done(home, "enroll", "dave", request_file, "--out", home / "again.pem")
    assert load_chain((home / "again.pem").read_bytes())[0].uuid == leaf.uuid
    later = SetClock(leaf.not_after - timedelta(days=2))
    create(home, authority=AUTHORITY, users=("dave",), clock=later)
    assert not Places(home).pair("dave")[1].exists()
    assert "keeps the key elsewhere" in refused(home, "add-user", "dave")


def test_a_request_that_proves_nothing_is_refused(home: Path, request_file: Path) -> None:
    lines = request_file.read_text().splitlines()
    lines[2] = lines[2][::-1]
    bad = request_file.with_name("bad.csr")
    bad.write_text("\n".join(lines))
    assert "request" in refused(home, "enroll", "dave", bad)
    assert "cannot be read" in refused(home, "enroll", "dave", bad.with_name("none.csr"))
    assert "is no user name" in refused(home, "enroll", "9lives", request_file)
    assert not Places(home).pair("dave")[0].exists()
    done(home, "enroll", "dave", request_file)
    assert "somebody else's" in refused(home, "enroll", "eve", request_file)


def test_a_revoked_user_is_shut_out_until_there_is_a_new_key(home: Path) -> None:
    trusted = TrustStore(Places(home).trusted, look_every=0)
    chain = load_chain(Places(home).pair("alice")[0].read_bytes())
    now = datetime.now(UTC)
    verify_chain(chain, trusted.current(), now)
    assert "1 certificates were revoked" in done(home, "revoke", "alice", "--reason", "superseded")
    with pytest.raises(Refusal, match="revoked"):
        verify_chain(chain, trusted.current(), now)
    assert "0 certificates" in done(home, "revoke", "alice")
    assert "--new-key" in refused(home, "add-user", "alice")
    # a start gives nobody back what was taken, however soon the certificate ends
    create(home, authority=AUTHORITY, users=USERS, clock=SetClock(chain[0].not_after - DAY))
    assert load_chain(Places(home).pair("alice")[0].read_bytes()) == chain
    done(home, "add-user", "alice", "--new-key")
    new = load_chain(Places(home).pair("alice")[0].read_bytes())
    verify_chain(new, trusted.current(), now)
    assert new[0].key != chain[0].key
    assert new[0].uuid == chain[0].uuid
    assert "there is no user nobody" in refused(home, "revoke", "nobody")


def test_a_certificate_in_a_file_is_revoked_if_it_is_ours(home: Path, template: Path) -> None:
    am = Places(home).pair("am")[0]
    assert "authority+am" in done(home, "revoke", "--certificate", am)
    lists = read_lists((Places(home).trusted / "ch.crl").read_bytes())
    serial = load_chain(am.read_bytes())[0].parsed.serial_number
    # by the issuer that signed it, and by nobody else
    root = Places(home).root()
    assert [one.signed_by(root) for one in lists if serial in one.serials] == [True]
    assert "not issued here" in refused(
        home, "revoke", "--certificate", Places(home).certs / "ch-cert.pem"
    )
    assert run(home, "revoke").exit_code == 2


def test_lists_are_made_anew_in_time(home: Path) -> None:
    file = Places(home).trusted / "ch.crl"
    now = datetime.now(UTC).replace(microsecond=0)
    clock = SetClock(now)
    with closing(Register(Places(home).database)) as register:
        refresher = Refresher(home, register, clock)
        assert refresher.run_once()
        assert not refresher.run_once()
        clock.time += 3 * DAY
        assert not refresher.run_once()
        clock.time += DAY
        assert refresher.run_once()
        assert all(one.next_update == clock.time + 7 * DAY for one in read_lists(file.read_bytes()))
        file.write_text("what is this")
        assert refresher.run_once()
        refresher.start()
        refresher.stop()


def test_lists_without_the_roots_key(home: Path) -> None:
    (Places(home).inner / "ca-key.pem").rename(home / "in a safe")
    out = home / "lists.pem"
    assert str(out) in done(home, "crl", "--out", out)
    assert len(read_lists(out.read_bytes())) == 2


def test_users_are_disabled_and_enabled(home: Path, authority: Authority) -> None:
    house = House(home, authority, SetClock(datetime.now(UTC)))
    done(home, "disable", "alice")
    assert house.code("SA", "alice", "lookup", "SLICE", [], {}) == 2
    done(home, "enable", "alice")
    assert house.done("SA", "alice", "lookup", "SLICE", [], {}) == {}
    assert "there is no user nobody" in refused(home, "disable", "nobody")
    house.close()


def test_projects_and_aggregates_from_the_command_line(home: Path, authority: Authority) -> None:
    done(
        home,
        "add-project",
        "demo",
        "alice",
        "--description",
        "words",
        "--until",
        "2040-01-01T00:00:00Z",
    )
    assert "already exists" in refused(home, "add-project", "Demo", "bob")
    assert "there is no user" in refused(home, "add-project", "other", "nobody")
    assert run(home, "add-project", "other", "bob", "--until", "tomorrow").exit_code == 2
    am = f"urn:publicid:IDN+{AUTHORITY}+authority+am"
    cert = Places(home).pair("am")[0]
    done(
        home, "add-aggregate", "https://h:1/", "--urn", am, "--certificate", cert, "--title", "Ours"
    )
    house = House(home, authority, SetClock(datetime.now(UTC)))
    [project] = house.done("SA", "alice", "lookup", "PROJECT", [], {}).values()
    assert (project["PROJECT_NAME"], project["PROJECT_EXPIRATION"]) == (
        "demo",
        "2040-01-01T00:00:00Z",
    )
    [one] = house.done("SR", None, "lookup_aggregates", {})
    assert (one["SERVICE_NAME"], one["SERVICE_URL"]) == ("Ours", "https://h:1/")
    done(home, "remove-aggregate", am)
    assert "no aggregate" in refused(home, "remove-aggregate", am)
    house.close()


def test_trust_is_exported(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "for an aggregate"
    done(home, "export-trust", out)
    assert sorted(one.name for one in out.iterdir()) == [
        "ch-cert.pem",
        "ch.crl",
        "ma-cert.pem",
        "sa-cert.pem",
    ]
    trust = TrustStore(out)
    assert trust.problems == ()
    alice = load_chain(Places(home).pair("alice")[0].read_bytes())[:1]
    verify_chain(alice, trust.current(), datetime.now(UTC))


def test_a_copy_is_a_home_and_answers_the_same(
    home: Path, tmp_path: Path, authority: Authority
) -> None:
    clock = SetClock(datetime.now(UTC).replace(microsecond=0))
    house = House(home, authority, clock)
    stop = threading.Event()

    def busy() -> None:
        number = 0
        while not stop.is_set() and number < 200:
            number += 1
            fields = {"fields": {"MEMBER_FIRSTNAME": f"Alice {number}"}}
            house.done("MA", "alice", "update", "MEMBER", user_urn("alice").text, [], fields)

    house.service.create_slice(house.by("alice"), slice_urn("one"))
    writer = threading.Thread(target=busy)
    writer.start()
    target = tmp_path / "copy"
    assert str(target) in done(home, "backup", target)
    stop.set()
    writer.join()
    assert "there already" in refused(home, "backup", target)
    for file in target.rglob("*"):
        mode = stat.S_IMODE(file.stat().st_mode)
        secret = file.is_dir() or file.name.endswith("-key.pem") or "sqlite" in file.name
        assert mode & 0o077 == 0 if secret else mode == 0o644, file
    assert {one.name for one in target.rglob("*-key.pem")} == {
        one.name for one in home.rglob("*-key.pem")
    }
    copy = House(target, authority, clock)
    for service, name, parameters in (
        ("SA", "lookup", ("SLICE", [], {})),
        ("SA", "lookup_members", ("SLICE", slice_urn("one").text, [], {})),
        ("MA", "lookup", ("KEY", [], {"match": {"KEY_MEMBER": user_urn("alice").text}})),
        ("SR", "lookup", ("SERVICE", [], {})),
    ):
        assert copy.done(service, "alice", name, *parameters) == house.done(
            service, "alice", name, *parameters
        )
    copy.close()
    house.close()


def test_what_is_no_home_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gcf-ch init"):
        back_up(tmp_path / "nothing", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
