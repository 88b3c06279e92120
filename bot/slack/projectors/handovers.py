"""Handovers: the messages that a model's events require, and their current content."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from bot.delivery.slot_kinds import Desired, Gone, Unchanged
from bot.slack.projectors.direct_messages import (
    KEPT_FOR,
    MAX_REREAD_DELAY,
    DirectPlan,
    desired_message,
    direct_slot,
    person_of,
    shows,
)
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.screens.handover_details import (
    HandoverGroup,
    HandoverSources,
    asks_account,
    handover_for,
    handover_groups,
    handovers_after,
    has_open_questions,
    is_urgent_event,
)
from bot.slack.screens.reminder import ERASED
from bot.slack.ui.messages.handover_message import joined_handover_message, with_account_question
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from domain.events import Erased, RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId
from domain.reminders import People
from domain.reminders.reachability import next_at_work

HANDOVER: Final = "handover"
"""Name of the slot kind."""

_ERASED: Final = message(ERASED, [section(ERASED)])


class HandoverParameters(msgspec.Struct, frozen=True, kw_only=True):
    """The events of a message; the first one is in the name of its slot.

    The message asks its recipient for the account in the tracker `asks`.
    """

    versions: tuple[int, ...]
    asks: TrackerId | None = None


def parameters_of(record: DeliveryRecord) -> HandoverParameters:
    """Return what a message is about."""
    return msgspec.json.decode(record.parameters, type=HandoverParameters)


class HandoverProjector(msgspec.Struct, frozen=True, kw_only=True):
    """Projects one model at one time; without `quiet_hours`, working hours are ignored."""

    sources: HandoverSources
    now: datetime
    people: People
    quiet_hours: bool = True

    def plan(self, records: Iterable[DeliveryRecord], after: int) -> DirectPlan:
        """Return the messages to add for events after a version, and those to post or edit."""
        records = tuple(records)
        known = {
            (version, person_of(record)) for record in records for version in parameters_of(record).versions
        }
        new = (
            (version, person)
            for version, person in handovers_after(self.sources.events, after)
            if (version, person) not in known
            and not self.people(person).gone
            and not has_open_questions(self.sources, version, person)
        )
        added = self._slots(handover_groups(self.sources.events, new))
        live = [record for record in (*records, *added) if not record.final]
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
        return not shows(record, self._content(record) or _ERASED) or self._is_old(record)

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

    def _slots(self, groups: Iterable[HandoverGroup]) -> list[DeliveryRecord]:
        """Return the slots of groups; the first one that may ask for an account does."""
        slots: list[DeliveryRecord] = []
        asked: set[PersonId] = set()
        for group in groups:
            tracker = asks_account(self.sources, group.versions, group.person)
            asks = None if group.person in asked else tracker
            if asks is not None:
                asked.add(group.person)
            slots.append(self._slot(group, asks))
        return slots

    def _slot(self, group: HandoverGroup, asks: TrackerId | None) -> DeliveryRecord:
        slot = direct_slot(HANDOVER, StreamId(self.sources.stream), str(group.versions[0]), group.person)
        parameters = msgspec.json.encode(HandoverParameters(versions=group.versions, asks=asks))
        return msgspec.structs.replace(slot, parameters=parameters)

    def _event(self, record: DeliveryRecord) -> RecordedEvent:
        """Return the first event of a message that is not erased; all have one author and time."""
        events = [self.sources.events[version - 1] for version in parameters_of(record).versions]
        return next((event for event in events if not isinstance(event, Erased)), events[0])

    def _content(self, record: DeliveryRecord, *, news: bool = False) -> Message | None:
        """Return the current content of a message; as `news`, None if all of it is already settled."""
        person, parameters = person_of(record), parameters_of(record)
        current = (handover_for(self.sources, version, person) for version in parameters.versions)
        handovers = [one for one in current if one is not None]
        if not handovers or (news and all(handover.outcome for handover in handovers)):
            return None
        content = joined_handover_message(handovers, self.sources.naming)
        tracker = parameters.asks
        if tracker is None or all(handover.outcome for handover in handovers):
            return content
        if tracker != self.sources.unknown_in(person):
            return content  # it is known meanwhile, or the model has another tracker
        return with_account_question(content, self.sources.stream, tracker)


def erased_content(record: DeliveryRecord) -> Desired[Message] | Gone:
    """Return the content of a message about an erased model."""
    if not record.external_id and not record.attempt:
        return Gone()
    return desired_message(_ERASED, last=True, update_only=not record.external_id)
