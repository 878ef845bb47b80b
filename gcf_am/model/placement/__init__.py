"""Placement: pure functions from what is wished for to what is held."""

from gcf_am.model.placement.placing import place
from gcf_am.model.placement.wish import Wish

__all__ = ["Wish", "place"]
