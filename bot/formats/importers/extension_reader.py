"""Reads back what `ours` wrote beside the words of a format, and what both of them say of a threat."""

from collections.abc import Iterable
from typing import Any

import msgspec

from bot.formats.importers.imported_model import FoundAssumption, FoundResponse, FoundThreat
from bot.formats.importers.stride_mapping import strides
from bot.formats.importers.untrusted_document import Notes, converted
from domain.kernel.elements import Kind
from domain.kernel.stride import Stride


class OwnModel(msgspec.Struct, frozen=True, kw_only=True):
    """What this bot writes beside a model."""

    description: str = ""
    out_of_scope: str = ""
    phase: str = ""
    complete: tuple[Kind, ...] = ()
    assumptions: tuple[FoundAssumption, ...] = ()
    elements: tuple[dict[str, Any], ...] = ()


def threat_of(
    own: dict[str, Any],
    notes: Notes,
    *,
    id: str,
    title: str,
    description: str,
    categories: Iterable[str],
    element: str | None,
    weaknesses: Iterable[int] = (),
) -> FoundThreat:
    """A threat; what the format says of it counts where our own words say nothing."""
    stride: tuple[Stride, ...] = ()
    if own:
        _lose_votes(own, notes)
        stride = converted(own.get("stride", ()), tuple[Stride, ...], notes, f"“{title}”") or ()
    return FoundThreat(
        id=id,
        title=title,
        description=description,
        stride=stride or strides(() if own else categories, weaknesses, notes, title),
        element=text_in(own, "element") or element,
        link=text_in(own, "link"),
        response=_response_in(own, notes, title),
    )


def text_in(own: dict[str, Any], name: str) -> str:
    """A text of our own words, empty where there is none."""
    value = own.get(name)
    return value if isinstance(value, str) else ""


def without_none(own: dict[str, Any]) -> dict[str, Any]:
    """Our own words without those that say nothing."""
    return {name: value for name, value in own.items() if value is not None}


def _lose_votes(own: dict[str, Any], notes: Notes) -> None:
    """Note of a threat what a vote came to, and from which rules it was confirmed."""
    if own.get("score"):
        notes.lose("what a vote on a threat came to: votes are held anew")
    if own.get("candidates"):
        notes.lose("from which rule a threat was confirmed")


def _response_in(own: dict[str, Any], notes: Notes, title: str) -> FoundResponse | None:
    """What was decided about a threat, or proposed; None where nothing was."""
    said = own.get("response") or own.get("proposal")
    if own.get("response") and own.get("proposal"):
        notes.lose("a proposal to accept a risk, beside what was decided before")
    return converted(said, FoundResponse, notes, f"“{title}”") if said else None
