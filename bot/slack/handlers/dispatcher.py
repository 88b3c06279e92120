"""The one way in: reads what Slack brings, checks who it is, lets a listener answer, and says no in words."""

import time
from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from bot.commands.command_handler import NoSuchModel
from bot.metrics import Metrics
from bot.slack.directory.member_directory import Membership
from bot.slack.directory.people_checks import PeopleCannotAct, PeopleNotLookedUp
from bot.slack.handlers.confirmations import waiting_modal
from bot.slack.handlers.handler_responses import (
    CheckPending,
    DeleteMessage,
    HandlerResponse,
    ReadChannel,
    field_errors,
    private_message,
    respond_privately,
)
from bot.slack.handlers.refusals import Refusals, not_understood
from bot.slack.handlers.request_subjects import check_same_model, chosen_targets, page_target
from bot.slack.protocol.idempotency_keys import command_key
from bot.slack.protocol.interactions import ButtonKind, FormName, StaleButton, Target, decode_target
from bot.slack.protocol.payload_parsing import UnreadablePayload
from bot.slack.protocol.request_reader import RequestReader
from bot.slack.protocol.requests import (
    BlockAction,
    Json,
    Request,
    RequestKind,
    ShortcutRequest,
    SlashCommand,
    ViewSubmission,
    is_direct_message,
    is_group_conversation,
)
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form import FieldErrors
from bot.slack.ui.messages.notices import refusal
from bot.slack.ui.modals.form_registry import FORMS, target_of
from bot.store import StoreUnavailable
from bot.store.repositories.pending_requests import PendingRequest, PendingRequests
from domain.kernel.elements import ChannelId, PersonId
from domain.rejections import Rejected

ONE_MOMENT = "One moment: I am checking that you are a member of this channel. What you said is kept."
GROUP = (
    "Threat models live in channels, and this is a group conversation, whose members I cannot see. "
    "Please use a channel: create one for these people, or choose one where I am a member."
)

LOOKING_UP = "One moment: I am looking up the people you named. What you said is kept."

_ASKED_ON = (Membership.UNKNOWN, Membership.DEACTIVATED)
"""What only a look at Slack turns into a refusal: people come in, and accounts are activated again."""

_MAYBE_OUTSIDE = (Membership.UNKNOWN, Membership.STRANGER, Membership.UNSEEN)

log = structlog.get_logger()


Handler = Callable[[Services, Request, Target], HandlerResponse]


