"""Reader of this bot's own extension data in other formats."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec

from bot.formats.importers.imported_model import (
    ImportedAssumption,
    ImportedLink,
    ImportedMitigation,
    ImportedResponse,
    ImportedScreening,
    ImportedThreat,
)
from bot.formats.importers.stride_mapping import stride_categories
from bot.formats.importers.untrusted_document import ImportNotes, convert_or_note
from domain.kernel.elements import Kind
from domain.kernel.stride import Stride


class ModelExtension(msgspec.Struct, frozen=True, kw_only=True):
    """This bot's own data about a model in another format."""

    description: str = ""
    imported: str = ""
    out_of_scope: str = ""
    labels: tuple[str, ...] = ()
    phase: str = ""
    complete: tuple[Kind, ...] = ()
    assumptions: tuple[ImportedAssumption, ...] = ()
    links: tuple[ImportedLink, ...] = ()
    screening: tuple[ImportedScreening, ...] = ()
    elements: tuple[dict[str, Any], ...] = ()

    def without_mark(self, description: str) -> str:
        """Return a description without the statement that the exported model itself was imported."""
        return description.removesuffix(self.imported).rstrip() if self.imported else description


def read_threat(
    own: dict[str, Any],
    notes: ImportNotes,
    *,
    id: str,
    title: str,
    description: str,
    categories: Iterable[str],
    element: str | None,
    weaknesses: Iterable[int] = (),
) -> ImportedThreat:
    """Return a threat; the format's own fields are used if this bot's data is missing."""
    stride: tuple[Stride, ...] = ()
    if own:
        _lose_votes(own, notes)
        stride = convert_or_note(own.get("stride", ()), tuple[Stride, ...], notes, f"“{title}”") or ()
    return ImportedThreat(
        id=id,
        title=title,
        description=description,
        stride=stride or stride_categories(() if own else categories, weaknesses, notes, title),
        element=extension_text(own, "element") or element,
        link=extension_text(own, "link"),
        response=_response_in(own, notes, title),
    )


def read_mitigation(fields: dict[str, Any], notes: ImportNotes) -> ImportedMitigation:
    """Return a mitigation; only its title and description if the rest is invalid."""
    read = convert_or_note(fields, ImportedMitigation, notes, f"“{fields['title']}”")
    return read or ImportedMitigation(
        threat=fields["threat"], title=fields["title"], description=fields["description"]
    )


def extension_text(own: dict[str, Any], name: str) -> str:
    """Return a text of this bot's own data, empty if there is none."""
    value = own.get(name)
    return value if isinstance(value, str) else ""


def extension_texts(own: dict[str, Any], name: str) -> list[str]:
    """Return a list of texts of this bot's own data, empty if there is none."""
    value = own.get(name)
    return (
        [one for one in cast("list[object]", value) if isinstance(one, str)]
        if isinstance(value, list)
        else []
    )


def without_none(own: dict[str, Any]) -> dict[str, Any]:
    """Return this bot's own data without empty values."""
    return {name: value for name, value in own.items() if value is not None}


def _lose_votes(own: dict[str, Any], notes: ImportNotes) -> None:
    """Note that a threat's score and its rules are not imported."""
    if own.get("score"):
        notes.note_loss("score of a threat: it must be voted on again")
    if own.get("candidates"):
        notes.note_loss("the rule from which a threat was confirmed")
    places: object = own.get("places")
    if isinstance(places, list) and len(cast("list[object]", places)) > 1:
        notes.note_loss("the further places of a threat: imported for the first one")


def _response_in(own: dict[str, Any], notes: ImportNotes, title: str) -> ImportedResponse | None:
    """Return the response to a threat, chosen or proposed; None if there is none."""
    decision = own.get("response") or own.get("proposal")
    if own.get("response") and own.get("proposal"):
        notes.note_loss("a proposal to accept a risk that already had a response")
    return convert_or_note(decision, ImportedResponse, notes, f"“{title}”") if decision else None
