from pathlib import Path

import pytest

from gcf_am.errors import ConfigError
from gcf_am.trust import issue
from gcf_am.trust.roots import TrustSet, TrustStore
from gcf_am.urn import Urn
from tests.pki import NOW, Pki, key

other = Pki("other.example")


def names(trust: TrustSet) -> list[str]:
    return [root.certificate.named.authority for root in trust.roots]


def test_a_directory_of_roots(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path, other)
    (tmp_path / "README").write_text("not a root")
    store = TrustStore(tmp_path)
    assert names(store.current()) == ["gcf.local", "other.example"]
    assert store.problems == ()


def test_pem_with_several_and_der_and_bare_file_names(pki: Pki, tmp_path: Path) -> None:
    both = f"words\r\n{pki.root.certificate.pem}\r\n{pki.sa.certificate.pem}"
    (tmp_path / "bundle.crt").write_text(both)
    (tmp_path / "other.der").write_bytes(other.root.certificate.der)
    assert len(TrustStore(tmp_path).current().roots) == 3


def test_sha1_counts_only_below_the_files_that_are_named(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path, other)
    trust = TrustStore(tmp_path, sha1_roots=["other.example.pem"]).current()
    assert [root.sha1 for root in trust.roots] == [False, True]
    assert trust.version != TrustStore(tmp_path).current().version


def test_without_a_root_nothing_starts(pki: Pki, tmp_path: Path) -> None:
    for prepare in (lambda: None, lambda: (tmp_path / "bad.pem").write_text("nonsense")):
        prepare()
        with pytest.raises(ConfigError, match="no usable root"):
            TrustStore(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read") as error:
        TrustStore(tmp_path / "nowhere")
    assert str(tmp_path) not in str(error.value)


def test_a_bad_file_is_refused_with_a_reason_and_the_others_load(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path)
    (tmp_path / "bad.pem").write_text("nonsense")
    (tmp_path / "user.pem").write_text(pki.user("alice").certificate.pem)
    store = TrustStore(tmp_path)
    assert names(store.current()) == ["gcf.local"]
    assert len(store.problems) == 2
    assert "bad.pem" in store.problems[0]
    assert "no CA" in store.problems[1]


def test_a_ca_that_is_no_authority_is_refused(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path)
    odd = issue.certify(
        Urn.of("x", "user", "ca"),
        key("x", 1).public_key(),
        signer=None,
        own_key=key("x", 1),
        now=NOW,
        until=NOW + issue.USER_LIFE,
        path_length=0,
    )
    (tmp_path / "odd.pem").write_text(odd.pem)
    assert "not an authority" in TrustStore(tmp_path).problems[0]


def test_a_reload_sees_new_roots_and_gone_ones(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path)
    store = TrustStore(tmp_path)
    before = store.current()
    assert store.reload() == ()
    assert store.current().version == before.version
    other.write_roots(tmp_path)
    store.reload()
    assert names(store.current()) == ["gcf.local", "other.example"]
    (tmp_path / "gcf.local.pem").unlink()
    store.reload()
    assert names(store.current()) == ["other.example"]
    assert store.current().version != before.version


def test_a_file_that_goes_bad_keeps_what_it_last_held(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path, other)
    store = TrustStore(tmp_path)
    before = store.current().version
    (tmp_path / "other.example.pem").write_text("half a wri")
    problems = store.reload()
    assert "other.example.pem" in problems[0]
    assert store.current().version == before


def test_when_nothing_is_left_the_last_good_set_stays(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path)
    store = TrustStore(tmp_path)
    (tmp_path / "gcf.local.pem").unlink()
    assert "no usable root" in store.reload()[-1]
    assert names(store.current()) == ["gcf.local"]


def test_two_keys_for_one_namespace_are_refused(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path)
    for number, name in enumerate(("gcf.local", "gcf.local:below", "GCF.local")):
        twin = issue.make_root(name, now=NOW, key=key("twin", 1))
        (tmp_path / f"twin{number}.pem").write_text(twin.certificate.pem)
    store = TrustStore(tmp_path)
    assert names(store.current()) == ["gcf.local"]
    assert all("namespace" in problem for problem in store.problems)
    assert len(store.problems) == 3


def test_authorities_that_one_root_signed_may_share_its_namespace(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path)
    for name, authority in (("sa", pki.sa), ("ma", pki.ma)):
        (tmp_path / f"{name}.pem").write_text(authority.certificate.pem)
    store = TrustStore(tmp_path)
    assert store.problems == ()
    assert len(store.current().roots) == 3


def test_a_renewed_root_with_the_same_key_may_stand_beside_the_old_one(
    pki: Pki, tmp_path: Path
) -> None:
    pki.write_roots(tmp_path)
    again = issue.make_root("gcf.local", now=NOW, key=pki.root.key)
    (tmp_path / "new.pem").write_text(again.certificate.pem)
    assert TrustStore(tmp_path).problems == ()


def test_a_huge_file_is_not_read_as_a_root(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path)
    (tmp_path / "huge.pem").write_bytes(b" " * (1024 * 1024 + 1))
    assert "more than" in TrustStore(tmp_path).problems[0]
