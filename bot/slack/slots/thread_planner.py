"""Finds out which messages a card's thread should have: one for each sitting, and one for each result."""

from collections.abc import Callable, Iterable, Sequence

from bot.slack.projectors.results import CHANGES_RESULTS, wanted_results
from bot.slack.queries.model_reader import ModelReader
from bot.slack.queries.work_session_reader import WorkSessionReader
from bot.slack.screens.work_sessions import Announcing, VersionedEvent, announcing, continuing, session_events
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.store import StreamId
from bot.store.records import StreamState
from bot.store.repositories.cards import Card, Cards
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.thread_messages import SittingParameters, ThreadMessages, sitting_of, version_of
from domain.events import Event
from domain.register import ThreatRegister


class ThreadPlanner:
    """Adds the slots of a thread, and touches those that may show something else; it calls nothing."""

    def __init__(
        self,
        cards: Cards,
        messages: ThreadMessages,
        sessions: WorkSessionReader,
        suspensions: ChannelSuspensions,
        reader: ModelReader,
        *,
        touch: Callable[[DeliveryRecord], None],
    ) -> None:
        self._cards = cards
        self._messages = messages
        self._sessions = sessions
        self._suspensions = suspensions
        self._reader = reader
        self._touch = touch

    def is_behind(self, stream: StreamId) -> bool:
        """Whether something is not told yet that could be told now."""
        card = self._cards.find(stream)
        if card is None or card.resting or card.ts is None:
            return False
        return self._messages.told(stream) != self._reader.state(stream) or bool(self._messages.owed(stream))

    def want_results(self, stream: StreamId) -> None:
        """Want the messages that do not wait for people to pause."""
        self._touch_all(self._messages.owed(stream))
        told, now = self._messages.told(stream), self._reader.state(stream)
        card = self._card(stream)
        if card is None or told == now:
            return
        events = self._events(stream, told.version)
        if not any(announcing(event) is Announcing.MESSAGE for _, event in events):
            return
        register = self._reader.register(stream)
        if self._suspensions.active_card(card, register) is not None:
            self._want_results(card, events, register)

    def want_summaries(self, stream: StreamId) -> None:
        """Want every message that is to be told now, and record how far that goes."""
        told, now = self._messages.told(stream), self._reader.state(stream)
        card = self._card(stream)
        if card is None or told == now:
            return
        events = self._events(stream, told.version)
        register = self._reader.register(stream)
        if self._suspensions.active_card(card, register) is None:
            return
        if told.erasures != now.erasures:
            # What was told with the erased words is told without them.
            self._touch_all((*self._messages.sittings(stream), *self._messages.results(stream)))
        said = session_events(events)
        self._take_back(card, said)
        self._want_sittings(card, said)
        self._want_results(card, events, register)
        version = events[-1][0] if events else told.version
        self._messages.tell(stream, StreamState(version=version, erasures=now.erasures))

    def _take_back(self, card: Card, said: Sequence[tuple[int, Event]]) -> None:
        """What was taken back goes from the message in which it was told, also from one of long ago."""
        undone = {event.undoes for _, event in said if event.undoes is not None}
        for one in self._messages.sittings(card.stream):
            if any(version_of(one) <= version <= sitting_of(one).last for version in undone):
                self._touch(one)

    def _want_sittings(self, card: Card, said: Sequence[tuple[int, Event]]) -> None:
        """Extend the message of the last sitting, and add one for what was said after it."""
        sittings = self._messages.sittings(card.stream)
        current = sittings[-1] if sittings else None
        known = sitting_of(current) if current else None
        joined = continuing(said, known.until if current and known and current.thread == card.ts else None)
        if current and known and joined:
            moments = (event.at for _, event in said[:joined])
            last = max(known.last, said[joined - 1][0])
            self._messages.extend(current, SittingParameters(last=last, until=max(known.until, *moments)))
            self._touch(current)
        rest = said[joined:]
        if rest:
            first, last = rest[0][0], rest[-1][0]
            if not self._sessions.of(card.stream, first, last).empty:
                until = max(event.at for _, event in rest)
                self._touch(
                    self._messages.want_sitting(card, first, SittingParameters(last=last, until=until))
                )

    def _want_results(self, card: Card, events: Sequence[VersionedEvent], register: ThreatRegister) -> None:
        versions = [version for version, _ in wanted_results(events, register)]
        self._touch_all(self._messages.want_results(card, versions))
        if any(isinstance(event, CHANGES_RESULTS) for _, event in events):
            self._touch_all(one for one in self._messages.results(card.stream) if one.external_id)

    def _card(self, stream: StreamId) -> Card | None:
        """The card, if it is shown; what is not there yet is looked at again once it is."""
        card = self._cards.find(stream)
        return card if card is not None and card.ts is not None else None

    def _events(self, stream: StreamId, after: int) -> list[VersionedEvent]:
        return list(enumerate(self._reader.events(stream, after), start=after + 1))

    def _touch_all(self, records: Iterable[DeliveryRecord]) -> None:
        for one in records:
            self._touch(one)
