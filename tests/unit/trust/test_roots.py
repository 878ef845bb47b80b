import logging
from pathlib import Path

import pytest

from gcf_am.errors import ConfigError
from gcf_am.trust import issue
from gcf_am.trust.directory import TrustStore
from gcf_am.trust.refusal import Refusal
from gcf_am.trust.roots import TrustSet
from gcf_am.trust.terms import Terms
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
    assert [root.terms.sha1 for root in trust.roots] == [False, True]
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


def twin(name: str, number: int = 1) -> str:
    """Another root of that authority, with a key that nobody vouches for."""
    return issue.make_root(name, now=NOW, key=key("twin", number)).certificate.pem


@pytest.mark.parametrize("name", ["gcf.local", "gcf.local:below", "GCF.local"])
def test_two_keys_for_one_namespace_are_refused_at_the_start(
    pki: Pki, tmp_path: Path, name: str
) -> None:
    pki.write_roots(tmp_path)
    (tmp_path / "aaa.pem").write_text(twin(name))
    with pytest.raises(ConfigError, match=r"aaa\.pem and gcf\.local\.pem .* both are refused"):
        TrustStore(tmp_path)
    # the others are served all the same
    other.write_roots(tmp_path)
    store = TrustStore(tmp_path)
    assert names(store.current()) == ["other.example"]
    assert len(store.problems) == 1


def test_of_two_keys_for_one_namespace_the_one_in_force_stays(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path)
    store = TrustStore(tmp_path)
    (tmp_path / "aaa.pem").write_text(twin("gcf.local"))
    (problem,) = store.reload()
    assert "aaa.pem is refused" in problem
    assert "gcf.local.pem" in problem
    assert store.current().roots[0].certificate == pki.root.certificate
    assert len(store.current().roots) == 1


def test_a_root_speaks_for_a_part_of_its_namespace_where_the_operator_says_so(
    pki: Pki, tmp_path: Path
) -> None:
    below = Pki("gcf.local:below")
    pki.write_roots(tmp_path, below)
    terms = tmp_path / "roots.toml"
    terms.write_text('[root."gcf.local.pem"]\nnamespaces = ["gcf.local:lab", "gcf.local:shop"]\n')
    store = TrustStore(tmp_path)
    assert store.problems == ()
    trust = store.current()
    assert len(trust.roots) == 2
    pki.caller(below.user("alice"), trust=trust)
    with pytest.raises(Refusal, match="outside the namespaces"):
        pki.caller(pki.user("alice"), trust=trust)
    # what would make the two overlap changes nothing, but what is denied counts
    terms.write_text("")
    (tmp_path / "denied").write_text(below.user("bob").urn.text)
    assert "same namespace" in store.reload()[-1]
    assert store.current().roots == trust.roots
    with pytest.raises(Refusal, match="is refused at this aggregate"):
        pki.caller(below.user("bob"), trust=store.current())


def test_terms_outside_of_what_a_root_holds_leave_nothing(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path, other)
    (tmp_path / "roots.toml").write_text('[root."gcf.local.pem"]\nnamespaces = ["gcf.loc"]\n')
    store = TrustStore(tmp_path)
    assert names(store.current()) == ["other.example"]
    assert "holds none of the namespaces gcf.loc" in store.problems[0]


