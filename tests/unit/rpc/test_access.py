"""What is noted of a call while it runs."""

from datetime import UTC, datetime

from gcf_am.rpc.access import Access
from gcf_am.urn import Urn
from gcf_am.xmlrpc.call import Call


def test_slivers_are_noted_in_one_go() -> None:
    named = tuple(Urn.of("gcf.local", "sliver", str(number)) for number in range(60))
    access = Access(Call(b"", ()), datetime.now(UTC))
    access.about([Urn.of("gcf.local", "slice", "one"), named, named[0], "words"])
    assert access.slice == "urn:publicid:IDN+gcf.local+slice+one"
    # a copy for each of them would cost the square of what a stranger sends
    assert access.slivers == [*(one.text for one in named), named[0].text]
    told = access.event().told
    assert (told["named"], len(told["slivers"])) == (61, 50)
