"""Every method, allowed and refused, with the clock in the test's hands."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from gcf_am.clearinghouse.actor import Unauthenticated
from gcf_am.clearinghouse.home import add_aggregate
from gcf_am.clearinghouse.key_files import load_identity
from gcf_am.clearinghouse.places import Places
from gcf_am.client.credential_file import read_credential
from gcf_am.errors import BadArgs, Forbidden
from gcf_am.trust.certificates import Certificate, load_chain
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.issue import make_user
from gcf_am.trust.verifier import Verifier
from gcf_am.urn import Urn
from tests.unit.clearinghouse.homes import AUTHORITY, USERS, slice_urn, user_urn
from tests.unit.clearinghouse.house import DAY, House

ONE = slice_urn("one")


def test_the_version_is_what_omni_expects(house: House) -> None:
    assert house.service.get_version(house.by(None)) == {"gcf-ch_api": 1}


def test_aggregates_are_pairs_for_everybody(house: House) -> None:
    assert house.service.list_aggregates(house.by(None)) == []
    urn = Urn.of(AUTHORITY, "authority", "am")
    add_aggregate(house.home, urn, "https://old/")
    add_aggregate(house.home, urn, "https://127.0.0.1:8001/")
    assert house.service.list_aggregates(house.by(None)) == [[urn.text, "https://127.0.0.1:8001/"]]


def test_who_proves_nothing_is_refused_while_the_database_is_busy(house: House) -> None:
    # signatures are judged before anybody waits for the database
    with house.desk.register.unit():
        with pytest.raises(Unauthenticated, match="client certificate"):
            house.service.create_slice(house.by(None), ONE)
        tool = replace(house.by("bob"), speaking_for=user_urn("alice"))
        with pytest.raises(Forbidden, match="geni_abac"):
            house.service.create_slice(tool, ONE)


def test_trust_roots_are_three_certificates(house: House) -> None:
    read = [load_chain(pem) for pem in house.service.get_trust_roots(house.by(None))]
    assert [[one.named.name for one in chain] for chain in read] == [["ca"], ["sa"], ["ma"]]


def test_a_slice_credential_is_genuine_and_lasts_as_long_as_the_slice(house: House) -> None:
    text = house.service.create_slice(house.by("alice"), ONE)
    read = read_credential(text)
    assert text.startswith("<?xml")
    assert (read.target, read.kind, read.version) == (ONE.text, "geni_sfa", "3")
    assert read.expires == house.clock.time + 10 * DAY == house.alive()
    verifier = Verifier(TrustStore(house.home / "trusted_roots"))
    verified = verifier.credential(text, house.clock.now())
    assert verified.owner.urn == user_urn("alice")
    assert verified.target.urn == ONE
    assert verified.until == read.expires
    assert {"createsliver", "deleteslice", "renewsliver"} <= verified.allowed


def test_a_slice_is_made_once(house: House) -> None:
    first, again = (
        uuid_of(house.service.create_slice(house.by("alice"), slice_urn(name)))
        for name in ("one", "ONE")
    )
    assert first == again
    assert house.service.list_my_slices(house.by("alice"), user_urn("alice")) == [ONE.text]


@pytest.mark.parametrize("who", ["bob", "carol"])
def test_nobody_gets_anothers_slice(house: House, who: str) -> None:
    house.service.create_slice(house.by("alice"), ONE)
    with pytest.raises(Forbidden, match="belongs to somebody else"):
        house.service.create_slice(house.by(who), slice_urn("One"))


@pytest.mark.parametrize(
    "urn",
    [
        "urn:publicid:IDN+other+slice+one",
        "urn:publicid:IDN+gcf.local:project+slice+one",
        "urn:publicid:IDN+gcf.local+user+alice",
        "urn:publicid:IDN+gcf.local+slice+-one",
        "urn:publicid:IDN+gcf.local+slice+twenty-letters-are-20",
        "urn:publicid:IDN+gcf.local+slice+a.b",
    ],
)
def test_slices_are_named_by_the_rule(house: House, urn: str) -> None:
    with pytest.raises(BadArgs):
        house.service.create_slice(house.by("alice"), Urn.parse(urn))


def test_a_renewed_slice_keeps_key_and_uuid(house: House) -> None:
    before = target_of(house.service.create_slice(house.by("alice"), ONE))
    until = house.clock.time + 100 * DAY
    assert house.service.renew_slice(house.by("alice"), ONE, until) is True
    text = house.service.create_slice(house.by("alice"), ONE)
    after = target_of(text)
    assert (after.key, after.uuid) == (before.key, before.uuid)
    assert read_credential(text).expires == until == after.not_after


@pytest.mark.parametrize(
    "days",
    [-1, 0, 9.999, 186, 400],
    ids=["past", "now", "shorter", "beyond what is allowed", "beyond the certificate"],
)
def test_a_renewal_that_is_not_granted_changes_nothing(house: House, days: float) -> None:
    house.service.create_slice(house.by("alice"), ONE)
    before = house.alive()
    assert house.service.renew_slice(house.by("alice"), ONE, house.clock.time + days * DAY) is False
    assert house.alive() == before


def test_the_latest_end_is_granted_to_the_second(house: House) -> None:
    house.service.create_slice(house.by("alice"), ONE)
    last = house.clock.time + 185 * DAY
    assert not house.service.renew_slice(house.by("alice"), ONE, last + timedelta(seconds=1))
    assert house.service.renew_slice(house.by("alice"), ONE, last)
    assert house.alive() == last


def test_no_slice_outlives_its_owners_certificate(house: House) -> None:
    end = house.chain("alice")[0].not_after
    house.clock.time = end - 3 * DAY
    house.service.create_slice(house.by("alice"), ONE)
    assert house.alive() == end.replace(microsecond=0)
    assert not house.service.renew_slice(house.by("alice"), ONE, end + DAY)


@pytest.mark.parametrize("who", ["bob", "carol"])
def test_nobody_renews_or_ends_anothers_slice(house: House, who: str) -> None:
    house.service.create_slice(house.by("alice"), ONE)
    before, deeds = house.alive(), house.deeds()
    assert house.service.renew_slice(house.by(who), ONE, house.clock.time + 20 * DAY) is False
    assert house.service.delete_slice(house.by(who), ONE) is False
    assert house.alive() == before
    assert house.deeds() == deeds


def test_an_ended_slices_name_is_free_for_another(house: House) -> None:
    first = uuid_of(house.service.create_slice(house.by("alice"), ONE))
    assert house.service.delete_slice(house.by("alice"), ONE) is True
    assert house.service.delete_slice(house.by("alice"), ONE) is False
    assert house.service.list_my_slices(house.by("alice"), user_urn("alice")) == []
    assert uuid_of(house.service.create_slice(house.by("bob"), ONE)) != first


def test_an_expired_slice_is_gone_and_its_name_free(house: House) -> None:
    first = uuid_of(house.service.create_slice(house.by("alice"), ONE))
    house.clock.time += 10 * DAY
    assert house.service.list_my_slices(house.by("alice"), user_urn("alice")) == []
    assert not house.service.renew_slice(house.by("alice"), ONE, house.clock.time + DAY)
    assert not house.service.delete_slice(house.by("alice"), ONE)
    assert uuid_of(house.service.create_slice(house.by("bob"), slice_urn("ONE"))) != first
    with pytest.raises(Forbidden):
        house.service.create_slice(house.by("alice"), ONE)


def test_slices_are_listed_to_their_owner_and_operators(house: House) -> None:
    house.service.create_slice(house.by("alice"), ONE)
    alice = user_urn("Alice")
    assert house.service.list_my_slices(house.by("alice"), alice) == [ONE.text]
    assert house.service.list_my_slices(house.by("carol"), alice) == [ONE.text]
    assert house.service.list_my_slices(house.by("carol"), user_urn("nobody")) == []
    with pytest.raises(Forbidden, match="only operators"):
        house.service.list_my_slices(house.by("bob"), alice)


def test_a_user_credential_is_for_the_callers_own_certificate(house: House) -> None:
    certificate = house.chain("alice")[0]
    read = read_credential(house.service.create_user_credential(house.by("alice"), certificate.pem))
    assert read.target == user_urn("alice").text
    assert read.expires == certificate.not_after.replace(microsecond=0)
    for who in ("bob", "carol"):
        with pytest.raises(Forbidden, match="your own certificate"):
            house.service.create_user_credential(house.by(who), certificate.pem)
    with pytest.raises(BadArgs, match="the certificate"):
        house.service.create_user_credential(house.by("alice"), "-----BEGIN CERTIFICATE-----")


def test_a_certificate_that_was_never_registered_is_nobodys(house: House) -> None:
    ma = house.desk.authority.ma
    stranger = make_user(ma, "mallory", now=house.clock.now())
    with pytest.raises(Forbidden, match="is not registered here"):
        house.service.create_slice(house.by(stranger), ONE)


def test_the_same_name_with_another_key_is_somebody_else(house: House) -> None:
    ma = house.desk.authority.ma
    double = make_user(ma, "alice", now=house.clock.now())
    with pytest.raises(Forbidden, match="not the one registered"):
        house.service.create_slice(house.by(double), ONE)


def test_a_user_whom_the_slice_authority_signed_is_refused(house: House) -> None:
    sa = house.desk.authority.sa
    forged = make_user(
        sa, "alice", now=house.clock.now(), key=load_identity(*Places(house.home).pair("alice")).key
    )
    with pytest.raises(Forbidden, match="not for authorities of its kind"):
        house.service.create_slice(house.by(forged), ONE)


def test_an_expired_certificate_is_refused(house: House) -> None:
    house.clock.time += 366 * DAY
    with pytest.raises(Forbidden, match="has expired"):
        house.service.create_slice(house.by("alice"), ONE)


def test_of_many_who_make_a_slice_at_once_one_wins(house: House) -> None:
    results: list[str] = []
    start = threading.Barrier(8)

    def make(name: str) -> None:
        visit = house.by(name)
        start.wait()
        try:
            results.append(f"{name} {uuid_of(house.service.create_slice(visit, ONE))}")
        except Forbidden:
            results.append("refused")

    threads = [threading.Thread(target=make, args=(USERS[n % 2],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results)[4:] == ["refused"] * 4
    assert len(set(results)) == 2


def test_each_change_is_recorded(house: House) -> None:
    before = house.deeds()
    house.service.create_slice(house.by("alice"), ONE)
    house.service.create_slice(house.by("alice"), ONE)  # nothing new
    house.service.renew_slice(house.by("alice"), ONE, house.clock.time + 20 * DAY)
    house.service.delete_slice(house.by("alice"), ONE)
    assert house.deeds() == before + 3


def target_of(text: str) -> Certificate:
    begin = text.index("<target_gid>") + len("<target_gid>")
    return load_chain(text[begin : text.index("</target_gid>")])[0]


def uuid_of(text: str) -> str:
    uuid = target_of(text).uuid
    assert uuid is not None
    return uuid
