"""What is wrong with ListResources."""

from __future__ import annotations

import zlib
from base64 import b64encode
from typing import Final

from lxml import etree

from tests.sabotage.bends import (
    GENI3,
    RSPEC,
    accepting,
    advertisements,
    drop_attribute,
    drop_elements,
    drop_location,
    elements,
    instead,
    named,
    recoded,
    refusal,
    sent,
    set_attribute,
    success,
    text_of,
    told,
    went_well,
    with_option,
    without_option,
)
from tests.sabotage.board import Asked, Misbehaviour


def _as_asked(asked: Asked) -> object:
    """The answer to the same call with a version that is spoken."""
    return asked.serve(params=[asked.params[0], {**asked.options, **GENI3}])


def _lower(asked: Asked) -> object:
    wanted = asked.options.get("geni_rspec_version")
    if isinstance(wanted, dict) and wanted.get("type") == "geni":
        return refusal(4, "no such version")
    return asked.serve()


def _squeezed(text: str) -> str:
    return b64encode(zlib.compress(text.encode())).decode() if text.startswith("<") else text


def _half_squeezed(asked: Asked) -> object:
    """Only base64, without zlib."""
    compressed = asked.options.pop("geni_compressed", False)
    struct = asked.serve()
    if compressed and went_well(struct):
        struct["value"] = b64encode(struct["value"].encode()).decode()
    return struct


def _slice_credentials_only(asked: Asked) -> object:
    if not any("+slice+" in text_of(one) for one in sent(asked)):
        return refusal(3, "a slice credential is wanted")
    return asked.serve()


def _unavailable_dropped(root: etree._Element) -> None:
    for node in list(root.iter(f"{RSPEC}node")):
        if any(one.get("now") == "false" for one in node.iter(f"{RSPEC}available")):
            root.remove(node)


