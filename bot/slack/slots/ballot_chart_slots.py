"""Slots of the charts of a closed round, in the thread of the result that describes them in words."""

import hashlib
from collections.abc import Sequence

import structlog
from msgspec.structs import replace

from bot.delivery.slot_kinds import AnyKind, Desired, Gone, Unchanged
from bot.picture.png_renderer import render_png
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.queries.model_reader import BallotChart
from bot.slack.sinks.files import NEVER_SHOWN, FilesMade, FilesToShow, ThreadFile
from bot.slack.sinks.outcomes import why_not_shown
from bot.slack.slots.file_declarations import FileDeclaration
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import FILE_NOTICE, PICTURE, file_parameters

COMMENT = "Distribution of the ballots per threat, with the same numbers as above."

log = structlog.get_logger()


def not_shown() -> Message:
    """Return the notice about a round whose charts Slack does not show."""
    sentence = "Slack accepted the image of the votes but did not show it. The result above has all numbers."
    return message(sentence, [section(sentence)])


class BallotChartSlots(FileDeclaration):
    """Slot declarations for charts. Charts that Slack rejects are given up and logged once."""

    def slots(self) -> list[AnyKind]:
        """Return the slot kind."""
        return [self.file(PICTURE, desired=self._look, failed=self._refused, never_shown=self._never_shown)]

    def _look(self, record: DeliveryRecord) -> Desired[FilesToShow] | Gone | Unchanged:
        stream = record.stream
        register = self.register(stream)
        if register is None:
            return Gone()
        known = file_parameters(record)
        charts = self.reader.ballot_charts(stream, known.version)
        if self.shows_erased(record) and chart_text_digest(charts) != known.digest:
            return Gone()
        if not charts and not record.external_id:
            return Gone()  # a result without scores
        if not record.external_id and not self.thread(stream, register):
            return Unchanged()
        erasures = self.erasures(stream)
        made = FilesToShow(make=lambda: _made(charts), thread=record.thread, erasures=erasures)
        return Desired(content=made, erasures=erasures)

    def _never_shown(self, record: DeliveryRecord) -> None:
        """Request a notice in the thread: Slack accepted charts and never showed them."""
        self.deliveries.drop(record.slot)
        thread = replace(record, thread=self.card_thread(record.stream) or record.thread)
        self.touch(self.file_slots.request_beside(thread, FILE_NOTICE, why=NEVER_SHOWN))

    def _refused(self, record: DeliveryRecord, fault: Exception) -> None:
        log.warning("file not shown", slot=record.slot, code=why_not_shown(fault))
        self.deliveries.drop(record.slot)


def _made(charts: Sequence[BallotChart]) -> FilesMade:
    files = [
        ThreadFile(
            name=f"{one.threat}.png", content=render_png(one.svg), title=one.title, alt_text=one.alt_text
        )
        for one in charts
    ]
    return FilesMade(files=files, comment=COMMENT, digest=chart_text_digest(charts))


def chart_text_digest(charts: Sequence[BallotChart]) -> str:
    """Return a digest of users' text in some charts, in 64 characters."""
    return hashlib.sha256("\n".join(chart.title for chart in charts).encode()).hexdigest()
