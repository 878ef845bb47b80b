"""Which login of a manifest is one's own, and what ssh is told of it."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gcf_am.client.login import Login, NoLogin, login_of, ssh_words
from gcf_am.client.shown import ShownNode, nodes_of
from gcf_am.urn import Urn

ALICE = Urn.parse("urn:publicid:IDN+ch.test+user+Alice")
SLIVER = "urn:publicid:IDN+am.test+sliver+7"
NODE = ShownNode("web", SLIVER, "host", "container", (("alice", "192.0.2.1", "2201"),))
MANIFEST = f"""\
<rspec xmlns="http://www.geni.net/resources/rspec/3" type="manifest"
       xmlns:user="http://www.geni.net/resources/rspec/ext/user/1">
  <node client_id="web" sliver_id="{SLIVER}">
    <services>
      <login authentication="ssh-keys" hostname="192.0.2.1" port="2201" username="alice"/>
      <user:services_user login="alice" user_urn="{ALICE}"/>
    </services>
  </node>
</rspec>
"""


def with_logins(*logins: tuple[str, str, str]) -> ShownNode:
    return replace(NODE, logins=logins)


def names(*users: str) -> ShownNode:
    return with_logins(*((user, "192.0.2.1", "22") for user in users))


def test_logins_and_accounts_of_a_manifest() -> None:
    (node,) = nodes_of(MANIFEST)
    assert node.logins == (("alice", "192.0.2.1", "2201"),)
    assert node.accounts == ((ALICE.text, "alice"),)
    assert login_of(node, ALICE) == Login("alice", "192.0.2.1", 2201, SLIVER)


def test_the_account_that_is_said_to_be_ones_own_comes_first() -> None:
    node = replace(names("alice", "alice2", "bob"), accounts=((ALICE.text, "alice2"), ("?", "bob")))
    assert login_of(node, ALICE).user == "alice2"


def test_then_that_of_ones_name_and_then_the_only_one() -> None:
    assert login_of(names("bob", "alice"), ALICE).user == "alice"
    assert login_of(names("geni"), ALICE).user == "geni"


def test_several_of_others_are_a_choice() -> None:
    with pytest.raises(NoLogin, match="several accounts and none is yours: bob, carol; choose"):
        login_of(names("bob", "carol"), ALICE)
    assert login_of(names("bob", "carol"), ALICE, "carol").user == "carol"
    with pytest.raises(NoLogin, match="no account dave: bob, carol"):
        login_of(names("bob", "carol"), ALICE, "dave")
    with pytest.raises(NoLogin, match="no account dave"):
        login_of(names("bob"), ALICE, "dave")


@pytest.mark.parametrize(
    "login",
    [
        ("alice", "-oProxyCommand=touch x", "22"),
        ("alice", "h h", "22"),
        ("alice", "fe80::1%eth0", "22"),
        ("alice", "fe80::1%;reboot", "22"),
        ("alice", "fe80::1%\x1b[2J", "22"),
        ("alice", "", "22"),
        ("alice", "a" * 300, "22"),
        ("-l", "192.0.2.1", "22"),
        ("a b", "192.0.2.1", "22"),
        ("alice", "192.0.2.1", "0"),
        ("alice", "192.0.2.1", "-1"),
        ("alice", "192.0.2.1", "65536"),
        ("alice", "192.0.2.1", "9" * 5000),
        ("alice", "192.0.2.1", "ssh"),
        ("alice", "192.0.2.1", "\u0662\u0662"),
    ],
)
def test_what_is_no_login_goes_nowhere(login: tuple[str, str, str]) -> None:
    with pytest.raises(NoLogin, match="the manifest's login of web is none"):
        login_of(with_logins(login), ALICE)


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "a", "node-1.example.net"])
def test_hosts(host: str) -> None:
    assert login_of(with_logins(("alice", host, "22")), ALICE).host == host


def test_what_is_simulated_is_said_to_be() -> None:
    with pytest.raises(NoLogin, match="web is only simulated"):
        login_of(with_logins(("alice", "web.s1.sim.invalid", "22")), ALICE)


def test_ssh_reads_the_words_as_they_are_meant(tmp_path: Path) -> None:
    hosts, key = tmp_path / "known % hosts", tmp_path / "a key"
    login = Login("alice", "192.0.2.1", 2201, f"{SLIVER} *,!\n")
    words = ssh_words(login, [key], hosts, ["echo", "two words"])
    assert words[-3:] == ["192.0.2.1", "echo", "two words"]
    # -G prints what ssh understood, and connects to nobody
    asked = [*words[:1], "-G", "-F", "none", *words[1:]]
    told = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout
    understood = dict(line.partition(" ")[::2] for line in told.splitlines())
    assert understood["hostname"] == "192.0.2.1"
    assert (understood["user"], understood["port"]) == ("alice", "2201")
    assert understood["hostkeyalias"].lower() == f"{SLIVER}_____".lower()
    assert understood["stricthostkeychecking"] == "accept-new"
    assert understood["identitiesonly"] == "yes"
    assert understood["identityfile"].strip('"') == str(key)
    assert str(hosts) in understood["userknownhostsfile"].replace("%%", "%")
