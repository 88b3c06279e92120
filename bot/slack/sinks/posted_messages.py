"""Messages: in channels and their threads, and direct messages, which are found again by their metadata."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar, cast

from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.slack.projectors.direct_messages import person_of
from bot.slack.protocol.block_builders import Block, Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import StaleButton, mark_attempt
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.sinks.outcomes import CHANNEL_OUTCOMES, DIRECT_OUTCOMES, FAULTS, Outcomes
from bot.store.repositories.deliveries import DeliveryRecord

_Content_contra = TypeVar("_Content_contra", contravariant=True)

PAGE: Final = 200
PAGES: Final = 5
"""Limit of the search for a message, in pages; nothing else is posted to the person until it ends."""

_EPOCH = "epoch"
"""Field of the database's epoch in the metadata of messages.

After a restore to an earlier moment, names of slots and keys of reminders are given again. With another
epoch, a message that was posted after that moment is not taken for the one that is looked for.
"""


class SlackMessages(ABC, Generic[_Content_contra]):
    """Messages of the bot: edited and deleted in one way, posted and found as each kind declares."""

    faults = FAULTS

    def __init__(self, api: SlackApi, outcomes: Outcomes) -> None:
        self.api = api
        self._outcomes = outcomes

    @abstractmethod
    def post(self, record: DeliveryRecord, content: _Content_contra) -> PostPlace:
        """Post a message."""

    @abstractmethod
    def update(self, record: DeliveryRecord, content: _Content_contra) -> None:
        """Replace the content of a message."""

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete a message."""
        self.api.call("chat.delete", channel=record.place, ts=record.external_id)

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost:
        """Find nothing: messages in channels and threads cannot be searched."""
        del record
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call."""
        return self._outcomes.of(fault)

    def send(self, channel: str, message: Message, **more: object) -> str:
        """Post a message into a conversation; return its timestamp."""
        posted = self.api.call(
            "chat.postMessage",
            channel=channel,
            text=message.text,
            blocks=message.blocks or None,
            unfurl_links=False,
            unfurl_media=False,
            **more,
        )
        return str(posted["ts"])

    def edit(self, record: DeliveryRecord, message: Message) -> None:
        """Replace the content of a posted message."""
        self.api.call(
            "chat.update",
            channel=record.place,
            ts=record.external_id,
            text=message.text,
            blocks=message.blocks,
        )


class ChannelMessages(SlackMessages[Message]):
    """Messages in channels and threads; with `broadcast`, the channel also shows thread messages.

    Their buttons carry the ID of the attempt: a message that no slot holds is deleted when one is pressed.
    `writes` is called before each write to a channel.
    """

    def __init__(
        self,
        api: SlackApi,
        *,
        writes: Callable[[], None],
        broadcast: bool = False,
        outcomes: Outcomes = CHANNEL_OUTCOMES,
    ) -> None:
        super().__init__(api, outcomes)
        self._writes = writes
        self._broadcast = broadcast

    def post(self, record: DeliveryRecord, content: Message) -> PostPlace:
        """Post a message into the channel or thread of its slot."""
        self._writes()
        thread, broadcast = record.thread or None, self._broadcast or None
        marked = mark_buttons(content, record.attempt)
        ts = self.send(record.place, marked, thread_ts=thread, reply_broadcast=broadcast)
        return PostPlace(external_id=ts)

    def update(self, record: DeliveryRecord, content: Message) -> None:
        """Replace the content of a message."""
        self._writes()
        self.edit(record, mark_buttons(content, record.attempt))

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete a message."""
        self._writes()
        super().delete_post(record)


class DirectMessages(SlackMessages[Message]):
    """Direct messages; the last part of a slot's name is the recipient, and the metadata has the name."""

    def __init__(self, api: SlackApi, *, epoch: str = "") -> None:
        super().__init__(api, DIRECT_OUTCOMES)
        self._epoch = epoch

    def post(self, record: DeliveryRecord, content: Message) -> PostPlace:
        """Post a message into the conversation with its recipient."""
        direct = self._conversation(record)
        return PostPlace(
            external_id=self.send(direct, content, metadata=self._metadata(record)), place=direct
        )

    def update(self, record: DeliveryRecord, content: Message) -> None:
        """Replace the content of a message."""
        self.edit(record, content)

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost:
        """Search the conversation for the message with the metadata of a slot."""
        direct, metadata = self._conversation(record), self._metadata(record)
        for sent_message in conversation_history(self.api, direct):
            if sent_message.get("metadata") == metadata:
                return PostPlace(external_id=str(sent_message["ts"]), place=direct)
        return NoPost()

    def _metadata(self, record: DeliveryRecord) -> Json:
        return metadata_of(event_type_of(record.kind), {"slot": record.slot}, self._epoch)

    def _conversation(self, record: DeliveryRecord) -> str:
        return record.place or open_conversation(self.api, person_of(record))


def mark_buttons(message: Message, attempt: str) -> Message:
    """Return a message whose buttons carry the ID of the attempt that posts it."""
    if not attempt:
        return message
    return Message(text=message.text, blocks=[_marked(block, attempt) for block in message.blocks])


def _marked(block: Block, attempt: str) -> Block:
    if "elements" in block:
        return {**block, "elements": [_with_mark(element, attempt) for element in block["elements"]]}
    if "accessory" in block:
        return {**block, "accessory": _with_mark(block["accessory"], attempt)}
    return block


def _with_mark(element: Block, attempt: str) -> Block:
    if element.get("type") != "button" or "value" not in element:
        return element
    try:
        return {**element, "value": mark_attempt(element["value"], attempt)}
    except StaleButton:
        return element  # it leads somewhere else


def open_conversation(api: SlackApi, person: str) -> str:
    """Open the direct conversation with a person; raises ApiRefused and ApiUnreachable."""
    return str(api.call("conversations.open", users=person)["channel"]["id"])


def conversation_history(api: SlackApi, channel: str) -> Iterator[Json]:
    """Yield a conversation's messages with metadata, newest first; raises ApiRefused and ApiUnreachable."""
    cursor = ""
    for _ in range(PAGES):
        page = api.call(
            "conversations.history",
            channel=channel,
            limit=str(PAGE),
            include_all_metadata="true",
            cursor=cursor or None,
        )
        yield from page.get("messages", ())
        cursor = str(page.get("response_metadata", {}).get("next_cursor", ""))
        if not cursor:
            return


def event_type_of(kind: str) -> str:
    """Return the type of the metadata of a kind of direct message."""
    return f"threatmodel_{kind.replace('-', '_')}"


def metadata_of(event_type: str, payload: Json, epoch: str) -> Json:
    """Return metadata for a message, with the epoch of a database that was once restored."""
    return {"event_type": event_type, "event_payload": {**payload, _EPOCH: epoch} if epoch else payload}


def epoch_of_message(message: Json) -> str:
    """Return the epoch in the metadata of a message; empty without one."""
    metadata = message.get("metadata")
    payload = cast("Json", metadata).get("event_payload") if isinstance(metadata, dict) else None
    epoch = cast("Json", payload).get(_EPOCH, "") if isinstance(payload, dict) else ""
    return epoch if isinstance(epoch, str) else ""
