"""Digests of commands: equal for the same command, also if a later release added fields to it."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

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
    "DrawFlows": {"choices": ()},
    "NameElements": {"choices": ()},
    "OpenRound": {"length": "full"},
    "PlaceComponents": {"choices": ()},
    "PlanMitigation": {"also": (), "suggested": False},
    "ProposeAcceptance": {"also": ()},
    "RefuseVerification": {"links": ()},
    "ReviseComponent": {"owner": None, "technology": None},
    "ReviseDataFlow": {"assets_back": (), "two_way": False},
    "ReviseExternalDependency": {"technology": None},
    "ReviseTracker": {"shown": None},
    "StartThreatModel": {"structure": None, "template": None},
    "VerifyMitigation": {"links": ()},
    "flows": {
        "assets_back": (),
        "protocol": "",
        "source_end": {"boundary": "", "technology": ""},
        "target_end": {"boundary": "", "technology": ""},
        "two_way": False,
    },
    "placements": {"technology": None},
}
"""Fields added since the first release of a command, with their defaults, by command or by the field that
holds a list of structs. A default does not count in the digest: Slack may repeat, after an upgrade, what was
recorded before it."""

REMOVED_FIELDS: Mapping[str, Mapping[str, object]] = {"ExplainBallot": {"named": False}}
"""Fields of earlier releases, with the values that count in the digest."""


def command_digest(
    command: Command | ChooseWorkingHours | ChooseWorkspaceSettings | ChooseDigest | WorkspaceTrackerCommand,
) -> bytes:
    """Return the content of a command as 32 bytes; its time makes no difference."""
    content = cast(
        "dict[str, object]", msgspec.to_builtins(replace(command, at=_EPOCH), order="deterministic")
    )
    tag = str(content.get("type", ""))
    counted = {**_counted(content, tag), **REMOVED_FIELDS.get(tag, {})}
    return hashlib.sha256(msgspec.json.encode(counted)).digest()


def _counted(content: Mapping[str, object], place: str) -> dict[str, object]:
    """Return the fields that count, where `place` is the command or the field that holds this struct."""
    added = ADDED_FIELDS.get(place, {})
    return {
        key: _counted_structs(value, key) if key in ADDED_FIELDS else value
        for key, value in content.items()
        if key not in added or value != added[key]
    }


def _counted_structs(structs: object, place: str) -> list[dict[str, object]]:
    return [_counted(one, place) for one in cast("list[dict[str, object]]", structs)]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
