"""A verb that takes a Grant cannot be reached without one: nobody else makes any."""

import ast
from pathlib import Path

import gcf_am

PACKAGE = Path(gcf_am.__file__).parent


def makers(tree: ast.AST) -> bool:
    """Whether the module calls something named Grant."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) == "Grant"
        for node in ast.walk(tree)
    )


def renamed(tree: ast.AST) -> bool:
    """Whether the module imports Grant under another name."""
    return any(
        isinstance(node, ast.ImportFrom)
        and any(
            alias.name == "Grant" and alias.asname not in {None, "Grant"} for alias in node.names
        )
        for node in ast.walk(tree)
    )


def test_only_authorize_makes_grants() -> None:
    found = set()
    for file in PACKAGE.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert not renamed(tree), file.name
        if makers(tree):
            found.add(file.relative_to(PACKAGE).as_posix())
    assert found == {"trust/authorize.py"}
