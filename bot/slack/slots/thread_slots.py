"""Slots in a card's thread, one for each work session and one for each result, and the plan of both."""

from collections.abc import Callable, Iterable, Sequence

from bot.delivery.slot_kinds import AnyKind, Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.slack.projectors.channel_contents import (
    SessionSpan,
    VersionedEvent,
    plan_results,
    plan_sessions,
    project_result,
    project_session,
    undone_versions,
    work_session,
)
from bot.slack.projectors.event_table import Announcement, MessageSource, announcement_of
from bot.slack.protocol.block_builders import Message
from bot.slack.queries.model_reader import ModelReader
from bot.slack.sinks.outcomes import OF_THE_THREAD
from bot.slack.sinks.posted_messages import ChannelMessages
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.slots.slot_context import SlotContext, SlotDeclaration
from bot.slack.ui.messages.thread_announcements import WorkSession
from bot.store import StreamId
from bot.store.records import StreamState
from bot.store.repositories.cards import CARD, Card, card_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.thread_messages import (
    RESULT,
    SESSION,
    SessionParameters,
    session_of,
    unposted,
    version_of,
)
from bot.store.work_queue import MODEL
from domain.events import RoundClosed, ThreatModelClosed
from domain.model import ThreatModel
from domain.register import ThreatRegister
from domain.replay import EMPTY, replay

ThreadContent = Desired[Message] | Gone | Unchanged


_REMEMBERED = 64


class WorkSessionReader:
    """Loads work sessions; the models before the recent ones are cached."""

    def __init__(self, reader: ModelReader) -> None:
        self._reader = reader
        self._models_before: dict[StreamId, tuple[int, int, ThreatModel]] = {}

    def read(self, record: DeliveryRecord) -> WorkSession:
        """Return the session of a slot."""
        return self.of(record.stream, version_of(record), session_of(record).last)

    def of(self, stream: StreamId, first: int, last: int) -> WorkSession:
        """Return the session from one version to another."""
        events = list(enumerate(self._reader.events(stream, first - 1), start=first))
        return work_session(
            events, self._before(stream, first), last=last, taken_back=undone_versions(events)
        )

    def _before(self, stream: StreamId, first: int) -> ThreatModel:
        """Return the model before a session, without text erased since."""
        erasures = self._reader.state(stream).erasures
        found = self._models_before.get(stream)
        if found is None or found[:2] != (first, erasures):
            past = self._reader.events(stream, 0)[: first - 1]
            found = first, erasures, replay(past, EMPTY)
            if len(self._models_before) >= _REMEMBERED:
                self._models_before.clear()
            self._models_before[stream] = found
        return found[2]


