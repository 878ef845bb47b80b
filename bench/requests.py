"""Request RSpecs of any size."""

from tests.functional.rspecs import node, request


def nodes(count: int, prefix: str = "n") -> str:
    """So many virtual machines, wherever there is room."""
    return request(*(node(f"{prefix}{number}") for number in range(count)))
