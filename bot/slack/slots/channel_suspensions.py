"""Suspension of cards that cannot be shown, and the direct messages about it."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec
import structlog
from msgspec.structs import replace

from bot.delivery.work_kinds import Done, Kind
from bot.metrics import Metrics
from bot.slack.protocol.block_builders import Message, actions, message, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.slack_limits import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.outcomes import OF_THE_CHANNEL
from bot.slack.slots.slot_context import SlotContext
from bot.slack.slots.work_scheduler import OF_A_MODEL
from bot.slack.ui.modals.steering.more_page import allow_button
from bot.store.repositories.cards import Card, Cards
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.workspace_directory import Channel
from bot.store.work_queue import Claim
from domain.kernel.elements import ChannelId, PersonId
from domain.model import ThreatModel
from domain.register import ThreatRegister

log = structlog.get_logger()

_SHARED = "shared"

_NOTIFY_AGAIN = 6
"""Interval between attempts to send a waiting suspension notice, in polls for files."""


class SuspendedCard(msgspec.Struct, frozen=True, kw_only=True):
    """A suspended card and the register of its model."""

    card: Card
    register: ThreatRegister


class ChannelSuspensions:
    """Suspends cards and resumes them.

    `learn` reports the reason for Slack's refusal to the directory. `notify` receives the suspended cards
    of a channel and the reason; it returns the cards that need no further notice. The other cards are passed
    to it again later. `suspended` receives each channel whose cards were suspended.
    """

    def __init__(
        self,
        context: SlotContext,
        *,
        learn: Callable[[ChannelId, str], None],
        notify: Callable[[Sequence[SuspendedCard], str], Sequence[SuspendedCard]],
        suspended: Callable[[ChannelId], None],
        metrics: Metrics,
    ) -> None:
        self._context = context
        self._cards = context.unit.cards
        self._channel_of = context.reader.directory.channel
        self._learn = learn
        self._notify = notify
        self._suspended = suspended
        self._metrics = metrics
        self._suspending = threading.Lock()

    def active_card(self, card: Card, register: ThreatRegister) -> Card | None:
        """Return the card if it may be shown; None while it is suspended."""
        why = suspension_reason(self._channel_of(card.channel), register)
        if why:
            if not card.suspension_reason:
                self.suspend(card.channel, why)
            return None
        if card.suspension_reason and card.suspension_reason not in OF_THE_CHANNEL:
            return None  # no event announces the end of this suspension: the next periodic update tries again
        return replace(card, suspension_reason=None)

    def refused(self, card: Card, register: ThreatRegister, why: str) -> None:
        """Suspend a card that Slack refused; if the reason concerns the channel, suspend all of its cards."""
        if why in OF_THE_CHANNEL:
            self._learn(card.channel, OF_THE_CHANNEL[why])
            self.suspend(card.channel, OF_THE_CHANNEL[why])
        else:
            self._suspend([SuspendedCard(card=card, register=register)], why)

    def post_refused(self, record: DeliveryRecord, fault: Exception) -> None:
        """Suspend the card of a model after Slack refused the card, or a message in its thread."""
        card = self._cards.find(record.stream)
        if card is None or card.channel != record.place or not isinstance(fault, ApiRefused):
            raise fault  # the channel's ID has changed: the next try uses the new one
        self.refused(card, self._context.reader.register(record.stream), fault.code)

    def file_refused(self, record: DeliveryRecord, fault: Exception) -> None:
        """Suspend the card of a model whose file Slack refused."""
        card = self._cards.find(record.stream)
        register = self._context.register(card.stream) if card is not None else None
        if card is not None and register is not None and isinstance(fault, ApiRefused):
            self.refused(card, register, fault.code)

    def suspend(self, channel: ChannelId, why: str) -> None:
        """Suspend the cards of a channel: they stay unchanged."""
        known = [
            SuspendedCard(card=card, register=register)
            for card in self._cards.in_channel(channel)
            if not card.suspension_reason
            if (register := self._context.register(card.stream)) is not None
        ]
        self._suspend([one for one in known if not (why == _SHARED and one.register.sharing_allowed)], why)

    def resume(self, channel: ChannelId) -> None:
        """Resume the cards of a channel that may be shown again."""
        self._resume(self._cards.in_channel(channel))

    def review(self, channel: ChannelId) -> None:
        """Suspend or resume the cards of a channel after the directory has read it.

        This follows each regular read, so only the models whose cards may change are loaded.
        """
        known = self._channel_of(channel)
        why, cards = _channel_reason(known), self._cards.in_channel(channel)
        if why and not all(card.suspension_reason for card in cards):
            self.suspend(channel, why)
        may_resume = [card for card in cards if card.suspension_reason and why in ("", _SHARED)]
        self._resume(
            card
            for card in may_resume
            if (register := self._context.register(card.stream)) and not suspension_reason(known, register)
        )

    def work(self) -> list[Kind]:
        """Return the work that sends the pending notices."""
        return [Kind(name="resting", waits=self._context.pace.of("resting"), run=self._notify_waiting)]

    def _notify_waiting(self, _: Claim) -> Done:
        waiting: defaultdict[tuple[ChannelId, str], list[SuspendedCard]] = defaultdict(list)
        with self._suspending:
            for card in self._cards.all():
                if card.suspension_reason and card.notified_reason != card.suspension_reason:
                    register = self._context.register(card.stream)
                    if register is not None:
                        waiting[card.channel, card.suspension_reason].append(
                            SuspendedCard(card=card, register=register)
                        )
            complete = [self._notify_about(cards, why) for (_, why), cards in waiting.items()]
        again_after = _NOTIFY_AGAIN * self._context.pace.file_poll_seconds
        return Done() if all(complete) else Done(again_after=again_after)

    def _resume(self, cards: Iterable[Card]) -> None:
        resumed = list(cards)
        for card in resumed:
            if card.suspension_reason:
                self._cards.record_suspension(card.stream, None)
        streams = [card.stream for card in resumed]
        self._context.scheduler.schedule_models(*streams, kinds=OF_A_MODEL)

    def _suspend(self, cards: Sequence[SuspendedCard], why: str) -> None:
        # An event and a refusal arrive on different threads, often at the same time.
        with self._suspending:
            # The channel's ID may have changed meanwhile: nothing was refused under the new one.
            in_channel = [card for card in cards if self._now(card.card).channel == card.card.channel]
            active = [one for one in in_channel if not self._now(one.card).suspension_reason]
            unannounced = [one for one in active if self._now(one.card).notified_reason != why]
            for one in active:
                self._cards.record_suspension(one.card.stream, why)
                self._metrics.delivery("card", "resting")
                log.warning("card suspended", stream=one.card.stream, channel=one.card.channel, why=why)
            for channel in {one.card.channel for one in active}:
                self._suspended(channel)
            if unannounced and not self._notify_about(unannounced, why):
                self._context.scheduler.schedule_workspace("resting")

    def _notify_about(self, cards: Sequence[SuspendedCard], why: str) -> bool:
        """Send notices about some cards; return whether none is pending."""
        notified = self._notify(cards, why)
        for one in notified:
            self._cards.record_notice(one.card.stream, why)
        return len(notified) == len(cards)

    def _now(self, card: Card) -> Card:
        return self._cards.find(card.stream) or card


def is_suspended(cards: Cards, channel: ChannelId) -> bool:
    """Return whether a card cannot be shown in a channel."""
    return any(card.suspension_reason for card in cards.in_channel(channel))


def suspension_reason(channel: Channel | None, model: ThreatRegister | ThreatModel) -> str:
    """Return Slack's code for why a model may not be shown in its channel; empty if it may."""
    why = _channel_reason(channel)
    return "" if why == _SHARED and model.sharing_allowed else why