class Dispatcher:
    """Answers every request of a person; nothing in here calls Slack.

    `route` finds the listener; `for_everyone` says whether a request shows nothing and changes nothing, so
    that everyone who has an account may make it; `orphan` says whether a message was left behind by
    a crash; `refused` the standing of a person who was just refused in a channel.
    """

    def __init__(
        self,
        services: Services,
        waiting: PendingRequests,
        request_reader: RequestReader,
        *,
        route: Callable[[Request], Handler],
        for_everyone: Callable[[Request, Target], bool],
        orphan: Callable[[Target, str], bool],
        refused: Callable[[ChannelId, PersonId], Membership | None],
        metrics: Metrics,
    ) -> None:
        self._services = services
        self._refusals = Refusals(services)
        self._waiting = waiting
        self._request_reader = request_reader
        self._route = route
        self._for_everyone = for_everyone
        self._orphan = orphan
        self._refused = refused
        self._metrics = metrics

    def answer(self, kind: RequestKind, body: Json) -> HandlerResponse:
        """The answer to a payload; raises StoreUnavailable only where nothing can be shown to the asker."""
        began = time.perf_counter()
        outcome = "answered"
        try:
            asked, body = self._request_reader.read(kind, body)
            answer, outcome = self._answer(kind, body, asked)
        except UnreadablePayload as fault:
            outcome = "unreadable"
            log.warning("payload not understood", kind=kind, fault=str(fault))
            return not_understood(kind)
        finally:
            self._metrics.request(kind, outcome, time.perf_counter() - began)
        return answer

    def again(self, pending: PendingRequest, status: Membership) -> tuple[Request, HandlerResponse, str]:
        """The answer to what was kept, now that it is known who said it, and a word on what came of it.

        Raises PeopleNotLookedUp where the people it names must be looked up as well.
        """
        asked, _ = self._request_reader.read(msgspec.convert(pending.kind, RequestKind), pending.body)
        if status is not Membership.MEMBER:
            sentence = self._refusals.sentence(status, pending.channel)
            if isinstance(asked, ViewSubmission) and not request_target(asked).stream:
                # The form of a new model shows nothing of another one: what was typed into it stays.
                return asked, self._refusals.beside(asked, Rejected(sentence), sentence), "refused"
            return asked, self._refusals.say(asked, sentence), "refused"
        try:
            channel, elsewhere = self._checked(asked, request_target(asked), but=pending.channel)
        except StaleButton as stale:
            return asked, self._refusals.say(asked, str(stale)), "stale"
        except NoSuchModel:
            return asked, self._refusals.say(asked, Membership.STRANGER.value), "gone"
        if elsewhere is not Membership.MEMBER:
            # One channel was looked up; who must be looked up in another one, too, is not let in meanwhile.
            elsewhere = Membership.STRANGER if elsewhere is Membership.UNKNOWN else elsewhere
            return asked, self._refusals.say(asked, self._refusals.sentence(elsewhere, channel)), "refused"
        return asked, *self._listen(asked, request_target(asked), at=pending.at)

    def give_up(self, pending: PendingRequest, sentence: str) -> tuple[Request, HandlerResponse]:
        """The answer to what was kept, and cannot be checked."""
        asked, _ = self._request_reader.read(msgspec.convert(pending.kind, RequestKind), pending.body)
        if isinstance(asked, ViewSubmission):
            return asked, self._refusals.beside(asked, Rejected(sentence), sentence)
        return asked, self._refusals.say(asked, sentence)

    def _answer(self, kind: RequestKind, body: Json, asked: Request) -> tuple[HandlerResponse, str]:
        try:
            if is_group_conversation(asked.channel_name):
                return self._refusals.say(asked, GROUP), "refused"
            target = request_target(asked)
            channel, status = self._checked(asked, target)
            if status in _MAYBE_OUTSIDE and self._harmless(asked, target):
                return self._listen(asked, target)
            if status is Membership.UNKNOWN and channel is not None:
                return self._keep(kind, body, asked, channel, ONE_MOMENT), "pending"
            if status is Membership.UNSEEN and channel is not None:
                return self._refusals.unseen(asked, channel), "refused"
            if status is not Membership.MEMBER:
                return self._refusals.say(asked, self._refusals.sentence(status, channel)), "refused"
            return self._listen(asked, target)
        except PeopleNotLookedUp as unknown:
            return self._keep(kind, body, asked, unknown.channel, LOOKING_UP), "pending"
        except StaleButton as stale:
            return self._refusals.say(asked, str(stale)), "stale"
        except NoSuchModel:
            # A stranger must not learn from the sentence whether there is such a model.
            gone = self._refusals.say(asked, Membership.STRANGER.value)
            return self._without_orphan(asked, request_target(asked), gone), "gone"
        except StoreUnavailable as fault:
            return self._refusals.unkept(asked, fault), "unavailable"

    def _listen(
        self, asked: Request, target: Target, at: datetime | None = None
    ) -> tuple[HandlerResponse, str]:
        """Let the listener answer, and put every refusal into words: the one place where they are caught."""
        services = self._services if at is None else msgspec.structs.replace(self._services, now=lambda: at)
        try:
            # What a button carries about its own message is no part of what it asks for.
            answer = self._route(asked)(services, asked, msgspec.structs.replace(target, attempt=""))
            return self._without_orphan(asked, target, answer), "answered"
        except FieldErrors as unread:
            return field_errors(unread.errors), "unread"
        except PeopleCannotAct as outside:
            return self._refusals.rejected(asked, outside).then(
                ReadChannel(channel=outside.channel)
            ), "rejected"
        except Rejected as rejected:
            return self._refusals.rejected(asked, rejected), "rejected"
        except StaleButton as stale:
            return self._refusals.say(asked, str(stale)), "stale"
        except NoSuchModel:
            return self._refusals.say(asked, Membership.STRANGER.value), "gone"
        except StoreUnavailable as fault:
            return self._refusals.unkept(asked, fault), "unavailable"

    def _checked(
        self, asked: Request, target: Target, *, but: ChannelId | None = None
    ) -> tuple[ChannelId | None, Membership]:
        """Return the first channel in which the person may not ask this, else the one that it is about.

        A button counts for its own subject and for that of its page, which is shown again. `but` a
        channel is one that was looked up a moment ago. Raises StaleButton where the two do not fit together.
        """
        channel = self._channel(asked, target)
        channels = [channel]
        if (page := page_target(asked)) is not None:
            check_same_model(asked, page, target)
            if page.stream:
                channels.append(self._channel(asked, page))
        channels += [self._channel(asked, chosen) for chosen in chosen_targets(asked)]
        for one in dict.fromkeys(channels):
            if but is not None and one == but:
                continue
            status = self._standing(asked, one)
            if status is not Membership.MEMBER:
                return one, status
        return channel, Membership.MEMBER

    def _channel(self, asked: Request, target: Target) -> ChannelId | None:
        """The channel whose members may ask this; what the model says counts, not the payload."""
        if target.stream:
            channel = self._services.command_handler.model(self._services.stream(target)).channel
            if target.channel and target.channel != channel:
                raise StaleButton
            return channel
        if target.channel:
            return ChannelId(target.channel)
        if isinstance(asked, ViewSubmission):
            return ChannelId(FORMS[FormName.START].parse(asked.view).text("channel")) or None
        # In a direct message they are told of their own models, and that none can live there.
        return None if is_direct_message(asked.channel) else asked.channel

    def _standing(self, asked: Request, channel: ChannelId | None) -> Membership:
        if channel is None:
            # A shortcut from anywhere: nothing of any model is shown.
            account = self._services.directory.account(asked.person, *asked.teams)
            return Membership.MEMBER if account is Membership.UNKNOWN else account
        status = self._services.directory.status(channel, asked.person, *asked.teams)
        bot = self._services.installation.bot_user
        invited = status is Membership.UNSEEN and self._services.directory.is_expected(channel, bot)
        if status in _ASKED_ON or invited:
            return self._refused(channel, asked.person) or Membership.UNKNOWN
        return status

    def _harmless(self, asked: Request, target: Target) -> bool:
        """Whether a request may be made from outside a channel: by all but those who have left."""
        known = self._services.directory.person(asked.person)
        return not (known is not None and known.deactivated) and self._for_everyone(asked, target)

    def _keep(
        self, kind: RequestKind, body: Json, asked: Request, channel: ChannelId, sentence: str
    ) -> HandlerResponse:
        pending = PendingRequest(
            key=command_key(asked),
            channel=channel,
            person=asked.person,
            kind=kind,
            body=body,
            at=self._services.now(),
        )
        self._waiting.keep(pending)
        log.info("request kept until checked", channel=channel, person=asked.person, kind=kind)
        if isinstance(asked, ViewSubmission):
            view = waiting_modal(sentence, request_target(asked))
            return respond_privately(asked, refusal(sentence), view=view).then(CheckPending(key=pending.key))
        # A word said now would stand beside the answer for ever, so it is said only where that must wait.
        wait = private_message(asked.origin, refusal(sentence))
        return HandlerResponse(after=(CheckPending(key=pending.key, otherwise=wait),))

    def _without_orphan(self, asked: Request, target: Target, answer: HandlerResponse) -> HandlerResponse:
        if not isinstance(asked, BlockAction) or not asked.channel or not asked.message_ts or asked.ephemeral:
            return answer
        if not target.attempt and not self._is_unmarked_card(asked, target):
            return answer
        if self._orphan(target, asked.message_ts):
            return answer.then(DeleteMessage(channel=asked.channel, ts=asked.message_ts))
        return answer

    def _is_unmarked_card(self, asked: BlockAction, target: Target) -> bool:
        """Whether a message may be a card of an earlier release: its buttons do not say which post it is."""
        in_channel = not asked.thread_ts and bool(target.stream)
        return in_channel and self._channel(asked, target) == asked.channel


def request_target(asked: Request) -> Target:
    """What a request is about; raises StaleButton where that cannot be read."""
    match asked:
        case BlockAction():
            return Target() if asked.action_id == ButtonKind.LINK else decode_target(asked.value)
        case ViewSubmission():
            return target_of(asked.view)
        case SlashCommand() | ShortcutRequest():
            return Target()
