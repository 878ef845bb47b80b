"""What the parser reads, and what it refuses before it can do harm."""

import pytest

from gcf_am.errors import XmlRefused
from gcf_am.safexml import line_of, parse

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [
 <!ENTITY a "ha">
 <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<lolz>&c;</lolz>"""


def test_text_and_bytes_give_the_same_tree() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>é</a>'
    assert parse(text).text == "é"
    assert parse(text.encode("iso-8859-1")).text == "é"
    assert parse("\ufeff<a>é</a>").text == "é"
    assert parse("<a>é</a>".encode("utf-8-sig")).text == "é"


def test_lines_are_kept() -> None:
    root = parse("<a>\n\n<b/></a>")
    assert [line_of(one) for one in root.iter()] == [1, 3]


def test_comments_and_instructions_stay() -> None:
    assert len(parse("<a><!--x--><?y z?></a>")) == 2


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]><a/>',
        "<!-- <a> --><?pi ?>\n<!DOCTYPE a><a/>",
        '\ufeff<?xml version="1.0"?><!DOCTYPE a><a/>',
    ],
)
def test_a_document_type_declaration_is_refused(text: str) -> None:
    for data in (text, text.encode()):
        with pytest.raises(XmlRefused, match="document type declaration"):
            parse(data)


def test_the_line_of_the_document_type_declaration_is_told() -> None:
    with pytest.raises(XmlRefused) as refused:
        parse(BOMB)
    assert refused.value.line == 2


@pytest.mark.parametrize("inside", ["<!-- <!DOCTYPE a> -->", "<![CDATA[<!DOCTYPE a>]]>"])
def test_words_that_only_look_like_one_are_read(inside: str) -> None:
    assert parse(f"<!-- <!DOCTYPE a> --><a>{inside}</a>").tag == "a"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_declaration_cannot_hide_in_another_encoding(encoding: str) -> None:
    with pytest.raises(XmlRefused, match="UTF-8"):
        parse(BOMB.encode(encoding))


def test_unusual_encodings_are_refused_by_name() -> None:
    with pytest.raises(XmlRefused, match="'utf-7' is not read here"):
        parse(b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>')


def test_entities_without_a_declaration_are_refused() -> None:
    for text in ("<a>&x;</a>", '<a b="&x;"/>'):
        with pytest.raises(XmlRefused, match="entity &x; is not known"):
            parse(text)


def test_depth_is_bounded() -> None:
    assert parse("<a>" * 100 + "</a>" * 100).tag == "a"
    with pytest.raises(XmlRefused, match="more than 100 deep"):
        parse("<a>" * 101 + "</a>" * 101)
    with pytest.raises(XmlRefused, match="deep"):
        parse("<a>" * 100_000)
    with pytest.raises(XmlRefused, match="more than 2 deep"):
        parse("<a><b><c/></b></a>", depth=2)


def test_size_is_bounded() -> None:
    with pytest.raises(XmlRefused, match="more than 1000 bytes"):
        parse("<a>" + "x" * 1000 + "</a>", limit=1000)
    with pytest.raises(XmlRefused, match="more than 4194304 bytes"):
        parse(b"<a>" + b"x" * 4_194_304 + b"</a>")


def test_one_huge_text_is_refused_even_under_a_larger_limit() -> None:
    with pytest.raises(XmlRefused):
        parse(b"<a>" + b"x" * 11_000_000 + b"</a>", limit=2**30)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("", "the document is empty", 1),
        ("  ", "the document is empty", 1),
        ("hello", "this is no XML: it does not begin with <", 1),
        ("<a>\n<b></a>", "<b> of line 2 is closed by </a>", 2),
        ("<a>\n", "<a> of line 1 is never closed", 2),
        ("<a b=1/>", "an attribute's value must stand in quotes", 1),
        ('<a b="1" b="2"/>', "the attribute b stands there twice", 1),
        ("<x:a/>", "the prefix x has no xmlns:x declaration", 1),
        ("<a x:b='1'/>", "the prefix x has no xmlns:x declaration", 1),
        ("<a>\nA & B</a>", "an & stands alone; write &amp;", 2),
        ("<a>A &B</a>", "an & stands alone; write &amp;", 1),
        ("<a/><b/>", "something follows the end of the document", 1),
        ("<a>\x01</a>", "there is a character that XML does not allow", 1),
        (b"<a>\xff</a>", "there are bytes that are not of its encoding", 1),
        ('<a b="<"/>', "write &lt; for < in an attribute", 1),
        ("\n<?xml version='1.0'?><a/>", "something stands before <?xml ...?>", 2),
        ("\ud800", "the text holds half a surrogate pair", 0),
    ],
)
def test_refusals_speak_to_people(text: str | bytes, reason: str, line: int) -> None:
    with pytest.raises(XmlRefused) as refused:
        parse(text)
    assert (refused.value.reason, refused.value.line) == (reason, line)


def test_long_prologs_take_no_long_time() -> None:
    assert parse("<!---->" * 100_000 + "<a/>").tag == "a"
    with pytest.raises(XmlRefused):
        parse("<!--" * 100_000)
    with pytest.raises(XmlRefused):
        parse("<?x " * 100_000)


def test_namespaces_are_bounded_and_declarations_are_not() -> None:
    def declaring(different: int, times: int) -> str:
        inner = "".join(f"<x xmlns='u{n % different}'/>" for n in range(times))
        return f"<a>{inner}</a>"

    assert len(parse(declaring(128, 5000))) == 5000
    with pytest.raises(XmlRefused, match="more than 128 namespaces"):
        parse(declaring(129, 129))


def test_what_stops_the_count_of_namespaces_stops_the_reading() -> None:
    twice = '<x xml:id="i"/>' * 2 + " " * 100_000
    many = "".join(f'<x xmlns="u{n}"/>' for n in range(200))
    assert len(parse(f"<a>{twice}</a>")) == 2
    with pytest.raises(XmlRefused, match=r"128 namespaces|xml:id i stands there twice"):
        parse(f"<a>{twice}{many}</a>")
    with pytest.raises(XmlRefused, match="entity &x; is not known"):
        parse("<a>&x;" + '<x xmlns="u"/>' * 200 + "</a>")


def test_attributes_of_an_element_are_bounded() -> None:
    def with_attributes(count: int) -> str:
        attributes = " ".join(f"a{n}=''" for n in range(count))
        return f"<a><b {attributes}/></a>"

    assert len(parse(with_attributes(256))[0].attrib) == 256
    with pytest.raises(XmlRefused, match="more than 256 attributes"):
        parse(with_attributes(257))


def test_tags_and_attributes_are_bounded_by_the_limit() -> None:
    dense = "<a>" + "<b/>" * 1500 + "</a>"
    assert parse(dense).tag == "a"
    with pytest.raises(XmlRefused, match="more than 1500 tags and attributes"):
        parse(dense, limit=8000)


def test_a_second_byte_order_mark_does_not_hide_a_declaration() -> None:
    with pytest.raises(XmlRefused, match="byte order mark stands there twice"):
        parse(b"\xef\xbb\xbf\xef\xbb\xbf" + BOMB.encode())
    with pytest.raises(XmlRefused, match="byte order mark stands there twice"):
        parse("\ufeff\ufeff" + BOMB)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("<y:z/>", "the prefix y has no xmlns:y declaration"),
        ('<y y:z=""/>', "the prefix y has no xmlns:y declaration"),
        ('<b xmlns:p="u" xmlns:q="u" p:a="" q:a=""/>', "Namespaced Attribute a in 'u' redefined"),
        ('<b xmlns:xml="u"/>', "xml namespace prefix mapped to wrong URI"),
        ('<b xmlns:p=""/>', "Empty XML namespace is not allowed"),
        ('<b xmlns:p="\u00e9"/>', "is not a valid URI"),
    ],
)
def test_a_warning_hides_no_fault(fault: str, reason: str) -> None:
    """Of a namespace that is relative libxml2 warns; lxml looks at its last word only."""
    for text in (f"<a>{fault}</a>", f'<a>{fault}<c xmlns="relative"/></a>'):
        with pytest.raises(XmlRefused, match=reason):
            parse(text)
    assert parse('<a><c xmlns="relative"/></a>').tag == "a"
