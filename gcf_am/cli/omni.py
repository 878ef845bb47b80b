"""gcf-omni: the experimenter's client, with Omni's command names and option letters."""

from types import MappingProxyType
from typing import Any

import click

from gcf_am import __version__
from gcf_am.cli import omni_members, omni_slices, omni_slivers, omni_ssh
from gcf_am.cli.omni_options import Settings, all_options
from gcf_am.cli.refusing import RefusingGroup


class OmniGroup(RefusingGroup):
    """Omni's names for the commands."""

    program = "gcf-omni"
    aliases = MappingProxyType(
        {
            "poa": "performoperationalaction",
            "listmyslices": "listslices",
            "listmykeys": "listkeys",
            "listmyprojects": "listprojects",
        }
    )


@click.group(cls=OmniGroup)
@all_options
@click.version_option(__version__, prog_name="gcf-omni")
@click.pass_context
def omni(context: click.Context, /, **given: Any) -> None:
    """Slices and slivers on GENI aggregates, through AM API v3 with Update and Cancel.

    A slice goes the way createslice, allocate, provision, performoperationalaction geni_start,
    status, delete. Options may stand before or after the command. Results are tables; --json
    prints them for programs. The exit status is 1 when any aggregate or the clearinghouse
    refuses, with the reason on standard error.
    """
    context.obj = Settings(**given)


_COMMANDS = omni_slices.COMMANDS | omni_members.COMMANDS | omni_slivers.COMMANDS | omni_ssh.COMMANDS
for _name, _command in _COMMANDS.items():
    omni.add_command(_command, _name)


def main() -> None:
    """The command gcf-omni."""
    omni(prog_name="gcf-omni")
