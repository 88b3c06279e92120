"""Writes into the threads of cards, shorter where Slack does not take all of a message."""

from collections.abc import Callable

import structlog

from bot.metrics import Metrics
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from bot.slack.surfaces.card_surface import TOO_MUCH, gone_already
from bot.slack.ui.messages.thread_messages import short_session_message
from bot.store import StreamId
from bot.store.repositories.cards import Card
from domain.elements import ChannelId

log = structlog.get_logger()


class ThreadWriter:
    """Posts, edits and deletes; raises Refused and Unreachable.

    `wrote` is told before something is written in a channel.
    """

    def __init__(
        self, api: SlackApi, *, wrote: Callable[[StreamId, ChannelId], None], metrics: Metrics
    ) -> None:
        self._api = api
        self._wrote = wrote
        self._metrics = metrics

    def post(self, card: Card, thread: str, message: Message, *, broadcast: bool = False) -> str:
        """Post a message, with `broadcast` shown in the channel too; gives its place."""
        ts = self._as_much_as_fits(
            card, message, lambda one: self._post(card, thread, one, broadcast=broadcast)
        )
        self._metrics.surface("summary", "posted")
        return ts

    def update(self, card: Card, ts: str, message: Message) -> None:
        """Show something else in a message."""
        self._as_much_as_fits(card, message, lambda one: self._update(card, ts, one))
        self._metrics.surface("summary", "updated")

    def delete(self, card: Card, ts: str) -> None:
        """Delete a message, if it is still there."""
        self._wrote(card.stream, card.channel)
        with gone_already():
            self._api.call("chat.delete", channel=card.channel, ts=ts)
        self._metrics.surface("summary", "deleted")

    def _as_much_as_fits(self, card: Card, message: Message, show: Callable[[Message], str]) -> str:
        try:
            return show(message)
        except ApiRefused as refused:
            if refused.code not in TOO_MUCH:
                raise
            log.warning("summary shortened", stream=card.stream, code=refused.code, detail=refused.detail)
            self._metrics.surface("summary", "shortened")
        return show(short_session_message(card.stream))

    def _post(self, card: Card, thread: str, message: Message, *, broadcast: bool) -> str:
        self._wrote(card.stream, card.channel)
        posted = self._api.call(
            "chat.postMessage",
            channel=card.channel,
            thread_ts=thread,
            reply_broadcast=True if broadcast else None,
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(posted["ts"])

    def _update(self, card: Card, ts: str, message: Message) -> str:
        self._wrote(card.stream, card.channel)
        self._api.call("chat.update", channel=card.channel, ts=ts, text=message.text, blocks=message.blocks)
        return ts
