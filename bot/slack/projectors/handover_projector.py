"""Handovers: the messages that a model's events require, and their current content."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from bot.delivery.slot_kinds import Desired, Gone, Unchanged, content_digest
from bot.slack.projectors.direct_message_slots import (
    KEPT_FOR,
    MAX_REREAD_DELAY,
    DirectPlan,
    about_of,
    desired_message,
    direct_slot,
    person_of,
)
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.screens.handover_details import (
    HandoverSources,
    handover_for,
    handovers_after,
    has_open_questions,
    is_urgent_event,
)
from bot.slack.screens.reminder import ERASED
from bot.slack.ui.messages.handover_message import handover_message
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.salted_digests import matches_salted_digest
from domain.events import Erased, RecordedEvent
from domain.reminders import People
from domain.reminders.reachability import next_at_work

HANDOVER: Final = "handover"
"""Name of the slot kind."""

_ERASED: Final = message(ERASED, [section(ERASED)])


class HandoverProjector(msgspec.Struct, frozen=True, kw_only=True):
    """Projects one model at one time; without `quiet_hours`, working hours are ignored."""

    sources: HandoverSources
    now: datetime
    people: People
    quiet_hours: bool = True

    def plan(self, records: Iterable[DeliveryRecord], after: int) -> DirectPlan:
        """Return the messages to add for events after a version, and those to post or edit."""
        records = tuple(records)
        known = {one.slot for one in records}
        wanted = [
            direct_slot(HANDOVER, StreamId(self.sources.stream), str(version), person)
            for version, person in handovers_after(self.sources.events, after)
            if not self.people(person).gone and not has_open_questions(self.sources, version, person)
        ]
        added = [one for one in wanted if one.slot not in known]
        live = [one for one in (*records, *added) if not one.final]
        # For example, the end of the day until which a risk is accepted, or of a night.
        changes_at = self.sources.register.changes_at
        openings = [opening for one in live if (opening := self._waits_until(one)) is not None]
        moments = [*openings, *([changes_at] if changes_at is not None else [])]
        return DirectPlan(
            added=tuple(added),
            due=tuple(one for one in live if self._is_due(one)),
            again_at=min(moments, default=None),
        )

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the message about an assignment or question, with its outcome."""
        if record.external_id:
            if self._is_gone(record):
                return Unchanged()
            return desired_message(self._content(record) or _ERASED, last=self._is_old(record))
        if self._waits_until(record) is not None:
            return Unchanged()
        # An item settled before the person's working hours is not sent.
        content = self._content(record, news=not record.attempt and self._came_out_of_hours(record))
        if content is not None:
            return desired_message(content)
        return desired_message(_ERASED, update_only=True) if record.attempt else Gone()

    def _waits_until(self, record: DeliveryRecord) -> datetime | None:
        """Return when to check a message again that waits for its recipient's working hours."""
        if record.external_id or record.attempt:
            return None
        opening = self._opening(record, self.now)
        return min(opening, self.now + MAX_REREAD_DELAY) if opening > self.now else None

    def _is_due(self, record: DeliveryRecord) -> bool:
        """Return whether a message is to be posted, or is outdated."""
        if not record.external_id:
            return self._waits_until(record) is None
        if self._is_gone(record):
            return False
        content = self._content(record) or _ERASED
        shown = matches_salted_digest(record.shown, content_digest(content))
        return not shown or self._is_old(record)

    def _came_out_of_hours(self, record: DeliveryRecord) -> bool:
        event = self._event(record)
        return not isinstance(event, Erased) and self._opening(record, event.at) > event.at

    def _opening(self, record: DeliveryRecord, moment: datetime) -> datetime:
        """Return the time from which a person may be notified; urgent events ignore working hours."""
        if not self.quiet_hours or is_urgent_event(self._event(record)):
            return moment
        return next_at_work(self.people(person_of(record)), moment)

    def _is_gone(self, record: DeliveryRecord) -> bool:
        return self.people(person_of(record)).gone

    def _is_old(self, record: DeliveryRecord) -> bool:
        event = self._event(record)
        return isinstance(event, Erased) or event.at < self.now - KEPT_FOR

    def _event(self, record: DeliveryRecord) -> RecordedEvent:
        return self.sources.events[int(about_of(record)) - 1]

    def _content(self, record: DeliveryRecord, *, news: bool = False) -> Message | None:
        """Return the current content of a message; as `news`, None if it is already settled."""
        handover = handover_for(self.sources, int(about_of(record)), person_of(record))
        if handover is None or (news and handover.outcome):
            return None
        return handover_message(handover, self.sources.naming)


def erased_content(record: DeliveryRecord) -> Desired[Message] | Gone:
    """Return the content of a message about an erased model."""
    if not record.external_id and not record.attempt:
        return Gone()
    return desired_message(_ERASED, last=True, update_only=not record.external_id)
