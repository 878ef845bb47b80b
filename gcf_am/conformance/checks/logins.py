"""Logins: each user of geni_users gets in, and the manifest says where and how.

Source: AM API v3, Provision, geni_users; GENI RSpec v3, services; RSpec extension user/1.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gcf_am.conformance.asking import GENI3
from gcf_am.conformance.check import Check, Need, Profile, Severity
from gcf_am.conformance.documents.reading import Element
from gcf_am.conformance.holding import Holding, rested
from gcf_am.conformance.judged import faultless, manager, manifest_of
from gcf_am.conformance.judging import logins
from gcf_am.conformance.judging.manifests import authority
from gcf_am.conformance.trial import Trial

# A public key of which nobody has the private half.
_KEY: Final = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEqKHdsJxfJgpWGCuYiQXtNwlMkHxWm8L8hUMQz0pE4c nobody"
)
_OTHER: Final = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2f0kE4q5m0xk8b1yJw1kqF3T8pQ6vC9Z0hN7sR5dXu nobody-else"
)
Users = Sequence[Mapping[str, Any]]


def _users(trial: Trial) -> Users:
    """The experimenter and another name of her authority, each with keys nobody can use."""
    mine = trial.person().urn
    other = f"{mine.rpartition('+')[0]}+conform"
    return ({"urn": mine, "keys": [_KEY, _OTHER]}, {"urn": other, "keys": [_OTHER]})


def _provision(trial: Trial, held: Holding, users: Users | None) -> Any:
    options = dict(GENI3) if users is None else {**GENI3, "geni_users": [dict(u) for u in users]}
    return trial.call("Provision", [held.urn], held.credentials, options)


def _running(trial: Trial, users: Users | None) -> Element:
    """The manifest of a node for these users, once it runs."""
    held = trial.allocated()
    trial.succeeds(_provision(trial, held, users))
    here = rested(trial, held.slice)
    if any(one.get("geni_operational_status") == "geni_notready" for one in here):
        trial.call("PerformOperationalAction", [held.urn], held.credentials, "geni_start", {})
        rested(trial, held.slice)
    answer = trial.call("Describe", [held.urn], held.credentials, dict(GENI3))
    return manifest_of(trial, trial.succeeds(answer))


def told(trial: Trial) -> None:
    manifest = _running(trial, _users(trial))
    faults = logins.some(manifest, manager(trial))
    faultless(trial, "each node that runs has a login", faults)


def well_formed(trial: Trial) -> None:
    manifest = _running(trial, _users(trial))
    faultless(trial, "ssh-keys, a host name, a port and a user name", logins.well_formed(manifest))


def for_each(trial: Trial) -> None:
    manifest = _running(trial, _users(trial))
    faultless(trial, "a login for each user", logins.for_users(manifest, 2, manager(trial)))


def all_keys(trial: Trial) -> None:
    users = _users(trial)
    manifest = _running(trial, users)
    faults = logins.keys_shown(manifest, users, manager(trial))
    faultless(trial, "services_user with all keys of each user", faults)


def no_keys(trial: Trial) -> None:
    users = ({"urn": trial.person().urn, "keys": []},)
    trial.succeeds(_provision(trial, trial.allocated(), users))


def padded_keys(trial: Trial) -> None:
    users = ({"urn": trial.person().urn, "keys": [f"{_KEY}\n"]},)
    manifest = _running(trial, users)
    faultless(trial, "a login for the user", logins.some(manifest, manager(trial)))


def nobody(trial: Trial) -> None:
    trial.succeeds(_provision(trial, trial.allocated(), None))


def _refused(trial: Trial, users: Any) -> None:
    held = trial.allocated()
    options = {**GENI3, "geni_users": users}
    trial.refuses(trial.call("Provision", [held.urn], held.credentials, options), 1)
    status = trial.succeeds(trial.call("Status", [held.urn], held.credentials, {}))
    states = {one.get("geni_allocation_status") for one in status["geni_slivers"]}
    trial.expect(states == {"geni_allocated"}, "the slivers stay geni_allocated", states)


def without_urn(trial: Trial) -> None:
    _refused(trial, [{"keys": [_KEY]}])


def without_keys(trial: Trial) -> None:
    _refused(trial, [{"urn": trial.person().urn}])


def no_array(trial: Trial) -> None:
    _refused(trial, {"urn": trial.person().urn, "keys": [_KEY]})


def keys_no_texts(trial: Trial) -> None:
    _refused(trial, [{"urn": trial.person().urn, "keys": [7]}])


def foreign_user(trial: Trial) -> None:
    """A colleague from another authority of the federation."""
    urn = f"urn:publicid:IDN+other-{authority(manager(trial)).partition(':')[0]}+user+guest"
    users = ({"urn": urn, "keys": [_KEY]},)
    manifest = _running(trial, users)
    faultless(
        trial, "a login for a user of another authority", logins.some(manifest, manager(trial))
    )


_NEEDS: Final = (Need.WRITES,)
_BOTH: Final = frozenset({Profile.V3, Profile.FED4FIRE})
_V3: Final = frozenset({Profile.V3})
MUST, SHOULD = Severity.MUST, Severity.SHOULD
_PROVISION: Final = "AM API v3, Provision, geni_users"
_LOGIN: Final = "GENI RSpec v3, services, login"

CHECKS: Final = (
    Check("logins.told", "manifest", "The manifest of a node that runs says where users log in", f"{_PROVISION}; R165", MUST, told, _BOTH, _NEEDS),
    Check("logins.well-formed", "manifest", "A login has ssh-keys, a host name, a port and a user name", f"{_LOGIN}; R263", MUST, well_formed, _BOTH, _NEEDS),
    Check("logins.for-each-user", "manifest", "Each user has a login of their own, if possible", f"{_PROVISION}; R165", SHOULD, for_each, _BOTH, _NEEDS),
    Check("logins.all-keys", "manifest", "services_user tells all keys of each user", "RSpec extension user/1; R264", SHOULD, all_keys, _BOTH, _NEEDS),
    Check("logins.no-keys", "Provision", "A user without keys is legal", f"{_PROVISION}; R166", MUST, no_keys, _BOTH, _NEEDS),
    Check("logins.padded-keys", "Provision", "A key may end with a new line", _PROVISION, SHOULD, padded_keys, _V3, _NEEDS),
    Check("logins.nobody", "Provision", "geni_users may be left out", _PROVISION, MUST, nobody, _V3, _NEEDS),
    Check("logins.without-urn", "Provision", "A user without URN is a bad argument", f"{_PROVISION}; R166", MUST, without_urn, _V3, _NEEDS),
    Check("logins.without-keys", "Provision", "A user whose keys are left out is a bad argument", f"{_PROVISION}; R166", MUST, without_keys, _V3, _NEEDS),
    Check("logins.no-array", "Provision", "geni_users that is no array is a bad argument", f"{_PROVISION}; R011", MUST, no_array, _V3, _NEEDS),
    Check("logins.keys-no-texts", "Provision", "Keys that are no texts are a bad argument", f"{_PROVISION}; R011", MUST, keys_no_texts, _V3, _NEEDS),
    Check("logins.foreign-user", "Provision", "Users of other authorities get logins, too", f"{_PROVISION}; R165", SHOULD, foreign_user, _BOTH, _NEEDS),
)  # fmt: skip
