"""Keeps each card's thread: a message for each sitting, edited as more is said, and one for a closing."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from bot.slack.protocol.web_api_client import ApiRefused
from bot.slack.screens.work_sessions import (
    Announcing,
    VersionedEvent,
    WorkSession,
    announcing,
    continuing,
    session_events,
    undone_versions,
    work_session,
)
from bot.slack.surfaces.announcements import Announcements
from bot.slack.surfaces.card_surface import GONE, digest_of
from bot.slack.surfaces.looks import Looks
from bot.slack.surfaces.resting import OF_THE_CARD, OF_THE_CHANNEL, OF_THE_THREAD, Rests
from bot.slack.surfaces.thread_writing import ThreadWriter
from bot.slack.ui.messages.thread_messages import session_message
from bot.store import StreamId
from bot.store.records import StreamState
from bot.store.repositories.cards import Card, Cards
from bot.store.repositories.summaries import Summaries, Summary
from domain.events import Event
from domain.model import EMPTY, ThreatModel, replay
from domain.register import ThreatRegister

_NO_THREAD = {"cannot_reply_to_message", "invalid_thread_ts", "thread_not_found"}
_REMEMBERED = 64


_Tell = Callable[[Sequence[VersionedEvent], Card, str, ThreatRegister], bool]


class ThreadSurface:
    """Shows what was said; at each look at most one message, so that nobody's channel is written to too fast.

    `again` asks for another look, `more` for one at what does not wait; `anew` for one at the card, whose
    thread Slack does not find.
    """

    def __init__(
        self,
        cards: Cards,
        summaries: Summaries,
        writer: ThreadWriter,
        rests: Rests,
        looks: Looks,
        *,
        again: Callable[[StreamId], None],
        more: Callable[[StreamId], None],
        anew: Callable[[StreamId], None],
    ) -> None:
        self._cards = cards
        self._summaries = summaries
        self._writer = writer
        self._rests = rests
        self._looks = looks
        self._announcements = Announcements(summaries, writer, looks)
        self._again = again
        self._more = more
        self._anew = anew
        self._befores: dict[StreamId, tuple[int, ThreatModel]] = {}

    def keep(self, stream: StreamId) -> None:
        """Tell what is not told yet; raises Refused and Unreachable for what is to be tried again."""
        self._tell(stream, self._tell_of, again=self._again, everything=True)

    def reveal(self, stream: StreamId) -> None:
        """Tell what does not wait for people to pause; raises as `keep`, which tells it too."""
        self._tell(stream, self._announcements.tell, again=self._more, everything=False)

    def _tell(
        self, stream: StreamId, tell: _Tell, *, again: Callable[[StreamId], None], everything: bool
    ) -> None:
        card = self._cards.find(stream)
        told, now = self._summaries.told(stream), self._looks.state(stream)
        if card is None or card.ts is None or told == now:
            return  # what is not there yet asks for another look once it is
        events = list(enumerate(self._looks.events(stream, told.version), start=told.version + 1))
        if not everything and not any(announcing(event) is Announcing.MESSAGE for _, event in events):
            return
        anew = everything and told.erasures != now.erasures
        register = self._looks.register(stream)
        card = self._rests.awake(card, register)
        if card is None or card.ts is None:
            return
        try:
            wrote = (anew and self._forget(card)) or tell(events, card, card.ts, register)
        except ApiRefused as refused:
            if refused.code in _NO_THREAD:
                self._anew(stream)
            if refused.code not in OF_THE_CHANNEL and refused.code not in OF_THE_CARD:
                raise
            self._rests.refused(card, register, refused.code)
            return
        if wrote:
            if card.told in OF_THE_THREAD:  # it is open again: the next lock is told of again
                self._cards.tell(stream, None)
            again(stream)
        elif everything:
            version = events[-1][0] if events else told.version
            self._summaries.tell(stream, StreamState(version=version, erasures=now.erasures))

    def _tell_of(
        self, events: Sequence[VersionedEvent], card: Card, thread: str, register: ThreatRegister
    ) -> bool:
        """Bring the first message up to date that is not; whether there was one."""
        said = session_events(events)
        current = self._summaries.current(card.stream)
        return (
            self._take_back(said, card)
            or self._sum_up(said, card, thread, current)
            or self._announcements.tell(events, card, thread, register)
        )

    def _forget(self, card: Card) -> bool:
        """Words were erased: tell without them what was told with them."""
        self._befores.pop(card.stream, None)
        for one, closing in self._summaries.all(card.stream):
            if not closing and self._edited(card, one):
                return True
        return self._announcements.forget(card)

    def _take_back(self, said: Sequence[tuple[int, Event]], card: Card) -> bool:
        """What was taken back goes from the message in which it was told, also from one of long ago."""
        undone = sorted({event.undoes for _, event in said if event.undoes is not None})
        abouts = (self._summaries.about(card.stream, version) for version in undone)
        return any(self._edited(card, one) for one in abouts if one)

    def _sum_up(
        self, said: Sequence[tuple[int, Event]], card: Card, thread: str, current: Summary | None
    ) -> bool:
        until = current.until if current and current.thread == thread else None
        joined = continuing(said, until)
        if current and joined:
            moments = (event.at for _, event in said[:joined])
            last = max(current.last, said[joined - 1][0])
            if self._edited(card, replace(current, last=last, until=max(current.until, *moments))):
                return True
        rest = said[joined:]
        return bool(rest) and self._posted(card, thread, rest)

    def _edited(self, card: Card, known: Summary) -> bool:
        """Edit a message where it differs from what it should show, and remember how far it goes."""
        shown = session_message(card.stream, self._sitting(known), self._looks.naming)
        changed = replace(known, digest=digest_of(shown))
        if not known.ts or known.digest == changed.digest:
            self._summaries.keep(changed)
            return False
        try:
            self._writer.update(card, known.ts, shown)
        except ApiRefused as refused:
            if refused.code not in GONE:
                raise
            changed = replace(changed, ts="")  # somebody did not want it: the next sitting begins anew
        self._summaries.keep(changed)
        return True

    def _posted(self, card: Card, thread: str, said: Sequence[tuple[int, Event]]) -> bool:
        begun = Summary(
            stream=card.stream,
            first=said[0][0],
            last=said[-1][0],
            until=max(event.at for _, event in said),
            thread=thread,
        )
        told = self._sitting(begun)
        if told.empty:
            return False
        shown = session_message(card.stream, told, self._looks.naming)
        ts = self._writer.post(card, thread, shown)
        self._summaries.keep(replace(begun, ts=ts, digest=digest_of(shown)))
        return True

    def _sitting(self, known: Summary) -> WorkSession:
        first = known.first
        events = list(enumerate(self._looks.events(known.stream, first - 1), start=first))
        before = self._before(known.stream, first)
        return work_session(events, before, last=known.last, taken_back=undone_versions(events))

    def _before(self, stream: StreamId, first: int) -> ThreatModel:
        """The model in which a sitting began; of the sittings of now it is remembered."""
        found = self._befores.get(stream)
        if found is None or found[0] != first:
            past = self._looks.events(stream, 0)[: first - 1]
            found = first, replay(past, EMPTY)
            if len(self._befores) >= _REMEMBERED:
                self._befores.clear()
            self._befores[stream] = found
        return found[1]
