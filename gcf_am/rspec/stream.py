"""A text in parts, each deflated by itself, and the zlib stream that they make together.

So a change of one part costs that part. Source: RFC 1950 (the stream: two bytes, deflated data,
Adler-32), RFC 1951 3.2.4 (parts that end at a byte and refer to nothing before them can be put one
behind the other).
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_ADLER: Final = 65521
# The largest window and the usual effort; then a last block with nothing in it.
_BEGIN: Final = b"\x78\x9c"
_END: Final = b"\x03\x00"


@dataclass(frozen=True)
class Part:
    """A part of the text; deflated when that is first asked for."""

    text: bytes

    @cached_property
    def deflated(self) -> bytes:
        """Blocks of which none is the last, that end at a byte."""
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return packer.compress(self.text) + packer.flush(zlib.Z_FULL_FLUSH)

    @cached_property
    def adler(self) -> int:
        """The checksum of the text by itself."""
        return zlib.adler32(self.text)


def zlib_stream(parts: Iterable[Part]) -> bytes:
    """What any zlib inflates to the texts of the parts, one behind the other."""
    low, high = 1, 0
    out = [_BEGIN]
    for part in parts:
        out.append(part.deflated)
        # RFC 1950 8.2: a checksum is the sum of the bytes and the sum of these sums; the part's
        # own began with 1 and 0
        size = len(part.text)
        high = (high + (part.adler >> 16) + size * (low - 1)) % _ADLER
        low = (low + (part.adler & 0xFFFF) - 1) % _ADLER
    out += (_END, (high << 16 | low).to_bytes(4, "big"))
    return b"".join(out)
