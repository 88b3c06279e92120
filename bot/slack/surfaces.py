"""Keeps the cards true: what a model's card should show is compared with what it showed last."""

import hashlib
import threading
import time
from collections.abc import Callable

import msgspec
import structlog
from msgspec.structs import replace

from bot.slack.agenda import Agenda, Pace
from bot.slack.blocks import Message
from bot.slack.cards import Card, Cards
from bot.slack.metrics import Metrics
from bot.slack.slack_api import Refused, SlackApi, Unreachable
from bot.store import StoreError, StreamId
from domain.elements import ChannelId
from domain.register import ThreatRegister

log = structlog.get_logger()


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's card should show now."""

    register: ThreatRegister
    message: Message


_RESTS = {
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "is_inactive",
    "restricted_action",
    "msg_too_long",
}
_ENDS = {
    "account_inactive",
    "invalid_auth",
    "not_authed",
    "token_expired",
    "token_revoked",
    "team_access_not_granted",
}
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}


class Keeper:
    """One thread that posts and updates cards; anybody may tell it that a model changed.

    `look` gives what a card should show; `versions` the models there are and their versions;
    `rested` is told once when a card cannot be shown, `silence` when Slack lets the bot do nothing any more.
    """

    def __init__(
        self,
        cards: Cards,
        api: SlackApi,
        *,
        look: Callable[[StreamId], Seen],
        versions: Callable[[], dict[StreamId, int]],
        rested: Callable[[Card, ThreatRegister], None],
        silence: Callable[[str], None],
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        self._cards = cards
        self._api = api
        self._look = look
        self._versions = versions
        self._rested = rested
        self._silence = silence
        self._metrics = metrics
        self._pace = pace or Pace()
        self._agenda = Agenda(self._pace)
        self._thread = threading.Thread(target=self._run, name="cards", daemon=True)

    def start(self) -> None:
        """Begin with every card that is not as it should be."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Bring up to date what is due, then stop; give up after so many seconds."""
        ends = time.monotonic() + seconds
        self._agenda.end(seconds)
        if self._thread.is_alive():
            self._thread.join(max(0.0, ends - time.monotonic()))

    def pause(self) -> None:
        """Show nothing any more: Slack would refuse everything."""
        self._agenda.end()

    def touch(self, stream: StreamId) -> None:
        """A model may have changed; its card is looked at soon."""
        self._agenda.touch(stream)

    def touch_all(self) -> None:
        """Something that any card may show has changed, such as what somebody is called."""
        for card in self._cards.all():
            self.touch(card.stream)

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
        look_at = 0.0
        while not self._agenda.ended:
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + self._pace.look
                self._notice()
            stream = self._agenda.take(until=look_at)
            if stream is not None:
                self._agenda.done(well=self._kept(stream))

    def _kept(self, stream: StreamId) -> bool:
        """Bring one card up to date, or put it off."""
        try:
            self._keep(stream)
        except Refused as refused:
            if refused.code in _ENDS:
                self._silence(refused.code)
            else:
                self._put_off(stream, refused.code, wait=refused.retry_after)
        except Unreachable as fault:
            self._put_off(stream, fault.code)
        except StoreError as fault:
            self._put_off(stream, type(fault).__name__)
        except Exception as fault:
            # One card that cannot be made must not be the end of all the others.
            log.exception("card cannot be made", stream=stream)
            self._put_off(stream, type(fault).__name__)
        else:
            return True
        return False

    def _notice(self) -> None:
        """Find the models whose card shows another version, as after a restart."""
        try:
            shown = {card.stream: card for card in self._cards.all()}
            for stream, version in self._versions().items():
                card = shown.get(stream)
                if card is None or (card.version != version and not card.resting):
                    self._agenda.touch(stream, at_once=True)
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
            self._agenda.wrote(stream, channel)
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
        seconds = self._agenda.put_off(stream, wait=wait)
        self._metrics.card("put_off")
        log.warning("card put off", stream=stream, why=why, seconds=seconds)


def digest_of(message: Message) -> str:
    """What a message shows, in 64 characters."""
    return hashlib.sha256(msgspec.json.encode(message)).hexdigest()
