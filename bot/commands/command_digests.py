"""Digests of commands: equal for the same command, also if a later release added fields to it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TypeAlias, cast

import msgspec
from msgspec.structs import replace

from domain.commands import Command
from domain.working_hours import ChooseWorkingHours
from domain.workspace_settings import ChooseDigest, ChooseWorkspaceSettings
from domain.workspace_trackers import WorkspaceTrackerCommand

ADDED_FIELDS: Mapping[str, Mapping[str, object]] = {
    "AddAsset": {"choices": ()},
    "AddComponent": {"choices": (), "owner": None, "technology": None},
    "AddDataFlow": {"assets_back": (), "choices": (), "two_way": False},
    "AddEntryPoint": {"choices": ()},
    "AddExternalDependency": {"choices": (), "technology": None},
    "AddTrustBoundary": {"choices": ()},
    "AddTrustLevel": {"choices": ()},
    "CastBallot": {"follow_up": False},
    "ChoosePolicy": {"own": None},
    "ChooseResponse": {"also": ()},
    "ChooseTerms": {"inherit_reminders": False},
    "ChooseTrackerAccount": {"confirmed": False},
    "CloseThreatModel": {"review_on": None},
    "ConfirmCandidates": {"threat": None},
    "DrawFlows": {"choices": (), "trust_levels": (), "usual_levels": False},
    "FlowByNames": {
        "assets_back": (),
        "protocol": "",
        "source_end": {"boundary": "", "technology": ""},
        "target_end": {"boundary": "", "technology": ""},
        "two_way": False,
    },
    "NameElements": {"choices": ()},
    "OpenRound": {"length": "full"},
    "PlaceComponents": {"choices": (), "protocols": (), "technologies": ()},
    "Placement": {"technology": None},
    "PlanMitigation": {"also": (), "suggested": False},
    "ProposeAcceptance": {"also": ()},
    "ProposedAssumption": {"unresolved": False},
    "RefuseVerification": {"links": ()},
    "RemoveElement": {"dependents": None, "replacement": None, "together": False},
    "ReviseComponent": {"owner": None, "technology": None},
    "ReviseDataFlow": {"assets_back": (), "two_way": False},
    "ReviseExternalDependency": {"technology": None},
    "ReviseTracker": {"shown": None},
    "StartThreatModel": {"structure": None, "template": None},
    "VerifyMitigation": {"links": ()},
}
"""Fields added since the first release of a command or of a struct in one, with their defaults, by name. A
default does not count in the digest: Slack may repeat, after an upgrade, what was recorded before it."""

REMOVED_FIELDS: Mapping[str, Mapping[str, object]] = {"ExplainBallot": {"named": False}}
"""Fields of earlier releases, with the values that count in the digest."""


DigestedCommand: TypeAlias = (
    Command | ChooseWorkingHours | ChooseWorkspaceSettings | ChooseDigest | WorkspaceTrackerCommand
)
"""The commands that have a digest."""


def command_digest(command: DigestedCommand) -> bytes:
    """Return the content of a command as 32 bytes; its time makes no difference."""
    dated = replace(command, at=_EPOCH)
    content = cast("dict[str, object]", _counted(dated, msgspec.to_builtins(dated, order="deterministic")))
    counted = {**content, **REMOVED_FIELDS.get(struct_name(type(command)), {})}
    return hashlib.sha256(msgspec.json.encode(counted)).digest()


def struct_name(struct: type[msgspec.Struct]) -> str:
    """Return the name of a command or of a struct in one: that it is written with, or that of its class."""
    return str(struct.__struct_config__.tag or struct.__name__)


def _counted(value: object, content: object) -> object:
    """Return what counts of the content of a value; structs in sets and in mappings count whole."""
    match value:
        case msgspec.Struct():
            fields = _counted_fields(value, content)
            return list(fields.values()) if value.__struct_config__.array_like else fields
        case tuple() | list():
            parts = zip(cast("Sequence[object]", value), cast("list[object]", content), strict=True)
            return [_counted(*one) for one in parts]
        case _:
            return content


def _counted_fields(struct: msgspec.Struct, content: object) -> dict[str, object]:
    """Return the fields that count, by the names they are written with, in the order of the content."""
    kind = type(struct)
    values = {written: getattr(struct, name) for name, written in _names(kind)}
    if isinstance(content, list):
        content = dict(zip(values, cast("list[object]", content), strict=True))
    added = ADDED_FIELDS.get(struct_name(kind), {})
    return {
        key: _counted(values[key], one) if key in values else one
        for key, one in cast("dict[str, object]", content).items()
        if key not in added or one != added[key]
    }


@cache
def _names(kind: type[msgspec.Struct]) -> Sequence[tuple[str, str]]:
    """Return the fields of a struct by name, each with the name it is written with."""
    return tuple(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
