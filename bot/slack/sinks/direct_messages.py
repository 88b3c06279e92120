"""Direct messages to people, found again by their metadata."""

from collections.abc import Callable

from bot.delivery.call_budget import TooEarly
from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.slack.projectors.direct_message_slots import person_of
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.slack_limits import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.direct_history import conversation_history
from bot.slack.sinks.failure_classification import PERMANENT_CODES
from bot.slack.sinks.metadata_epoch import with_epoch
from bot.slack.sinks.outcomes import FAULTS, GONE, TOO_MUCH, unreachable_outcome
from bot.store.repositories.deliveries import DeliveryRecord


class DirectMessages:
    """Posts, edits and deletes direct messages of one kind; `metadata` identifies a message.

    The last part of the slot's name is the recipient.
    """

    faults = FAULTS

    def __init__(self, api: SlackApi, *, metadata: Callable[[DeliveryRecord], Json], epoch: str = "") -> None:
        self._api = api
        self._identity = metadata
        self._epoch = epoch

    def post(self, record: DeliveryRecord, content: Message) -> PostPlace:
        """Post a message into the conversation with its recipient."""
        direct = self._conversation(record)
        posted = self._api.call(
            "chat.postMessage",
            channel=direct,
            text=content.text,
            blocks=content.blocks or None,
            metadata=self._carried(record),
            unfurl_links=False,
            unfurl_media=False,
        )
        return PostPlace(external_id=str(posted["ts"]), place=direct)

    def update(self, record: DeliveryRecord, content: Message) -> None:
        """Replace the content of a message."""
        self._api.call(
            "chat.update",
            channel=record.place,
            ts=record.external_id,
            text=content.text,
            blocks=content.blocks,
        )

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete a message."""
        self._api.call("chat.delete", channel=record.place, ts=record.external_id)

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost:
        """Search the conversation for the message with the metadata of a slot."""
        direct, carried = self._conversation(record), self._carried(record)
        for sent_message in conversation_history(self._api, direct):
            if sent_message.get("metadata") == carried:
                return PostPlace(external_id=str(sent_message["ts"]), place=direct)
        return NoPost()

    def _carried(self, record: DeliveryRecord) -> Json:
        return with_epoch(self._identity(record), self._epoch)

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call; an unknown refusal is final: it affects no one else."""
        match fault:
            case ApiUnreachable():
                return unreachable_outcome(fault)
            case TooEarly():
                return SinkOutcome.LATER
            case ApiRefused(code=code) if code == "ratelimited" or code in PERMANENT_CODES:
                return SinkOutcome.LATER
            case ApiRefused(code=code) if code in GONE and code not in UNREACHABLE_PERSON_CODES:
                return SinkOutcome.GONE
            case ApiRefused(code=code) if code in TOO_MUCH:
                return SinkOutcome.TOO_LONG
            case _:
                return SinkOutcome.REFUSED

    def _conversation(self, record: DeliveryRecord) -> str:
        if record.place:
            return record.place
        return str(self._api.call("conversations.open", users=person_of(record))["channel"]["id"])
