"""The one place where XML from outside becomes a tree."""

from gcf_am.safexml.parser import line_of, parse
from gcf_am.safexml.schema import Problem, Schema, load

__all__ = ["Problem", "Schema", "line_of", "load", "parse"]
