"""Messages in channels and their threads."""

from collections.abc import Callable

from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.sinks.attempt_marks import mark_buttons
from bot.slack.sinks.outcomes import FAULTS, channel_outcome
from bot.store.repositories.deliveries import DeliveryRecord


class ChannelMessages:
    """Posts, edits and deletes channel messages; with `broadcast`, the channel also shows thread messages.

    Their buttons carry the ID of the attempt: a message that no slot holds is deleted when one is pressed.
    `writes` is called before each write to a channel.
    """

    faults = FAULTS

    def __init__(self, api: SlackApi, *, writes: Callable[[], None], broadcast: bool = False) -> None:
        self._api = api
        self._writes = writes
        self._broadcast = broadcast

    def post(self, record: DeliveryRecord, content: Message) -> PostPlace:
        """Post a message into the channel or thread of its slot."""
        self._writes()
        posted = self._api.call(
            "chat.postMessage",
            channel=record.place,
            thread_ts=record.thread or None,
            reply_broadcast=True if self._broadcast else None,
            text=content.text,
            blocks=mark_buttons(content.blocks, record.attempt),
            unfurl_links=False,
            unfurl_media=False,
        )
        return PostPlace(external_id=str(posted["ts"]))

    def update(self, record: DeliveryRecord, content: Message) -> None:
        """Replace the content of a message."""
        self._writes()
        self._api.call(
            "chat.update",
            channel=record.place,
            ts=record.external_id,
            text=content.text,
            blocks=mark_buttons(content.blocks, record.attempt),
        )

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete a message."""
        self._writes()
        self._api.call("chat.delete", channel=record.place, ts=record.external_id)

    def find(self, record: DeliveryRecord) -> NoPost:
        """Find nothing: messages in channels and threads cannot be searched."""
        del record
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call."""
        return channel_outcome(fault)
