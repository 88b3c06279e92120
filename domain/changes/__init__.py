"""Changes between two moments of a model: additions, removals and changes, with their authors."""

from domain.changes.change import Change, ChangeDetail, ChangeGroup, ChangeType
from domain.changes.difference import difference
from domain.changes.effects import effects
from domain.changes.review_summary import review_summary

__all__ = ["Change", "ChangeDetail", "ChangeGroup", "ChangeType", "difference", "effects", "review_summary"]