def _channel_reason(channel: Channel | None) -> str:
    """Return the reason that applies to the models of a channel; a model may allow that it is shared."""
    if channel is None:
        return ""
    if channel.archived:
        return "is_archived"
    if not channel.bot_inside:
        return "not_in_channel"
    return _SHARED if channel.shared else ""


People = tuple[PersonId, ...]
"""Candidate recipients: the first one to whom the bot may write is notified."""


class SuspensionNotices:
    """Sends one notice for all models of a channel to a remaining member; none if no candidate is left.

    `api` calls Slack immediately; `later` accepts work that does.
    """

    def __init__(
        self, context: SlotContext, api: SlackApi, *, later: Callable[[Callable[[], None]], None]
    ) -> None:
        self._context = context
        self._directory = context.reader.directory
        self._api = api
        self._later = later

    def notify(self, cards: Sequence[SuspendedCard], why: str) -> Sequence[SuspendedCard]:
        """Send notices about a channel's suspended cards; return those that need no further notice.

        The other cards wait for the working hours of their recipient.
        """
        done: list[SuspendedCard] = []
        by_people: defaultdict[People, list[SuspendedCard]] = defaultdict(list)
        for card in cards:
            by_people[self._people(card)].append(card)
        for people, their_cards in by_people.items():
            place = their_cards[0].card.channel
            if people and self._context.waits_until(people[0], place) is not None:
                continue
            done += their_cards
            channel = self._directory.channel(place)
            invite = self._context.reader.installation.invite
            name = channel.name if channel else ""
            message = suspension_message(their_cards, why, channel=name, invite=invite)
            self._later(lambda people=people, message=message: self._tell(people, message))
        return done

    def _people(self, one: SuspendedCard) -> People:
        channel = one.card.channel
        candidates = dict.fromkeys((one.register.facilitator, self._context.reader.starter(one.card.stream)))
        return tuple(person for person in candidates if self._is_there(channel, person))

    def _is_there(self, channel: ChannelId, person: PersonId) -> bool:
        # The directory keeps the members of a channel after the bot was removed from it.
        known = self._directory.person(person)
        gone = known is not None and (known.deactivated or known.bot or known.foreigner)
        return not gone and person in self._directory.records.members(channel)

    def _tell(self, people: Iterable[PersonId], message: Message) -> None:
        for person in people:
            try:
                direct = self._api.call("conversations.open", users=person)["channel"]["id"]
                self._api.call("chat.postMessage", channel=direct, text=message.text, blocks=message.blocks)
            except ApiRefused as refused:
                log.warning("notice of a suspended card not sent", person=person, code=refused.code)
                if refused.code not in UNREACHABLE_PERSON_CODES:
                    return
            except ApiUnreachable as fault:
                log.warning("notice of a suspended card not sent", person=person, fault=fault.code)
                return
            else:
                return
        log.warning("no one received the notice of a suspended card")


