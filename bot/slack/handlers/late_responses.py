"""Responses after the ack: in the waiting modal, or as a private message."""

from bot.slack.handlers.handler_responses import DirectMessage, HandlerResponse, UpdateView, private_message
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Message, View, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import Request, ViewSubmission
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form import FieldErrors
from bot.slack.ui.forms.three_way_merge import changed_values
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.messages.notices import confirmation, refusal, refusal_modal
from bot.slack.ui.modals.modal_registry import FORMS, target_of
from domain.rejections import Rejected

SAVED = "Your earlier input is now saved."


def late_response(services: Services, request: Request, answer: HandlerResponse) -> HandlerResponse:
    """Convert a response to follow-ups, because its ack has been sent."""
    ack = answer.ack
    if isinstance(request, ViewSubmission):
        return HandlerResponse(after=(_into_modal(services, request, answer), *answer.after))
    if ack.get("text"):
        notice = Message(text=str(ack["text"]), blocks=list(ack.get("blocks") or ()))
        return HandlerResponse(after=(private_message(request.origin, notice), *answer.after))
    return HandlerResponse(after=answer.after)


def _into_modal(services: Services, request: ViewSubmission, answer: HandlerResponse) -> UpdateView:
    ack = answer.ack
    if ack.get("response_action") == "errors":
        sentence = " ".join(ack["errors"].values())
        view = _open_again(services, request, sentence)
        otherwise = DirectMessage(person=request.person, message=refusal(sentence))
    else:
        view = ack.get("view") or refusal_modal(SAVED, target_of(request.view))
        otherwise = DirectMessage(person=request.person, message=confirmation(SAVED))
    return UpdateView(view_id=request.view_id, view=view, fallback=otherwise)


def _open_again(services: Services, request: ViewSubmission, sentence: str) -> View:
    """Return the form with the typed values, and the sentence above its fields."""
    target = target_of(request.view)
    try:
        form = FORMS[request.callback_id]
        values = form.parse(request.view)
        if form.does(target) is WriteEffect.REVISES:
            before = services.form_snapshots.find(target.opened, services.stream(target))
            view = load_form(
                services,
                target,
                request.person,
                typed=changed_values(before.shown if before else None, values),
                keys=tuple(values.by_key),
                before=before,
                remembered=before is not None,
            )
        else:
            view = load_form(services, target, request.person, typed=values)
        return {**view, "blocks": [section(escape(sentence)), *view["blocks"]][: slack_limits.VIEW_BLOCKS]}
    except (FieldErrors, StaleButton, Rejected):
        return refusal_modal(sentence, target)
