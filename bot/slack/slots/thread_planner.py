"""Planning of a card's thread: the slots it needs, and those that may be outdated."""

from collections.abc import Iterable, Sequence

from bot.slack.projectors.event_table import Announcement, announcement_of
from bot.slack.projectors.thread_plan import SessionSpan, plan_results, plan_sessions
from bot.slack.projectors.work_sessions import VersionedEvent
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.slots.slot_context import SlotContext
from bot.slack.slots.thread_slots import WorkSessionReader
from bot.store import StreamId
from bot.store.records import StreamState
from bot.store.repositories.cards import CARD, Card, card_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.thread_messages import (
    SessionParameters,
    session_of,
    unposted,
    version_of,
)
from domain.register import ThreatRegister


class ThreadPlanner:
    """Loads the projectors' input, adds the slots that they want, and makes changed ones due."""

    def __init__(
        self, context: SlotContext, sessions: WorkSessionReader, suspensions: ChannelSuspensions
    ) -> None:
        self._context = context
        self._cards = context.unit.cards
        self._messages = context.unit.thread_messages
        self._reader = context.reader
        self._sessions = sessions
        self._suspensions = suspensions
        self._caught_up: dict[StreamId, str | None] = {}
        """Models whose messages were requested after this process started, with the card's timestamp."""

    def catch_up(self, stream: StreamId, slots: Sequence[DeliveryRecord]) -> None:
        """Request the messages for which there was no card before, if the card is shown.

        `slots` are those of the model. New events request theirs by themselves. Therefore this process does
        it once for each post of the card, and once after its start for what another process left.
        """
        card = _card_in(slots)
        if card is None or card.suspension_reason:
            self._caught_up.pop(stream, None)
            return
        if self._caught_up.get(stream) == card.ts:
            return
        if self.request_results(stream, slots):
            self._context.scheduler.schedule_model(stream, "summaries")
        self._caught_up[stream] = card.ts

    def request_results(self, stream: StreamId, slots: Sequence[DeliveryRecord]) -> bool:
        """Request the messages that are posted without waiting for a pause.

        `slots` are those of the model. Return whether the card was posted and something is unannounced.
        """
        self._context.touch(*(unposted(slots)))
        card = _card_in(slots)
        if card is None:
            return False
        announced = self._messages.announced(stream)
        if announced == self._reader.state(stream):
            return False
        events = self._events(stream, announced.version)
        if any(announcement_of(event) is Announcement.MESSAGE for _, event in events):
            register = self._reader.register(stream)
            if self._suspensions.active_card(card, register) is not None:
                self._want_results(card, events, register)
        return True

    def request_summaries(self, stream: StreamId) -> None:
        """Request every message to be posted now, and record the version covered by them."""
        announced, now = self._messages.announced(stream), self._reader.state(stream)
        card = self._posted_card(stream)
        if card is None or announced == now:
            return
        events = self._events(stream, announced.version)
        register = self._reader.register(stream)
        if self._suspensions.active_card(card, register) is None:
            return
        if announced.erasures != now.erasures:
            # Messages that contained erased text are rewritten without it.
            self._context.touch(*self._messages.sessions(stream), *self._messages.results(stream))
        self._want_sessions(card, events)
        self._want_results(card, events, register)
        version = events[-1][0] if events else announced.version
        self._messages.record_announced(stream, StreamState(version=version, erasures=now.erasures))

    def _want_sessions(self, card: Card, events: Sequence[VersionedEvent]) -> None:
        """Extend the message about the last work session, and add one for the next session."""
        records = {version_of(session): session for session in self._messages.sessions(card.stream)}
        shown = [_span(one) for one in records.values()]
        last = shown[-1] if shown and records[shown[-1].first].thread == card.ts else None
        plan = plan_sessions(events, shown, open_session=last)
        self._context.touch(*(records[first] for first in plan.changed))
        if plan.extended:
            record = records[plan.extended.first]
            self._messages.extend(record, _parameters(plan.extended))
            self._context.touch(record)
        begun = plan.begun
        if begun and not self._sessions.of(card.stream, begun.first, begun.last).empty:
            self._context.touch(self._messages.request_session(card, begun.first, _parameters(begun)))

    def _want_results(self, card: Card, events: Sequence[VersionedEvent], register: ThreatRegister) -> None:
        plan = plan_results(events, register)
        self._context.touch(*(self._messages.request_results(card, [*plan.wanted])))
        if plan.others_change:
            self._context.touch(
                *(result for result in self._messages.results(card.stream) if result.external_id)
            )

    def _posted_card(self, stream: StreamId) -> Card | None:
        """Return the card if it was posted; posting it makes the waiting messages due again."""
        card = self._cards.find(stream)
        return card if card is not None and card.ts is not None else None

    def _events(self, stream: StreamId, after: int) -> list[VersionedEvent]:
        return list(enumerate(self._reader.events(stream, after), start=after + 1))


def _card_in(slots: Iterable[DeliveryRecord]) -> Card | None:
    """Return the card among the slots of a model, if it was posted."""
    return next((card_of(slot) for slot in slots if slot.kind == CARD and slot.external_id), None)


def _span(record: DeliveryRecord) -> SessionSpan:
    known = session_of(record)
    return SessionSpan(first=version_of(record), last=known.last, until=known.until)


def _parameters(span: SessionSpan) -> SessionParameters:
    return SessionParameters(last=span.last, until=span.until)
