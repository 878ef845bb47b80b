"""What a node's services ask for beyond logins: archives to install, commands to execute.

Source: GENI RSpec v3, services/install and services/execute.
"""

from dataclasses import dataclass

from gcf_am.rspec.names import core
from gcf_am.safexml import parse


@dataclass(frozen=True, slots=True)
class Install:
    """An archive to fetch and unpack below a path in the node."""

    url: str
    path: str


@dataclass(frozen=True, slots=True)
class Execute:
    """A command, as it was written, for a shell in the node."""

    shell: str
    command: str


@dataclass(frozen=True, slots=True)
class Services:
    """Both in the order of the document."""

    installs: tuple[Install, ...] = ()
    executes: tuple[Execute, ...] = ()


def services_of(node: str) -> Services:
    """The services of a node's element, which was judged before (`Node.xml`)."""
    root = parse(node)
    return Services(
        tuple(
            Install(one.get("url", ""), one.get("install_path", ""))
            for one in root.findall(f"{core('services')}/{core('install')}")
        ),
        tuple(
            Execute(one.get("shell", ""), one.get("command", ""))
            for one in root.findall(f"{core('services')}/{core('execute')}")
        ),
    )
