"""geni_users: every node of a slice keeps and shows all of them, so they are few enough."""

import base64

import pytest

from gcf_am.errors import BadArgs
from gcf_am.manager.accounts import MOST_KEYS, MOST_USERS, User
from tests.functional.manager.house import Caller, node, request


def key(number: int, comment: str = "") -> str:
    parts = (b"ssh-ed25519", number.to_bytes(32))
    blob = b"".join(len(one).to_bytes(4) + one for one in parts)
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} {comment}"


def users(count: int) -> tuple[User, ...]:
    """Users whose login names would all be the same."""
    return tuple(User(f"urn:publicid:IDN+a{one}+user+x", ()) for one in range(count))


def test_a_node_has_so_many_users_at_most(caller: Caller) -> None:
    caller.allocate(request(node("a")))
    with pytest.raises(BadArgs, match=f"at most {MOST_USERS} users"):
        caller.provision(users=users(MOST_USERS + 1))
    assert caller.provision(users=users(MOST_USERS)).slivers


def test_a_node_has_so_many_keys_at_most(caller: Caller) -> None:
    name = "urn:publicid:IDN+gcf.local+user+alice"
    keys = tuple(key(one, "c" * 1000) for one in range(MOST_KEYS // 1000))
    caller.allocate(request(node("a")))
    with pytest.raises(BadArgs, match=f"{MOST_KEYS} characters of keys"):
        caller.provision(users=(User(name, keys),))
    assert caller.provision(users=(User(name, keys[: len(keys) // 2]),)).slivers


def test_users_who_come_one_call_after_the_other_count_together(caller: Caller) -> None:
    caller.running(request(node("a")))
    all_of_them = users(MOST_USERS + 1)
    half = MOST_USERS // 2
    caller.act("geni_update_users", users=all_of_them[:half])
    caller.house.work()
    with pytest.raises(BadArgs, match=f"at most {MOST_USERS} users"):
        caller.act("geni_update_users", users=all_of_them[half:])
