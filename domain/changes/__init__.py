"""The difference between two moments: what came, what went, what changed, and by whom."""

from domain.changes.change import Change, Detail, Group, Turn
from domain.changes.difference import difference

__all__ = ["Change", "Detail", "Group", "Turn", "difference"]
