"""Settings of the workspace and working hours of a person."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.slack.directory.administrators import check_administers
from bot.slack.handlers.handler_responses import (
    NO_RESPONSE,
    HandlerResponse,
    PublishHome,
    UpdateView,
    show_view,
)
from bot.slack.handlers.modal_loading import load_page
from bot.slack.handlers.submissions.conflicts import (
    AuthoredClash,
    FieldHistory,
    SubmittedForm,
    conflict_view,
)
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import Request, ViewSubmission, command_key
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import FormPart, MergedValues, ShownValue, merge_values, shown_values
from bot.slack.ui.modals.modal_registry import find_form
from bot.store import workspace_stream
from domain.working_hours import ChooseWorkingHours
from domain.workspace_settings import ChooseWorkspaceSettings, WorkspaceSettings, evolve_settings


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


def choose_workspace_settings(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Save the settings of the workspace, and update the sender's Home tab."""
    if not isinstance(request, ViewSubmission):
        raise StaleButton
    # Before the fields are read: an outsider learns nothing, not even which of them are wrong.
    check_administers(services.directory, services.settings, request.person)
    form = find_form(request.callback_id)
    values = form.parse(request.view)
    command = form.command(values, target, by=request.person, at=services.now())
    if not isinstance(command, ChooseWorkspaceSettings):
        raise StaleButton
    merge = SettingsMerge(
        services, SubmittedForm(request=request, target=target, values=values, command=command)
    )
    try:
        services.choose_settings(command, command_key(request), merge.command)
    except SettingsOvertaken as overtaken:
        return show_view(request, merge.side_by_side(overtaken))
    return NO_RESPONSE.then(PublishHome(person=request.person))


class SettingsOvertaken(Exception):
    """Error: another administrator changed the same field."""

    def __init__(self, merged: MergedValues, clashes: Sequence[AuthoredClash]) -> None:
        super().__init__("another administrator was faster")
        self.merged = merged
        self.clashes = clashes


class SettingsMerge:
    """Merge of the submitted form of the settings with those in force."""

    def __init__(self, services: Services, handed: SubmittedForm) -> None:
        self._services = services
        self._handed = handed
        self._tenant = services.installation.team
        self._opened = services.form_snapshots.find(handed.target.opened, workspace_stream(self._tenant))

    def command(self, settings: WorkspaceSettings) -> ChooseWorkspaceSettings:
        """Return the command, merged with others' changes.

        Raises SettingsOvertaken, StaleButton and Rejected.
        """
        handed, opened = self._handed, self._opened
        unchanged = opened is not None and opened.version == settings.version
        now = None if unchanged else self._parts(settings)
        merged = merge_values(handed.values, opened.shown if opened else None, now)
        if clashes := self._of_others(merged, settings):
            # The form is made after the transaction, which takes back what is stored in it.
            raise SettingsOvertaken(merged, clashes)
        given = handed.command
        command = handed.form.command(merged.values, handed.target, by=given.by, at=given.at)
        if not isinstance(command, ChooseWorkspaceSettings):
            raise StaleButton
        return command

    def side_by_side(self, overtaken: SettingsOvertaken) -> View:
        """Return the form with both values of each field that two people changed."""
        known = self._opened is not None
        return conflict_view(self._services, self._handed, overtaken.merged, overtaken.clashes, known=known)

    def _of_others(self, merged: MergedValues, settings: WorkspaceSettings) -> list[AuthoredClash]:
        """Return the conflicts with other people; a sender's changes in another window do not conflict."""
        if self._opened is None:
            return [AuthoredClash(clash=one) for one in merged.clashes]
        if not merged.clashes:
            return []
        since = self._opened.version
        events = self._services.command_handler.settings.events(self._tenant, until=settings.version)
        states = [WorkspaceSettings()]
        for event in events:
            states.append(evolve_settings(states[-1], event))
        history = FieldHistory(events[since:], states[since:], self._shown_at)
        now = self._shown_at(settings)
        found: list[AuthoredClash] = []
        for clash in merged.clashes:
            said = history.last_change_of(clash.field.key, now.get(clash.field.key, ShownValue()))
            if said is None:
                found.append(AuthoredClash(clash=clash))
            elif said.by != self._handed.request.person:
                found.append(AuthoredClash(clash=clash, by=said.by, at=said.at))
        return found

    def _shown_at(self, settings: WorkspaceSettings) -> dict[str, ShownValue]:
        return shown_values(self._parts(settings))

    def _parts(self, settings: WorkspaceSettings) -> Sequence[FormPart]:
        opening = FormContext(target=self._handed.target, person=self._handed.request.person)
        return self._handed.form.parts(replace(opening, settings=settings))
