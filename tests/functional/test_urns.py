"""URNs and names: what is one, which are the same, who may give them."""

import re
from pathlib import Path

import pytest

from gcf_am.trust import issue
from gcf_am.urn import Urn
from tests.functional.federation import HomePki
from tests.functional.rspecs import OPSTATE, Rspec, example
from tests.functional.running import GENI3, Person, Running, Slice, credential, proxy
from tests.pki import NOW, WEEK, SliceCertificate, key, write_identity


def below(
    alice: Person, pki: HomePki, authority: str, name: str, *, sa: issue.Identity | None = None
) -> Slice:
    """A slice of alice's in an authority below ours, certified and signed by `sa`, or its own."""
    signer = sa or issue.make_authority(
        pki.root, "sa", now=NOW, key=key(pki.authority, 2), authority=authority
    )
    chain = issue.make_slice(
        signer,
        Urn.of(authority, "slice", name),
        now=NOW,
        until=NOW + WEEK,
        public_key=key(pki.authority, 0).public_key(),
    )
    text = pki.slice_credential(pki.user("alice"), SliceCertificate(chain), signer=signer)
    return Slice(alice, chain[0].named.text, text)


@pytest.mark.parametrize(
    "urn",
    [
        "",
        "s1",
        "urn:publicid:IDN+gcf.local+slice",
        "urn:publicid:IDN+gcf.local+slice+",
        "urn:publicid:IDN++slice+s1",
        "urn:publicid:IDN+gcf.local++s1",
        "urn:publicid:IDN+gcf local+slice+s1",
        "urn:publicid:IDN+gcf.local+slice+s 1",
        "urn:publicid:IDN+gcf.local+slice+s/1",
        "urn:publicid:IDN+gcf.local+slice+s?1",
        "urn:publicid:IDN+gcf.local+slice+s#1",
        "urn:publicid:IDN+gcf.local+slice+sé",
        "urn:uuid:6c2a4ac2-37b1-4d8c-8a4b-1f7f4a0f6a55",
    ],
)
def test_what_is_no_urn_is_a_bad_argument(slice_: Slice, urn: str) -> None:
    # R048, decision 19
    owner = slice_.owner
    assert owner.am("Describe", [urn], slice_.creds, GENI3)["code"]["geni_code"] == 1
    answer = owner.am("Allocate", urn, slice_.creds, example("one-node"), {})
    assert answer["code"]["geni_code"] == 1


def test_a_name_of_19_characters_below_an_authority_is_accepted(
    alice: Person, pki: HomePki
) -> None:
    # R049, R055
    sub = below(alice, pki, "gcf.local:lab", "Nineteen-characters")
    sub.done("Allocate", example("one-node"))
    assert sub.done("Delete")


def test_an_authority_has_its_parts_below_it_and_not_beside_it(alice: Person, pki: HomePki) -> None:
    # R055, R078
    ours = below(alice, pki, "gcf.local:lab", "s1", sa=pki.sa)
    ours.done("Describe")
    lab = issue.make_authority(
        pki.root, "sa", now=NOW, key=key(pki.authority, 2), authority="gcf.local:lab"
    )
    for authority in ("gcf.local", "gcf.local:la", "gcf.local:lab2", "gcf.local.lab"):
        assert below(alice, pki, authority, "s1", sa=lab).refused("Describe") == 3


def test_letter_case_tells_no_slices_apart(slice_: Slice) -> None:
    # R050, R051, decision 27
    (urn,) = slice_.allocate(example("one-node")).values()
    name = slice_.urn.rpartition("+")[2]
    shouted = f"URN:publicid:IDN+GCF.Local+slice+{name.upper()}"
    answer = slice_.owner.am("Describe", [shouted], slice_.creds, GENI3)
    assert [one["geni_sliver_urn"] for one in answer["value"]["geni_slivers"]] == [urn]
    assert answer["value"]["geni_urn"] in {slice_.urn, shouted.replace("URN:", "urn:", 1)}


def test_states_have_legal_names(slice_: Slice) -> None:
    # R056
    ad = Rspec(slice_.owner.am("ListResources", slice_.creds, GENI3)["value"], "ad")
    names = [one.get("name", "") for one in ad.root.iter(f"{OPSTATE}state", f"{OPSTATE}action")]
    assert names
    assert all(re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_]*", one) for one in names)


def test_a_user_with_a_long_name_may_come_in(
    running: Running, pki: HomePki, tmp_path: Path
) -> None:
    # R057
    user = pki.user("a_name_longer_than_8")
    certificate = pki.slice("long-name")
    creds = [credential(pki.slice_credential(user, certificate))]
    files = write_identity(user, tmp_path, "user")
    with proxy(running.am_url, *files, running.home / "certs" / "ch-cert.pem") as aggregate:
        answer = aggregate.Describe([certificate.urn.text], creds, GENI3)
    assert isinstance(answer, dict)
    assert answer["code"]["geni_code"] == 0
