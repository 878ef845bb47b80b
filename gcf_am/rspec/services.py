"""What a node's request wants done in the node: archives to install, commands to execute.

Source: GENI RSpec v3, services/install and services/execute; extension postBootScript/1.
"""

from dataclasses import dataclass

from gcf_am.model.topology import Node
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
    """Both in the order of the document; false where there are none."""

    installs: tuple[Install, ...] = ()
    executes: tuple[Execute, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.installs or self.executes)


def services_of(node: Node) -> Services:
    """The services of a node, its post-boot script as the last execute; `xml` was judged before."""
    root = parse(node.xml)
    script = node.boot_script
    return Services(
        tuple(
            Install(one.get("url", ""), one.get("install_path", ""))
            for one in root.findall(f"{core('services')}/{core('install')}")
        ),
        (
            *(
                Execute(one.get("shell", ""), one.get("command", ""))
                for one in root.findall(f"{core('services')}/{core('execute')}")
            ),
            *(() if script is None else (Execute(script.kind, script.text),)),
        ),
    )
