"""Settings of the workspace and working hours of a person."""

from bot.slack.directory.member_directory import check_administers
from bot.slack.handlers.handler_responses import (
    NO_RESPONSE,
    HandlerResponse,
    PublishHome,
    UpdateView,
    show_view,
)
from bot.slack.handlers.modal_loading import load_page
from bot.slack.handlers.submissions.conflicts import (
    FormConflict,
    SettingsMerge,
    SubmittedForm,
)
from bot.slack.protocol.requests import ViewSubmission, command_key
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.queries.services import Services
from bot.slack.ui.modals.modal_registry import find_form
from bot.store import workspace_stream
from domain.working_hours import ChooseWorkingHours
from domain.workspace_settings import ChooseWorkspaceSettings, WorkspaceSettings


def set_working_hours(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Save a person's working hours and update the views that show them."""
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


def choose_workspace_settings(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Save the settings of the workspace, and update the sender's Home tab."""
    # Before the fields are read: an outsider learns nothing, not even which of them are wrong.
    check_administers(services.directory, services.settings, request.person)
    form = find_form(request.callback_id)
    values = form.parse(request.view)
    command = form.command(values, target, by=request.person, at=services.now())
    if not isinstance(command, ChooseWorkspaceSettings):
        raise StaleButton
    submitted = SubmittedForm(request=request, target=target, values=values, command=command)
    merge = SettingsMerge(services, submitted, workspace_stream(services.installation.team))

    def merged(settings: WorkspaceSettings) -> ChooseWorkspaceSettings:
        made = merge.command(settings)
        if not isinstance(made, ChooseWorkspaceSettings):
            raise StaleButton
        return made

    try:
        services.choose_settings(command, command_key(request), merged)
    except FormConflict as conflict:
        return show_view(request, merge.side_by_side(conflict))
    return NO_RESPONSE.then(PublishHome(person=request.person))
