"""What is told in a thread by a message of its own, which the channel is shown too."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.screens.work_sessions import Announcing, VersionedEvent, announcing
from bot.slack.surfaces.card_surface import GONE, digest_of
from bot.slack.surfaces.looks import Looks
from bot.slack.surfaces.thread_writing import ThreadWriter
from bot.slack.ui.messages.thread_messages import closed_message, moved_message
from bot.slack.ui.modals.steering.closing_page import closing_proposal_message
from bot.store.repositories.cards import Card
from bot.store.repositories.summaries import Summaries, Summary
from domain.events import (
    BallotExplained,
    ClosingProposed,
    Erased,
    Event,
    PhaseMoved,
    RoundClosed,
    ThreatModelClosed,
)
from domain.register import ThreatRegister

_OVER = ("closed", "archived")


class Announcements:
    """Posts each once, and keeps the results of rounds true: at each call at most one message."""

    def __init__(self, summaries: Summaries, writer: ThreadWriter, looks: Looks) -> None:
        self._summaries = summaries
        self._writer = writer
        self._looks = looks

    def tell(
        self, events: Sequence[VersionedEvent], card: Card, thread: str, register: ThreatRegister
    ) -> bool:
        """Post the first of them that is not there yet; whether there was one."""
        for version, event in _to_announce(events, register):
            if self._summaries.closing(card.stream, version):
                continue
            shown = self._message(card, event, register)
            if shown is not None:
                self._post(card, thread, version, event, shown)
                return True
        return any(isinstance(event, _MOVING) for _, event in events) and self.bring_up_to_date(card)

    def bring_up_to_date(self, card: Card) -> bool:
        """Edit the first result that should show something else; whether there was one."""
        for one, closing in self._summaries.all(card.stream):
            if closing and one.ts and self._edited(card, one):
                return True
        return False

    def forget(self, card: Card) -> bool:
        """Words were erased: what told them alone goes, what told of them too is told without them."""
        for one, closing in self._summaries.all(card.stream):
            if closing and one.ts and isinstance(self._event(one), Erased):
                self._writer.delete(card, one.ts)
                self._summaries.keep(replace(one, ts=""), closing=True)
                return True
        return self.bring_up_to_date(card)

    def _message(self, card: Card, event: Event, register: ThreatRegister) -> Message | None:
        match event:
            case ThreatModelClosed():
                return closed_message(card.stream, register, event, self._looks.naming)
            case ClosingProposed():
                return closing_proposal_message(card.stream, register, self._looks.naming)
            case PhaseMoved():
                return moved_message(register, event, self._looks.naming)
            case RoundClosed():
                return self._looks.result(card.stream, event)
            case _:
                return None

    def _post(self, card: Card, thread: str, version: int, event: Event, shown: Message) -> None:
        begun = Summary(stream=card.stream, first=version, last=version, until=event.at, thread=thread)
        # Noted down before: another process may be at it, and where no answer comes it is rather not told at
        # all than twice. Where Slack says that it broke down, rather twice than that a result is missing.
        if not self._summaries.claim(begun):
            return
        try:
            ts = self._writer.post(card, thread, shown, broadcast=True)
        except (ApiRefused, ApiUnreachable) as fault:
            if isinstance(fault, ApiRefused) or fault.answered:
                self._summaries.forget(begun, closing=True)
            raise
        self._summaries.keep(replace(begun, ts=ts, digest=digest_of(shown)), closing=True)

    def _edited(self, card: Card, known: Summary) -> bool:
        event = self._event(known)
        shown = self._looks.result(card.stream, event) if isinstance(event, RoundClosed) else None
        if shown is None or digest_of(shown) == known.digest:
            return False
        changed = replace(known, digest=digest_of(shown))
        try:
            self._writer.update(card, known.ts, shown)
        except ApiRefused as refused:
            if refused.code not in GONE:
                raise
            changed = replace(changed, ts="")  # somebody did not want it
        self._summaries.keep(changed, closing=True)
        return True

    def _event(self, known: Summary) -> object:
        return self._looks.events(known.stream, known.first - 1)[0]


def _to_announce(events: Iterable[VersionedEvent], register: ThreatRegister) -> list[tuple[int, Event]]:
    """Every result and every gate passed; of closings and of proposals the last one, if it still holds."""
    told = [
        (version, event)
        for version, event in events
        if announcing(event) is Announcing.MESSAGE and not isinstance(event, Erased)
    ]
    closings = [one for one in told if isinstance(one[1], ThreatModelClosed)]
    proposals = [one for one in told if isinstance(one[1], ClosingProposed)]
    holds = closings[-1:] if register.phase in _OVER else []
    holds += proposals[-1:] if register.closing is not None else []
    return [one for one in told if one in holds or not isinstance(one[1], _ONLY_THE_LAST)]


_ONLY_THE_LAST = (ThreatModelClosed, ClosingProposed)

_MOVING = (RoundClosed, BallotExplained)
"""What changes something about results that were told before."""