def suspension_message(cards: Sequence[SuspendedCard], why: str, *, channel: str, invite: str) -> Message:
    """Return the message about why cards of a channel are suspended, and how to resume them."""
    reason, remedy = _WHY.get(
        why, (f"Slack refuses the message ({escape(why)})", f"{_RETRIED.capitalize()}.")
    )
    registers = [card.register for card in cards]
    if len(registers) == 1:
        which = f"the card of {registers[0].key} “{escape_name(registers[0].name)}”"
    else:
        keys = [register.key for register in registers[:_KEYS]]
        more = f" and {len(registers) - _KEYS} more" if len(registers) > _KEYS else ""
        which = f"the cards of {', '.join(keys)}{more}"
    where = f"#{escape_name(channel)}" if channel else "its channel"
    # Formatted as code, so that it can be copied unchanged.
    remedy_text = remedy.format(invite=f"`{invite}`")
    text = f"I cannot update {which} in {where}: {reason}. All data is kept. {remedy_text}"
    allowing = [
        allow_button(card.card.stream, card.register, label=f"Allow for {card.register.key}")
        for card in cards[:_BUTTONS]
        if why == "shared"
    ]
    return message(text, [section(text), *([actions(*allowing)] if allowing else [])])


_KEYS = 20
_BUTTONS = 5

_RESUMES = "the card is then updated automatically"
_RETRIED = "the bot retries every ten minutes"

_WHY = {
    "channel_deleted": (
        "the channel was deleted",
        "Start a new model in the team's current channel; the operator of the bot can still read this one.",
    ),
    "is_archived": ("the channel is archived", f"Unarchive it; {_RESUMES}."),
    "not_in_channel": (
        "the bot is not in that channel, or the channel was deleted",
        f"Type {{invite}} there; {_RESUMES}.",
    ),
    "restricted_action": (
        "the bot is not allowed to post there",
        f"Ask an administrator to allow the bot to post; {_RETRIED}.",
    ),
    "restricted_action_non_threadable_channel": (
        "replies in threads are disabled there",
        f"Ask an administrator to enable them; {_RETRIED}.",
    ),
    "restricted_action_read_only_channel": (
        "the channel is read-only",
        f"Ask an administrator to allow the bot to post; {_RETRIED}.",
    ),
    "restricted_action_thread_locked": (
        "the thread of the card is locked",
        f"Ask an administrator to unlock it; {_RETRIED}.",
    ),
    "restricted_action_thread_only_channel": (
        "only replies in threads are allowed there",
        f"Ask an administrator to allow the bot to post; {_RETRIED}.",
    ),
    "shared": (
        "the channel is now shared with another organization, whose members would see it",
        f"Ask an administrator of this workspace to allow that, or end the sharing; {_RESUMES}.",
    ),
}
