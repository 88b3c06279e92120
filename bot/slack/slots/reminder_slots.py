"""Reminders as slots: one message for each batch, posted once and edited to show the outcome."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import msgspec
import structlog

from bot.delivery.call_budget import TooEarly
from bot.delivery.slot_kinds import (
    AnyKind,
    Deleted,
    Desired,
    Gone,
    NoPost,
    PostPlace,
    Sink,
    SinkOutcome,
    SlotKind,
    Uncertain,
    Unchanged,
    content_digest,
)
from bot.delivery.work_kinds import Done, Kind
from bot.scheduled_jobs.reminder_batches import REMINDER, ReminderBatches, is_of_thread, place_of_slot
from bot.slack.projectors.direct_messages import KEPT_FOR, shows
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.slack_limits import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.queries.reminder_list import ReminderReader, SentReminder
from bot.slack.queries.services import Services
from bot.slack.sinks.outcomes import DIRECT_OUTCOMES, FAULTS, PERMANENT_CODES, TOO_MUCH
from bot.slack.sinks.posted_messages import (
    SlackMessages,
    conversation_history,
    epoch_of_message,
    event_type_of,
    metadata_of,
    open_conversation,
)
from bot.slack.slots.slot_context import SlotContext, SlotDeclaration
from bot.slack.ui.messages.reminder_message import reminder_message
from bot.store.records import model_stream
from bot.store.reminder_store import ReminderRow
from bot.store.repositories.cards import Card
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Claim
from domain.kernel.elements import ModelKey
from domain.reminder_deliveries import DeliveryState, ReminderKey, SkipReason

EVENT_TYPE: Final = event_type_of(REMINDER)
"""Type of the message metadata; its payload has the keys of the reminders."""

RETRY_DELAY = timedelta(seconds=10)
"""Delay before retrying a call that had no effect."""

SUSPENDED_DELAY = timedelta(minutes=10)
"""Delay before retrying a thread that cannot be written to, or a bot that may not write."""

_NEVER_EDITED: Final = UNREACHABLE_PERSON_CODES | TOO_MUCH
"""Error codes after which a message is not edited again."""

_NO_THREAD: Final = {"is_archived", "not_in_channel", "channel_not_found", "is_inactive", "thread_not_found"}

log = structlog.get_logger()


class ReminderContent(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a message with reminders: the message, and the keys of the reminders."""

    message: Message
    keys: tuple[ReminderKey, ...] = ()


class ThreadUnavailable(ApiRefused):
    """Error: nothing can be posted in the thread of a model at the moment."""


