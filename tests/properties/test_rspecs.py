"""RSpecs of all kinds: what is read is what is written, and nothing but refusals comes back."""

from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcf_am.errors import BadArgs, BadVersion, ConfigError
from gcf_am.model.topology import Frame, Link, Node, Topology
from gcf_am.rspec.inventory import read_site
from gcf_am.rspec.manifest import write_manifest
from gcf_am.rspec.request import read_request
from tests.unit.rspec.samples import MANAGER, OTHER, RSPEC, RSPECS, advertise, assert_valid, entries

modest = settings(derandomize=True, deadline=None, max_examples=60)

texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=("Cc", "Cs", "Cn")),
    max_size=12,
)


def quoteattr(text: str) -> str:
    return f'"{escape(text)}"'


spaces = st.sampled_from(["", " ", "\n  ", "\t"])
prefixes = st.sampled_from(["", "r:"])


@st.composite
def extensions(draw: st.DrawFn) -> str:
    """An element of another namespace, whatever is in it."""
    value, inner = draw(texts), escape(draw(texts))
    return draw(
        st.sampled_from(
            [
                f"<x:note at={quoteattr(value)}>{inner}</x:note>",
                f'<note xmlns="http://other">{inner}<deep x:at={quoteattr(value)}/></note>',
                f'<x:a xmlns:x="http://inner"><x:b kind="x:c">{inner} <x:d/></x:b></x:a>',
                "<x:empty/>",
            ]
        )
    )


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A request of ours and others' nodes and links, with extensions everywhere."""
    r = draw(prefixes)
    managers = st.sampled_from(
        ["", f' component_manager_id="{OTHER}"', f' component_manager_id="{MANAGER}"']
    )
    count = draw(st.integers(0, 4))
    names = draw(
        st.lists(texts.filter(lambda t: t.strip() == t != ""), min_size=5, max_size=5, unique=True)
    )
    children: list[str] = []
    ends: list[str] = []
    for name in names[:count]:
        end = f"{name}:0"
        ends.append(end)
        inside = draw(
            st.lists(
                st.one_of(
                    extensions(),
                    st.sampled_from(
                        [
                            f'<{r}services><{r}execute shell="sh" command="c"/></{r}services>',
                            f'<{r}services><{r}login authentication="x"/></{r}services>',
                            f"<{r}services/>",
                            f'<{r}hardware_type name="pc"/>',
                            f'<{r}location country="BE"/>',
                            "<!-- remark -->",
                            "<?hint x?>",
                        ]
                    ),
                ),
                max_size=3,
            )
        )
        inside += draw(
            st.sampled_from([[], [f'<{r}sliver_type name="vm"><x:y/></{r}sliver_type>']])
        )
        inside.append(f"<{r}interface client_id={quoteattr(end)}/>")
        space = draw(spaces)
        exclusive = draw(st.sampled_from(["", ' exclusive="1"', ' exclusive="false"']))
        children.append(
            f"<{r}node client_id={quoteattr(name)}{draw(managers)}{exclusive}>"
            f"{space.join(['', *inside, ''])}</{r}node>"
        )
    if ends:
        joined = draw(st.lists(st.sampled_from(ends), unique=True))
        refs = "".join(f"<{r}interface_ref client_id={quoteattr(end)}/>" for end in joined)
        named = draw(st.sampled_from(["", f'<{r}component_manager name="{OTHER}"/>']))
        children.append(f"<{r}link client_id={quoteattr(names[4])}>{named}{refs}</{r}link>")
    children += draw(st.lists(extensions(), max_size=2))
    body = draw(spaces).join(["", *draw(st.permutations(children)), ""])
    default = f'xmlns="{RSPEC}"' if not r else f'xmlns:r="{RSPEC}" xmlns="http://default"'
    return f'<{r}rspec {default} xmlns:x="http://x" type="request">{body}</{r}rspec>'


def meaning(topology: Topology) -> object:
    """What a manifest must keep of a request: all but where nodes are and of what they are."""
    nodes = {
        one.client_id: ([i.client_id for i in one.interfaces], one.hardware_types)
        for one in topology.nodes
    }
    links = {one.client_id: (one.interfaces, one.properties) for one in topology.links}
    order = [one.client_id for one in topology.resources]
    return nodes, links, order, topology.foreign_interfaces, len(topology.frame.foreign)


def read(text: str) -> Topology:
    return read_request(text, manager=MANAGER, manifest_allowed=True)


@modest
@given(documents())
def test_a_request_of_what_was_read_means_the_same(text: str) -> None:
    topology = read(text)
    pieces = [(one.position, one.xml) for one in (*topology.resources, *topology.frame.foreign)]
    body = "".join(xml for _, xml in sorted(pieces))
    again = read(f'<rspec xmlns="{RSPEC}" type="request">{body}</rspec>')

    def whole(one: Topology) -> list[Node | Link]:
        return list(one.resources)

    assert [one.xml for one in whole(again)] == [one.xml for one in whole(topology)]
    assert again.frame.foreign == topology.frame.foreign
    assert meaning(again) == meaning(topology)


@modest
@given(documents(), st.booleans(), st.sampled_from([None, "geni_none"]))
def test_a_manifest_is_valid_and_a_fixpoint(text: str, running: bool, preserve: str | None) -> None:
    asked = read(text)
    items = entries(asked, running=running, preserve=preserve)
    manifest = write_manifest(items, manager=MANAGER)
    assert_valid(manifest, "manifest")
    shown = read(manifest)
    if items:
        assert meaning(shown) == meaning(asked)
    again = entries(shown, running=running, preserve=preserve)
    assert write_manifest(again, manager=MANAGER) == manifest


@st.composite
def broken(draw: st.DrawFn, texts: list[str]) -> str:
    """A document into which something has been cut, copied or written."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        new = draw(
            st.one_of(
                st.just(""),
                st.just(text[start:end] * 2),
                st.sampled_from(
                    [
                        "<",
                        ">",
                        '"',
                        "&",
                        "\0",
                        "]]>",
                        "<!--",
                        "xmlns:x=''",
                        "<!DOCTYPE a>",
                        " xml:id='1' ",
                        "<node client_id='z'/>",
                        "sliver_id='q'",
                        "<x:y/>",
                        "</node>",
                        "xmlns='relative'",
                    ]
                ),
                st.text(max_size=5),
            )
        )
        text = text[:start] + new + text[end:]
    return text


def shipped(folder: str) -> list[str]:
    return [file.read_text() for file in sorted((RSPECS / folder).glob("*.xml"))]


@settings(modest, max_examples=300)
@given(broken(shipped("requests") + shipped("manifests")))
def test_broken_requests_are_refused_or_read(text: str) -> None:
    try:
        topology = read(text)
    except (BadArgs, BadVersion):
        return
    assert_valid(write_manifest(entries(topology), manager=MANAGER), "manifest")


@settings(modest, max_examples=60)
@given(broken(shipped("")))
def test_broken_inventories_are_refused_or_read(text: str) -> None:
    try:
        site = read_site(text.encode("utf-8", "surrogatepass"), manager=MANAGER)
    except ConfigError:
        return
    assert_valid(advertise(site, {}, only_available=False), "ad")


@settings(modest, max_examples=100)
@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises((BadArgs, BadVersion)):
        read(text)


def test_nothing_of_ours_gives_an_empty_manifest() -> None:
    topology = read(f'<rspec xmlns="{RSPEC}" type="request"/>')
    assert topology == Topology((), (), Frame((("", RSPEC),)))
    assert_valid(write_manifest(entries(topology), manager=MANAGER), "manifest")
