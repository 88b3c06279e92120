"""Direct messages about what people were given or asked, sent in their working hours and kept true."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import ClassVar

from bot.commands.command_handler import NoSuchModel
from bot.delivery.slot_kinds import Desired, Gone, Unchanged, content_digest
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.protocol.requests import Json
from bot.slack.queries.reminder_details import ERASED
from bot.slack.queries.services import Services
from bot.slack.screens.handover_details import (
    HandoverEvent,
    HandoverSources,
    handover_for,
    handovers_after,
    has_open_questions,
    is_urgent_event,
)
from bot.slack.sinks.direct_messages import person_of
from bot.slack.slots.delivery_pace import WorkKind
from bot.slack.slots.direct_slots import DirectPlan, about_of, direct_slot, shown_as
from bot.slack.slots.reminder_slots import KEPT
from bot.slack.ui.messages.handover_message import handover_message
from bot.store import StreamId
from bot.store.records import StreamState
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.projections import Projections
from bot.store.salted_digests import matches_salted_digest
from domain.events import Erased, RecordedEvent
from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.reminders.reachability import next_at_work

EVENT_TYPE = "threatmodel_handover"
"""What the metadata of such a message is called; its payload names the event."""

_ERASED = message(ERASED, [section(ERASED)])

LOOK_AGAIN = timedelta(hours=1)
"""The longest wait before a person's zone and hours are read again: they may have changed meanwhile."""


class HandoverMessages:
    """What was handed to whom, in all models; which of it was told yet is remembered in `deliveries`."""

    surface: ClassVar[WorkKind] = "handovers"
    message: ClassVar[WorkKind] = "handover"

    def __init__(
        self,
        deliveries: Deliveries,
        projections: Projections,
        services: Services,
        *,
        quiet_hours: bool = True,
    ) -> None:
        self._deliveries = deliveries
        self._projections = projections
        self._services = services
        self._quiet_hours = quiet_hours
        self._next: dict[StreamId, datetime] = {}

    def carried(self, record: DeliveryRecord) -> Json:
        """Return what a message carries unseen: the event that it tells of."""
        payload = {"stream": record.stream, "version": about_of(record)}
        return {"event_type": EVENT_TYPE, "event_payload": payload}

    def plan(self, stream: StreamId) -> DirectPlan:
        """Want messages about what people were handed, and find those that show something else by now."""
        live = [one for one in self._deliveries.of_model(stream, self.message) if not one.over]
        self._next.pop(stream, None)
        try:
            model = self._services.command_handler.model(stream)
        except NoSuchModel:
            return DirectPlan(messages=tuple(live))
        told = self._projections.find(self.surface, stream)
        after = self._begun(stream) if told is None else told.version
        tail = self._services.store.events(stream, after, model.version)
        messages: list[DeliveryRecord] = []
        if live or any(isinstance(one, HandoverEvent) for one in tail):
            seen = self._seen(stream, model)
            if seen.register.changes_at is not None:
                # Such as the end of the day until which somebody was asked to bear a risk.
                self._note(stream, seen.register.changes_at)
            live += self._deliveries.want(
                *(
                    direct_slot(self.message, stream, str(version), person)
                    for version, person in handovers_after(seen.events, after)
                    if not self._gone(seen, person) and not has_open_questions(seen, version, person)
                )
            )
            messages = [one for one in live if self._is_due(one, seen)]
        self._projections.keep(self.surface, stream, StreamState(version=model.version, erasures=0))
        return DirectPlan(messages=tuple(messages), again=self._next.pop(stream, None))

    def look(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return what a person was handed, with what was done with it."""
        try:
            model = self._services.command_handler.model(record.stream)
        except NoSuchModel:
            if not record.external_id and not record.attempt:
                return Gone()
            return shown_as(_ERASED, last=True, found_only=not record.external_id)
        seen = self._seen(record.stream, model)
        if record.external_id:
            if self._gone(seen, person_of(record)):
                return Unchanged()
            old = self._is_old(seen.events, int(about_of(record)))
            return shown_as(_message(record, seen) or _ERASED, last=old)
        if not record.attempt and self._must_wait(seen, record):
            return Unchanged()
        # What was done or taken back before they came to work is no news to them.
        news = not record.attempt and self._came_out_of_hours(seen, record)
        content = _message(record, seen, news=news)
        if content is not None:
            return shown_as(content)
        return shown_as(_ERASED, found_only=True) if record.attempt else Gone()

    def _seen(self, stream: StreamId, model: ThreatModel) -> HandoverSources:
        return HandoverSources(
            stream=stream,
            events=list(self._services.store.events(stream, until=model.version)),
            model=model,
            register=self._services.register_of(model),
            naming=self._services.naming,
        )

    def _is_due(self, one: DeliveryRecord, seen: HandoverSources) -> bool:
        """Whether a message is to be posted, or to show something else than it does."""
        if not one.external_id:
            return bool(one.attempt) or not self._must_wait(seen, one)
        if self._gone(seen, person_of(one)):
            return False
        content = _message(one, seen) or _ERASED
        shown = matches_salted_digest(one.shown, content_digest(content))
        return not shown or self._is_old(seen.events, int(about_of(one)))

    def _note(self, stream: StreamId, moment: datetime) -> None:
        """Look at a model again at a moment."""
        self._next[stream] = min(moment, self._next.get(stream, moment))

    def _begun(self, stream: StreamId) -> int:
        """The version with which a model began: who brings a whole one in hands nobody anything by that."""
        recorded = self._services.store.read(stream)
        first = next(recorded)
        return first.version + sum(
            1 for _ in takewhile(lambda one: one.recorded_at == first.recorded_at, recorded)
        )

    def _must_wait(self, seen: HandoverSources, one: DeliveryRecord) -> bool:
        """Whether a person is not at work now; what is urgent does not wait for that."""
        now = self._services.now()
        opening = self._opening(seen, one, now)
        if opening <= now:
            return False
        self._note(one.stream, min(opening, now + LOOK_AGAIN))
        return True

    def _came_out_of_hours(self, seen: HandoverSources, one: DeliveryRecord) -> bool:
        event = seen.events[int(about_of(one)) - 1]
        return not isinstance(event, Erased) and self._opening(seen, one, event.at) > event.at

    def _opening(self, seen: HandoverSources, one: DeliveryRecord, moment: datetime) -> datetime:
        """From when on somebody may be told who could be told at a moment."""
        if not self._quiet_hours or is_urgent_event(seen.events[int(about_of(one)) - 1]):
            return moment
        return next_at_work(self._services.people(seen.model.channel)(person_of(one)), moment)

    def _gone(self, seen: HandoverSources, person: PersonId) -> bool:
        return self._services.people(seen.model.channel)(person).gone

    def _is_old(self, events: Sequence[RecordedEvent], version: int) -> bool:
        event = events[version - 1]
        return isinstance(event, Erased) or event.at < self._services.now() - KEPT


def _message(one: DeliveryRecord, seen: HandoverSources, *, news: bool = False) -> Message | None:
    """What a message shows now; as `news` None for what is over already."""
    told = handover_for(seen, int(about_of(one)), person_of(one))
    if told is None or (news and told.over):
        return None
    return handover_message(told, seen.naming)