def test_terms_are_by_file_or_by_name(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path, other)
    (tmp_path / "roots.toml").write_text(
        f'[root."gcf.local.pem"]\nsha1 = true\n[root."{other.root.urn}"]\nany_authority = true\n'
        '[root."gone.pem"]\n'
    )
    store = TrustStore(tmp_path)
    terms = {root.file: root.terms for root in store.current().roots}
    assert terms == {
        "gcf.local.pem": Terms(sha1=True),
        "other.example.pem": Terms(any_authority=True),
    }
    assert store.problems == ("roots.toml: [root.gone.pem] is no root that is trusted here",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sha1 = true", "table [sha1]"),
        ("[root.a]\nsha = true", "did you mean sha1"),
        ("[root.a]\nsha1 = 1", "true or false"),
        ('[root.a]\ncrl = "never"', "warn, current, required"),
        ('[root.a]\nnamespaces = ["a b"]', "no authority's name"),
        ('[root.a]\nsigner_kinds = { slices = ["sa"] }', "there are slice, user"),
        ('[root.a]\nsigner_kinds = { slice = "sa" }', "list of strings"),
        ('[root.a]\nspeaks_for_tools = ["portal"]', "neither a URN nor a SHA-256 sum"),
        ('[root."urn:x"]', "urn:publicid"),
        ("root = 1", "must be tables"),
        ("[root.a\n", "roots.toml: "),
        ('[source."a/b"]', "plain word"),
        ("[source.a]", "must be like https://"),
        ('[source.a]\nurl = "https://ch/"', "pin is missing"),
        ('[source.a]\nurl = "https://ch/"\npin = "p"', "namespaces is missing"),
    ],
)
def test_a_file_of_terms_that_is_wrong_opens_nothing(
    pki: Pki, tmp_path: Path, text: str, said: str
) -> None:
    pki.write_roots(tmp_path)
    store = TrustStore(tmp_path)
    (tmp_path / "roots.toml").write_text('[root."gcf.local.pem"]\nsha1 = true\n')
    store.reload()
    (tmp_path / "roots.toml").write_text(text)
    assert said in store.reload()[0]
    assert store.current().roots[0].terms == Terms(sha1=True)
    with pytest.raises(ConfigError, match=r"roots\.toml"):
        TrustStore(tmp_path)


def test_who_signs_what_is_the_operators_to_say(pki: Pki, tmp_path: Path) -> None:
    """FED 3.5: federations whose one authority signs everything."""
    pki.write_roots(tmp_path)
    alice = pki.user("alice", ma=pki.sa)
    terms = tmp_path / "roots.toml"

    def judged(text: str) -> str:
        terms.write_text(f'[root."gcf.local.pem"]\n{text}\n')
        try:
            pki.caller(alice, trust=TrustStore(tmp_path).current())
        except Refusal as refusal:
            return refusal.rule
        return "accepted"

    assert judged("") == "signer.kind"
    assert judged('signer_kinds = { slice = ["sa", "ma"] }') == "signer.kind"
    assert judged('signer_kinds = { user = ["ma", "sa"] }') == "accepted"
    assert judged('signer_kinds = { user = ["*"] }') == "accepted"
    assert judged("any_authority = true") == "accepted"


def test_a_bundle_counts_one_by_one_and_never_half(pki: Pki, tmp_path: Path) -> None:
    own = key("bundle", 1)
    many = [issue.make_root(f"fed{n}.example", now=NOW, key=own).certificate.pem for n in range(12)]
    user = pki.user("alice").certificate.pem
    bundle = tmp_path / "federation.bundle"
    bundle.write_text("\r\n".join([*many, "words", user]))
    store = TrustStore(tmp_path)
    assert len(store.current().roots) == 12
    assert store.problems == ("federation.bundle: it holds a certificate that is no CA",)
    bundle.write_text("".join(many)[:-200])
    assert "cut off" in store.reload()[0]
    assert len(store.current().roots) == 12


def test_who_asks_sees_what_changed(pki: Pki, tmp_path: Path) -> None:
    pki.write_roots(tmp_path)
    store = TrustStore(tmp_path, look_every=0)
    before = store.current()
    assert store.current() is before
    other.write_roots(tmp_path)
    assert names(store.current()) == ["gcf.local", "other.example"]
    (tmp_path / "denied").write_text(other.root.certificate.fingerprint)
    assert store.current().denied.sums


def test_the_log_tells_what_is_new(
    pki: Pki, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    pki.write_roots(tmp_path)
    store = TrustStore(tmp_path, look_every=0)
    store.log()
    told = len(caplog.records)
    assert told
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes())
    store.current()
    assert len(caplog.records) == told
    other.write_roots(tmp_path)
    store.current()
    assert len(caplog.records) > told


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
