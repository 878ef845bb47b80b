"""What a refusal for want of room tells beside its words."""

from typing import Final

from gcf_am.surface.elements import OURS, Field
from gcf_am.surface.shapes import TEXT, Many, Record, Shape

_SPEC: Final = "AM API v3, Return Struct"


def _field(name: str, doc: str, shape: Shape = TEXT, *, optional: bool = False) -> Field:
    return Field(name=name, doc=doc, spec=_SPEC, life=OURS, shape=shape, optional=optional)


# AM API v3, Return Struct: on failure `value` is the aggregate's to choose.
SHORTAGE: Final = Record(
    _field(
        "gcfam_shortage",
        "What of the request cannot be had, and what would help.",
        Record(
            _field("element", "The client_id of the node or link that falls short."),
            _field("kind", "Whether that is a node or a link."),
            _field("resource", "What is counted: nodes, ports, kbit/s, or feature and its name."),
            _field("wanted", "How much of it is wanted, as a decimal number."),
            _field("available", "How much of it is available to the request now, as well."),
            _field("ever", "Whether the empty site has room: yes, no or unknown."),
            _field(
                "relaxation",
                "The changes with which the request fits now, together; empty if none is known.",
                Many(
                    Record(
                        _field(
                            "change",
                            "unbind: no component_id; share: exclusive=false; forgo: without the"
                            " desire; capacity: no more kbit/s than that; remove: without it.",
                        ),
                        _field("element", "The client_id of the node or link to be changed."),
                        _field("kind", "Whether that is a node or a link."),
                        _field("value", "The feature, or the kbit/s.", optional=True),
                    )
                ),
            ),
        ),
    )
)
