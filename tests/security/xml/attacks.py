"""Documents that ask for more than they are worth, and the process in which they are read.

`python -m tests.security.xml.attacks` reads each of them and writes, as JSON, what came of it.
It may take so much time of the processor and so much memory and no more: bounds that an attack
breaks which costs minutes or gigabytes, on any machine, and that nothing else comes near. All
of them together took 11 seconds and 510 MB when this was written.
"""

import json
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, TypeVar

from gcf_am.errors import AmError, ConfigError, XmlRefused
from gcf_am.rspec.inventory import read_site
from gcf_am.rspec.manifest import write_manifest
from gcf_am.rspec.request import read_request
from gcf_am.safexml import parse
from gcf_am.trust.credential_document import read_document
from gcf_am.trust.refusal import Refusal
from tests.unit.rspec.samples import MANAGER, RSPEC, entries

Kind = TypeVar("Kind", str, bytes)
# By name: what makes the document, and what the refusal must say.
Attacks: TypeAlias = Mapping[str, tuple[Callable[[], Kind], str]]

SECONDS: Final = 240
MEMORY: Final = 2 * 1024**3
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
MB: Final = 1_000_000
EMULAB: Final = "http://www.protogeni.net/resources/rspec/ext/emulab/1"


def request(body: str, more: str = "") -> str:
    return f'<rspec xmlns="{RSPEC}" type="request" {more}>{body}</rspec>'


def node(body: str, more: str = "") -> str:
    return request(f'<node client_id="a" {more}>{body}</node>')


def many(template: str, count: int) -> str:
    return "".join(template.format(n) for n in range(count))


def inventory(body: str) -> str:
    return f'<rspec xmlns="{RSPEC}" type="advertisement">{body}</rspec>'


def doctype(subset: str, body: str = "&x;") -> str:
    return f"<!DOCTYPE rspec [{subset}]>" + request(body)


LAUGHS: Final = '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n + 1} "' + f"&a{n};" * 10 + '">' for n in range(29)
)

