"""Digests of commands: equal for the same command at any time."""

import hashlib
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from domain.commands import Command
from domain.working_hours import ChooseWorkingHours
from domain.workspace_settings import ChooseDigest, ChooseWorkspaceSettings
from domain.workspace_trackers import WorkspaceTrackerCommand

DigestedCommand: TypeAlias = (
    Command | ChooseWorkingHours | ChooseWorkspaceSettings | ChooseDigest | WorkspaceTrackerCommand
)
"""The commands that have a digest."""


def command_digest(command: DigestedCommand) -> bytes:
    """Return the content of a command as 32 bytes; its time makes no difference."""
    return hashlib.sha256(msgspec.json.encode(replace(command, at=_EPOCH), order="deterministic")).digest()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
