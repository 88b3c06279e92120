"""Import of a file as a model: previewed first, stored completely or not at all."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bot.cli.terminal_text import terminal_text
from bot.commands.command_handler import CommandHandler, import_key
from bot.formats.format_detection import create_model_here, preview_of, read_file
from bot.formats.importers.history_import import ImportedHistory
from bot.formats.importers.imported_model import ImportedModel
from bot.formats.importers.model_creation import CreatedModel
from bot.formats.importers.untrusted_document import MAX_BYTES, UnreadableFile
from bot.operator_error import OperatorError
from bot.restoring import RestoredMeanwhile, SealedOrigin, is_restorable, sealed_origin
from bot.settings import Settings
from bot.store import CommandKey, Store, StreamId
from bot.store.codec import read_event
from domain.decide.size_limits import (
    SizeLimits,
    TooManyElements,
    TooManyModels,
    check_elements,
    check_models,
)
from domain.events import Event
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.replay import EMPTY

ToldElsewhere = Callable[[StreamId, int], None]
"""Suppresses thread messages about events up to a version."""

MAX_NOTES = 40
"""Notes that a preview shows without being asked for all."""


class ImportLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of the operator for an import: those of a workspace, and the size of a file in bytes."""

    workspace: SizeLimits
    file_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> "ImportLimits":
        """Return the limits of the settings."""
        workspace = SizeLimits(models=settings.max_models, elements=settings.max_elements)
        return cls(workspace=workspace, file_bytes=settings.max_file_bytes)


