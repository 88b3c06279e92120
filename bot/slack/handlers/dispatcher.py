"""The one way in: reads what Slack brings, checks who it is, lets a listener answer, and says no in words."""

import time
from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from bot.commands.command_handler import NoSuchModel
from bot.metrics import Metrics
from bot.slack.directory.member_directory import Standing
from bot.slack.directory.people_checks import CannotAct, NotLookedUp
from bot.slack.handlers.confirmations import one_moment
from bot.slack.handlers.handler_responses import (
    Answer,
    CheckPending,
    DeleteMessage,
    ReadChannel,
    errors,
    privately,
    tell,
)
from bot.slack.handlers.refusals import Refusals, not_understood
from bot.slack.handlers.request_subjects import check_page, choices_of, page_of
from bot.slack.protocol.idempotency_keys import key_of
from bot.slack.protocol.interactions import FormName, StaleButton, Target, Trigger, read_value
from bot.slack.protocol.payload_parsing import Unreadable
from bot.slack.protocol.request_reader import Intake
from bot.slack.protocol.requests import (
    Asked,
    Click,
    Json,
    RequestKind,
    Shortcut,
    Slash,
    Submission,
    is_direct,
    is_group,
)
from bot.slack.queries.services import Tools
from bot.slack.ui.forms.form import FieldErrors
from bot.slack.ui.messages.notices import refusal
from bot.slack.ui.modals.form_registry import FORMS, target_of
from bot.store import StoreUnavailable, StreamId
from bot.store.repositories.pending_requests import PendingRequest, PendingRequests
from domain.elements import ChannelId, PersonId
from domain.rejections import Rejected

ONE_MOMENT = "One moment: I am checking that you are a member of this channel. What you said is kept."
GROUP = (
    "Threat models live in channels, and this is a group conversation, whose members I cannot see. "
    "Please use a channel: create one for these people, or choose one where I am a member."
)

LOOKING_UP = "One moment: I am looking up the people you named. What you said is kept."

_ASKED_ON = (Standing.UNKNOWN, Standing.DEACTIVATED)
"""What only a look at Slack turns into a refusal: people come in, and accounts are activated again."""

_MAYBE_OUTSIDE = (Standing.UNKNOWN, Standing.STRANGER, Standing.UNSEEN)

log = structlog.get_logger()


Listener = Callable[[Tools, Asked, Target], Answer]


