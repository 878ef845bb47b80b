"""The operational states of slivers, as an advertisement tells them."""

from collections.abc import Iterable

from lxml import etree

from gcf_am.model.states import OPERATIONAL, START_STATE, OperationalState
from gcf_am.rspec.names import OPSTATE
from gcf_am.urn import Urn


def opstate_block(manager: Urn, sliver_types: Iterable[str]) -> etree._Element:
    """The block that says which actions slivers of these types know, and where those lead.

    geni_pending_allocation is part of every aggregate's machine and not told; `start` is the
    state after it. Source: AM API v3, Sliver Operational States; RSpec extension opstate/1.
    """
    block = etree.Element(_tag("rspec_opstate"), nsmap={"opstate": OPSTATE})
    block.set("aggregate_manager_id", manager.text)
    block.set("start", START_STATE.value)
    for name in sliver_types:
        etree.SubElement(block, _tag("sliver_type"), {"name": name})
    for state, row in OPERATIONAL.items():
        if state is OperationalState.PENDING_ALLOCATION:
            continue
        told = etree.SubElement(block, _tag("state"), {"name": state.value})
        for action, after in row.actions.items():
            etree.SubElement(told, _tag("action"), {"name": action.value, "next": after.value})
        for outcome, after in row.waits.items():
            etree.SubElement(told, _tag("wait"), {"type": outcome.value, "next": after.value})
        etree.SubElement(told, _tag("description")).text = row.meaning
    return block


def _tag(name: str) -> str:
    return f"{{{OPSTATE}}}{name}"
