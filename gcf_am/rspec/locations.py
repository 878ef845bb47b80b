"""xsi:schemaLocation: pairs of a namespace and where its schema is published."""

from collections.abc import Iterator, Mapping

Pairs = Iterator[tuple[str, str]]


def pairs_of(text: str) -> Pairs:
    """The pairs; a last word without a partner is left out."""
    words = text.split()
    return zip(words[::2], words[1::2], strict=False)


def with_schemas(text: str, schemas: Mapping[str, str]) -> str:
    """The value with these pairs first and the other namespaces' after them."""
    found = {**schemas, **{uri: place for uri, place in pairs_of(text) if uri not in schemas}}
    return " ".join(f"{uri} {place}" for uri, place in found.items())


def without_schema(text: str, namespace: str) -> str:
    """The value without the pair of a namespace."""
    return " ".join(f"{uri} {place}" for uri, place in pairs_of(text) if uri != namespace)
