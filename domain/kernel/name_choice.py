"""Answers to the question whether a new name means something that the model has already."""

import msgspec

from domain.kernel.elements import ElementId, Kind


class NameChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of a new name that is like others: it is one of them, or another thing.

    `others` are the names with which it was compared. `same` is the one that it means; empty for another
    thing.
    """

    kind: Kind
    name: str
    others: tuple[str, ...]
    same: str = ""


class SimilarName(msgspec.Struct, frozen=True, kw_only=True):
    """A name of the same kind that a new one is like; without an id if it was typed in the same form."""

    name: str
    element: ElementId | None = None


class LikelyDuplicate(msgspec.Struct, frozen=True, kw_only=True):
    """A new name that probably means the same as others of its kind, the closest first."""

    kind: Kind
    name: str
    others: tuple[SimilarName, ...]