class PlannedImport(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed file, its author and channel, and the resulting model."""

    found: ImportedModel | ImportedHistory
    digest: str
    workspace: str
    channel: ChannelId
    by: PersonId
    at: datetime
    brought: CreatedModel
    origin: SealedOrigin | None = None

    @property
    def command(self) -> tuple[CommandKey, bytes]:
        """The key and the request of the import."""
        return self.origin.command if self.origin else import_key(self.digest, self.channel, self.by)


def plan_import(
    store: Store, file: Path, *, workspace: str | None, channel: str, by: str, limits: ImportLimits | None
) -> PlannedImport:
    """Return the model that a file would create; nothing is stored.

    Without `limits`, those of the operator do not count. Raises OperatorError and Rejected.
    """
    where, who = _checked(channel, _CHANNEL, _NO_CHANNEL), _checked(by, _PERSON, _NO_PERSON)
    tenant = _tenant(store, workspace)
    content, now = _content(file), datetime.now(UTC)
    if limits is not None and len(content) > limits.file_bytes:
        raise OperatorError(_TOO_LARGE.format(file=terminal_text(str(file)), most=limits.file_bytes))
    try:
        found = read_file(content, read_event)
        origin = sealed_origin(store, tenant, found)
        known = create_model_here(
            found, channel=ChannelId(where), by=PersonId(who), at=now, sealed=origin is not None
        )
    except UnreadableFile as fault:
        raise OperatorError(f"{terminal_text(str(file))}: {terminal_text(str(fault))}") from None
    planned = PlannedImport(
        found=found,
        digest=hashlib.sha256(content).hexdigest(),
        workspace=tenant,
        channel=ChannelId(where),
        by=PersonId(who),
        at=now,
        brought=known,
        origin=origin,
    )
    if limits is not None:
        _check_limits(store, planned, limits.workspace)
    return planned


def _check_limits(store: Store, one: PlannedImport, limits: SizeLimits) -> None:
    """Refuse before the preview what `store_import` would refuse after it; raises OperatorError."""
    if store.answered(one.workspace, *one.command) is not None:
        return  # stored already, within the limits of its day
    try:
        check_models(len(store.streams(one.workspace)), limits)
        check_elements(EMPTY, one.brought.model, limits)
    except (TooManyModels, TooManyElements) as beyond:
        raise OperatorError(f"{beyond} {_REGARDLESS}") from None


def preview_lines(one: PlannedImport, *, every: bool) -> list[str]:
    """Return what would be stored, and the differences from the file."""
    seen = preview_of(one.found, one.brought, sealed=one.origin is not None)
    notes = seen.notes
    shown = notes if every else notes[:MAX_NOTES]
    told = (
        ", with its approvals and votes: this installation exported and sealed it"
        if seen.sealed
        else ", with authors as stated in the file, which cannot be verified; its approvals and votes do not "
        "count"
    )
    by = told if seen.past else f" by {one.by}"
    lines = [
        f"{seen.title}: “{terminal_text(seen.name)}”",
        f"It becomes {', '.join(seen.parts)}, stored as {seen.events} events{by}.",
    ]
    if notes:
        lines += ["Not imported or changed:", *(f"  - {terminal_text(note)}" for note in shown)]
    if len(shown) < len(notes):
        lines.append(f"  … and {len(notes) - len(shown)} more; --all-notes lists them.")
    if seen.similar:
        similar = seen.similar if every else seen.similar[:MAX_NOTES]
        lines += ["Probably the same thing under two names, imported as two:"]
        lines += [f"  - {terminal_text(pair)}" for pair in similar]
        if len(similar) < len(seen.similar):
            lines.append(f"  … and {len(seen.similar) - len(similar)} more; --all-notes lists them.")
    return lines


def store_import(
    store: Store, one: PlannedImport, mark_as_announced: ToldElsewhere, *, limits: ImportLimits | None
) -> str:
    """Store it, once for each file, channel and person; says where it is. Raises Rejected."""
    command_handler = CommandHandler(store, limits=limits.workspace if limits is not None else None)
    command, request = one.command

    def tell(key: ModelKey) -> Sequence[Event]:
        if one.origin is not None and not is_restorable(store, one.workspace, one.origin):
            raise RestoredMeanwhile
        return one.brought.with_key(key)

    # In one step: a bot that serves the same file announces everything new.
    with store.exclusively(one.workspace):
        done = command_handler.import_model(tell, tenant=one.workspace, key=command, request=request)
        if not done.repeated:
            mark_as_announced(done.stream, sum(event.at < one.at for event in one.brought.events))
    if done.repeated:
        return f"The file was already imported as {done.model.key}. Nothing was stored."
    key = done.model.key
    return f"{key} was created. To view it: threatmodel show {key} --workspace {one.workspace}"


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise OperatorError(
            f"{terminal_text(str(file))} cannot be read ({error.strerror}). Choose another file."
        ) from None


def _tenant(store: Store, workspace: str | None) -> str:
    if workspace:
        return _checked(workspace, _WORKSPACE, _NO_WORKSPACE)
    known = sorted({stream.tenant for stream in store.streams()})
    if len(known) != 1:
        there = f"there are several ({', '.join(known)})" if known else "there is none"
        raise OperatorError(f"--workspace: {there}. Enter the Slack ID of the workspace, such as T0123ABCD.")
    return known[0]


def _checked(text: str, pattern: re.Pattern[str], otherwise: str) -> str:
    if not pattern.fullmatch(text):
        raise OperatorError(otherwise.format(text=terminal_text(text)))
    return text


_REGARDLESS = "To import the file regardless, use --ignore-limits."
_TOO_LARGE = (
    "{file} has more than {most:,} bytes, the size that the operator allows (MAX_FILE_MB). Divide the system "
    f"into several models. {_REGARDLESS}"
)
_WORKSPACE = re.compile(r"[TE][A-Z0-9]{1,20}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{1,20}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,20}")
_NO_WORKSPACE = "--workspace: {text} is not a workspace ID. Enter one such as T0123ABCD."
_NO_CHANNEL = (
    "--channel: {text} is not a channel ID. Copy it from the end of the channel's details in Slack, "
    "such as C0123ABCD."
)
_NO_PERSON = (
    "--by: {text} is not a member ID. Use *Copy member ID* in the person's Slack profile, such as U0123ABCD."
)