class ThreadSlots(SlotDeclaration):
    """Slots of a thread, and the plan that adds the wanted ones and makes changed ones due.

    A message waits for the card, and for the earlier messages of its kind. `written` receives each message
    that was written.
    """

    def __init__(
        self,
        context: SlotContext,
        suspensions: ChannelSuspensions,
        *,
        written: Callable[[DeliveryRecord], None],
    ) -> None:
        super().__init__(context)
        self._cards = context.unit.cards
        self._messages = context.unit.thread_messages
        self._reader = context.reader
        self._sessions = WorkSessionReader(context.reader)
        self._suspensions = suspensions
        self._on_written = written
        self._caught_up: dict[StreamId, str | None] = {}
        """Models whose messages were requested after this process started, with the card's timestamp."""

    def slots(self) -> list[AnyKind]:
        """Return the slot kinds."""
        return [
            self._kind(SESSION, self._session, broadcast=False),
            self._kind(RESULT, self._result, broadcast=True),
        ]

    def _kind(
        self,
        name: str,
        content: Callable[[DeliveryRecord], ThreadContent],
        *,
        broadcast: bool,
    ) -> SlotKind[Message]:
        return SlotKind(
            name=name,
            sink=ChannelMessages(self.context.api, writes=self.context.writes, broadcast=broadcast),
            desired=lambda record: self._look(record, content),
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.LEAVE,
            suspended=self._suspensions.post_refused,
            refused=self._refused,
            unthreaded=self._doubt_card,
            settled=self._touch_next,
            written=self._written,
        )

    def _look(
        self, record: DeliveryRecord, content: Callable[[DeliveryRecord], ThreadContent]
    ) -> ThreadContent:
        register = self.context.register(record.stream)
        if register is None:
            return Gone()
        card = self._cards.find(record.stream)
        card = self._suspensions.active_card(card, register) if card else None
        if card is None or card.ts is None:
            return Unchanged()  # once the card is shown, the missing messages of its thread become due again
        if record.external_id or self._is_next(record, card):
            return content(record)
        return Unchanged()

    def _is_next(self, record: DeliveryRecord, card: Card) -> bool:
        """Return whether a message can be posted now: in the current card's thread, in order."""
        if record.thread != card.ts:
            self._messages.move(record, card.ts or "")
            self.context.touch(record)
            return False
        owed = [one for one in self._messages.unposted(record.stream) if one.kind == record.kind]
        return not owed or version_of(owed[0]) >= version_of(record)

    def _session(self, record: DeliveryRecord) -> ThreadContent:
        session = self._sessions.read(record)
        return project_session(record.stream, session, self._reader.naming, posted=bool(record.external_id))

    def _result(self, record: DeliveryRecord) -> ThreadContent:
        stream, version = record.stream, version_of(record)
        events = list(enumerate(self._reader.events(stream, version - 1), start=version))
        event = events[0][1]
        source = MessageSource(
            stream=stream,
            register=self._reader.register(stream),
            naming=self._reader.naming,
            round_result=(
                self._reader.round_result(stream, event) if isinstance(event, RoundClosed) else None
            ),
            review=(
                self._reader.review_summary(stream, version) if isinstance(event, ThreatModelClosed) else ""
            ),
        )
        return project_result(events, source, posted=bool(record.external_id))

    def _refused(self, record: DeliveryRecord, fault: Exception) -> bool:
        del record
        raise fault

    def _doubt_card(self, record: DeliveryRecord) -> None:
        """Have the card of a missing thread updated, which shows whether the card still exists."""
        if self._cards.find(record.stream) is not None:
            self._cards.mark_unknown(record.stream)
            self.context.scheduler.schedule_model(record.stream, MODEL)

    def _written(self, record: DeliveryRecord) -> None:
        card = self._cards.find(record.stream)
        if card is not None and card.notified_reason in OF_THE_THREAD:
            self._cards.record_notice(
                record.stream, None
            )  # the thread is unlocked: the next lock is announced again
        self._on_written(record)

    def _touch_next(self, record: DeliveryRecord) -> None:
        owed = [one for one in self._messages.unposted(record.stream) if one.kind == record.kind]
        if owed:
            self.context.touch(owed[0])

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
            self.context.scheduler.schedule_model(stream, "summaries")
        self._caught_up[stream] = card.ts

    def request_results(self, stream: StreamId, slots: Sequence[DeliveryRecord]) -> bool:
        """Request the messages that are posted without waiting for a pause.

        `slots` are those of the model. Return whether the card was posted and something is unannounced.
        """
        self.context.touch(*(unposted(slots)))
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
            self.context.touch(*self._messages.sessions(stream), *self._messages.results(stream))
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
        self.context.touch(*(records[first] for first in plan.changed))
        if plan.extended:
            record = records[plan.extended.first]
            self._messages.extend(record, _parameters(plan.extended))
            self.context.touch(record)
        begun = plan.begun
        if begun and not self._sessions.of(card.stream, begun.first, begun.last).empty:
            self.context.touch(self._messages.request_session(card, begun.first, _parameters(begun)))

    def _want_results(self, card: Card, events: Sequence[VersionedEvent], register: ThreatRegister) -> None:
        plan = plan_results(events, register)
        self.context.touch(*(self._messages.request_results(card, [*plan.wanted])))
        if plan.others_change:
            self.context.touch(
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
