"""What a credential must be for a call to be allowed, judged by calls.

Each forgery is made with the keys of the installation's own authorities: whatever a test does
not break is genuine. Status of a slice without slivers tells 12 where it is allowed, else 3.
"""

import xmlrpc.client
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from gcf_am.trust import issue
from tests.functional.federation import HomePki
from tests.functional.forgeries import (
    DAY,
    Forge,
    beside,
    ca,
    flip,
    forged,
    gid,
    same_id,
    signed_by,
    slice_by,
    stranger,
    user_by,
    without_signatures,
    wrapped,
)
from tests.functional.rspecs import example
from tests.functional.running import GENI3, Person, Running, Slice, credential, proxy
from tests.pki import NOW, WEEK, write_identity
from tests.security.credentials.forge import Forgery

ALLOWED, FORBIDDEN = 12, 3


@pytest.fixture(scope="module")
def mine(alice: Person, pki: HomePki) -> Slice:
    """A slice of alice's with a genuine credential."""
    certificate = pki.slice("credentials")
    return Slice(alice, certificate.urn.text, pki.slice_credential(pki.user("alice"), certificate))


def status(mine: Slice, *credentials: object) -> int:
    """The code of Status with these credentials: texts or items of the argument."""
    items = [credential(one) if isinstance(one, str) else one for one in credentials]
    code = mine.owner.am("Status", [mine.urn], items, {})["code"]
    assert (code.get("am_code", 20) in {20, 21, 22, 23}) or code["geni_code"] == ALLOWED
    number = code["geni_code"]
    assert isinstance(number, int)
    return number


def with_privileges(pki: HomePki, *privileges: str, delegatable: bool = True) -> str:
    return pki.slice_credential(
        pki.user("alice"), pki.slice("credentials"), privileges=privileges, delegatable=delegatable
    )


# ------------------------------------------------------------------------------- privileges

USUAL = ("refresh", "embed", "bind", "control", "info")


@pytest.mark.parametrize("privileges", [("*",), USUAL], ids=["star", "usual"])
def test_full_privileges_permit_all_slice_calls(
    alice: Person, pki: HomePki, privileges: tuple[str, ...]
) -> None:
    # R066, R067, but for Shutdown, which is for operators unless configured (decision 17)
    certificate = pki.slice(f"full-{len(privileges)}")
    text = pki.slice_credential(pki.user("alice"), certificate, privileges=privileges)
    full = Slice(alice, certificate.urn.text, text)
    full.running(example("one-node"))
    full.done("Update", full.done("Describe")["geni_rspec"])
    full.done("Cancel")
    full.done("Renew", "2125-01-01T00:00:00Z", geni_extend_alap=True)
    full.done("PerformOperationalAction", "geni_stop")
    assert full.refused("Shutdown") == FORBIDDEN
    full.done("Delete")


def test_a_privilege_permits_what_it_is_for_and_no_more(mine: Slice, pki: HomePki) -> None:
    # R068, R069, R070
    info = replace(mine, credential=with_privileges(pki, "info"))
    assert info.refused("Allocate", example("one-node")) == FORBIDDEN
    control = replace(mine, credential=with_privileges(pki, "control"))
    assert control.refused("Shutdown") == FORBIDDEN
    assert status(mine, with_privileges(pki, "resolve")) == FORBIDDEN
    assert status(mine, with_privileges(pki, "control")) == ALLOWED


def test_update_and_cancel_need_the_rights_of_their_kind(alice: Person, pki: HomePki) -> None:
    # R255
    certificate = pki.slice("rights")
    text = pki.slice_credential(pki.user("alice"), certificate, privileges=("control",))
    weak = pki.slice_credential(pki.user("alice"), certificate, privileges=("refresh", "info"))
    strong = Slice(alice, certificate.urn.text, text)
    strong.done("Update", example("one-node"))
    refused = replace(strong, credential=weak)
    assert refused.refused("Update", example("one-node")) == FORBIDDEN
    assert refused.refused("Cancel") == FORBIDDEN
    assert strong.done("Cancel")["geni_slivers"]


def test_privileges_of_two_credentials_are_not_added(mine: Slice, pki: HomePki) -> None:
    # R100: `embed` is over another slice, `info` does not do
    other = pki.slice_credential(pki.user("alice"), pki.slice("another"))
    assert status(mine, with_privileges(pki, "info"), other) == FORBIDDEN


# -------------------------------------------------------------------------- whose, over what


def test_a_credential_is_its_owners_and_its_targets(mine: Slice, bobs: Slice, pki: HomePki) -> None:
    # R071, R072, R073
    certificate = pki.slice("credentials")
    assert status(mine, pki.slice_credential(pki.user("bob"), certificate)) == FORBIDDEN
    assert status(mine, bobs.credential) == FORBIDDEN
    user = replace(mine, credential=mine.owner.user_credential)
    assert user.refused("Allocate", example("one-node")) == FORBIDDEN


