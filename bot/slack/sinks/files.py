"""Files in the threads of cards, uploaded, recorded and shared; and canvases, each written as a whole."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome, UnknownYet
from bot.slack.protocol.escaping import clip, one_line, plain_line
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.queries.model_reader import ALT_TEXT, TITLE
from bot.slack.sinks.outcomes import (
    CANVAS_GONE,
    CANVAS_OUTCOMES,
    FAULTS,
    FILE_GONE,
    FILE_OUTCOMES,
    NO_FAULT_OF_THE_FILE,
    FileNotShown,
)
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.file_slots import described, file_parameters

log = structlog.get_logger()

MAX_TRIES: Final = 5
"""Tries to upload a file; after that a message explains the failure, so that no one waits for it."""

MAX_SHARED: Final = 2
"""Times that a file is shared without appearing: the second time without alternative text."""

APPEARS_SECONDS: Final = 60.0
"""Seconds within which a file that Slack accepted must appear in the conversation."""

NEVER_SHOWN: Final = "accepted, but never shown"

_CANVAS_TITLE = 150

_IMAGES = (".png", ".jpg", ".jpeg", ".gif")

_CANNOT_LOOK = {"missing_scope", "unknown_method", "method_deprecated"}
"""Slack's codes if the state of a file cannot be read: the file is then assumed to be visible."""


class ThreadFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to show: name, content, title above it, and its content in words."""

    name: str
    content: bytes
    title: str
    alt_text: str


class FilesMade(msgspec.Struct, frozen=True, kw_only=True):
    """Files for one message below a `comment`; `phase` and `digest` describe the model in them.

    The comment remains when the files are deleted, so it contains no text of users.
    """

    files: Sequence[ThreadFile]
    comment: str
    phase: str = ""
    digest: str = ""


class FilesToShow(msgspec.Struct, frozen=True, kw_only=True):
    """Files that are created when they are posted; `make` may raise FileNotShown.

    `erasures` is the model's count before they are created.
    """

    make: Callable[[], FilesMade]
    thread: str
    erasures: int


class ThreadFiles:
    """Uploads and shares files; `writes` is called before each write to a channel, `now` is the clock.

    An upload is recorded before it is shared, so that a process without its result can search for it.
    """

    faults = (*FAULTS, FileNotShown)

    def __init__(
        self,
        api: SlackApi,
        deliveries: Deliveries,
        *,
        now: Callable[[], datetime],
        writes: Callable[[], None],
        look_seconds: float,
    ) -> None:
        self._api = api
        self._deliveries = deliveries
        self._now = now
        self._writes = writes
        self._look_seconds = look_seconds
        self._tries: dict[str, int] = {}

    def post(self, record: DeliveryRecord, content: FilesToShow) -> PostPlace:
        """Upload files, record their IDs, and share them in one thread message."""
        try:
            return self._shared(record, content)
        except ApiUnreachable as fault:
            tries = self._tries[record.slot] = self._tries.get(record.slot, 0) + 1
            if tries < MAX_TRIES or not fault.nothing_done:
                raise
            raise FileNotShown(fault.code, code=fault.code) from fault

    def _shared(self, record: DeliveryRecord, content: FilesToShow) -> PostPlace:
        before = file_parameters(record)
        unanswered = before.unanswered + (before.shared_at is not None)
        if unanswered >= MAX_TRIES or before.tries >= MAX_SHARED:
            raise FileNotShown(NEVER_SHOWN, code=NEVER_SHOWN)
        made = content.make()
        ids = tuple(
            self._api.upload(
                name=file.name, content=file.content, alt_text="" if before.tries else _alt_text(file)
            )
            for file in made.files
        )
        recorded = replace(
            before,
            files=ids,
            shared_at=self._now(),
            phase=made.phase,
            digest=made.digest,
            erasures=content.erasures,
            unanswered=unanswered,
        )
        self._deliveries.set_parameters(described(replace(record, thread=content.thread), recorded))
        self._writes()
        try:
            self._api.call(
                "files.completeUploadExternal",
                files=[
                    {"id": id, "title": plain_line(one.title, TITLE)}
                    for id, one in zip(ids, made.files, strict=True)
                ],
                channel_id=record.place,
                thread_ts=content.thread or None,
                initial_comment=made.comment,
            )
        except FAULTS as fault:
            if FILE_OUTCOMES.of(fault) is not SinkOutcome.UNKNOWN:
                nothing = replace(recorded, files=(), shared_at=None)
                self._deliveries.set_parameters(described(replace(record, thread=content.thread), nothing))
            if isinstance(fault, ApiRefused) and fault.code in FILE_GONE:
                raise FileNotShown(fault.code, code=fault.code) from fault
            raise
        self._tries.pop(record.slot, None)
        return PostPlace(external_id=" ".join(ids))

    def update(self, record: DeliveryRecord, content: FilesToShow) -> None:
        """Do nothing: a file is never changed after it was posted."""

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete the files of a slot."""
        for file in record.external_id.split():
            self._delete(file)

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost | UnknownYet:
        """Check whether the files of an upload are visible; they may appear with a delay."""
        known = file_parameters(record)
        place = PostPlace(external_id=" ".join(known.files))
        if not known.files:
            return NoPost()
        if known.shared_at is None or all(self._is_shown(file) for file in known.files):
            return place
        if (self._now() - known.shared_at).total_seconds() > APPEARS_SECONDS:
            log.warning("file never shown", slot=record.slot)
            return NoPost()
        return UnknownYet(seconds=self._look_seconds)

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call."""
        return FILE_OUTCOMES.of(fault)

    def _is_shown(self, file: str) -> bool:
        """Return whether a file is visible, or was deleted since; raises ApiRefused and ApiUnreachable."""
        try:
            info = self._api.call("files.info", file=file)["file"]
        except ApiRefused as refused:
            if refused.code in _CANNOT_LOOK:
                log.warning("cannot see whether files appear", code=refused.code)
                return True
            if refused.code == "file_deleted":
                return True
            if refused.code in FILE_GONE:
                return False
            raise
        return _is_shared(info)

    def _delete(self, file: str) -> None:
        """Delete a file if it exists and belongs to the bot."""
        try:
            self._api.call("files.delete", file=file)
        except ApiRefused as refused:
            if refused.code in NO_FAULT_OF_THE_FILE:
                raise
            if refused.code not in FILE_GONE:
                log.warning("file not deleted", code=refused.code)


class CanvasContent(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a canvas; it is written for each report, because users may have deleted it."""

    title: str
    markdown: str
    report: int


