"""Parts that are deflated by themselves are one zlib stream together."""

import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.rspec.stream import Part, zlib_stream


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(st.binary(max_size=300)))
def test_any_zlib_reads_it(texts: list[bytes]) -> None:
    reader = zlib.decompressobj()
    assert reader.decompress(zlib_stream(map(Part, texts))) == b"".join(texts)
    assert reader.eof
    assert not reader.unused_data


def test_checksums_of_long_texts_add_up() -> None:
    texts = [bytes([number]) * (70_000 + number) for number in range(256)]
    assert zlib.decompress(zlib_stream(map(Part, texts))) == b"".join(texts)
