"""Reminders as slots: one for each batch, posted once and edited to show the outcome."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.delivery.call_budget import TooEarly
from bot.delivery.slot_kinds import (
    Deleted,
    Desired,
    Gone,
    PostPlace,
    Sink,
    SlotKind,
    Uncertain,
    Unchanged,
    content_digest,
)
from bot.delivery.work_kinds import NO_WAIT, Done, Kind, Waits
from bot.scheduled_jobs.reminder_batches import REMINDER, ReminderBatches
from bot.slack.projectors.direct_message_slots import KEPT_FOR
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.slack_limits import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.web_api_client import ApiRefused
from bot.slack.queries.reminder_list import ReminderReader, SentReminder
from bot.slack.queries.services import Services
from bot.slack.sinks.failure_classification import PERMANENT_CODES
from bot.slack.sinks.outcomes import TOO_MUCH
from bot.slack.sinks.reminder_posts import ReminderContent
from bot.slack.ui.messages.reminder_message import reminder_message
from bot.store import StreamId
from bot.store.records import model_stream
from bot.store.reminder_store import ReminderRow, ReminderStore
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.salted_digests import matches_salted_digest
from bot.store.work_queue import Claim
from domain.kernel.elements import ModelKey
from domain.reminder_deliveries import DeliveryState, SkipReason

RETRY_DELAY = timedelta(seconds=10)
"""Delay before retrying a call that had no effect."""

SUSPENDED_DELAY = timedelta(minutes=10)
"""Delay before retrying a thread that cannot be written to, or a bot that may not write."""

_NEVER_EDITED: Final = UNREACHABLE_PERSON_CODES | TOO_MUCH
"""Error codes after which a message is not edited again."""

Compose = Callable[[Sequence[Sequence[SentReminder]]], list[Message]]
"""Composes the messages that show some reminders each, with their current state."""


class ReminderSlots:
    """Slot declarations for batches of reminders.

    `sent` is called with each model whose reminders were sent; `touch` makes a slot due.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        reminder_store: ReminderStore,
        batches: ReminderBatches,
        sink: Sink[ReminderContent],
        *,
        compose: Compose,
        touch: Callable[[DeliveryRecord], None],
        sent: Callable[[StreamId], None],
        now: Callable[[], datetime],
        waits: Waits,
        tenant: str,
    ) -> None:
        self._deliveries = deliveries
        self._reminder_store = reminder_store
        self._batches = batches
        self._sink = sink
        self._compose = compose
        self._touch = touch
        self._sent = sent
        self._now = now
        self._waits = waits
        self._tenant = tenant

    def planning(self) -> Kind:
        """Return the work that finds the outdated messages about one model."""
        return Kind(name="sent-reminders", waits=self._waits, run=self._plan)

    def slots(self) -> SlotKind[ReminderContent]:
        """Return the slot kind: how the message of a batch is posted, found again and edited."""
        return SlotKind(
            name=REMINDER,
            waits=NO_WAIT,
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
            self._sent(model_stream(self._tenant, model))

    def _postponed(self, record: DeliveryRecord, fault: Exception) -> None:
        match fault:
            case TooEarly(seconds=seconds):
                self._postpone(record, SkipReason.SLOW_DOWN, timedelta(seconds=seconds))
            case ApiRefused(code="ratelimited", retry_after=seconds):
                wait = timedelta(seconds=seconds) if seconds else RETRY_DELAY
                self._postpone(record, SkipReason.SLOW_DOWN, wait)
            case ApiRefused(code=code) if code in PERMANENT_CODES:
                self._postpone(record, SkipReason.NOT_REACHED, SUSPENDED_DELAY)
            case _:
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
        known = self._deliveries.find(record.slot)
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
            for record in self._deliveries.in_place(place)
            if record.kind == REMINDER and record.external_id in messages and not record.final
        ]
        # Composed together: most are about one model, whose register is then computed once.
        sent = [_sent_reminders(self._reminder_store.in_message(one.place, one.external_id)) for one in live]
        for record, message in zip(live, self._compose(sent), strict=True):
            if not matches_salted_digest(record.shown, content_digest(message)):
                self._touch(record)
        return Done()


def _sent_reminders(reminders: Sequence[ReminderRow]) -> list[SentReminder]:
    return [SentReminder(key=one.delivery.key, due=one.due, sent=one.delivery.at) for one in reminders]


def compose_reminders(services: Services, reminded: Sequence[Sequence[SentReminder]]) -> list[Message]:
    """Return the messages that show some reminders each, with their current state."""
    reminders = iter(ReminderReader(services).all([one for sent in reminded for one in sent]))
    return [reminder_message([next(reminders) for _ in sent]) for sent in reminded]
