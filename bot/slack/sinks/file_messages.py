"""Messages about files in the threads of cards: the content, or why the file is missing."""

from collections.abc import Callable, Collection

from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.file_outcomes import file_outcome
from bot.store.repositories.deliveries import DeliveryRecord


class FileMessages:
    """Posts and deletes messages; `writes` is called before each write to a channel."""

    faults = (ApiRefused, ApiUnreachable)

    def __init__(
        self, api: SlackApi, *, writes: Callable[[], None], suspension_codes: Collection[str]
    ) -> None:
        self._api = api
        self._writes = writes
        self._suspension_codes = suspension_codes

    def post(self, record: DeliveryRecord, content: Message) -> PostPlace:
        """Post a message into the thread of its slot."""
        self._writes()
        posted = self._api.call(
            "chat.postMessage",
            channel=record.place,
            thread_ts=record.thread,
            text=content.text,
            blocks=content.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return PostPlace(external_id=str(posted["ts"]))

    def update(self, record: DeliveryRecord, content: Message) -> None:
        """Do nothing: such a message is never edited."""

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete a message."""
        self._api.call("chat.delete", channel=record.place, ts=record.external_id)

    def find(self, record: DeliveryRecord) -> NoPost:
        """Find nothing: messages in threads cannot be searched."""
        del record
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call."""
        return file_outcome(fault, self._suspension_codes)
