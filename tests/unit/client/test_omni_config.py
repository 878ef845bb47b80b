from pathlib import Path

import pytest

from gcf_am.client.omni_config import (
    OmniConfig,
    Person,
    Place,
    find_omni_config,
    read_omni_config,
    write_omni_config,
)
from gcf_am.errors import ConfigError

URN = "urn:publicid:IDN+gcf.local+authority+am"
ALICE = "urn:publicid:IDN+gcf.local+user+alice"
OMNI = """
[omni]
default_cf = lab
users = alice, bob
aggregates = https://one.example:8001, two

[lab]
type = GCF
authority = geni//gpo//gcf
ch = https://localhost:8000
cert = ~/.gcf/alice-cert.pem
key = /keys/alice-key.pem
verbose = false

[other]
type = gcf
authority = other.example
ch = https://other.example/
cert = a
key = b

[alice]
urn = urn:publicid:IDN+geni:gpo:gcf+user+alice
keys = ~/.ssh/one.pub, /keys/two.pub

[bob]
urn = urn:publicid:IDN+geni:gpo:gcf+user+bob

[aggregate_nicknames]
Two = urn:publicid:IDN+two+authority+am, https://two.example/xmlrpc
three = https://three.example:8001/
"""


def read(tmp_path: Path, text: str, framework: str | None = None) -> OmniConfig:
    file = tmp_path / "omni_config"
    file.write_text(text, "utf-8")
    return read_omni_config(file, framework=framework)


def test_an_omni_file_is_read_as_omni_reads_it(tmp_path: Path) -> None:
    config = read(tmp_path, OMNI)
    assert config.framework.authority == "geni:gpo:gcf"
    assert config.framework.certificate == Path.home() / ".gcf" / "alice-cert.pem"
    assert config.framework.ca is None
    assert config.aggregates == ("https://one.example:8001", "two")
    assert config.people[0].keys == (Path.home() / ".ssh" / "one.pub", Path("/keys/two.pub"))
    assert config.people[1] == Person("urn:publicid:IDN+geni:gpo:gcf+user+bob", ())
    assert config.place("TWO") == Place(
        "https://two.example/xmlrpc", "urn:publicid:IDN+two+authority+am"
    )
    assert config.place("three") == Place("https://three.example:8001/")
    assert config.place("https://new.example/") == Place("https://new.example/")
    assert config.nickname("https://two.example/xmlrpc") == "two"
    assert config.nickname("https://new.example/") == "https://new.example/"


def test_another_framework_can_be_chosen(tmp_path: Path) -> None:
    assert read(tmp_path, OMNI, "other").framework.authority == "other.example"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("default_cf = lab", "default_cf = nowhere", r"no section \[nowhere\]"),
        ("default_cf = lab", "", r"\[omni\] needs the key default_cf"),
        ("type = GCF", "type = chapi", "type gcf only"),
        ("ch = https://localhost:8000", "ch = http://localhost:8000", "https:// URL"),
        ("cert = ~/.gcf/alice-cert.pem", "", r"\[lab\] needs the key cert"),
        ("urn = urn:publicid:IDN+geni:gpo:gcf+user+bob", "urn = bob", r"urn in \[bob\]"),
        ("three = https://three.example:8001/", "three = telnet://x", "three in"),
        ("[omni]", "omni", "no Omni configuration: .* line: 2"),
        ("[omni]", "[other.omni]", r"no section \[omni\]"),
    ],
)
def test_a_wrong_file_is_refused_by_the_key(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in OMNI
    with pytest.raises(ConfigError, match=says):
        read(tmp_path, OMNI.replace(old, new, 1))


def test_an_unknown_nickname_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="known: two, three"):
        read(tmp_path, OMNI).place("four")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "omni_config"
    write_omni_config(
        file,
        authority="gcf.local",
        clearinghouse="https://127.0.0.1:8000/",
        user=ALICE,
        cert=tmp_path / "100%" / "alice-cert.pem",
        key=tmp_path / "alice-key.pem",
        nickname="local",
        aggregate_urn=URN,
        aggregate_url="https://127.0.0.1:8001/",
        keys=[tmp_path / "alice-ssh.pub"],
        ca=tmp_path / "ch-cert.pem",
    )
    config = read_omni_config(file)
    assert config.framework.url == "https://127.0.0.1:8000/"
    assert config.framework.certificate == tmp_path / "100%" / "alice-cert.pem"
    assert config.framework.ca == tmp_path / "ch-cert.pem"
    assert config.people == (Person(ALICE, (tmp_path / "alice-ssh.pub",)),)
    assert config.aggregates == ("local",)
    assert config.place("local") == Place("https://127.0.0.1:8001/", URN)


def test_the_file_is_looked_for_where_omni_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / ".gcf").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(ConfigError, match="name it with -c"):
        find_omni_config(None)
    (tmp_path / ".gcf" / "omni_config").touch()
    assert find_omni_config(None) == tmp_path / ".gcf" / "omni_config"
    Path("omni_config").touch()
    assert find_omni_config(None) == Path("omni_config")
    assert find_omni_config(Path("given")) == Path("given")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"omni_config cannot be read: No such file"):
        read_omni_config(tmp_path / "omni_config")
