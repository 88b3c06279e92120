"""Reminders: direct messages, found again by the keys in their metadata, and thread messages."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import structlog

from bot.delivery.call_budget import TooEarly
from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.scheduled_jobs.reminder_batches import is_of_thread, place_of_slot
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.slack_limits import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.direct_history import conversation_history
from bot.slack.sinks.failure_classification import PERMANENT_CODES
from bot.slack.sinks.metadata_epoch import epoch_of_message, with_epoch
from bot.slack.sinks.outcomes import FAULTS, GONE, TOO_MUCH, unreachable_outcome
from bot.store.repositories.cards import Card
from bot.store.repositories.deliveries import DeliveryRecord
from domain.kernel.elements import ModelKey
from domain.reminder_deliveries import ReminderKey

EVENT_TYPE: Final = "threatmodel_reminder"
"""Type of the message metadata; its payload has the keys of the reminders."""

_OF_THE_CHANNEL: Final = {
    "is_archived",
    "not_in_channel",
    "channel_not_found",
    "is_inactive",
    "thread_not_found",
}

log = structlog.get_logger()


class ReminderContent(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a message with reminders: the message, and the keys of the reminders."""

    message: Message
    keys: tuple[ReminderKey, ...] = ()


class ThreadUnavailable(ApiRefused):
    """Error: nothing can be posted in the thread of a model at the moment."""


class ReminderMessages:
    """Posts, edits, deletes and finds reminders.

    `card` returns a model's card, whose thread holds its reminders to everyone; `keys` returns the keys in a
    slot's batch. `writes` is called before each post.
    """

    faults = FAULTS

    def __init__(
        self,
        api: SlackApi,
        *,
        card: Callable[[ModelKey], Card | None],
        keys: Callable[[DeliveryRecord], tuple[ReminderKey, ...]],
        writes: Callable[[], None],
        epoch: str = "",
    ) -> None:
        self._api = api
        self._epoch = epoch
        self._card = card
        self._keys = keys
        self._writes = writes
        self._conversations: dict[str, str] = {}
        self._not_opened: dict[str, ApiRefused | ApiUnreachable | TooEarly] = {}

    def open_conversation(self, slot: str) -> None:
        """Open the conversation of a batch before its final planning.

        A failure is raised by the post, which reports it.
        """
        if is_of_thread(slot):
            return
        person = place_of_slot(slot)
        self._not_opened.pop(person, None)  # of an earlier batch
        try:
            self._conversation(person)
        except FAULTS as fault:
            self._not_opened[person] = fault

    def post(self, record: DeliveryRecord, content: ReminderContent) -> PostPlace:
        """Post a message with the keys of its reminders as metadata."""
        place = place_of_slot(record.slot)
        if is_of_thread(record.slot):
            return self._post_in_thread(place, content)
        conversation = self._conversation(place)
        try:
            return self._posted(conversation, {}, content)
        except ApiRefused:
            self._conversations.pop(place, None)
            raise

    def update(self, record: DeliveryRecord, content: ReminderContent) -> None:
        """Show the outcome of the items in a reminder."""
        self._api.call(
            "chat.update",
            channel=record.place,
            ts=record.external_id,
            text=content.message.text,
            blocks=content.message.blocks,
        )

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete a message."""
        self._api.call("chat.delete", channel=record.place, ts=record.external_id)

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost:
        """Search for a message with one of the keys of a batch; threads cannot be searched."""
        place, wanted = place_of_slot(record.slot), set(self._keys(record))
        if is_of_thread(record.slot):
            return NoPost()
        conversation = self._conversation(place)
        for posted in conversation_history(self._api, conversation):
            if epoch_of_message(posted) == self._epoch and (carried := _carried_by(posted) & wanted):
                return PostPlace(
                    external_id=str(posted["ts"]), place=conversation, carried=(*carried,), found=True
                )
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call; an unknown refusal is final."""
        match fault:
            case ApiUnreachable():
                return unreachable_outcome(fault)
            case TooEarly():
                return SinkOutcome.LATER
            case ThreadUnavailable():
                return SinkOutcome.SUSPENDED
            case ApiRefused(code=code) if code == "ratelimited" or code in PERMANENT_CODES:
                return SinkOutcome.LATER
            case ApiRefused(code=code) if code in UNREACHABLE_PERSON_CODES:
                return SinkOutcome.REFUSED
            case ApiRefused(code=code) if code in GONE:
                return SinkOutcome.GONE
            case ApiRefused(code=code) if code in TOO_MUCH:
                return SinkOutcome.TOO_LONG
            case ApiRefused(code=code, detail=detail):
                log.error("Slack refused the message of a reminder", code=code, detail=detail)
                return SinkOutcome.REFUSED
            case _:
                return SinkOutcome.REFUSED

    def _post_in_thread(self, place: str, content: ReminderContent) -> PostPlace:
        card = self._card(ModelKey(place.partition("/")[2]))
        if card is None or not card.ts:
            raise ThreadUnavailable("thread_not_found")
        try:
            return self._posted(card.channel, {"thread_ts": card.ts}, content)
        except ApiRefused as refused:
            if refused.code in _OF_THE_CHANNEL:
                raise ThreadUnavailable(refused.code) from refused
            raise

    def _posted(self, channel: str, thread: Mapping[str, str], content: ReminderContent) -> PostPlace:
        self._writes()
        posted = self._api.call(
            "chat.postMessage",
            channel=channel,
            text=content.message.text,
            blocks=content.message.blocks or None,
            metadata=with_epoch(
                {"event_type": EVENT_TYPE, "event_payload": {"keys": list(content.keys)}}, self._epoch
            ),
            unfurl_links=False,
            unfurl_media=False,
            **thread,
        )
        return PostPlace(external_id=str(posted["ts"]), place=channel, carried=content.keys)

    def _conversation(self, person: str) -> str:
        if fault := self._not_opened.pop(person, None):
            raise fault
        if person not in self._conversations:
            opened = self._api.call("conversations.open", users=person)
            self._conversations[person] = str(opened["channel"]["id"])
        return self._conversations[person]


class _Payload(msgspec.Struct):
    keys: list[ReminderKey] = []


class _Metadata(msgspec.Struct):
    event_type: str = ""
    event_payload: _Payload = msgspec.field(default_factory=_Payload)


def _carried_by(message: Json) -> set[ReminderKey]:
    try:
        metadata = msgspec.convert(message.get("metadata") or {}, _Metadata)
    except msgspec.ValidationError:
        return set()  # another app's
    return set(metadata.event_payload.keys) if metadata.event_type == EVENT_TYPE else set()