def test_a_stolen_credential_is_of_no_use(mine: Slice, bob: Person) -> None:
    # R071, from the other side
    answer = bob.am("Status", [mine.urn], mine.creds, {})
    assert answer["code"]["geni_code"] == FORBIDDEN


def test_an_operators_credential_is_over_the_aggregate(slice_: Slice, pki: HomePki) -> None:
    # R108
    slice_.allocate(example("one-node"))
    text = pki.operator_credential(pki.user("bob"), pki.aggregate)
    bob = slice_.owner.at.person("bob")
    assert bob.am("Shutdown", slice_.urn, [credential(text)], {})["value"] is True
    assert bob.am("Delete", [slice_.urn], [credential(text)], {})["code"]["geni_code"] == 0
    by_sa = pki.operator_credential(pki.user("bob"), pki.aggregate, signer=pki.sa)
    answer = bob.am("Shutdown", slice_.urn, [credential(by_sa)], {})
    assert answer["code"]["geni_code"] == FORBIDDEN


# ------------------------------------------------------------------------------- forgeries

FORGERIES: dict[str, Forge] = {
    "R058 owner of an unknown root": gid("owner_gid", lambda p: stranger(p).user("alice").chain_pem),
    "R059 target of an unknown root": gid(
        "target_gid", lambda p: "".join(c.pem for c in stranger(p).slice("credentials").chain)
    ),
    "R060 owner expired": gid("owner_gid", user_by(lambda p: p.ma, now=-WEEK * 4)),
    "R060 target expired": gid("target_gid", slice_by(lambda p: p.sa, now=-WEEK * 4)),
    "R061 owner certified by no CA": gid("owner_gid", user_by(lambda p: p.user("bob"))),
    "R062 owner certified by another's authority": gid(
        "owner_gid", user_by(lambda p: ca(p, "gcf.local:lab+authority+ma"))
    ),
    "R063 owner certified by a CA that is a user": gid(
        "owner_gid", user_by(lambda p: ca(p, "gcf.local+user+mallory"))
    ),
    "R074 expired": lambda p: p.slice_credential(
        p.user("alice"), p.slice("credentials"), expires=NOW - DAY
    ),
    "R075 a byte altered": forged(lambda _, one: one.set("expires", "2131-01-01T00:00:00Z")),
    "R076 signature altered": forged(flip),
    "R077 signer of an unknown root": signed_by(lambda p: stranger(p).sa),
    "R078 signer of another namespace": signed_by(
        lambda p: ca(p, "gcf.local:lab+authority+sa")
    ),
    "R079 signed by a user": signed_by(lambda p: p.user("bob")),
    "R080 signed by its owner": signed_by(lambda p: p.user("alice")),
    "R081 owner_urn is another's": forged(
        lambda p, one: one.set("owner_urn", p.urn("user", "bob").text), signed=True
    ),
    "R082 target_urn is another's": forged(
        lambda p, one: one.set("target_urn", p.urn("slice", "another").text), signed=True
    ),
    "R083 wrapped": forged(wrapped),
    "R084 one id twice": forged(same_id),
    # R085 wants the signed one judged alone: such a document is refused whole
    "R085 another credential beside": forged(beside),
    "R086 without signatures": forged(without_signatures),
    "R087 no XML": lambda _: "geni_sfa",
    "R099 expired in UTC": forged(
        lambda _, one: one.set("expires", f"{NOW - DAY:%Y-%m-%dT%H:%M:%S}"), signed=True
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_forbidden_and_skippedbeside_a_good_one(
    mine: Slice, pki: HomePki, name: str
) -> None:
    # R058 to R063, R074 to R087; R088
    text = FORGERIES[name](pki)
    assert status(mine, text) == FORBIDDEN
    assert status(mine, text, mine.credential) == ALLOWED


GENUINE: dict[str, Forge] = {
    "R099 expires without zone": forged(
        lambda _, one: one.set("expires", f"{NOW + DAY:%Y-%m-%dT%H:%M:%S}"), signed=True
    ),
    "R098 exclusive canonicalization": forged(
        lambda _, one: one.one("//d:CanonicalizationMethod").set(
            "Algorithm", "http://www.w3.org/2001/10/xml-exc-c14n#"
        ),
        signed=True,
    ),
    # R064: as in the days of version 2
    "R064 owner without e-mail": gid("owner_gid", user_by(lambda p: p.ma)),
}  # fmt: skip


@pytest.mark.parametrize("name", GENUINE)
def test_what_is_unusual_and_genuine_is_accepted(mine: Slice, pki: HomePki, name: str) -> None:
    # R064, R098, R099
    assert status(mine, GENUINE[name](pki)) == ALLOWED


def test_a_sha1_signature_counts_only_where_the_operator_says_so(mine: Slice, pki: HomePki) -> None:
    # R098: below roots that sha1_roots names; here none is
    def weak(_: HomePki, one: Forgery) -> None:
        dsig = "http://www.w3.org/2000/09/xmldsig#"
        one.one("//d:SignatureMethod").set("Algorithm", f"{dsig}rsa-sha1")
        one.one("//d:DigestMethod").set("Algorithm", f"{dsig}sha1")

    assert status(mine, forged(weak, signed=True)(pki)) == FORBIDDEN


# ------------------------------------------------------------------------------ the argument


def test_items_of_the_argument_in_all_their_forms(mine: Slice) -> None:
    # R089, R090, R091, R092, R093, R094, R121
    good = credential(mine.credential)
    for item in (
        {**good, "geni_type": "GENI_SFA"},
        {**good, "geni_version": "2"},
        {**good, "geni_version": 3},
        {**good, "geni_value": xmlrpc.client.Binary(mine.credential.encode())},
        mine.credential,
    ):
        assert status(mine, item) == ALLOWED
    unknown = {"geni_type": "geni_other", "geni_version": "1", "geni_value": "x"}
    abac = {**unknown, "geni_type": "geni_abac"}
    assert status(mine, unknown, abac, good) == ALLOWED
    assert status(mine, unknown) == status(mine, abac) == FORBIDDEN
    assert status(mine, {**good, "geni_type": "geni_abac"}) == FORBIDDEN
    # R097
    assert status(mine) == FORBIDDEN


def test_what_is_no_list_of_credentials_is_a_bad_argument(mine: Slice) -> None:
    # R095, R096
    wrong: tuple[object, ...] = (mine.credential, credential(mine.credential), [7], [[]], [True])
    for one in wrong:
        assert mine.owner.am("Status", [mine.urn], one, {})["code"]["geni_code"] == 1


# -------------------------------------------------------------------------------- delegation


def delegation(pki: HomePki, name: str) -> str:
    """Alice hands her rights on to bob, in a way that is wrong unless the name is good."""
    alice, bob, carol = (pki.user(one) for one in ("alice", "bob", "carol"))
    fixed = with_privileges(pki, "control", delegatable=False)
    control = with_privileges(pki, "control")
    match name:
        case "good":
            return pki.delegated(control, alice, bob, privileges=("control",))
        case "R102 may not be handed on":
            return pki.delegated(fixed, alice, bob, privileges=("control",))
        case "R103 more than one has":
            return pki.delegated(control, alice, bob, privileges=("*",))
        case "R104 longer than one has":
            longer = NOW + WEEK + DAY
            return pki.delegated(control, alice, bob, privileges=("control",), expires=longer)
        case "R105 over another target":
            other = pki.slice_credential(alice, pki.slice("another"), privileges=("control",))
            forgery = Forgery(pki.delegated(other, alice, bob, privileges=("control",)))
            chain = pki.slice("credentials").chain
            forgery.set("target_gid", "".join(one.pem for one in chain))
            return forgery.set("target_urn", chain[0].named.text).sign(alice).text
        case "R106 by somebody else":
            return pki.delegated(control, carol, bob, privileges=("control",))
        case "R107 of what nobody signed":
            weak = with_privileges(pki, "info")
            parent = Forgery(weak)
            parent.one("//privilege/name").text = "control"
            return pki.delegated(parent.text, alice, bob, privileges=("control",))
    raise AssertionError(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("good", ALLOWED),  # R101
        ("R102 may not be handed on", FORBIDDEN),
        ("R103 more than one has", FORBIDDEN),
        ("R104 longer than one has", FORBIDDEN),
        ("R105 over another target", FORBIDDEN),
        ("R106 by somebody else", FORBIDDEN),
        ("R107 of what nobody signed", FORBIDDEN),
    ],
)
def test_rights_are_handed_on_as_they_are_held(
    mine: Slice, bob: Person, pki: HomePki, name: str, code: int
) -> None:
    # R101 to R107
    assert status(replace(mine, owner=bob), delegation(pki, name)) == code


# ------------------------------------------------------------------------ the caller's person


def test_a_uuid_makes_nobody_somebody_else(
    running: Running, pki: HomePki, mine: Slice, tmp_path: Path
) -> None:
    # R065: another name with alice's UUID
    uuid = UUID(pki.user("alice").certificate.identity)
    twin = issue.make_user(pki.ma, "twin", now=NOW, key=pki.next_key(), uuid=uuid)
    files = write_identity(twin, tmp_path, "twin")
    with proxy(running.am_url, *files, running.home / "certs" / "ch-cert.pem") as aggregate:
        answer = aggregate.Describe([mine.urn], mine.creds, GENI3)
    assert isinstance(answer, dict)
    assert answer["code"]["geni_code"] == FORBIDDEN


def test_a_slice_of_old_gives_no_rights_over_its_namesake(
    alice: Person, bob: Person, pki: HomePki
) -> None:
    # FED 4.4, decision 26: names come again, UUIDs do not
    first = pki.slice("again")
    old = Slice(alice, first.urn.text, pki.slice_credential(pki.user("alice"), first))
    old.allocate(example("one-node"))
    second = pki.slice("again", again=True)
    new = Slice(bob, second.urn.text, pki.slice_credential(pki.user("bob"), second))
    assert new.states() == {}
    (urn,) = old.states()
    assert new.refused("Delete", urns=[urn]) == FORBIDDEN
    old.done("Delete")
