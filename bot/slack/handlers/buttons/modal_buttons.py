"""Pressing a button that opens a form or shows a page."""

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
from bot.slack.protocol.interactions import FormName, PageName, StaleButton, Target
from bot.slack.protocol.requests import Request, ViewSubmission
from bot.slack.queries.services import Services
from bot.slack.ui.messages.notices import refusal, refusal_modal
from bot.slack.ui.modals.form_registry import FORMS

NO_QUESTIONS = "There is no open question just now. New ones come up as the model grows."


def open_form(services: Services, asked: Request, target: Target) -> HandlerResponse:
    """Open the form that a button names."""
    if target.what == FormName.IMPORT:
        return read_named_file(services, asked, target)
    if target.what == FormName.QUESTIONS and not services.register(services.stream(target)).questions:
        return respond_privately(asked, refusal(NO_QUESTIONS), view=refusal_modal(NO_QUESTIONS, target))
    check_form_opens(services, asked, target)
    return show_view(asked, load_form(services, target, asked.person), again=target)


def show_page(services: Services, asked: Request, target: Target) -> HandlerResponse:
    """Show the page that a button names."""
    return show_view(asked, load_page(services, target, asked.person), again=target)


def replace_page(services: Services, asked: Request, target: Target) -> HandlerResponse:
    """Show a page or form in place of the one that the button stands in."""
    check_form_opens(services, asked, target)
    return replace_view(asked, load_modal(services, target, asked.person))


def show_past_day(services: Services, asked: Request, target: Target) -> HandlerResponse:
    """Show the model as it was on the day that was chosen."""
    if not isinstance(asked, ViewSubmission):
        raise StaleButton
    day = FORMS[FormName.LOOK_BACK].parse(asked.view).day("day")
    shown = Target(what=PageName.AS_OF, stream=target.stream, day=day)
    return show_view(asked, load_page(services, shown, asked.person), again=shown)


def follow_link(services: Services, asked: Request, target: Target) -> HandlerResponse:
    """A link was followed: Slack opens it, and nothing is left to do."""
    del services, asked, target
    return NO_RESPONSE
