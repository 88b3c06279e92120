"""Pictures of rounds as slots: how the ballots lie, in the thread of the result, which tells it in words."""

import hashlib
from collections.abc import Sequence

import structlog
from msgspec.structs import replace

from bot.delivery.reconciler import AnyKind
from bot.delivery.slot_kinds import Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.delivery.work_kinds import Waits
from bot.picture.png_renderer import render_png
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.queries.ballot_charts import BallotChart
from bot.slack.sinks.thread_files import (
    MOST_SHARED,
    NEVER_SHOWN,
    FilesMade,
    FilesToShow,
    ThreadFile,
    ThreadFiles,
)
from bot.slack.slots.file_context import FileContext, why_not_shown
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import FILE_NOTICE, PICTURE, file_parameters

COMMENT = "How the ballots lie, threat by threat. The numbers above say the same in words."

log = structlog.get_logger()


def not_shown() -> Message:
    """Return the words for a round of which Slack shows no pictures, and what tells the same."""
    said = "Slack accepted the picture of the votes, but never showed it. The result above has all numbers."
    return message(said, [section(said)])


class PictureSlots:
    """Declares the slots of pictures. What Slack refuses is given up and logged once."""

    def __init__(self, context: FileContext, files: ThreadFiles) -> None:
        self._context = context
        self._files = files

    def kind(self, waits: Waits, *, look_seconds: float) -> AnyKind:
        """Return the declaration."""
        return SlotKind(
            name=PICTURE,
            group="channels",
            waits=waits,
            sink=self._files,
            look=self._look,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
            edited=False,
            confirmed=True,
            confirmed_after=look_seconds,
            digest=lambda _: "",
            rested=self._context.rested,
            refused=self._not_shown,
            missing=self._missing,
            settled=self._seen,
        )

    def _look(self, record: DeliveryRecord) -> Desired[FilesToShow] | Gone | Unchanged:
        context, stream = self._context, record.stream
        register = context.register(stream)
        if register is None:
            return Gone()
        known = file_parameters(record)
        drawn = context.reader.ballot_charts(stream, known.version)
        if context.shows_erased(record) and words_digest(drawn) != known.digest:
            return Gone()
        if not drawn and not record.external_id:
            return Gone()  # a result without scores
        if not record.external_id and not context.thread(stream, register):
            return Unchanged()
        erasures = context.erasures(stream)
        made = FilesToShow(make=lambda: _made(drawn), thread=record.thread, erasures=erasures)
        return Desired(content=made, erasures=erasures)

    def _seen(self, record: DeliveryRecord) -> None:
        found = self._context.deliveries.find(record.slot)
        if found is not None and found.shown:
            self._context.slots.change(record.slot, lambda one: replace(one, shared_at=None))

    def _missing(self, record: DeliveryRecord) -> None:
        """Pictures were never shown: they are posted once more, or the thread is told so."""
        context = self._context
        context.slots.change(
            record.slot, lambda one: replace(one, tries=one.tries + 1, files=(), shared_at=None)
        )
        found = context.deliveries.find(record.slot)
        if found is not None and file_parameters(found).tries >= MOST_SHARED:
            context.deliveries.drop(found.slot)
            thread = replace(found, thread=context.card_thread(found.stream) or found.thread)
            context.touch(context.slots.want_beside(thread, FILE_NOTICE, why=NEVER_SHOWN))

    def _not_shown(self, record: DeliveryRecord, fault: Exception) -> bool:
        log.warning("file not shown", slot=record.slot, code=why_not_shown(fault))
        self._context.deliveries.drop(record.slot)
        return False


def _made(drawn: Sequence[BallotChart]) -> FilesMade:
    files = [
        ThreadFile(name=f"{one.threat}.png", content=render_png(one.svg), title=one.title, words=one.words)
        for one in drawn
    ]
    return FilesMade(files=files, comment=COMMENT, digest=words_digest(drawn))


def words_digest(drawn: Sequence[BallotChart]) -> str:
    """Return a digest of what people wrote in some drawings, in 64 characters."""
    return hashlib.sha256("\n".join(one.title for one in drawn).encode()).hexdigest()