# What is no attack after all, and read or carried.
READ: Final = "read"
REQUESTS: Final[Attacks[str]] = {
    # entities
    "billion laughs": (lambda: doctype(LAUGHS, "&a29;"), "document type declaration"),
    "one entity, often": (
        lambda: doctype('<!ENTITY x "' + "x" * 50000 + '">', "&x;" * 50000),
        "document type declaration",
    ),
    "external entity": (
        lambda: doctype('<!ENTITY x SYSTEM "file:///dev/zero">'),
        "document type declaration",
    ),
    "parameter entity": (
        lambda: doctype('<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;', ""),
        "document type declaration",
    ),
    "DTD after 200000 comments": (
        lambda: "<!---->" * 200_000 + doctype(LAUGHS, "&a29;"),
        "document type declaration",
    ),
    "DTD after a long comment": (
        lambda: f"<!--{'-x' * MB}-->" + doctype(LAUGHS, "&a29;"),
        "document type declaration",
    ),
    "undeclared entity": (lambda: node("&x;"), "entity &x; is not known"),
    # depth
    "100000 deep": (lambda: node("<x>" * 50_000 + "</x>" * 50_000), "too deep"),
    "200 deep": (
        lambda: node('<x xmlns="u">' * 200 + "</x>" * 200),
        "elements lie more than 100 deep",
    ),
    "never closed": (lambda: '<a b="">' * 100_000, "too deep"),
    "95 deep, often": (lambda: node(('<x xmlns="u">' * 95 + "</x>" * 95) * 500), READ),
    # size
    "50 MB of text": (lambda: node(f'<x xmlns="u">{"a" * 50 * MB}</x>'), "more than 4194304 b"),
    "50 MB of nodes": (lambda: request("<node/>" * (50 * MB // 7)), "more than 4194304 bytes"),
    "4 MB of text": (lambda: node(f'<x xmlns="u">{"a" * 4 * MB}</x>'), READ),
    "4 MB of empty elements": (lambda: node("<x/>" * MB), "more than 263144 tags"),
    "4 MB of comments": (lambda: request("<!---->" * 500_000), "more than 263144 tags"),
    "4 MB in one name": (lambda: request(f"<{'n' * 4 * MB}/>"), "Name too long"),
    "4 MB in one attribute": (
        lambda: request(f'<node client_id="{"n" * 4 * MB}"/>'),
        "more than 255 characters",
    ),
    "4 MB of lines": (lambda: request("\n" * 4 * MB + "<node/>"), "client_id is missing"),
    "4 MB of references": (lambda: node(f'<x xmlns="u">{"&#65;" * 800_000}</x>'), READ),
    "3 MB of one character's CDATA": (
        lambda: node(f'<x xmlns="u">{"<![CDATA[a]]>" * 230_000}</x>'),
        READ,
    ),
    "130000 elements": (lambda: node(f'<x xmlns="u">{"<x/>" * 130_000}</x>'), READ),
    "130000 attributes": (
        lambda: node("", many("a{}='' ", 130_000)),
        "more than 256 attributes",
    ),
    "130000 foreign attributes": (
        lambda: request(
            '<node client_id="a" ' + many("x:a{}='' ", 130_000) + "/>",
            'xmlns:x="u"',
        ),
        "more than 256 attributes",
    ),
    "250 foreign attributes, often": (
        lambda: node(("<x xmlns='u' " + many("a{}='' ", 250) + "/>") * 500),
        READ,
    ),
    "130000 instructions": (lambda: node("<?a?>" * 130_000), READ),
    "60000 interfaces": (lambda: node(many('<interface client_id="{}"/>', 60_000)), READ),
    "4900 nodes": (lambda: request(many('<node client_id="{}"/>', 4900)), READ),
    "100000 nodes": (
        lambda: request(many('<node client_id="{}"/>', 100_000)),
        "more than 5000 nodes and links",
    ),
    "100000 extensions": (
        lambda: request("<x:a/>" * 100_000, 'xmlns:x="u"'),
        "more than 10000 children",
    ),
    # faults without end
    "a fault in each of 4000 nodes": (
        lambda: request('<node a="" b="" c="" d=""/>' * 4000),
        "attribute a is not known here",
    ),
    "a fault in each of 60000 interfaces": (
        lambda: node('<interface a="" b=""/>' * 60_000),
        "attribute a is not known here",
    ),
    "a fault in the last of 60000": (
        lambda: node(many('<interface client_id="{}"/>', 60_000) + "<interface/>"),
        "interface: the attribute client_id is missing",
    ),
    "a fault in each of 200000 extensions": (
        lambda: node(f'<x xmlns="u">{"<e:fd/>" * 200_000}</x>', f'xmlns:e="{EMULAB}"'),
        "fd: the attribute name is missing",
    ),
    # namespaces
    "200000 prefixes": (
        lambda: request("", many('xmlns:a{}="u" ', 200_000)),
        "more than 128 namespaces",
    ),
    "20000 prefixes, used": (
        lambda: request("<a0:x/>" * 100_000, many('xmlns:a{}="u" ', 20_000)),
        "more than 128 namespaces",
    ),
    "30000 namespaces, one after another": (
        lambda: node(many('<x xmlns="u{}"/>', 30_000)),
        "more than 128 namespaces",
    ),
    "prefixes behind an id that stands there twice": (
        lambda: node(
            '<x xmlns="u" xml:id="a"/>' * 2
            + " " * 100_000
            + "<x xmlns='u' "
            + many('xmlns:a{}="u" ', 20_000)
            + "/>"
        ),
        "more than 128 namespaces",
    ),
    "one namespace, declared 50000 times": (
        lambda: node("<x xmlns='u'>" + "<e:x xmlns:e='v'/>" * 50_000 + "</x>"),
        READ,
    ),
    "a long namespace, used often": (
        lambda: request("<x:a/>" * 9000, f'xmlns:x="{"u" * 100_000}"'),
        "names are too long",
    ),
    "120 namespaces around 40000 elements": (
        lambda: node(
            many('<b{0}:x xmlns:b{0}="u{0}">', 90)
            + "<b0:y/>" * 40_000
            + "".join(f"</b{n}:x>" for n in reversed(range(90)))
        ),
        READ,
    ),
    "the same attribute by two prefixes": (
        lambda: request('<node client_id="a" a:b="" c:b=""/>', 'xmlns:a="u" xmlns:c="u"'),
        "Namespaced Attribute b in 'u' redefined",
    ),
    "an undeclared prefix": (lambda: node("<x:a/>"), "prefix x has no xmlns:x"),
    "the prefix xml for something else": (
        lambda: node('<x:a xmlns:xml="u" xmlns:x="u"/>'),
        "xml namespace prefix mapped to wrong URI",
    ),
    "a prefix for xml's namespace": (
        lambda: node('<x:a xmlns:x="http://www.w3.org/XML/1998/namespace"/>'),
        "xml namespace URI mapped to wrong prefix",
    ),
    "a prefix for nothing": (lambda: node('<x:a xmlns:x=""/>'), "Empty XML namespace"),
    "the default namespace taken away": (
        lambda: request('<node xmlns="" client_id="a"/>'),
        "node: it may not stand here",
    ),
    "the namespace with a space": (
        lambda: request("").replace(RSPEC, f"{RSPEC} "),
        "not a valid URI",
    ),
    "a relative namespace": (lambda: node('<x xmlns="../u"/>'), READ),
    "another type by xsi:type": (
        lambda: request(
            '<node client_id="a" xsi:type="x:int"/>',
            f'xmlns:xsi="{XSI}" xmlns:x="http://www.w3.org/2001/XMLSchema"',
        ),
        "xsi:type",
    ),
    "nothing by xsi:nil": (
        lambda: request('<node client_id="a" xsi:nil="true"/>', f'xmlns:xsi="{XSI}"'),
        "not 'nillable'",
    ),
    "a node within an extension": (
        lambda: request('<x:a><node client_id="a"/></x:a>', 'xmlns:x="u"'),
        READ,
    ),
    "XInclude": (
        lambda: node('<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/dev/zero"/>'),
        READ,
    ),
}


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>' + request("")


BYTES: Final[Attacks[bytes]] = {
    "UTF-16 with a mark": (lambda: request("").encode("utf-16"), "send UTF-8"),
    "UTF-16, little end first": (lambda: request("").encode("utf-16-le"), "send UTF-8"),
    "UTF-16, big end first, declared": (
        lambda: declared("UTF-16").encode("utf-16-be"),
        "send UTF-8",
    ),
    "UTF-32": (lambda: request("").encode("utf-32"), "send UTF-8"),
    "UTF-16 declared, UTF-8 sent": (lambda: declared("UTF-16").encode(), "'utf-16' is not read"),
    "UTF-7": (lambda: declared("UTF-7").encode("utf-7"), "'utf-7' is not read"),
    "EBCDIC": (lambda: declared("cp037").encode("cp037"), "does not begin with <"),
    "Shift JIS": (lambda: declared("Shift_JIS").encode(), "'shift_jis' is not read"),
    "Latin 1": (lambda: declared("ISO-8859-1").encode("latin-1"), READ),
    "Latin 1 not declared": (
        lambda: node("<x xmlns='u'>\u00e9</x>").encode("latin-1"),
        "not of its encoding",
    ),
    "no encoding at all": (lambda: declared("").encode(), "the encoding '' is not read"),
    "an overlong /": (lambda: b"<a>\xc0\xaf</a>", "not of its encoding"),
    "half a surrogate pair": (lambda: b"<a>\xed\xa0\x80</a>", "not of its encoding"),
    "beyond Unicode": (lambda: b"<a>\xf4\x90\x80\x80</a>", "not of its encoding"),
    "NUL": (lambda: b"<a>\0</a>", "holds a NUL"),
    "NUL by reference": (lambda: b"<a>&#0;</a>", "invalid xmlChar value 0"),
    "two marks": (lambda: b"\xef\xbb\xbf" * 2 + doctype(LAUGHS).encode(), "mark stands there tw"),
    "a mark alone": (lambda: b"\xef\xbb\xbf", "is empty"),
    "4 MB of space": (lambda: b" " * 4 * MB, "is empty"),
    "4 MB of <": (lambda: b"<" * 4 * MB, "more than 263144 tags"),
    "4 MB of noise": (lambda: bytes(range(1, 256)) * 16_000, "does not begin with <"),
    "a prolog of 4 MB": (lambda: b"<?a " + b"?" * 4 * MB + b"?><a/>", READ),
    "prologs without end": (lambda: b"<?a " * 100_000, "PI a never end"),
}


def site(body: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: inventory(body()).encode()


SITES: Final[Attacks[bytes]] = {
    "50 MB in one text": (site(lambda: f'<x xmlns="u">{"a" * 50 * MB}</x>'), "Text node too long"),
    "50 MB of elements": (site(lambda: "<node/>" * (50 * MB // 7)), "tags and attributes"),
    "50 MB of faults": (
        site(lambda: f'<node exclusive="no" more="{"m" * 200}"/>' * (50 * MB // 240)),
        "attribute exclusive: 'no'",
    ),
    "70 MB": (site(lambda: " " * 70 * MB), "more than 67108864 bytes"),
}
CREDENTIALS: Final[Attacks[str]] = {
    "a credential of 50 MB": (
        lambda: f"<signed-credential>{'a' * 50 * MB}</signed-credential>",
        "more than 262144 bytes",
    ),
    "a credential of faults": (
        lambda: f"<signed-credential>{'<x/>' * 6000}</signed-credential>",
        "it may not stand here",
    ),
    "a credential with entities": (lambda: doctype(LAUGHS, "&a29;"), "type declaration"),
}


def read(text: str) -> None:
    """What an aggregate does with a request, placement and all that follows left out."""
    topology = read_request(text, manager=MANAGER)
    write_manifest(entries(topology), manager=MANAGER)


def _outcomes(attacks: Attacks[Kind], reader: Callable[[Kind], object]) -> dict[str, str]:
    """For each `read`, or the refusal; anything else ends the process."""
    found: dict[str, str] = {}
    for name, (make, _) in attacks.items():
        # the last one tells what it was that went beyond the bounds
        sys.stderr.write(f"{name}\n")
        try:
            reader(make())
            found[name] = READ
        except (AmError, ConfigError, Refusal, XmlRefused) as error:
            found[name] = str(error)
    return found


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    results = {
        **_outcomes(REQUESTS, read),
        **_outcomes(BYTES, parse),
        **_outcomes(SITES, lambda data: read_site(data, manager=MANAGER)),
        **_outcomes(CREDENTIALS, read_document),
    }
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