ROWS: Final = (
    Misbehaviour(
        "ad-not-xml",
        "The advertisement is no XML.",
        ("listresources.valid",),
        advertisements(lambda _text: "no nodes"),
    ),
    Misbehaviour(
        "ad-cut",
        "The advertisement ends in the middle.",
        ("listresources.valid",),
        advertisements(lambda text: text[: len(text) // 2]),
    ),
    Misbehaviour(
        "ad-invalid",
        "The advertisement breaks its schema.",
        ("listresources.valid",),
        advertisements(set_attribute("node", "exclusive", "perhaps")),
    ),
    Misbehaviour(
        "ad-type",
        "The advertisement is a manifest by its type.",
        ("listresources.is-advertisement",),
        advertisements(elements(lambda root: root.set("type", "manifest"))),
    ),
    Misbehaviour(
        "ad-as-struct",
        "The advertisement comes in a struct.",
        ("listresources.plain",),
        told(lambda text: {"geni_rspec": text}, "ListResources"),
    ),
    Misbehaviour(
        "ad-old-namespace",
        "The advertisement is of another namespace.",
        ("listresources.valid",),
        advertisements(lambda text: text.replace("/resources/rspec/3", "/resources/rspec/2")),
    ),
    Misbehaviour(
        "ad-no-declaration",
        "The advertisement has no XML declaration.",
        ("listresources.declaration",),
        advertisements(
            lambda text: text[text.index("?>") + 2 :].lstrip() if "?>" in text else text
        ),
    ),
    Misbehaviour(
        "ad-manager",
        "Nodes name another component manager.",
        ("listresources.node-managers", "fed4fire.managed-by-urn"),
        advertisements(
            set_attribute(
                "node", "component_manager_id", "urn:publicid:IDN+other.example+authority+cm"
            )
        ),
    ),
    Misbehaviour(
        "ad-no-component-id",
        "Nodes have no component_id.",
        ("listresources.node-members", "listresources.distinct", "fed4fire.component-names"),
        advertisements(drop_attribute("node", "component_id")),
    ),
    Misbehaviour(
        "ad-no-exclusive",
        "Nodes do not say exclusive.",
        ("listresources.node-exclusive", "fed4fire.exclusives"),
        advertisements(drop_attribute("node", "exclusive")),
    ),
    Misbehaviour(
        "ad-no-sliver-type",
        "Nodes have no sliver types.",
        ("listresources.some-sliver-type", "fed4fire.sliver-types"),
        advertisements(drop_elements(named("sliver_type"))),
    ),
    Misbehaviour(
        "ad-no-available",
        "Nodes do not say whether they are available.",
        ("listresources.node-availability", "fed4fire.availabilities"),
        advertisements(drop_elements(named("available"))),
    ),
    Misbehaviour(
        "ad-always-free",
        "Nodes that are taken are said to be available.",
        ("listresources.taken-is-told",),
        advertisements(set_attribute("available", "now", "true")),
    ),
    Misbehaviour(
        "ad-never-free",
        "No node is ever available.",
        ("listresources.only-available",),
        advertisements(set_attribute("available", "now", "false")),
        endless=True,
    ),
    Misbehaviour(
        "available-ignored",
        "geni_available is ignored.",
        ("listresources.taken-is-told",),
        without_option("geni_available", "ListResources"),
    ),
    Misbehaviour(
        "available-always",
        "Nodes that are taken are not listed at all.",
        ("listresources.taken-is-told",),
        advertisements(elements(_unavailable_dropped)),
    ),
    Misbehaviour(
        "compressed-ignored",
        "geni_compressed is ignored.",
        ("listresources.compressed",),
        without_option("geni_compressed", "ListResources"),
    ),
    Misbehaviour(
        "compressed-always",
        "The advertisement is always compressed.",
        ("listresources.plain",),
        advertisements(_squeezed),
    ),
    Misbehaviour(
        "compressed-by-half",
        "What is compressed is base64 only.",
        ("listresources.compressed",),
        instead(_half_squeezed, "ListResources"),
    ),
    Misbehaviour(
        "compressed-empty",
        "What is compressed inflates to nothing.",
        ("listresources.compressed",),
        advertisements(
            lambda text: text if text.startswith("<") else b64encode(zlib.compress(b"")).decode()
        ),
    ),
    Misbehaviour(
        "ad-version-optional",
        "geni_rspec_version may be missing.",
        (
            "listresources.without-version",
            "listresources.without-type",
            "listresources.without-number",
            "listresources.version-as-text",
        ),
        accepting(1, _as_asked, "ListResources"),
    ),
    Misbehaviour(
        "ad-version-any",
        "Any geni_rspec_version is answered with GENI 3.",
        ("listresources.other-number",),
        accepting(4, _as_asked, "ListResources"),
    ),
    Misbehaviour(
        "ad-version-as-bad-arguments",
        "An unknown geni_rspec_version gives 1.",
        ("listresources.other-type",),
        recoded(4, 1, "ListResources"),
    ),
    Misbehaviour(
        "ad-version-case",
        "Of geni_rspec_version only upper case is known.",
        ("listresources.small-letters",),
        instead(_lower, "ListResources"),
    ),
    Misbehaviour(
        "ad-for-slice",
        "geni_slice_urn is ignored in version 3.",
        ("listresources.slice-urn",),
        without_option("geni_slice_urn", "ListResources"),
    ),
    Misbehaviour(
        "ad-for-anybody",
        "Without a valid credential there is an advertisement, too.",
        ("listresources.no-credential",),
        accepting(3, lambda _asked: success("<rspec/>"), "ListResources"),
    ),
    Misbehaviour(
        "ad-for-slices-only",
        "A user credential is not enough for ListResources.",
        ("listresources.user-credential",),
        instead(_slice_credentials_only, "ListResources"),
    ),
    Misbehaviour(
        "ad-no-opstate",
        "The advertisement tells no operational states.",
        (
            "listresources.machines",
            "listresources.machine-types",
            "fed4fire.machines",
            "fed4fire.actions",
            "fed4fire.update-users",
        ),
        advertisements(drop_elements(named("rspec_opstate"))),
    ),
    Misbehaviour(
        "ad-opstate-start",
        "The operational states have no start.",
        ("listresources.machine-start",),
        advertisements(lambda text: text.replace(' start="', ' begin="')),
    ),
    Misbehaviour(
        "ad-no-schema-location",
        "The advertisement names no schema.",
        ("listresources.schema-location",),
        advertisements(drop_location),
    ),
    Misbehaviour(
        "available-as-opposite",
        "geni_available lists all, and without it only what is free.",
        ("listresources.taken-is-told",),
        with_option("geni_available", True, "ListResources"),
    ),
)
