"""Cards that cannot be shown just now: why, since when somebody knows, and when they go on."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec
import structlog
from msgspec.structs import replace

from bot.commands.command_handler import NoSuchModel
from bot.metrics import Metrics
from bot.slack.sinks.outcomes import OF_THE_CARD, OF_THE_CHANNEL, OF_THE_THREAD
from bot.store import StreamId
from bot.store.repositories.cards import Card, Cards
from bot.store.repositories.workspace_directory import Channel
from domain.kernel.elements import ChannelId
from domain.model import ThreatModel
from domain.register import ThreatRegister

__all__ = [
    "OF_THE_CARD",
    "OF_THE_CHANNEL",
    "OF_THE_THREAD",
    "ChannelSuspensions",
    "SuspendedCard",
    "suspension_reason",
]

log = structlog.get_logger()


class SuspendedCard(msgspec.Struct, frozen=True, kw_only=True):
    """A card that began to rest, and its model."""

    card: Card
    register: ThreatRegister


class ChannelSuspensions:
    """Lets cards rest and go on.

    `look` gives a model; `channel` what the directory has of a channel; `learn` lets the directory know what
    Slack said in a refusal; `tell` is given the cards of a channel that began to rest for a reason, and
    returns those of which it told or need not tell: the others are given to it again later, for which
    `waiting` is called.
    """

    def __init__(
        self,
        cards: Cards,
        *,
        look: Callable[[StreamId], ThreatRegister],
        channel: Callable[[ChannelId], Channel | None],
        learn: Callable[[ChannelId, str], None],
        tell: Callable[[Sequence[SuspendedCard], str], Sequence[SuspendedCard]],
        waiting: Callable[[], None],
        metrics: Metrics,
    ) -> None:
        self._cards = cards
        self._look = look
        self._channel = channel
        self._learn = learn
        self._tell = tell
        self._waiting = waiting
        self._metrics = metrics
        self._beginning = threading.Lock()

    def awake(self, card: Card, register: ThreatRegister) -> Card | None:
        """The card, if it may be shown now; None while it rests."""
        why = suspension_reason(self._channel(card.channel), register)
        if why:
            if not card.resting:
                self.rest(card.channel, why)
            return None
        if card.resting and card.resting not in OF_THE_CHANNEL:
            return None  # nobody would tell: the next regular look tries again
        return replace(card, resting=None)

    def refused(self, card: Card, register: ThreatRegister, why: str) -> None:
        """Slack did not let a card be shown; what holds for its channel holds for the others in it."""
        if why in OF_THE_CHANNEL:
            self._learn(card.channel, OF_THE_CHANNEL[why])
            self.rest(card.channel, OF_THE_CHANNEL[why])
        else:
            self._begin([SuspendedCard(card=card, register=register)], why)

    def rest(self, channel: ChannelId, why: str) -> None:
        """Nothing may be shown in a channel any more: its cards stay as they are."""
        known = [
            SuspendedCard(card=card, register=register)
            for card in self._cards.all()
            if card.channel == channel and not card.resting
            if (register := self._known(card)) is not None
        ]
        self._begin([one for one in known if not (why == "shared" and one.register.sharing_allowed)], why)

    def wake(self, channel: ChannelId) -> list[StreamId]:
        """Something may be shown in a channel (again): the models whose cards are to be looked at."""
        return self._woken(card for card in self._cards.all() if card.channel == channel)

    def look_again(self, channel: ChannelId) -> list[StreamId]:
        """The directory has read a channel: let its cards rest or go on accordingly, and name the latter."""
        known = self._channel(channel)
        woken: list[Card] = []
        for card in self._cards.all():
            register = self._known(card) if card.channel == channel else None
            if register is None:
                continue
            why = suspension_reason(known, register)
            if why and not card.resting:
                self.rest(channel, why)
            elif not why and card.resting:
                woken.append(card)
        return self._woken(woken)

    def tell_waiting(self) -> bool:
        """Tell of the cards that rest and of which nobody could be told before; whether some still wait."""
        waiting: defaultdict[tuple[ChannelId, str], list[SuspendedCard]] = defaultdict(list)
        with self._beginning:
            for card in self._cards.all():
                if card.resting and card.told != card.resting:
                    register = self._known(card)
                    if register is not None:
                        waiting[card.channel, card.resting].append(
                            SuspendedCard(card=card, register=register)
                        )
            told = [self._tell_of(rested, why) for (_, why), rested in waiting.items()]
        return not all(told)

    def _known(self, card: Card) -> ThreatRegister | None:
        try:
            return self._look(card.stream)
        except NoSuchModel:
            return None  # erased: its card is about to go

    def _woken(self, cards: Iterable[Card]) -> list[StreamId]:
        woken = list(cards)
        for card in woken:
            if card.resting:
                self._cards.rest(card.stream, None)
        return [card.stream for card in woken]

    def _begin(self, rested: Sequence[SuspendedCard], why: str) -> None:
        # An event and a refusal come on different threads, and often together.
        with self._beginning:
            # A channel may get another id meanwhile: in that one nothing was refused.
            there = [one for one in rested if self._now(one.card).channel == one.card.channel]
            began = [one for one in there if not self._now(one.card).resting]
            untold = [one for one in began if self._now(one.card).told != why]
            for one in began:
                self._cards.rest(one.card.stream, why)
                self._metrics.surface("card", "resting")
                log.warning("card rests", stream=one.card.stream, channel=one.card.channel, why=why)
            if untold and not self._tell_of(untold, why):
                self._waiting()

    def _tell_of(self, rested: Sequence[SuspendedCard], why: str) -> bool:
        """Tell of some cards; whether all are told of."""
        told = self._tell(rested, why)
        for one in told:
            self._cards.tell(one.card.stream, why)
        return len(told) == len(rested)

    def _now(self, card: Card) -> Card:
        return self._cards.find(card.stream) or card


def suspension_reason(channel: Channel | None, register: ThreatRegister | ThreatModel) -> str:
    """Why nothing of a model may be shown in its channel, in Slack's words; empty when it may."""
    if channel is None:
        return ""
    if channel.archived:
        return "is_archived"
    if not channel.bot_inside:
        return "not_in_channel"
    if channel.shared and not register.sharing_allowed:
        return "shared"
    return ""