class ChannelCanvases:
    """Writes and deletes canvases; if Slack rejects them, the file remains available."""

    faults = (*FAULTS, FileNotShown)

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    def post(self, record: DeliveryRecord, content: CanvasContent) -> PostPlace:
        """Create a canvas of a channel."""
        try:
            response = self._api.call(
                "canvases.create",
                title=plain_line(content.title, _CANVAS_TITLE),
                document_content=_document(content),
                channel_id=record.place,
            )
        except ApiRefused as refused:
            if refused.code in CANVAS_GONE:  # the response for a new canvas lists no sections
                raise FileNotShown(refused.code) from refused
            raise
        return PostPlace(external_id=str(response["canvas_id"]))

    def update(self, record: DeliveryRecord, content: CanvasContent) -> None:
        """Rewrite a canvas completely."""
        self._api.call(
            "canvases.edit",
            canvas_id=record.external_id,
            changes=[{"operation": "replace", "document_content": _document(content)}],
        )

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete a canvas."""
        self._api.call("canvases.delete", canvas_id=record.external_id)

    def find(self, record: DeliveryRecord) -> NoPost:
        """Find nothing: canvases cannot be searched."""
        del record
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call: a canvas is tried once for each report."""
        return SinkOutcome.REFUSED if isinstance(fault, ApiUnreachable) else CANVAS_OUTCOMES.of(fault)


def _document(content: CanvasContent) -> dict[str, str]:
    return {"type": "markdown", "markdown": content.markdown}


def _is_shared(file: Json) -> bool:
    """Return whether a file is shared in any conversation; Slack reports this in several fields."""
    shares: Json = file.get("shares") or {}
    return any((*shares.values(), *(file.get(kind) for kind in ("channels", "groups", "ims"))))


def _alt_text(one: ThreadFile) -> str:
    """Return the alternative text of an image; with one, Slack never shows files of other types."""
    return clip(one_line(one.alt_text), ALT_TEXT) if one.name.lower().endswith(_IMAGES) else ""
