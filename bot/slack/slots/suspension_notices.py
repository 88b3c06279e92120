"""Notices by direct message that a model's card is suspended, and how to resume it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import structlog

from bot.slack.protocol.block_builders import Message, actions, message, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.slack_limits import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.slots.channel_suspensions import SuspendedCard
from bot.slack.slots.slot_context import SlotContext
from bot.slack.ui.modals.steering.more_page import allow_button
from domain.kernel.elements import ChannelId, PersonId

log = structlog.get_logger()

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
