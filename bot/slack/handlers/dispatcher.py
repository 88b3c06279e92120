"""Dispatcher: parses each request, checks permissions, calls its handler, and words refusals."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import get_args

import msgspec
import structlog

from bot.commands.command_handler import NoSuchModel
from bot.metrics import Metrics
from bot.slack.directory.member_directory import Membership, PeopleCannotAct, PeopleNotLookedUp
from bot.slack.handlers.dispatch_table import BUTTON_HANDLERS, SHORTCUTS, SUBMISSION_HANDLERS
from bot.slack.handlers.draft_reader import keep_readings
from bot.slack.handlers.handler_responses import (
    NO_RESPONSE,
    CheckPending,
    DeleteMessage,
    HandlerResponse,
    ReadChannel,
    UpdateView,
    field_errors,
    private_message,
    respond_privately,
    waiting_modal,
)
from bot.slack.handlers.modal_loading import load_page
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS, answer_slash_command
from bot.slack.handlers.submissions.form_submission import TARGETS
from bot.slack.protocol.payload_parsing import RequestReader, UnreadablePayload
from bot.slack.protocol.requests import (
    BlockAction,
    Json,
    Request,
    RequestKind,
    ShortcutRequest,
    SlashCommand,
    ViewSubmission,
    command_key,
    is_direct_message,
    is_group_conversation,
)
from bot.slack.protocol.targets import ButtonKind, StaleButton, Target, WordTarget, decode_target
from bot.slack.queries.latest_decision import latest_decision
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form import FieldErrors
from bot.slack.ui.messages.notices import refusal, refusal_modal
from bot.slack.ui.modals.modal_registry import FORMS, PAGES, find_form, modal_target_type, target_of
from bot.store import StoreUnavailable
from bot.store.repositories.pending_requests import PendingRequest
from domain.kernel.elements import ChannelId, PersonId
from domain.rejections import Rejected

ANOTHER_MODEL = (
    "This button belongs to a different threat model than this page. Close the page and open it again."
)


def request_target(request: Request) -> Target:
    """Return the subject of a request in its declared type; raises StaleButton."""
    match request:
        case BlockAction():
            kind = request.action_id.partition(":")[0]
            if kind == ButtonKind.FILTER and (page := page_target(request)) is not None:
                return page  # the options say only how it is to be shown
            return (
                Target()
                if request.action_id == ButtonKind.LINK
                else decode_button_target(kind, request.value)
            )
        case ViewSubmission():
            return target_of(request.view)
        case SlashCommand() | ShortcutRequest():
            return Target()


def decode_button_target(kind: str, value: str | None) -> Target:
    """Return the target of a button, in the type declared by its form, page, action or command."""
    match kind:
        case ButtonKind.OPEN | ButtonKind.SHOW | ButtonKind.TURN | ButtonKind.DRAFT:
            return decode_target(value, modal_target_type)
        case ButtonKind.DO:
            return decode_target(value, lambda name: TARGETS.get(name, Target))
        case ButtonKind.WORD:
            return decode_target(value, lambda _: WordTarget)
        case _:  # every other button is about a plain target, and forged ones are refused by name
            return decode_target(value)


def page_target(request: Request) -> Target | None:
    """Return the subject of the modal that contains a pressed button; None outside a modal.

    Raises StaleButton.
    """
    if isinstance(request, BlockAction) and request.in_view and request.action_id != ButtonKind.LINK:
        return target_of(request.view or {})
    return None


def chosen_targets(request: Request) -> Iterator[Target]:
    """Yield the models chosen in a form, from the options that name one; raises StaleButton."""
    match request:
        case ViewSubmission():
            yield from _named(request.view)
        case BlockAction() if request.in_view and request.view is not None:
            yield from _named(request.view)
        case BlockAction() | SlashCommand() | ShortcutRequest():
            pass


def check_same_model(request: Request, page: Target, pressed: Target) -> None:
    """Raise StaleButton if a button concerns another model than its page.

    They may differ only in a form with a choice among the channel's models.
    """
    if not page.stream or not pressed.stream or page.stream == pressed.stream:
        return
    if isinstance(request, BlockAction) and request.action_id.partition(":")[0] == ButtonKind.CHOOSE:
        return
    raise StaleButton(ANOTHER_MODEL)


def _named(view: Json) -> Iterator[Target]:
    try:
        held = msgspec.convert(view.get("state") or {}, _State)
    except msgspec.ValidationError as fault:
        raise StaleButton from fault
    for fields in held.values.values():
        for field in fields.values():
            value = field.selected_option.value if field.selected_option else ""
            if value.startswith("{") and (target := decode_target(value)).stream:
                yield target


class _Option(msgspec.Struct):
    value: str = ""


class _Field(msgspec.Struct):
    selected_option: _Option | None = None


class _State(msgspec.Struct):
    values: dict[str, dict[str, _Field]] = {}


def handle(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Call the handler of a request; raises StaleButton if there is none."""
    match request:
        case SlashCommand():
            return answer_slash_command(services, request)
        case ViewSubmission():
            return SUBMISSION_HANDLERS[find_form(request.callback_id).submission](services, request, target)
        case BlockAction():
            press = BUTTON_HANDLERS.get(request.action_id.partition(":")[0])
            if press is not None:
                return press(services, request, target)
        case ShortcutRequest():
            shortcut = SHORTCUTS.get(request.callback_id)
            if shortcut is not None:
                return shortcut.answer(services, request, target)
    raise StaleButton


