"""The page of a plan: a map of the chosen sites, and nothing that a template could smuggle in."""

from typing import Any

from lxml import etree

from gcf_am import safexml
from gcf_am.homing.api.page import page

EVIL = "<script>alert(1)</script>"


def chosen(name: str, latitude: float | None, longitude: float = 4.0) -> dict[str, Any]:
    place = {} if latitude is None else {"latitude": latitude, "longitude": longitude}
    return {"candidate": {"candidate_id": name, "location_id": "m"}, "attributes": place}


def shown(*recommendations: dict[str, Any], **more: Any) -> str:
    plan = {"name": "p", "status": "done", "message": EVIL, "recommendations": recommendations}
    return page({**plan, **more}, {EVIL: [50.0, 4.0]} if recommendations else {})


def drawing(text: str) -> etree._Element:
    """The SVG, which must be XML."""
    begin, end = text.index("<svg"), text.index("</svg>") + len("</svg>")
    return safexml.parse(text[begin:end])


def test_sites_and_places_are_drawn_with_distances() -> None:
    text = shown({"a": chosen("x", 51.0), EVIL: chosen(EVIL, 51.0, 5.0)})
    assert "<script" not in text
    root = drawing(text)
    names = [one.text for one in root.iter("{*}text")]
    # a degree of longitude at 51 degrees north
    assert "70 km" in names
    assert names.count(EVIL) == 2
    assert len(list(root.iter("{*}circle"))) == 3


def test_one_site_and_none() -> None:
    assert len(list(drawing(shown({"a": chosen("x", 50.0)})).iter("{*}circle"))) == 2
    assert "<svg" not in shown({"a": chosen("x", None)})
    assert "<svg" not in shown()


def test_why_there_is_none() -> None:
    infeasible = {"removed": {"a": {EVIL: 3}}, "left": {"a": 0}, "conflict": [EVIL, "c2"]}
    text = shown(solution={"infeasible": infeasible})
    assert "<script" not in text
    assert "cannot hold together" in text
