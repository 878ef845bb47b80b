"""Does a manifest say who may log in, where, and how?"""

from collections.abc import Mapping, Sequence
from typing import Final

from gcf_am.conformance.documents.reading import Element, core
from gcf_am.conformance.judging.manifests import ours

_USER: Final = "{http://www.geni.net/resources/rspec/ext/user/1}"


def logins(node: Element) -> list[Element]:
    """The logins of a node."""
    return node.findall(f"{core('services')}/{core('login')}")


def well_formed(manifest: Element) -> list[str]:
    """R263: each login has authentication ssh-keys, a host name, a port and a user name."""
    faults = []
    for node in manifest.findall(core("node")):
        for one in logins(node):
            name = f"node {node.get('client_id')!r}: a login"
            if one.get("authentication") != "ssh-keys":
                faults.append(f"{name} has the authentication {one.get('authentication')!r}")
            faults += [
                f"{name} has no {part}" for part in ("hostname", "username") if not one.get(part)
            ]
            port = one.get("port", "")
            number = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else 0
            if not 1 <= number <= 65_535:
                faults.append(f"{name} has the port {port!r}")
    return faults


def for_users(manifest: Element, count: int, manager: str) -> list[str]:
    """R165: each of our nodes has at least a login of its own for each of that many users with keys."""
    return [
        f"node {node.get('client_id')!r} has the logins {sorted(names)}, for {count} users"
        for node in ours(manifest, "node", manager)
        if len(names := {one.get("username", "") for one in logins(node)}) < count
    ]


def keys_shown(manifest: Element, users: Sequence[Mapping[str, object]], manager: str) -> list[str]:
    """R264: services_user tells for each user's URN all the keys that were sent."""
    faults = []
    for node in ours(manifest, "node", manager):
        shown = _accounts(node)
        for user in users:
            sent = user.get("keys")
            keys = {str(one).strip() for one in sent} if isinstance(sent, Sequence) else set()
            told = shown.get(str(user.get("urn")).lower())
            if told is None:
                faults.append(
                    f"node {node.get('client_id')!r} has no services_user for {user.get('urn')}"
                )
            elif not keys <= told:
                faults.append(
                    f"node {node.get('client_id')!r} lacks keys of {user.get('urn')}:"
                    f" {len(keys - told)} of {len(keys)}"
                )
    return faults


def _accounts(node: Element) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for account in node.iterfind(f"{core('services')}/{_USER}services_user"):
        keys = found.setdefault(account.get("user_urn", "").lower(), set())
        keys.update((one.text or "").strip() for one in account.findall(f"{_USER}public_key"))
    return found


def some(manifest: Element, manager: str) -> list[str]:
    """Each of our nodes has a login."""
    return [
        f"node {node.get('client_id')!r} has no login"
        for node in ours(manifest, "node", manager)
        if not logins(node)
    ]