class Front:
    """Answers every request of a person; nothing in here calls Slack.

    `route` finds the listener; `for_everyone` says whether a request shows nothing and changes nothing, so
    that everyone who has an account may make it; `orphan` says whether a message only looks like a model's
    card; `refused` the standing of a person who was just refused in a channel.
    """

    def __init__(
        self,
        tools: Tools,
        waiting: PendingRequests,
        intake: Intake,
        *,
        route: Callable[[Asked], Listener],
        for_everyone: Callable[[Asked, Target], bool],
        orphan: Callable[[StreamId, str], bool],
        refused: Callable[[ChannelId, PersonId], Standing | None],
        metrics: Metrics,
    ) -> None:
        self._tools = tools
        self._refusals = Refusals(tools)
        self._waiting = waiting
        self._intake = intake
        self._route = route
        self._for_everyone = for_everyone
        self._orphan = orphan
        self._refused = refused
        self._metrics = metrics

    def answer(self, kind: RequestKind, body: Json) -> Answer:
        """The answer to a payload; raises StoreUnavailable only where nothing can be shown to the asker."""
        began = time.perf_counter()
        outcome = "answered"
        try:
            asked, body = self._intake.read(kind, body)
            answer, outcome = self._answer(kind, body, asked)
        except Unreadable as fault:
            outcome = "unreadable"
            log.warning("payload not understood", kind=kind, fault=str(fault))
            return not_understood(kind)
        finally:
            self._metrics.request(kind, outcome, time.perf_counter() - began)
        return answer

    def again(self, pending: PendingRequest, standing: Standing) -> tuple[Asked, Answer, str]:
        """The answer to what was kept, now that it is known who said it, and a word on what came of it.

        Raises NotLookedUp where the people it names must be looked up as well.
        """
        asked, _ = self._intake.read(msgspec.convert(pending.kind, RequestKind), pending.body)
        if standing is not Standing.MEMBER:
            sentence = self._refusals.sentence(standing, pending.channel)
            if isinstance(asked, Submission) and not about(asked).stream:
                # The form of a new model shows nothing of another one: what was typed into it stays.
                return asked, self._refusals.beside(asked, Rejected(sentence), sentence), "refused"
            return asked, self._refusals.say(asked, sentence), "refused"
        try:
            channel, elsewhere = self._checked(asked, about(asked), but=pending.channel)
        except StaleButton as stale:
            return asked, self._refusals.say(asked, str(stale)), "stale"
        except NoSuchModel:
            return asked, self._refusals.say(asked, Standing.STRANGER.value), "gone"
        if elsewhere is not Standing.MEMBER:
            # One channel was looked up; who must be looked up in another one, too, is not let in meanwhile.
            elsewhere = Standing.STRANGER if elsewhere is Standing.UNKNOWN else elsewhere
            return asked, self._refusals.say(asked, self._refusals.sentence(elsewhere, channel)), "refused"
        return asked, *self._listen(asked, about(asked), at=pending.at)

    def give_up(self, pending: PendingRequest, sentence: str) -> tuple[Asked, Answer]:
        """The answer to what was kept, and cannot be checked."""
        asked, _ = self._intake.read(msgspec.convert(pending.kind, RequestKind), pending.body)
        if isinstance(asked, Submission):
            return asked, self._refusals.beside(asked, Rejected(sentence), sentence)
        return asked, self._refusals.say(asked, sentence)

    def _answer(self, kind: RequestKind, body: Json, asked: Asked) -> tuple[Answer, str]:
        try:
            if is_group(asked.channel_name):
                return self._refusals.say(asked, GROUP), "refused"
            target = about(asked)
            channel, standing = self._checked(asked, target)
            if standing in _MAYBE_OUTSIDE and self._harmless(asked, target):
                return self._listen(asked, target)
            if standing is Standing.UNKNOWN and channel is not None:
                return self._keep(kind, body, asked, channel, ONE_MOMENT), "pending"
            if standing is Standing.UNSEEN and channel is not None:
                return self._refusals.unseen(asked, channel), "refused"
            if standing is not Standing.MEMBER:
                return self._refusals.say(asked, self._refusals.sentence(standing, channel)), "refused"
            return self._listen(asked, target)
        except NotLookedUp as unknown:
            return self._keep(kind, body, asked, unknown.channel, LOOKING_UP), "pending"
        except StaleButton as stale:
            return self._refusals.say(asked, str(stale)), "stale"
        except NoSuchModel:
            # A stranger must not learn from the sentence whether there is such a model.
            return self._refusals.say(asked, Standing.STRANGER.value), "gone"
        except StoreUnavailable as fault:
            return self._refusals.unkept(asked, fault), "unavailable"

    def _listen(self, asked: Asked, target: Target, at: datetime | None = None) -> tuple[Answer, str]:
        """Let the listener answer, and put every refusal into words: the one place where they are caught."""
        tools = self._tools if at is None else msgspec.structs.replace(self._tools, now=lambda: at)
        try:
            answer = self._route(asked)(tools, asked, target)
            return self._without_orphan(asked, target, answer), "answered"
        except FieldErrors as unread:
            return errors(unread.errors), "unread"
        except CannotAct as outside:
            return self._refusals.rejected(asked, outside).then(
                ReadChannel(channel=outside.channel)
            ), "rejected"
        except Rejected as rejected:
            return self._refusals.rejected(asked, rejected), "rejected"
        except StaleButton as stale:
            return self._refusals.say(asked, str(stale)), "stale"
        except NoSuchModel:
            return self._refusals.say(asked, Standing.STRANGER.value), "gone"
        except StoreUnavailable as fault:
            return self._refusals.unkept(asked, fault), "unavailable"

    def _checked(
        self, asked: Asked, target: Target, *, but: ChannelId | None = None
    ) -> tuple[ChannelId | None, Standing]:
        """Return the first channel in which the person may not ask this, else the one that it is about.

        A button counts for its own subject and for that of its page, which is shown again. `but` a
        channel is one that was looked up a moment ago. Raises StaleButton where the two do not fit together.
        """
        channel = self._channel(asked, target)
        channels = [channel]
        if (page := page_of(asked)) is not None:
            check_page(asked, page, target)
            if page.stream:
                channels.append(self._channel(asked, page))
        channels += [self._channel(asked, chosen) for chosen in choices_of(asked)]
        for one in dict.fromkeys(channels):
            if but is not None and one == but:
                continue
            standing = self._standing(asked, one)
            if standing is not Standing.MEMBER:
                return one, standing
        return channel, Standing.MEMBER

    def _channel(self, asked: Asked, target: Target) -> ChannelId | None:
        """The channel whose members may ask this; what the model says counts, not the payload."""
        if target.stream:
            channel = self._tools.workshop.model(self._tools.stream(target)).channel
            if target.channel and target.channel != channel:
                raise StaleButton
            return channel
        if target.channel:
            return ChannelId(target.channel)
        if isinstance(asked, Submission):
            return ChannelId(FORMS[FormName.START].parse(asked.view).text("channel")) or None
        # In a direct message they are told of their own models, and that none can live there.
        return None if is_direct(asked.channel) else asked.channel

    def _standing(self, asked: Asked, channel: ChannelId | None) -> Standing:
        if channel is None:
            # A shortcut from anywhere: nothing of any model is shown.
            account = self._tools.directory.account(asked.person, *asked.teams)
            return Standing.MEMBER if account is Standing.UNKNOWN else account
        standing = self._tools.directory.standing(channel, asked.person, *asked.teams)
        bot = self._tools.installation.bot_user
        invited = standing is Standing.UNSEEN and self._tools.directory.is_expected(channel, bot)
        if standing in _ASKED_ON or invited:
            return self._refused(channel, asked.person) or Standing.UNKNOWN
        return standing

    def _harmless(self, asked: Asked, target: Target) -> bool:
        """Whether a request may be made from outside a channel: by all but those who have left."""
        known = self._tools.directory.person(asked.person)
        return not (known is not None and known.deactivated) and self._for_everyone(asked, target)

    def _keep(self, kind: RequestKind, body: Json, asked: Asked, channel: ChannelId, sentence: str) -> Answer:
        pending = PendingRequest(
            key=key_of(asked),
            channel=channel,
            person=asked.person,
            kind=kind,
            body=body,
            at=self._tools.now(),
        )
        self._waiting.keep(pending)
        log.info("request kept until checked", channel=channel, person=asked.person, kind=kind)
        if isinstance(asked, Submission):
            view = one_moment(sentence, about(asked))
            return tell(asked, refusal(sentence), view=view).then(CheckPending(key=pending.key))
        # A word said now would stand beside the answer for ever, so it is said only where that must wait.
        wait = privately(asked.origin, refusal(sentence))
        return Answer(after=(CheckPending(key=pending.key, otherwise=wait),))

    def _without_orphan(self, asked: Asked, target: Target, answer: Answer) -> Answer:
        if (
            isinstance(asked, Click)
            and asked.channel
            and asked.message_ts
            and not (asked.ephemeral or asked.thread_ts)
            and target.stream
            and self._channel(asked, target) == asked.channel
            and self._orphan(StreamId(target.stream), asked.message_ts)
        ):
            return answer.then(DeleteMessage(channel=asked.channel, ts=asked.message_ts))
        return answer


def about(asked: Asked) -> Target:
    """What a request is about; raises StaleButton where that cannot be read."""
    match asked:
        case Click():
            return Target() if asked.action_id == Trigger.LINK else read_value(asked.value)
        case Submission():
            return target_of(asked.view)
        case Slash() | Shortcut():
            return Target()
