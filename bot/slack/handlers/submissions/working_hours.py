"""Choice of a person's own working hours."""

from bot.slack.handlers.handler_responses import NO_RESPONSE, HandlerResponse, PublishHome, UpdateView
from bot.slack.handlers.modal_loading import load_page
from bot.slack.protocol.idempotency_keys import command_key
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import Request, ViewSubmission
from bot.slack.protocol.targets import Target
from bot.slack.queries.services import Services
from bot.slack.ui.modals.modal_registry import find_form
from domain.working_hours import ChooseWorkingHours


def set_working_hours(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Save a person's working hours and update the views that show them."""
    if not isinstance(request, ViewSubmission):
        raise StaleButton
    form = find_form(request.callback_id)
    command = form.command(form.parse(request.view), target, by=request.person, at=services.now())
    if not isinstance(command, ChooseWorkingHours):
        raise StaleButton
    services.choose_hours(command, command_key(request))
    home = PublishHome(person=request.person)
    behind = request.view.get("previous_view_id")
    if not behind:
        return NO_RESPONSE.then(home)
    page = load_page(services, Target(name="settings", stream=target.stream), request.person)
    return NO_RESPONSE.then(UpdateView(view_id=str(behind), view=page), home)
