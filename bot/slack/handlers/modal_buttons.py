"""Handlers of buttons that open a form or page."""

from msgspec.structs import replace

from bot.slack.handlers.draft_submission import open_draft_button
from bot.slack.handlers.handler_responses import (
    NO_RESPONSE,
    HandlerResponse,
    replace_view,
    respond_privately,
    show_view,
)
from bot.slack.handlers.modal_loading import (
    check_form_opens,
    leave_form,
    load_form,
    load_modal,
    load_page,
    reload_pressed_form,
)
from bot.slack.handlers.submissions.start_model import read_named_file
from bot.slack.protocol.requests import BlockAction, Request, ViewSubmission
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form import FormData
from bot.slack.ui.messages.notices import refusal, refusal_modal
from bot.slack.ui.modals.modal_registry import find_form, find_page


def open_form(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Open the form of a button."""
    form = find_form(target.name)
    if form.needs is FormData.FILE:
        return read_named_file(services, request, target)
    if form.needs is FormData.DRAFT:
        return open_draft_button(services, request, target)
    if form.nothing_open is not None:
        sentence = form.nothing_open(services.register(services.stream(target)))
        if sentence:
            return respond_privately(request, refusal(sentence), view=refusal_modal(sentence, target))
    check_form_opens(services, request, target)
    target = leave_form(services, request, target)
    return show_view(request, load_form(services, target, request.person), again=target)


def show_page(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show the page of a button."""
    return show_view(request, load_page(services, target, request.person), again=target)


def replace_page(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show a page or form in place of the one that contains the button; what was entered in a form stays."""
    check_form_opens(services, request, target)
    again = reload_pressed_form(services, request, target)
    return replace_view(request, again or load_modal(services, target, request.person))


def filter_page(services: Services, request: BlockAction, target: Target) -> HandlerResponse:
    """Show a page again with the options that were chosen in one of its menus."""
    page = find_page(target.name)
    if page.filtered is None:
        raise StaleButton
    menu = request.action_id.partition(":")[2]
    shown = page.filtered(page.target.of(target), menu, request.values)
    return replace_view(request, load_page(services, shown, request.person))


def show_next_page(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Show the page or form that follows a form without a command."""
    form = find_form(request.callback_id)
    shown = form.after(form.parse(request.view), target, lambda: services.register(services.stream(target)))
    if shown is None:
        raise StaleButton
    check_form_opens(services, request, shown)
    shown = replace(shown, behind=target.behind)
    return show_view(request, load_modal(services, shown, request.person), again=shown)


def follow_link(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Do nothing: Slack opens the link itself."""
    del services, request, target
    return NO_RESPONSE
