"""Conversion of events from files of version 0.1, which development versions exported.

Whatever is renamed in the events before version 1.0.0 has its earlier name here.
"""

from collections.abc import Mapping
from typing import cast

import msgspec
from msgspec.structs import replace

from bot.formats.exporters.history_export import HistoryLine
from bot.formats.importers.untrusted_document import UnreadableFile
from domain.facts.former_facts import RENAMED_FACTS

_SCHEMAS: Mapping[str, int] = dict.fromkeys(
    ("AssetAdded", "CandidateDismissed", "PhaseMoved", "ThreatModelClosed", "WorkspaceSettingsApplied"), 2
)
"""The last schema version of each event type that had more than one."""

RENAMED_TYPES: Mapping[str, str] = {
    **{
        f"Nudge{outcome}": f"Reminder{outcome}"
        for outcome in ("Claimed", "Failed", "Sent", "Skipped", "Snoozed")
    },
    "YardstickMarked": "ReferenceThreatMarked",
    "YardstickUnmarked": "ReferenceThreatUnmarked",
}
"""Event types by their earlier names."""

RENAMED_FIELDS: Mapping[str, str] = {"nudges": "reminders"}
"""Fields of events and of the objects in them, by their earlier names."""

RENAMED_VALUES: Mapping[str, Mapping[str, str]] = {"fact": RENAMED_FACTS}
"""Values by their earlier names, by the present name of the field that has them, such as `fact`."""


def converted(line: HistoryLine) -> HistoryLine:
    """Return an event of version 0.1 in the present format; raises UnreadableFile."""
    if line.schema != _SCHEMAS.get(line.type, 1):
        raise UnreadableFile(
            f"Event {line.number} was exported by a version before 0.1. Export the model with version 0.1."
        )
    try:
        event = cast("dict[str, object]", _renamed(msgspec.json.decode(line.event), ""))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnreadableFile(f"Event {line.number} cannot be read: {error}.") from None
    name = RENAMED_TYPES.get(line.type, line.type)
    return replace(line, type=name, event=msgspec.Raw(msgspec.json.encode({**event, "type": name})))


def _renamed(value: object, field: str) -> object:
    match value:
        case dict():
            fields = cast("dict[str, object]", value)
            names = {key: RENAMED_FIELDS.get(key, key) for key in fields}
            return {names[key]: _renamed(item, names[key]) for key, item in fields.items()}
        case list():
            return [_renamed(item, field) for item in cast("list[object]", value)]
        case str():
            return RENAMED_VALUES.get(field, {}).get(value, value)
        case _:
            return value