def is_open_to_everyone(request: Request, target: Target) -> bool:
    """Return whether anyone with an account may make a request: it neither shows nor changes data."""
    trigger = request.action_id.partition(":")[0] if isinstance(request, BlockAction) else ""
    word = target.name if trigger == ButtonKind.WORD else ""
    if isinstance(request, SlashCommand):
        word = request.text.strip().partition(" ")[0].lower() or "help"
    if word:
        return word in SLASH_WORDS and SLASH_WORDS[word].for_everyone
    if trigger == ButtonKind.OPEN:
        return target.name in FORMS and FORMS[target.name].for_everyone
    return trigger == ButtonKind.LINK


NOT_KEPT = (
    "The database is unavailable, so this is not saved yet. Your input is still in the form: try again "
    "in a minute."
)
NOT_DONE = "The database is unavailable, so nothing was done. Try again in a minute."
NOT_UNDERSTOOD = "The request from Slack could not be read, so nothing was done. Try again."


def not_understood(kind: RequestKind) -> HandlerResponse:
    """Return the answer to an unreadable payload."""
    match kind:
        case "slash":
            return HandlerResponse(ack={"response_type": "ephemeral", "text": NOT_UNDERSTOOD, "blocks": []})
        case "submission":
            view = refusal_modal(NOT_UNDERSTOOD, Target())
            return HandlerResponse(ack={"response_action": "update", "view": view})
        case "click" | "shortcut":
            return NO_RESPONSE


ONE_MOMENT = "Checking that you are a member of this channel. Your input is kept."
GROUP = (
    "Threat models belong to channels. This is a group conversation, whose members the bot cannot see. "
    "Create a channel for these people, or use a channel that the bot is in."
)

LOOKING_UP = "Looking up the people you named. Your input is kept."

INPUT_NOT_KEPT = (
    "It could not be checked yet that you may do this, and a secret is not kept until then. Try again in a "
    "minute."
)

_ASKED_ON = (Membership.UNKNOWN, Membership.DEACTIVATED)
"""Refusals that only a look-up can confirm: people join channels, and accounts are reactivated."""

_MAYBE_OUTSIDE = (Membership.UNKNOWN, Membership.STRANGER, Membership.UNSEEN)

SLOW_SECONDS = 1.0
"""Seconds after which a response is logged as slow; Slack waits three."""

log = structlog.get_logger()


Answered = tuple[HandlerResponse, str]
"""A response, and a word for its outcome."""


def show_sentence(request: Request, sentence: str) -> HandlerResponse:
    """Show a sentence to the person only, in place of a submitted form."""
    return respond_privately(request, refusal(sentence), view=refusal_modal(sentence, Target()))


