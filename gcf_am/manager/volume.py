"""How much text a slice may keep here: each Describe of it writes all of it."""

from collections.abc import Iterable
from typing import Final

from gcf_am.errors import BadArgs
from gcf_am.model.sliver import Contents
from gcf_am.model.topology import Frame, Resource

# Characters of XML: twice the largest RSpec that is read, so that it can be updated as well
MOST: Final = 8 * 1024 * 1024


def check(wanted: Iterable[Resource], frame: Frame, kept: Iterable[Contents | None]) -> None:
    """Raise BadArgs when the slice's RSpecs would be larger than MOST together.

    `wanted` are a call's resources, in the `frame` of its document; `kept` is what the slice's
    slivers have and keep. What a sliver has and what it will have count both, or Update, Allocate
    and Cancel, again and again, would make a slice of any size.
    """
    frames = {frame}
    size = sum(len(one.xml) for one in wanted)
    for contents in kept:
        if contents is not None:
            frames.add(contents.frame)
            size += len(contents.resource.xml)
    size += sum(map(_around, frames))
    if size > MOST:
        raise BadArgs(
            f"the slice's RSpecs would have {size} characters together; at most {MOST} are kept"
        )


def _around(frame: Frame) -> int:
    pairs = (*frame.namespaces, *frame.attributes)
    return sum(len(one.xml) for one in frame.foreign) + sum(len(a) + len(b) for a, b in pairs)
