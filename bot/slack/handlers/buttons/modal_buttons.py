"""Buttons that open a form or show a page."""

from bot.slack.handlers.form_preconditions import check_form_opens
from bot.slack.handlers.handler_responses import (
    NO_RESPONSE,
    HandlerResponse,
    replace_view,
    respond_privately,
    show_view,
)
from bot.slack.handlers.modal_loading import load_form, load_modal, load_page
from bot.slack.handlers.submissions.import_model import read_named_file
from bot.slack.protocol.interactions import StaleButton, Target
from bot.slack.protocol.requests import Request, ViewSubmission
from bot.slack.queries.services import Services
from bot.slack.ui.messages.notices import refusal, refusal_modal
from bot.slack.ui.modals.modal_registry import FORMS

NO_QUESTIONS = "There is no open question just now. New ones come up as the model grows."


def open_form(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Open the form that a button names."""
    if target.name == "import":
        return read_named_file(services, request, target)
    if target.name == "questions" and not services.register(services.stream(target)).questions:
        return respond_privately(request, refusal(NO_QUESTIONS), view=refusal_modal(NO_QUESTIONS, target))
    check_form_opens(services, request, target)
    return show_view(request, load_form(services, target, request.person), again=target)


def show_page(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show the page that a button names."""
    return show_view(request, load_page(services, target, request.person), again=target)


def replace_page(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show a page or form in place of the one that the button stands in."""
    check_form_opens(services, request, target)
    return replace_view(request, load_modal(services, target, request.person))


def show_past_day(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show the model as it was on the day that was chosen."""
    if not isinstance(request, ViewSubmission):
        raise StaleButton
    day = FORMS["look_back"].parse(request.view).day("day")
    shown = Target(name="as_of", stream=target.stream, day=day)
    return show_view(request, load_page(services, shown, request.person), again=shown)


def follow_link(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Do nothing: Slack opens the link by itself."""
    del services, request, target
    return NO_RESPONSE