def show_beside_field(request: Request, sentence: str, rejected: Rejected | None = None) -> HandlerResponse:
    """Show a refusal beside its field, so that the input stays; without a form, as a sentence."""
    if isinstance(request, ViewSubmission):
        errors = _errors_of(request, rejected or Rejected(sentence), sentence)
        if errors:
            return field_errors(errors)
    return show_sentence(request, sentence)


def _errors_of(request: ViewSubmission, rejected: Rejected, sentence: str) -> dict[str, str]:
    form = FORMS.get(request.callback_id)
    return form.errors_of(request.view, rejected, sentence) if form else {}


class Dispatcher(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Dispatcher of every request of a person; it never calls Slack.

    `orphan` returns whether a message was left behind by a crash; `pressed` notes a press on a message at the
    top of a channel, with its timestamp and response URL; `refused` returns the status of a person
    who was just refused in a channel.
    """

    services: Services
    request_reader: RequestReader
    orphan: Callable[[Target, ChannelId, str], bool]
    pressed: Callable[[Target, str, str], None]
    refused: Callable[[ChannelId, PersonId], Membership | None]
    metrics: Metrics

    def __post_init__(self) -> None:
        for kind in get_args(RequestKind):
            self.metrics.expect_requests(kind, "unavailable", "unreadable")

    def answer(self, kind: RequestKind, body: Json) -> HandlerResponse:
        """Return the answer to a payload; raises StoreUnavailable only if nothing can be shown."""
        began = time.perf_counter()
        outcome = "answered"
        try:
            request, body = self.request_reader.read(kind, body)
            with self.services.command_handler.reading_once():
                answer, outcome = self._guarded(request, lambda: self._answer(kind, body, request))
            return self._without_orphan(request, answer)
        except UnreadablePayload as fault:
            outcome = "unreadable"
            log.warning("payload not understood", kind=kind, fault=str(fault))
            return not_understood(kind)
        finally:
            self._record(kind, outcome, time.perf_counter() - began)

    def _record(self, kind: RequestKind, outcome: str, seconds: float) -> None:
        """Count a request, and log it: the usual ones at `debug`, with neither a person nor a text."""
        self.metrics.request(kind, outcome, seconds)
        usual = outcome == "answered" and seconds < SLOW_SECONDS
        entry = log.debug if usual else log.info
        entry("request answered", kind=kind, outcome=outcome, seconds=round(seconds, 4))

    def answer_pending(
        self, pending: PendingRequest, status: Membership
    ) -> tuple[Request, HandlerResponse, str]:
        """Return the answer to a kept request after its person was looked up, with a note on the outcome.

        Raises PeopleNotLookedUp if people named in it must be looked up as well.
        """
        request = self.kept_request(pending)
        return request, *self._guarded(request, lambda: self._answer_kept(request, pending, status))

    def kept_request(self, pending: PendingRequest) -> Request:
        """Return a kept request."""
        return self.request_reader.read(msgspec.convert(pending.kind, RequestKind), pending.body)[0]

    def _answer_kept(self, request: Request, pending: PendingRequest, status: Membership) -> Answered:
        target = request_target(request)
        if status is not Membership.MEMBER:
            sentence = self._refusal_of(status, pending.channel)
            # The form of a new model shows no other model: the typed text stays in it.
            show = show_sentence if target.stream else show_beside_field
            return show(request, sentence), "refused"
        channel, elsewhere = self._checked(request, target, but=pending.channel)
        if elsewhere is not Membership.MEMBER:
            # One channel was looked up; a person who needs a look-up in another channel stays refused.
            elsewhere = Membership.STRANGER if elsewhere is Membership.UNKNOWN else elsewhere
            return show_sentence(request, self._refusal_of(elsewhere, channel)), "refused"
        return self._listen(request, target, at=pending.at)

    def _answer(self, kind: RequestKind, body: Json, request: Request) -> Answered:
        try:
            if is_group_conversation(request.channel_name):
                return show_sentence(request, GROUP), "refused"
            target = request_target(request)
            channel, status = self._checked(request, target)
            if status is Membership.MEMBER or (status in _MAYBE_OUTSIDE and self._harmless(request, target)):
                return self._listen(request, target)
            if status is Membership.UNKNOWN and channel is not None:
                return self._keep(kind, body, request, channel, ONE_MOMENT), "pending"
            sentence = self._refusal_of(status, channel)
            if status is Membership.UNSEEN and channel is not None:
                return show_beside_field(request, sentence).then(ReadChannel(channel=channel)), "refused"
            return show_sentence(request, sentence), "refused"
        except PeopleNotLookedUp as unknown:
            return self._keep(kind, body, request, unknown.channel, LOOKING_UP), "pending"

    def _listen(self, request: Request, target: Target, at: datetime | None = None) -> Answered:
        """Call the handler."""
        services = self.services if at is None else msgspec.structs.replace(self.services, now=lambda: at)
        # The button's data about its own message is not part of the request.
        answer = handle(services, request, msgspec.structs.replace(target, attempt=""))
        return keep_readings(services, services.unit.pending, answer, key=command_key(request)), "answered"

    def _guarded(self, request: Request, work: Callable[[], Answered]) -> Answered:
        """Word every refusal: the only place that catches them."""
        try:
            try:
                return work()
            except FieldErrors as unread:
                return field_errors(unread.errors), "unread"
            except PeopleCannotAct as outside:
                return self._rejected(request, outside).then(ReadChannel(channel=outside.channel)), "rejected"
            except Rejected as rejected:
                return self._rejected(request, rejected), "rejected"
            except StaleButton as stale:
                return show_sentence(request, str(stale)), "stale"
            except NoSuchModel:
                # The sentence must not reveal to outsiders whether the model exists.
                return show_sentence(request, Membership.STRANGER.value), "gone"
        except StoreUnavailable as fault:
            log.error("recording failed", fault=str(fault))
            sentence = NOT_KEPT if isinstance(request, ViewSubmission) else NOT_DONE
            return show_beside_field(request, sentence), "unavailable"

    def _rejected(self, request: Request, rejected: Rejected) -> HandlerResponse:
        """Show a rejection by the model or by the person's permissions."""
        if isinstance(request, ViewSubmission):
            errors: dict[str, str] = {}
            for each in (rejected, *rejected.also):
                beside = _errors_of(request, each, self._rejection_text(request, each))
                for block_id, message in beside.items():
                    errors.setdefault(block_id, message)
            if errors:
                return field_errors(errors)
        answer = show_sentence(request, self._rejection_text(request, rejected))
        if rejected.about is None or not isinstance(request, BlockAction) or not request.in_view:
            return answer
        # The page whose button was outdated is visible again when the refusal is closed.
        view = request.view or {}
        if view.get("callback_id") not in PAGES:
            return answer
        try:
            page = load_page(self.services, target_of(view), request.person)
        except (StaleButton, NoSuchModel, Rejected):
            return answer
        # If three views are open, the refusal takes the place of this page, so it comes last.
        update = UpdateView(view_id=request.view_id, view=page)
        return HandlerResponse(ack=answer.ack, after=(update, *answer.after))

    def _rejection_text(self, request: Request, rejected: Rejected) -> str:
        """Return who decided this meanwhile, and what is left to do; else the rejection itself."""
        naming, target = self.services.naming, request_target(request)
        if rejected.about is not None and target.stream:
            events = list(self.services.store.events(self.services.stream(target)))
            if word := latest_decision(events, rejected.about, naming, request.person):
                return f"{word} {rejected.instead}"
        return rejected.text_with_names(naming)

    def _refusal_of(self, status: Membership, channel: ChannelId | None) -> str:
        """Return the reason why a person may not act in a channel."""
        known = self.services.directory.channel(channel) if channel else None
        outside = status is Membership.STRANGER and known is not None and not known.bot_inside
        if outside or status is Membership.UNSEEN:
            return (
                "The bot is not in this channel, so it cannot check who may answer. Type "
                f"“{self.services.installation.invite}” there in another window (your input stays in "
                "this form), then try again."
            )
        return status.value

    def _checked(
        self, request: Request, target: Target, *, but: ChannelId | None = None
    ) -> tuple[ChannelId | None, Membership]:
        """Return the first channel that refuses the person, else the channel that the request is about.

        A button is checked for its own subject and for its page, which is shown again. `but` is a channel
        that was just looked up. Raises StaleButton if button and page do not match.
        """
        channel = self._channel(request, target)
        channels = [channel]
        if (page := page_target(request)) is not None:
            check_same_model(request, page, target)
            if page.stream:
                channels.append(self._channel(request, page))
        channels += [self._channel(request, chosen) for chosen in chosen_targets(request)]
        for one in dict.fromkeys(channels):
            if but is not None and one == but:
                continue
            status = self._standing(request, one)
            if status is not Membership.MEMBER:
                return one, status
        return channel, Membership.MEMBER

    def _channel(self, request: Request, target: Target) -> ChannelId | None:
        """Return the channel whose members may make this request, from the model and not from the payload."""
        if target.stream:
            channel = self.services.command_handler.model(self.services.stream(target)).channel
            if target.channel and target.channel != channel:
                raise StaleButton
            return channel
        if target.channel:
            return ChannelId(target.channel)
        if isinstance(request, ViewSubmission):
            return ChannelId(FORMS["start"].parse(request.view).text("channel")) or None
        # In a direct message the bot lists the person's models, and explains that none can be started there.
        return None if is_direct_message(request.channel) else request.channel

    def _standing(self, request: Request, channel: ChannelId | None) -> Membership:
        if channel is None:
            # A global shortcut shows nothing about any model.
            account = self.services.directory.account(request.person, *request.teams)
            return Membership.MEMBER if account is Membership.UNKNOWN else account
        status = self.services.directory.status(channel, request.person, *request.teams)
        bot = self.services.installation.bot_user
        invited = status is Membership.UNSEEN and self.services.directory.records.is_expected(channel, bot)
        if status in _ASKED_ON or invited:
            return self.refused(channel, request.person) or Membership.UNKNOWN
        return status

    def _harmless(self, request: Request, target: Target) -> bool:
        """Return whether a request may be made from outside a channel: by anyone with an active account."""
        known = self.services.directory.person(request.person)
        return not (known is not None and known.deactivated) and is_open_to_everyone(request, target)

    def _keep(
        self, kind: RequestKind, body: Json, request: Request, channel: ChannelId, sentence: str
    ) -> HandlerResponse:
        if isinstance(request, ViewSubmission) and find_form(request.callback_id).secret:
            return show_beside_field(request, INPUT_NOT_KEPT)
        pending = PendingRequest(
            key=command_key(request),
            channel=channel,
            person=request.person,
            kind=kind,
            body=body,
            at=self.services.now(),
        )
        self.services.unit.pending.save(pending)
        log.info("request deferred until checked", channel=channel, person=request.person, kind=kind)
        if isinstance(request, ViewSubmission):
            view = waiting_modal(sentence, request_target(request))
            return respond_privately(request, refusal(sentence), view=view).then(
                CheckPending(key=pending.key)
            )
        # A message sent now would remain beside the answer, so it is sent only if the look-up must wait.
        wait = private_message(request.origin, refusal(sentence))
        return HandlerResponse(after=(CheckPending(key=pending.key, fallback=wait),))

    def _without_orphan(self, request: Request, answer: HandlerResponse) -> HandlerResponse:
        """Have an orphaned message deleted, even if the request of its button is refused.

        It shows an outdated state, so its buttons may no longer apply.
        """
        if not isinstance(request, BlockAction) or request.ephemeral:
            return answer
        channel, ts = request.channel, request.message_ts
        try:
            target = request_target(request)
            if channel and ts and target.attempt and self.orphan(target, channel, ts):
                return answer.then(DeleteMessage(channel=channel, ts=ts))
            if channel and ts and request.thread_ts in ("", ts) and not is_direct_message(channel):
                self.pressed(target, ts, request.response_url)
        except (StaleButton, StoreUnavailable):
            pass  # the answer stays valid: its command may be recorded already
        return answer
