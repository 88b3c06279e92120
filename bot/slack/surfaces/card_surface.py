"""Keeps the cards: each one posted once, edited in place, and posted anew when somebody deleted it."""

import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime

import msgspec
import structlog
from msgspec.structs import replace

from bot.metrics import Metrics
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import Refused, SlackApi
from bot.slack.surfaces.looks import Looks, Seen
from bot.slack.surfaces.resting import OF_THE_CARD, OF_THE_CHANNEL, OF_THE_THREAD, Rests
from bot.store import StreamId
from bot.store.repositories.cards import Card, Cards
from domain.elements import ChannelId

log = structlog.get_logger()

GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
"""What Slack says of a message that is not there to be edited (any more)."""

TOO_MUCH = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
"""What Slack says of a message that it does not take, whenever it is sent."""


class CardSurface:
    """Shows cards; `wrote` is told before something is written in a channel."""

    def __init__(
        self,
        cards: Cards,
        api: SlackApi,
        rests: Rests,
        looks: Looks,
        *,
        wrote: Callable[[StreamId, ChannelId], None],
        metrics: Metrics,
    ) -> None:
        self._cards = cards
        self._api = api
        self._rests = rests
        self._looks = looks
        self._wrote = wrote
        self._metrics = metrics

    def keep(self, stream: StreamId) -> datetime | None:
        """Bring one card up to date, and say when time alone will change it.

        Raises Refused and Unreachable for what is to be tried again.
        """
        seen = self._looks.card(stream)
        card = self._rests.awake(self._card(stream, seen.register.channel), seen.register)
        if card is None:
            return seen.register.changes_at
        wanted = digest_of(seen.message)
        if card.ts is None or card.digest != wanted:
            try:
                ts = self._shown(card, seen)
            except Refused as refused:
                if refused.code not in OF_THE_CHANNEL and refused.code not in OF_THE_CARD | TOO_MUCH:
                    raise
                if self._card(stream, card.channel).channel != card.channel:
                    raise  # the channel has another id by now, where it is to be tried again
                self._rests.refused(card, seen.register, refused.code)
                return seen.register.changes_at
            card = replace(card, ts=ts, digest=wanted)
        told = card.told if card.told in OF_THE_THREAD else None
        self._cards.keep(replace(card, version=seen.register.version, told=told))
        return seen.register.changes_at

    def _card(self, stream: StreamId, channel: ChannelId) -> Card:
        card = self._cards.find(stream)
        if card is None:
            card = Card(stream=stream, channel=channel)
            self._cards.keep(card)
        return card

    def _shown(self, card: Card, seen: Seen) -> str:
        """Show all of a card, or else as much as Slack takes; gives its place."""
        try:
            return self._written(card, seen.message)
        except Refused as refused:
            if refused.code not in TOO_MUCH:
                raise
            log.warning("card shortened", stream=card.stream, code=refused.code, detail=refused.detail)
            self._metrics.surface("card", "shortened")
        return self._written(self._cards.find(card.stream) or card, seen.shorter)

    def _written(self, card: Card, message: Message) -> str:
        self._wrote(card.stream, card.channel)
        text, blocks = message.text, message.blocks
        if card.ts is not None:
            try:
                self._api.call("chat.update", channel=card.channel, ts=card.ts, text=text, blocks=blocks)
            except Refused as refused:
                if refused.code not in GONE:
                    raise
            else:
                self._metrics.surface("card", "updated")
                return card.ts
        # From here to the record afterwards no message counts as the card: see is_orphan.
        self._cards.keep(replace(card, ts=None))
        posted = self._api.call(
            "chat.postMessage",
            channel=card.channel,
            text=text,
            blocks=blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        self._metrics.surface("card", "posted")
        log.info("card posted", stream=card.stream, channel=card.channel)
        return str(posted["ts"])


@contextmanager
def gone_already() -> Generator[None]:
    """A block that deletes a message: one that is not there, or not ours, is as good as deleted."""
    try:
        yield
    except Refused as refused:
        if refused.code not in GONE | {"cant_delete_message"}:
            raise


def digest_of(message: Message) -> str:
    """What a message shows, in 64 characters."""
    return hashlib.sha256(msgspec.json.encode(message)).hexdigest()
