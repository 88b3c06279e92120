"""Keeps the cards true: what a model's card should show is compared with what it showed last."""

import hashlib
import threading
import time
from collections.abc import Callable

import msgspec
import structlog
from msgspec.structs import replace

from bot.slack.blocks import Message
from bot.slack.cards import Card, Cards
from bot.slack.metrics import Metrics
from bot.slack.slack_api import Refused, SlackApi, Unreachable
from bot.store import StoreError, StreamId
from domain.elements import ChannelId
from domain.register import ThreatRegister

log = structlog.get_logger()


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: a card waits until nobody answered for `quiet`, but no longer than `longest`.

    A channel is written to once in `between`; what failed is tried again after `again`; every `look`
    seconds the models are looked through for what another process said.
    """

    quiet: float = 0.2
    longest: float = 1.0
    between: float = 1.0
    again: float = 2.0
    look: float = 5.0


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's card should show now."""

    register: ThreatRegister
    message: Message


class _Due(msgspec.Struct, kw_only=True):
    first: float
    last: float


_RESTS = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "msg_too_long"}
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}


class Keeper:
    """One thread that posts and updates cards; anybody may tell it that a model changed.

    `look` gives what a card should show; `versions` the models there are and their versions;
    `rested` is told once when a card cannot be shown.
    """

    def __init__(
        self,
        cards: Cards,
        api: SlackApi,
        *,
        look: Callable[[StreamId], Seen],
        versions: Callable[[], dict[StreamId, int]],
        rested: Callable[[Card, ThreatRegister], None],
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        self._cards = cards
        self._api = api
        self._look = look
        self._versions = versions
        self._rested = rested
        self._metrics = metrics
        self._pace = pace or Pace()
        self._due: dict[StreamId, _Due] = {}
        self._not_before: dict[ChannelId, float] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._busy = False
        self._next_look = 0.0
        self._thread = threading.Thread(target=self._run, name="cards", daemon=True)

    def start(self) -> None:
        """Begin with every card that is not as it should be."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Bring up to date what is due, then stop; give up after so many seconds."""
        ends = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: not self._due and not self._busy, seconds)
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(max(0.0, ends - time.monotonic()))

    def pause(self) -> None:
        """Show nothing any more: Slack would refuse everything."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def touch(self, stream: StreamId) -> None:
        """A model may have changed; its card is looked at soon."""
        now = time.monotonic()
        with self._changed:
            due = self._due.setdefault(stream, _Due(first=now, last=now))
            due.last = now
            self._changed.notify_all()

    def wake(self, channel: ChannelId) -> None:
        """The bot may write in a channel (again): show its cards."""
        for card in self._cards.all():
            if card.channel == channel:
                if card.resting:
                    self._cards.keep(replace(card, resting=None))
                self.touch(card.stream)

    def rest(self, channel: ChannelId, why: str) -> None:
        """The bot may not write in a channel any more: its cards stay as they are."""
        for card in self._cards.all():
            if card.channel == channel and not card.resting:
                self._rest(card, self._look(card.stream).register, why)

    def is_orphan(self, stream: StreamId, ts: str) -> bool:
        """Whether a message that looks like a card is not the model's card, left behind by a crash."""
        card = self._cards.find(stream)
        return card is not None and card.ts is not None and card.ts != ts

    def _run(self) -> None:
        while not self._stopping:
            if time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + self._pace.look
                self._notice()
            stream = self._next()
            if stream is None:
                continue
            try:
                self._keep(stream)
            except Refused as refused:
                self._put_off(stream, refused.code, wait=refused.retry_after)
            except Unreachable as fault:
                self._put_off(stream, fault.code)
            except StoreError as fault:
                self._put_off(stream, type(fault).__name__)
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def _next(self) -> StreamId | None:
        """Wait for the next card to look at; None when there is none yet."""
        with self._changed:
            now = time.monotonic()
            moments = {stream: self._moment(stream, due) for stream, due in self._due.items()}
            ready = [stream for stream, moment in moments.items() if moment <= now]
            if not ready:
                if not self._stopping:
                    self._changed.wait(max(0.0, min([self._next_look, *moments.values()]) - now))
                return None
            stream = min(ready, key=lambda one: moments[one])
            del self._due[stream]
            self._busy = True
            return stream

    def _moment(self, stream: StreamId, due: _Due) -> float:
        settled = min(due.last + self._pace.quiet, due.first + self._pace.longest)
        return max(settled, self._not_before.get(_channel_of(self._cards, stream), 0.0))

    def _notice(self) -> None:
        """Find the models whose card shows another version, as after a restart."""
        try:
            shown = {card.stream: card for card in self._cards.all()}
            for stream, version in self._versions().items():
                card = shown.get(stream)
                if card is None or (card.version != version and not card.resting):
                    with self._changed:
                        self._due.setdefault(stream, _Due(first=0.0, last=0.0))
        except StoreError as fault:
            log.warning("cards not looked through", fault=type(fault).__name__)

    def _keep(self, stream: StreamId) -> None:
        seen = self._look(stream)
        channel = seen.register.channel
        card = self._cards.find(stream) or Card(stream=stream, channel=channel)
        if card.resting:
            return
        wanted = digest_of(seen.message)
        if card.ts is None or card.digest != wanted:
            self._not_before[channel] = time.monotonic() + self._pace.between
            card = self._shown(card, seen, wanted)
        self._cards.keep(replace(card, version=seen.register.version))

    def _shown(self, card: Card, seen: Seen, wanted: str) -> Card:
        text, blocks = seen.message.text, seen.message.blocks
        try:
            if card.ts is not None:
                try:
                    self._api.call("chat.update", channel=card.channel, ts=card.ts, text=text, blocks=blocks)
                    self._metrics.card("updated")
                    return replace(card, digest=wanted)
                except Refused as refused:
                    if refused.code not in _GONE:
                        raise
                    card = replace(card, ts=None)
            # From here to the record below no message counts as the card: see is_orphan.
            self._cards.keep(card)
            posted = self._api.call(
                "chat.postMessage",
                channel=card.channel,
                text=text,
                blocks=blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
            self._metrics.card("posted")
            log.info("card posted", stream=card.stream, channel=card.channel)
            return replace(card, ts=str(posted["ts"]), digest=wanted)
        except Refused as refused:
            if refused.code not in _RESTS:
                raise
            return self._rest(card, seen.register, refused.code)

    def _rest(self, card: Card, known: ThreatRegister, why: str) -> Card:
        rests = replace(card, resting=why)
        self._cards.keep(rests)
        self._metrics.card("resting")
        log.warning("card rests", stream=card.stream, channel=card.channel, why=why)
        self._rested(rests, known)
        return rests

    def _put_off(self, stream: StreamId, why: str, *, wait: float = 0.0) -> None:
        wait = wait or self._pace.again
        if why == "ratelimited":
            self._not_before[_channel_of(self._cards, stream)] = time.monotonic() + wait
        self._metrics.card("put_off")
        log.warning("card put off", stream=stream, why=why, seconds=wait)
        with self._changed:
            later = time.monotonic() + wait - self._pace.quiet
            self._due.setdefault(stream, _Due(first=later, last=later))


def digest_of(message: Message) -> str:
    """What a message shows, in 64 characters."""
    return hashlib.sha256(msgspec.json.encode(message)).hexdigest()


def _channel_of(cards: Cards, stream: StreamId) -> ChannelId:
    card = cards.find(stream)
    return card.channel if card else ChannelId("")