class ReminderMessages(SlackMessages[ReminderContent]):
    """Messages with reminders, found again by the keys in their metadata.

    `card` returns a model's card, whose thread holds its reminders to everyone; `keys` returns the keys in a
    slot's batch. `writes` is called before each post.
    """

    def __init__(
        self,
        api: SlackApi,
        *,
        card: Callable[[ModelKey], Card | None],
        keys: Callable[[DeliveryRecord], tuple[ReminderKey, ...]],
        writes: Callable[[], None],
        epoch: str = "",
    ) -> None:
        super().__init__(api, DIRECT_OUTCOMES)
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
            return self._posted(conversation, content)
        except ApiRefused:
            self._conversations.pop(place, None)
            raise

    def update(self, record: DeliveryRecord, content: ReminderContent) -> None:
        """Show the outcome of the items in a reminder."""
        self.edit(record, content.message)

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost:
        """Search for a message with one of the keys of a batch; threads cannot be searched."""
        if is_of_thread(record.slot):
            return NoPost()
        wanted, conversation = set(self._keys(record)), self._conversation(place_of_slot(record.slot))
        for posted in conversation_history(self.api, conversation):
            if epoch_of_message(posted) == self._epoch and (carried := _carried_by(posted) & wanted):
                return PostPlace(
                    external_id=str(posted["ts"]), place=conversation, carried=(*carried,), found=True
                )
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call."""
        if isinstance(fault, ThreadUnavailable):
            return SinkOutcome.SUSPENDED
        outcome = super().outcome(fault)
        is_final = outcome is SinkOutcome.REFUSED and isinstance(fault, ApiRefused)
        if is_final and fault.code not in UNREACHABLE_PERSON_CODES:
            log.error("Slack refused the message of a reminder", code=fault.code, detail=fault.detail)
        return outcome

    def _post_in_thread(self, place: str, content: ReminderContent) -> PostPlace:
        card = self._card(ModelKey(place.partition("/")[2]))
        if card is None or not card.ts:
            raise ThreadUnavailable("thread_not_found")
        try:
            return self._posted(card.channel, content, thread_ts=card.ts)
        except ApiRefused as refused:
            if refused.code in _NO_THREAD:
                raise ThreadUnavailable(refused.code) from refused
            raise

    def _posted(self, channel: str, content: ReminderContent, **thread: str) -> PostPlace:
        self._writes()
        metadata = metadata_of(EVENT_TYPE, {"keys": list(content.keys)}, self._epoch)
        ts = self.send(channel, content.message, metadata=metadata, **thread)
        return PostPlace(external_id=ts, place=channel, carried=content.keys)

    def _conversation(self, person: str) -> str:
        if fault := self._not_opened.pop(person, None):
            raise fault
        if person not in self._conversations:
            self._conversations[person] = open_conversation(self.api, person)
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


Compose = Callable[[Sequence[Sequence[SentReminder]]], list[Message]]
"""Composes the messages that show some reminders each, with their current state."""


class ReminderSlots(SlotDeclaration):
    """Slot declarations for batches of reminders."""

    def __init__(
        self,
        context: SlotContext,
        batches: ReminderBatches,
        sink: Sink[ReminderContent],
        *,
        compose: Compose | None = None,
    ) -> None:
        super().__init__(context)
        self._reminder_store = context.unit.reminders
        self._batches = batches
        self._sink = sink
        self._compose = compose or partial(compose_reminders, context.reader)
        self._now = context.reader.now

    def work(self) -> list[Kind]:
        """Return the work that finds the outdated messages about one model."""
        return [Kind(name="sent-reminders", waits=self.context.pace.of("sent-reminders"), run=self._plan)]

    def slots(self) -> list[AnyKind]:
        """Return the slot kind: how the message of a batch is posted, found again and edited."""
        kind = SlotKind(
            name=REMINDER,
            sink=self._sink,
            desired=self._look,
            uncertain=Uncertain.SEARCH,
            deleted=Deleted.LEAVE,
            repeat_after_search=True,
            digest=lambda content: content_digest(content.message),
            recorded=self._recorded,
            postponed=self._postponed,
            suspended=lambda record, _: self._postpone(record, SkipReason.NOT_REACHED, SUSPENDED_DELAY),
            refused=self._refused,
        )
        return [kind]

    def _look(self, record: DeliveryRecord) -> Desired[ReminderContent] | Gone | Unchanged:
        if record.external_id:
            return self._as_it_is_now(record)
        if record.is_uncertain:
            # The slot becomes due again once it is known whether a message exists.
            return Desired(content=ReminderContent(message=Message(text="", blocks=[])))
        attempt = self._batches.attempt_of(record.slot)
        if attempt is None:
            return Gone()
        planned = self._batches.plan(attempt)
        if not planned.due:
            self._batches.drop(attempt, planned.rest)
            return Gone()
        now = self._now()
        reminded = [SentReminder(key=one.key, due=one.due, sent=now) for one in planned.due]
        (message,), keys = self._compose([reminded]), tuple(one.key for one in planned.due)
        # A reminder without its buttons is better than none.
        words = Message(text=f"{message.text}. See the Home tab for all of them.", blocks=[])
        return Desired(
            content=ReminderContent(message=message, keys=keys),
            shorter=ReminderContent(message=words, keys=keys),
        )

    def _as_it_is_now(self, record: DeliveryRecord) -> Desired[ReminderContent] | Unchanged:
        sent = self._reminder_store.in_message(record.place, record.external_id)
        if not sent:
            return Unchanged()
        (message,) = self._compose([_sent_reminders(sent)])
        old = all(one.delivery.at <= self._now() - KEPT_FOR for one in sent)
        return Desired(content=ReminderContent(message=message), last=old)

    def _recorded(self, record: DeliveryRecord, posted: PostPlace) -> None:
        models = self._batches.sent(record, posted.carried, found=posted.found)
        for model in models:
            stream = model_stream(self.context.unit.tenant, model)
            self.context.scheduler.schedule_model(stream, "sent-reminders")

    def _postponed(self, record: DeliveryRecord, fault: Exception) -> None:
        match fault:
            case TooEarly(seconds=seconds):
                self._postpone(record, SkipReason.SLOW_DOWN, timedelta(seconds=seconds))
            case ApiRefused(code="ratelimited", retry_after=seconds):
                wait = timedelta(seconds=seconds) if seconds else RETRY_DELAY
                self._postpone(record, SkipReason.SLOW_DOWN, wait)
            case ApiRefused(code=code) if code in PERMANENT_CODES:
                self._postpone(record, SkipReason.NOT_REACHED, SUSPENDED_DELAY)
            case Exception():
                self._postpone(record, SkipReason.NOT_REACHED, RETRY_DELAY)

    def _postpone(self, record: DeliveryRecord, why: SkipReason, wait: timedelta) -> None:
        if self._is_free(record):
            self._batches.postpone(record.slot, why, self._now() + wait)

    def _refused(self, record: DeliveryRecord, fault: Exception) -> bool:
        code = fault.code if isinstance(fault, ApiRefused) else type(fault).__name__
        if record.external_id and code not in _NEVER_EDITED:
            raise fault  # for example, the channel is archived: retry
        if self._is_free(record):
            self._batches.failed(record.slot, code)
        return True

    def _is_free(self, record: DeliveryRecord) -> bool:
        """Return whether no message may exist, including one of a process that took over meanwhile."""
        known = self.deliveries.find(record.slot)
        return known is not None and not known.attempt and not known.external_id

    def _plan(self, claim: Claim) -> Done:
        since = self._now() - KEPT_FOR
        places: dict[str, set[str]] = {}
        for one in self._reminder_store.of(ModelKey(claim.item.subject)).values():
            if one.state is DeliveryState.SENT and one.at > since:
                places.setdefault(one.channel, set()).add(one.ts)
        live = [
            record
            for place, messages in places.items()
            for record in self.deliveries.in_place(place)
            if record.kind == REMINDER and record.external_id in messages and not record.final
        ]
        # Composed together: most are about one model, whose register is then computed once.
        sent = [_sent_reminders(self._reminder_store.in_message(one.place, one.external_id)) for one in live]
        for record, message in zip(live, self._compose(sent), strict=True):
            if not shows(record, message):
                self.context.touch(record)
        return Done()


def _sent_reminders(reminders: Sequence[ReminderRow]) -> list[SentReminder]:
    return [SentReminder(key=one.delivery.key, due=one.due, sent=one.delivery.at) for one in reminders]


def compose_reminders(services: Services, reminded: Sequence[Sequence[SentReminder]]) -> list[Message]:
    """Return the messages that show some reminders each, with their current state."""
    reminders = iter(ReminderReader(services).all([one for sent in reminded for one in sent]))
    return [reminder_message([next(reminders) for _ in sent]) for sent in reminded]
