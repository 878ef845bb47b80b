"""Are a manifest's links what links must be?"""

from gcf_am.conformance.documents.reading import Element, core
from gcf_am.conformance.judging.manifests import ours


def tagged(manifest: Element) -> list[str]:
    """R261: each link has a vlantag; the text may be empty where the number is not known."""
    return [
        f"link {one.get('client_id')!r} has no vlantag"
        for one in manifest.findall(core("link"))
        if one.get("vlantag") is None
    ]


def tags_are_numbers(manifest: Element, manager: str) -> list[str]:
    """A tag that is told is a VLAN's, 1 to 4094 (IEEE 802.1Q)."""
    faults = []
    for one in ours(manifest, "link", manager):
        tag = (one.get("vlantag") or "").strip()
        number = int(tag) if tag.isascii() and tag.isdecimal() and len(tag) < 6 else 0
        if tag and not 1 <= number <= 4094:
            faults.append(f"link {one.get('client_id')!r} has the vlantag {tag!r}")
    return faults


def tags_differ(manifest: Element, manager: str) -> list[str]:
    """Two links that run at the same time do not share a tag, or they would be one."""
    first: dict[str, str] = {}
    faults = []
    for one in ours(manifest, "link", manager):
        tag, name = (one.get("vlantag") or "").strip(), one.get("client_id", "")
        if tag in first:
            faults.append(f"links {first[tag]!r} and {name!r} have the same vlantag {tag!r}")
        elif tag:
            first[tag] = name
    return faults


def ends_exist(manifest: Element) -> list[str]:
    """Each end of a link is an interface of a node in the manifest."""
    known = {
        one.get("client_id") for one in manifest.iterfind(f"{core('node')}/{core('interface')}")
    }
    return [
        f"link {link.get('client_id')!r} ends at {end.get('client_id')!r}, which no node has"
        for link in manifest.findall(core("link"))
        for end in link.findall(core("interface_ref"))
        if end.get("client_id") not in known
    ]
