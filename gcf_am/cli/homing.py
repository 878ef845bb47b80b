"""gcf-homing: where the demands of a template should live."""

from types import MappingProxyType

import click

from gcf_am import __version__
from gcf_am.cli import homing_offline, homing_operating, homing_plans
from gcf_am.cli.refusing import RefusingGroup


class HomingGroup(RefusingGroup):
    """The commands of gcf-homing."""

    program = "gcf-homing"
    aliases = MappingProxyType({"check": "validate"})


@click.group(cls=HomingGroup)
@click.version_option(__version__, prog_name="gcf-homing")
def homing() -> None:
    """Find homes for demands among what aggregates advertise.

    validate, solve and explain need no server: they read a template and advertisements from
    files. plan, show, list and delete ask a service, as the experimenter of an Omni
    configuration; serve is one. The exit status is 1 when a template is wrong or has no solution.
    """


_COMMANDS = homing_offline.COMMANDS | homing_plans.COMMANDS | homing_operating.COMMANDS
for _name, _command in _COMMANDS.items():
    homing.add_command(_command, _name)


def main() -> None:
    """The command gcf-homing."""
    homing(prog_name="gcf-homing")
