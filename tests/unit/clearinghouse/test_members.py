"""Members, their keys and certificates, and tools that speak for them. FED 1.7 and 1.8."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from gcf_am.clearinghouse.key_files import load_identity
from gcf_am.clearinghouse.people import enroll
from gcf_am.clearinghouse.places import Places
from gcf_am.clearinghouse.register import Register
from gcf_am.clearinghouse.revoking import revoke_user
from gcf_am.clearinghouse.tables import EventRow
from gcf_am.client.credential_file import read_credential
from gcf_am.trust.certificates import load_chain
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.issue import Identity, certify, new_key
from gcf_am.trust.revocation import read_lists
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from tests.speaking import speaks_for
from tests.unit.clearinghouse.homes import AUTHORITY, slice_urn, user_urn
from tests.unit.clearinghouse.house import DAY, House

ALICE, BOB, CAROL = (user_urn(name).text for name in ("alice", "bob", "carol"))


def ssh_key() -> str:
    made = ed25519.Ed25519PrivateKey.generate().public_key()
    return made.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")


def request_for(key: Any, name: str = "whoever I like") -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    # what a request asks for beside its key is nothing to us
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode("ascii")


def add_key(house: House, public: str, who: str = "alice", owner: str = ALICE) -> dict[str, Any]:
    fields = {"fields": {"KEY_MEMBER": owner, "KEY_PUBLIC": public, "KEY_DESCRIPTION": "words"}}
    return house.call("MA", who, "create", "KEY", [], fields)


def keys_of(house: House, owner: str = ALICE, **more: Any) -> Any:
    return house.done("MA", "bob", "lookup", "KEY", [], {"match": {"KEY_MEMBER": owner}, **more})


def test_keys_come_change_and_go(house: House) -> None:
    [first] = keys_of(house)
    line = ssh_key()
    made = add_key(house, f"{line} alice@home\n")["value"]
    assert made["KEY_PUBLIC"] == f"{line} alice@home"
    assert (made["KEY_MEMBER"], made["KEY_TYPE"]) == (ALICE, "ssh-ed25519")
    assert isinstance(made["KEY_ID"], str)
    assert keys_of(house).keys() == {first, made["KEY_ID"]}
    assert keys_of(house, filter=["KEY_PUBLIC"])[made["KEY_ID"]] == {
        name: made[name] for name in ("KEY_ID", "KEY_MEMBER", "KEY_PUBLIC")
    }
    # Omni asks for the private key, too, which nobody has here
    wanted = {"match": {"KEY_MEMBER": ALICE}, "filter": ["KEY_PUBLIC", "KEY_PRIVATE"]}
    old = house.done("MA", "bob", "lookup_keys", [], wanted)
    assert [one.keys() for one in old[ALICE]] == [{"KEY_ID", "KEY_PUBLIC"}] * 2
    change = {"fields": {"KEY_DESCRIPTION": "others"}}
    assert house.done("MA", "alice", "update_key", made["KEY_ID"], [], change) is True
    assert keys_of(house)[made["KEY_ID"]]["KEY_DESCRIPTION"] == "others"
    for who, code in (("bob", 2), ("carol", 0)):
        assert house.call("MA", who, "delete", "KEY", made["KEY_ID"], [], {})["code"] == code
    assert keys_of(house).keys() == {first}
    assert house.code("MA", "alice", "delete", "KEY", made["KEY_ID"], [], {}) == 3


def test_a_key_is_kept_once_for_each_of_its_owners(house: House) -> None:
    line = ssh_key()
    assert add_key(house, line)["code"] == 0
    again = add_key(house, f"{line} another comment")
    assert (again["code"], "[DUPLICATE] DUPLICATE_ERROR" in again["output"]) == (5, True)
    assert add_key(house, line, "bob", BOB)["code"] == 0


@pytest.mark.parametrize(
    "public",
    [
        "",
        "ssh-ed25519 AAAA",
        "not a key",
        'command="x" ssh-ed25519 AAAA',
        "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----",
    ],
)
def test_what_is_no_public_key_is_refused(quiet: House, public: str) -> None:
    assert add_key(quiet, public)["code"] == 3


def test_a_private_key_is_never_taken(quiet: House) -> None:
    fields = {"KEY_MEMBER": ALICE, "KEY_PUBLIC": ssh_key(), "KEY_PRIVATE": "x"}
    assert quiet.code("MA", "alice", "create", "KEY", [], {"fields": fields}) == 3


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ({"MEMBER_URN": ALICE}, {ALICE}),
        ({"MEMBER_URN": [ALICE, BOB, user_urn("nobody").text]}, {ALICE, BOB}),
        ({"MEMBER_USERNAME": "Alice"}, {ALICE}),
        ({"MEMBER_USERNAME": []}, set()),
        ({"MEMBER_USERNAME": ["alice", "bob"], "MEMBER_URN": BOB}, {BOB}),
        ({"MEMBER_EMAIL": f"alice@{AUTHORITY}"}, {ALICE}),
        ({"MEMBER_LASTNAME": "x"}, set()),
    ],
)
def test_members_are_found_by_their_fields(
    quiet: House, match: dict[str, Any], found: set[str]
) -> None:
    assert quiet.done("MA", "carol", "lookup", "MEMBER", [], {"match": match}).keys() == found


def test_a_member_is_found_by_uid_and_called_what_they_say(house: House) -> None:
    fields = {"fields": {"MEMBER_FIRSTNAME": "Alice", "MEMBER_LASTNAME": "Liddell"}}
    assert house.done("MA", "alice", "update_member_info", ALICE, [], fields) is True
    [told] = house.done(
        "MA", "alice", "lookup", "MEMBER", [], {"match": {"MEMBER_URN": ALICE}}
    ).values()
    assert told == {
        "MEMBER_URN": ALICE,
        "MEMBER_UID": house.chain("alice")[0].uuid,
        "MEMBER_USERNAME": "alice",
        "MEMBER_FIRSTNAME": "Alice",
        "MEMBER_LASTNAME": "Liddell",
        "MEMBER_EMAIL": f"alice@{AUTHORITY}",
    }
    by_uid = {"match": {"MEMBER_UID": told["MEMBER_UID"]}}
    assert house.done("MA", "alice", "lookup", "MEMBER", [], by_uid) == {ALICE: told}
    for field, value in (("MEMBER_EMAIL", "a@b.org"), ("MEMBER_FIRSTNAME", "x" * 200)):
        wrong = {"fields": {field: value}}
        assert house.code("MA", "alice", "update", "MEMBER", ALICE, [], wrong) == 3


def test_a_members_credential_is_for_the_registered_certificate(house: House) -> None:
    verifier = Verifier(TrustStore(Places(house.home).trusted))
    for who in ("alice", "carol"):
        # what an operator gets of alice's, only alice can use
        [one] = house.done("MA", who, "get_credentials", ALICE, [], {})
        genuine = verifier.credential(one["geni_value"], house.clock.now())
        assert genuine.owner.leaf == genuine.target.leaf == house.chain("alice")[0]
        assert "<owner_gid>" + "".join(c.pem for c in house.chain("alice")) in one["geni_value"]
        expires = read_credential(one["geni_value"]).expires
        assert expires <= house.chain("alice")[0].not_after
    assert house.code("MA", "bob", "get_credentials", ALICE, [], {}) == 2
    assert house.code("MA", "carol", "get_credentials", user_urn("nobody").text, [], {}) == 3


def certificate(house: House, csr: str, who: str | Identity = "alice") -> dict[str, Any]:
    return house.call("MA", who, "create_certificate", ALICE, [], {"csr": csr})


def test_a_certificate_for_ones_own_key(house: House) -> None:
    key = new_key()
    before = house.chain("alice")[0]
    chain = load_chain(certificate(house, request_for(key))["value"])
    leaf = chain[0]
    # only the key of the request counts
    assert leaf.urn == user_urn("alice")
    assert leaf.public_key == key.public_key()
    assert not leaf.authority
    assert (leaf.uuid, leaf.email) == (before.uuid, before.email)
    assert chain[1:] == house.desk.authority.ma.chain
    # from now on it is the registered one, and the old one is not
    assert house.code("SA", "alice", "lookup", "SLICE", [], {}) == 1
    assert house.done("SA", Identity(key, chain), "lookup", "SLICE", [], {}) == {}


def test_a_certificate_needs_a_proof_and_a_proper_key(house: House) -> None:
    bobs = Identity(new_key(), house.chain("bob")).key
    good = request_for(new_key())
    forged = good.replace(good.splitlines()[3], good.splitlines()[3][::-1])
    exponent = rsa.generate_private_key(public_exponent=3, key_size=2048)
    for csr in (
        "",
        "x" * 20000,
        forged,
        request_for(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
        request_for(exponent),
        request_for(ec.generate_private_key(ec.SECP256R1())),
        house.chain("alice")[0].pem,
    ):
        assert certificate(house, csr)["code"] == 3
    for who in ("bob", "carol"):
        assert certificate(house, request_for(bobs), who)["code"] == 2


def test_a_key_belongs_to_one(house: House, tmp_path: Path) -> None:
    key = new_key()
    file = tmp_path / "bob.csr"
    file.write_text(request_for(key))
    enroll(house.home, "bob", file)
    answer = certificate(house, request_for(key))
    assert (answer["code"], "somebody else's" in answer["output"]) == (3, True)


def test_a_revoked_certificate_is_nobodys_at_once(house: House) -> None:
    house.desk.verifier.trust.reload()
    assert house.done("SA", "alice", "lookup", "SLICE", [], {}) == {}
    assert revoke_user(house.home, "alice", clock=house.clock) == 1
    assert house.code("SA", "alice", "lookup", "SLICE", [], {}) == 1
    # also where no list is read
    (Places(house.home).trusted / "ch.crl").unlink()
    answer = house.call("SA", "alice", "lookup", "SLICE", [], {})
    assert (answer["code"], "revoked" in answer["output"]) == (1, True)
    assert certificate(house, request_for(new_key()))["code"] == 1
    text = house.done("MA", "bob", "get_crl", [], {})
    [told] = read_lists(text.encode())
    assert told.serials == {house.chain("alice")[0].parsed.serial_number}
    assert told.signed_by(house.desk.authority.ma.certificate)
    assert told.next_update is not None
    assert told.next_update >= house.clock.now() + DAY


# ------------------------------------------------------------------------- tools that speak


@pytest.fixture
def tool(house: House) -> Identity:
    """A portal below our root, whose tools may speak."""
    places = Places(house.home)
    root = load_identity(places.certs / "ch-cert.pem", places.inner / "ca-key.pem")
    key = new_key()
    urn = Urn.of(AUTHORITY, "tool", "portal")
    made = certify(urn, key.public_key(), signer=root, now=house.clock.now(),
                   until=house.clock.now() + 30 * DAY)  # fmt: skip
    terms = f'[root."ch-cert.pem"]\nspeaks_for_tools = ["{urn}"]\n'
    (Places(house.home).trusted / "roots.toml").write_text(terms)
    house.desk.verifier.trust.reload()
    return Identity(key, (made,))


def person(house: House, name: str) -> Identity:
    return load_identity(*Places(house.home).pair(name))


def speaking(house: House, tool: Identity, name: str = "alice", **more: Any) -> dict[str, Any]:
    text = speaks_for(person(house, name), tool, expires=house.clock.now() + DAY, **more)
    return {"geni_type": "geni_abac", "geni_version": "1", "geni_value": text}


def spoken(house: House, tool: Identity, creds: list[Any], user: str = ALICE) -> dict[str, Any]:
    options = {"speaking_for": user, "geni_speaking_for": user, "fields": {"SLICE_NAME": "one"}}
    return house.call("SA", tool, "create", "SLICE", creds, options)


def test_a_tool_acts_as_the_user_it_speaks_for(house: House, tool: Identity) -> None:
    one = speaking(house, tool)
    assert spoken(house, tool, [one])["code"] == 0
    options = {"speaking_for": ALICE}
    [credential] = house.done("SA", tool, "get_credentials", slice_urn("one").text, [one], options)
    assert read_credential(credential["geni_value"]).target == slice_urn("one").text
    owner = credential["geni_value"].partition("<owner_gid>")[2]
    assert load_chain(owner[: owner.index("</owner_gid>")])[0] == house.chain("alice")[0]
    assert house.service.list_my_slices(house.by("alice"), user_urn("alice"))
    with closing(Register(Places(house.home).database)) as register, register.unit() as session:
        row = session.scalars(select(EventRow).order_by(EventRow.id.desc())).first()
        assert row is not None
        assert (row.caller, row.tool) == (ALICE, f"urn:publicid:IDN+{AUTHORITY}+tool+portal")


def test_a_tool_without_a_users_word_may_nothing(house: House, tool: Identity) -> None:
    good = speaking(house, tool)
    for creds in (
        [],
        [speaking(house, tool, "bob")],
        [speaking(house, person(house, "bob"))],
        [{**good, "geni_value": "<no/>"}],
        [{**good, "geni_type": "geni_sfa"}],
        [good] * 30,
    ):
        assert spoken(house, tool, creds)["code"] == 2
    # nor does an operator's tool fall back to its own rights
    carol = person(house, "carol")
    assert spoken(house, carol, [])["code"] == 2
    # and who does not ask to speak is the tool, whatever it brings along
    fields = {"fields": {"SLICE_NAME": "one"}}
    assert house.code("SA", tool, "create", "SLICE", [good], fields) == 2
    assert house.done("SA", tool, "lookup", "PROJECT", [good], {}) == {}


def test_a_tool_that_the_operator_does_not_let_speak_may_not(house: House, tool: Identity) -> None:
    one = speaking(house, tool)
    (Places(house.home).trusted / "roots.toml").unlink()
    house.desk.verifier.trust.reload()
    assert spoken(house, tool, [one])["code"] == 2


def test_who_speaks_for_a_user_does_not_become_that_user(house: House, tool: Identity) -> None:
    options = {"speaking_for": ALICE, "csr": request_for(new_key())}
    parameters = (ALICE, [speaking(house, tool)], options)
    assert house.code("MA", tool, "create_certificate", *parameters) == 2
