"""The difference between two moments: what came, what went, what changed, and by whom."""

from domain.changes.change import Change, ChangeDetail, ChangeGroup, ChangeType
from domain.changes.difference import difference

__all__ = ["Change", "ChangeDetail", "ChangeGroup", "ChangeType", "difference"]
