"""Slivers that are real: nodes are containers of this machine, links carry frames."""
