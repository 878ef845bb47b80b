import pytest

from gcf_am.errors import BadArgs
from gcf_am.manager.accounts import User, judged, with_users
from gcf_am.model.sliver import Login

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFqxb9mDzZ5hQ6Jd8Jf0m1tYkq1rVv0m4yJpQbLz3h5K alice"


def user(name: str, *keys: str, authority: str = "gcf.local") -> User:
    return User(f"urn:publicid:IDN+{authority}+user+{name}", keys)


@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("alice", "alice"),
        ("Alice", "alice"),
        ("a.b@c", "a_b_c"),
        ("root", "u_root"),
        ("daemon", "u_daemon"),
        ("7up", "u_7up"),
        ("-x-", "x"),
        ("...", "user"),
        ("x" * 40, "x" * 32),
    ],
)
def test_login_names(name: str, login: str) -> None:
    (made,) = with_users((), [user(name)])
    assert made.name == login


def test_names_are_unique_on_a_node() -> None:
    same = [user("x" * 40, authority=one) for one in ("a.org", "b.org", "c.org")]
    names = [one.name for one in with_users((), same)]
    assert names == ["x" * 32, "x" * 31 + "2", "x" * 31 + "3"]


def test_named_users_keys_are_replaced_and_others_stay() -> None:
    before = (
        Login("urn:publicid:IDN+gcf.local+user+ALICE", "al", ("old",)),
        Login("urn:publicid:IDN+gcf.local+user+carol", "carol", ("c",)),
    )
    after = with_users(before, judged([user("alice"), user("bob", KEY)]))
    assert [(one.name, one.keys) for one in after] == [
        ("al", ()),
        ("carol", ("c",)),
        ("bob", (KEY,)),
    ]


def test_a_user_named_twice_has_all_keys_once() -> None:
    assert judged([user("alice", KEY, f"  {KEY}\n"), user("Alice", KEY)]) == (user("alice", KEY),)


@pytest.mark.parametrize(
    "wrong",
    [
        User("alice", ()),
        User("urn:publicid:IDN+gcf.local+slice+s", ()),
        user("alice", ""),
        user("alice", "ssh-ed25519 AAAA"),
        user("alice", f"{KEY}\n{KEY}"),
        user("alice", f'command="true" {KEY}'),
    ],
)
def test_wrong_users(wrong: User) -> None:
    with pytest.raises(BadArgs, match="geni_users"):
        judged([wrong])
