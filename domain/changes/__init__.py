"""Changes between two moments of a model: additions, removals and changes, with their authors."""

from domain.changes.change import Change, ChangeDetail, ChangeGroup, ChangeType
from domain.changes.difference import difference
from domain.changes.effects import effects

__all__ = ["Change", "ChangeDetail", "ChangeGroup", "ChangeType", "difference", "effects"]
