"""The messages in a card's thread as slots: one for each sitting, and one for each result."""

from collections.abc import Callable

from bot.commands.command_handler import NoSuchModel
from bot.delivery.slot_kinds import Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.slack.projectors.results import wanted_results
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from bot.slack.queries.model_reader import ModelReader
from bot.slack.queries.work_session_reader import WorkSessionReader
from bot.slack.sinks.channel_messages import ChannelMessages
from bot.slack.sinks.outcomes import OF_THE_THREAD
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.ui.messages.thread_announcements import (
    closed_message,
    moved_message,
    session_message,
    short_session_message,
)
from bot.slack.ui.modals.steering.closing_page import closing_proposal_message
from bot.store import StreamId
from bot.store.repositories.cards import Card, Cards
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.thread_messages import RESULT, SITTING, ThreadMessages, version_of
from domain.events import ClosingProposed, Erased, Event, PhaseMoved, RoundClosed, ThreatModelClosed
from domain.register import ThreatRegister

Look = Desired[Message] | Gone | Unchanged


class ThreadSlots:
    """Declares the slots of a thread.

    A message waits for those before it and for the card. `touch` makes a slot due; `unthreaded` is told of a
    card that Slack does not find, `written` of each message that was written.
    """

    def __init__(
        self,
        cards: Cards,
        messages: ThreadMessages,
        sessions: WorkSessionReader,
        api: SlackApi,
        suspensions: ChannelSuspensions,
        reader: ModelReader,
        *,
        touch: Callable[[DeliveryRecord], None],
        writes: Callable[[], None],
        unthreaded: Callable[[StreamId], None],
        written: Callable[[DeliveryRecord], None],
    ) -> None:
        self._cards = cards
        self._messages = messages
        self._sessions = sessions
        self._api = api
        self._suspensions = suspensions
        self._reader = reader
        self._touch = touch
        self._writes = writes
        self._unthreaded = unthreaded
        self._on_written = written

    def kinds(self) -> list[SlotKind[Message]]:
        """Return the declarations. Of a result Slack may have taken, nobody is told twice."""
        return [
            self._kind(SITTING, self._look_at_sitting, Uncertain.POST_AGAIN, broadcast=False),
            self._kind(RESULT, self._look_at_result, Uncertain.LEAVE, broadcast=True),
        ]

    def _kind(
        self, name: str, look: Callable[[DeliveryRecord], Look], uncertain: Uncertain, *, broadcast: bool
    ) -> SlotKind[Message]:
        return SlotKind(
            name=name,
            group="channels",
            sink=ChannelMessages(self._api, writes=self._writes, broadcast=broadcast),
            look=lambda record: self._seen(record, look),
            uncertain=uncertain,
            deleted=Deleted.LEAVE,
            rested=self._rested,
            refused=self._refused,
            unthreaded=self._doubt_card,
            settled=self._settled,
            written=self._written,
        )

    def _seen(self, record: DeliveryRecord, look: Callable[[DeliveryRecord], Look]) -> Look:
        try:
            register = self._reader.register(record.stream)
        except NoSuchModel:
            return Gone()
        card = self._cards.find(record.stream)
        card = self._suspensions.active_card(card, register) if card else None
        if card is None or card.ts is None:
            return Unchanged()  # once the card is shown, what is owed in its thread is looked at again
        if record.external_id or self._is_in_turn(record, card):
            return look(record)
        return Unchanged()

    def _is_in_turn(self, record: DeliveryRecord, card: Card) -> bool:
        """Whether a message can be posted now: into the thread of the present card, after those before it."""
        if record.thread != card.ts:
            self._messages.move(record, card.ts or "")
            self._touch(record)
            return False
        owed = [one for one in self._messages.owed(record.stream) if one.kind == record.kind]
        return not owed or version_of(owed[0]) >= version_of(record)

    def _look_at_sitting(self, record: DeliveryRecord) -> Look:
        sitting = self._sessions.read(record)
        if sitting.empty and not record.external_id:
            return Gone()
        shown = session_message(record.stream, sitting, self._reader.naming)
        return Desired(content=shown, shorter=short_session_message(record.stream))

    def _look_at_result(self, record: DeliveryRecord) -> Look:
        version = version_of(record)
        events = list(enumerate(self._reader.events(record.stream, version - 1), start=version))
        event, register = events[0][1], self._reader.register(record.stream)
        if isinstance(event, Erased):
            return Gone()
        if not record.external_id and version not in dict(wanted_results(events, register)):
            return Gone()  # it does not hold any more
        shown = self._message(record.stream, event, register)
        if shown is None:
            return Unchanged()
        changes = isinstance(event, RoundClosed)
        return Desired(content=shown, shorter=short_session_message(record.stream), last=not changes)

    def _message(self, stream: StreamId, event: Event, register: ThreatRegister) -> Message | None:
        match event:
            case ThreatModelClosed():
                return closed_message(stream, register, event, self._reader.naming)
            case ClosingProposed():
                return closing_proposal_message(stream, register, self._reader.naming)
            case PhaseMoved():
                return moved_message(register, event, self._reader.naming)
            case RoundClosed():
                return self._reader.result(stream, event)
            case _:
                return None

    def _rested(self, record: DeliveryRecord, fault: Exception) -> None:
        card = self._cards.find(record.stream)
        if card is None or card.channel != record.place or not isinstance(fault, ApiRefused):
            raise fault  # the channel has another id by now, where it is to be tried again
        self._suspensions.refused(card, self._reader.register(record.stream), fault.code)

    def _refused(self, record: DeliveryRecord, fault: Exception) -> bool:
        del record
        raise fault

    def _doubt_card(self, record: DeliveryRecord) -> None:
        """Slack does not find the card of a thread: an update of the card shows whether it is there."""
        if self._cards.find(record.stream) is not None:
            self._cards.doubt(record.stream)
            self._unthreaded(record.stream)

    def _written(self, record: DeliveryRecord) -> None:
        card = self._cards.find(record.stream)
        if card is not None and card.told in OF_THE_THREAD:
            self._cards.tell(record.stream, None)  # it is open again: the next lock is told of again
        self._on_written(record)

    def _settled(self, record: DeliveryRecord) -> None:
        """The next message that waits has its turn."""
        owed = [one for one in self._messages.owed(record.stream) if one.kind == record.kind]
        if owed:
            self._touch(owed[0])
