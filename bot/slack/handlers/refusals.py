"""Refusals in words: beside the field, in place of the form, or privately."""

import structlog

from bot.commands.command_handler import NoSuchModel
from bot.slack.directory.member_directory import Membership
from bot.slack.handlers.handler_responses import (
    NO_RESPONSE,
    HandlerResponse,
    ReadChannel,
    UpdateView,
    field_errors,
    respond_privately,
)
from bot.slack.handlers.modal_loading import load_page
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import BlockAction, Request, RequestKind, ViewSubmission
from bot.slack.protocol.targets import Target, decode_target
from bot.slack.queries.latest_decision import latest_decision
from bot.slack.queries.services import Services
from bot.slack.ui.messages.notices import refusal, refusal_modal
from bot.slack.ui.modals.modal_registry import FORMS, PAGES, target_of
from bot.store import StoreUnavailable
from domain.kernel.elements import ChannelId
from domain.rejections import Rejected

NOT_KEPT = (
    "The database is unavailable, so this is not saved yet. Your input is still in the form: try again "
    "in a minute."
)
NOT_DONE = "The database is unavailable, so nothing was done. Try again in a minute."
NOT_UNDERSTOOD = "The request from Slack could not be read, so nothing was done. Try again."

log = structlog.get_logger()


class Refusals:
    """Responses to refused requests."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def show_sentence(self, request: Request, sentence: str) -> HandlerResponse:
        """Show a sentence to the person only, in place of a submitted form."""
        return respond_privately(request, refusal(sentence), view=refusal_modal(sentence, Target()))

    def show_field_error(self, request: ViewSubmission, rejected: Rejected, sentence: str) -> HandlerResponse:
        """Show a refusal beside its field, so that the input stays."""
        errors = self._beside(request, rejected, sentence)
        return field_errors(errors) if errors else self.show_sentence(request, sentence)

    def _beside(self, request: ViewSubmission, rejected: Rejected, sentence: str) -> dict[str, str]:
        form = next((one for name, one in FORMS.items() if name == request.callback_id), None)
        return form.errors_of(request.view, rejected, sentence) if form else {}

    def rejected(self, request: Request, rejected: Rejected) -> HandlerResponse:
        """Show a rejection by the model or by the person's permissions."""
        sentence = self._rejection_text(request, rejected)
        if not isinstance(request, ViewSubmission):
            return self._with_current_page(request, rejected, self.show_sentence(request, sentence))
        errors: dict[str, str] = {}
        for one in (rejected, *rejected.also):
            for block_id, message in self._beside(request, one, self._rejection_text(request, one)).items():
                errors.setdefault(block_id, message)
        return field_errors(errors) if errors else self.show_sentence(request, sentence)

    def _with_current_page(
        self, request: Request, rejected: Rejected, answer: HandlerResponse
    ) -> HandlerResponse:
        """Update the page whose button was outdated first: it is visible again when the refusal is closed."""
        if rejected.about is None or not isinstance(request, BlockAction) or not request.in_view:
            return answer
        view = request.view or {}
        if view.get("callback_id") not in PAGES:
            return answer
        try:
            page = load_page(self._services, target_of(view), request.person)
        except (StaleButton, NoSuchModel, Rejected):
            return answer
        # If three views are open, the refusal takes the place of this page, so it comes last.
        update = UpdateView(view_id=request.view_id, view=page)
        return HandlerResponse(ack=answer.ack, after=(update, *answer.after))

    def _rejection_text(self, request: Request, rejected: Rejected) -> str:
        return self._overtaken(request, rejected) or rejected.text_with_names(self._services.naming)

    def _overtaken(self, request: Request, rejected: Rejected) -> str:
        """Return who decided this meanwhile, and what is left to do; empty if no one did."""
        about, stream = rejected.about, stream_of(request)
        if about is None or not stream:
            return ""
        events = self._services.store.events(self._services.stream(Target(stream=stream)))
        word = latest_decision(list(events), about, self._services.naming, request.person)
        return f"{word} {rejected.instead}" if word else ""

    def store_unavailable(self, request: Request, fault: StoreUnavailable) -> HandlerResponse:
        """Show that nothing can be stored at the moment."""
        log.error("recording failed", fault=str(fault))
        if not isinstance(request, ViewSubmission):
            return self.show_sentence(request, NOT_DONE)
        return self.show_field_error(request, Rejected(NOT_KEPT), NOT_KEPT)

    def members_unknown(self, request: Request, channel: ChannelId) -> HandlerResponse:
        """Show that the bot cannot see the members of the channel; the input stays."""
        sentence = self.sentence(Membership.UNSEEN, channel)
        answer = self.show_sentence(request, sentence)
        if isinstance(request, ViewSubmission):
            answer = self.show_field_error(request, Rejected(sentence), sentence)
        return answer.then(ReadChannel(channel=channel))

    def sentence(self, status: Membership, channel: ChannelId | None) -> str:
        """Return the reason why a person may not act in a channel."""
        known = self._services.directory.channel(channel) if channel else None
        outside = status is Membership.STRANGER and known is not None and not known.bot_inside
        if outside or status is Membership.UNSEEN:
            return (
                "The bot is not in this channel, so it cannot check who may answer. Type "
                f"“{self._services.installation.invite}” there in another window (your input stays in "
                "this form), then try again."
            )
        return status.value


def stream_of(request: Request) -> str:
    """Return the model that a button or form is about; empty if it cannot be read."""
    try:
        match request:
            case BlockAction():
                return decode_target(request.value).stream
            case ViewSubmission():
                return target_of(request.view).stream
            case _:
                return ""
    except StaleButton:
        return ""


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
