"""Loading of forms and pages: new, again with what was entered, and below another form."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypedDict, Unpack, assert_never, get_args

import msgspec
from msgspec.structs import replace

from bot.slack.directory.member_directory import check_administers
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.requests import BlockAction, Request
from bot.slack.protocol.targets import (
    LAST_CLOSING,
    DayTarget,
    DraftTarget,
    ImportTarget,
    ReminderTarget,
    StaleButton,
    Target,
    VotingTarget,
)
from bot.slack.queries.form_snapshots import FormSnapshot, LeftForm
from bot.slack.queries.open_drafts import find_draft, open_draft, waiting_drafts
from bot.slack.queries.past_model import load_past_model, load_past_version
from bot.slack.queries.portfolio_queries import load_portfolio_screen
from bot.slack.queries.reminder_list import ReminderReader, earlier_deliveries, snooze_options
from bot.slack.queries.services import Services
from bot.slack.queries.tracker_queries import load_tracker_screen, load_webhook_screen
from bot.slack.screens.ballot_papers import ballot_page, ballot_paper_for
from bot.slack.screens.page_data import PageData, PastModel
from bot.slack.ui.forms.duplicate_questions import DuplicateQuestion
from bot.slack.ui.forms.form import (
    FilePreview,
    Form,
    FormContext,
    FormData,
    OwedBallots,
    PersonHours,
    RoundDefaults,
    SnoozeChoice,
    WriteEffect,
)
from bot.slack.ui.forms.form_fields import Option, ShownValue, SideBySide, SubmittedValues, changed_values
from bot.slack.ui.modals.history.past_model_page import CHANGES
from bot.slack.ui.modals.modal_registry import FORMS, PAGES, find_form, find_page, target_of
from bot.slack.ui.modals.page_declaration import PageSource
from bot.slack.ui.texts.reminder_texts import reminder_headline
from bot.store import StreamId, StreamSummary, workspace_stream
from domain.commands import (
    ApproveAcceptances,
    Command,
    DeclineAcceptance,
    DeclineClosing,
    MitigationCommand,
    ReassignApproval,
)
from domain.decide.permissions import FACILITATORS, is_asked, is_named_approver, owns
from domain.history import preview_undo, timeline
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.lifecycle import check_allowed
from domain.register import ThreatRegister
from domain.rejections import NotAParticipant, NotTheFacilitator, Rejected
from domain.voting.turnout import WorkCalendar, default_deadline
from domain.workspace_settings import WorkspaceSettings


class Opened(TypedDict, total=False):
    """What a form shows besides the stored values."""

    note: str
    missing: tuple[tuple[str, str], ...]
    typed: SubmittedValues | None
    warning: bool
    models: tuple[Option, ...]
    keys: tuple[str, ...]
    conflicts: Mapping[str, SideBySide]
    duplicates: tuple[DuplicateQuestion, ...]
    unread: tuple[str, ...]


def load_page(services: Services, target: Target, reader: PersonId, *, note: str = "") -> View:
    """Return the current page of a target; raises StaleButton, NoSuchModel and Rejected.

    Pages of trackers have a `note` above them.
    """
    page = find_page(target.name)
    target = page.target.of(target)
    data = PageData(target=target, reader=reader, model=None, naming=services.naming)
    if target.stream:
        stream = services.stream(target)
        register = services.register(stream)
        data = replace(
            data,
            model=register,
            permalink=services.permalink(stream, register.channel),
            shared=services.is_shared(register.channel),
        )
    return page.show(_from_source(services, data, page.source, note))


def _from_source(services: Services, data: PageData, source: PageSource, note: str) -> PageData:
    """Return the data of a page together with its source besides the model."""
    target, reader = data.target, data.reader
    match source:
        case PageSource.MODEL:
            return data
        case PageSource.PORTFOLIO:
            return replace(
                data, portfolio=load_portfolio_screen(services, target, reader), now=services.now()
            )
        case PageSource.TRACKERS:
            return replace(data, trackers=load_tracker_screen(services, target, reader, note=note))
        case PageSource.TRACKER_WEBHOOK:
            screen = load_webhook_screen(services, target, reader)
            return replace(data, trackers=replace(screen, note=note))
        case PageSource.HISTORY:
            events = [event.event for event in services.command_handler.events(services.stream(target))]
            return replace(data, history=timeline(events), undo=preview_undo(events, reader))
        case PageSource.DRAFTS:
            return replace(data, drafts=waiting_drafts(services, services.stream(target)))
        case PageSource.PAST_MODEL:
            return replace(data, past=_past(services, data))
        case PageSource.BALLOT_PAPERS:
            return replace(data, ballot_papers=services.ballot_papers(services.stream(target), reader))
        case PageSource.WORKING_HOURS:
            own = _hours_of(services, reader)
            return replace(data, hours=own.hours, zone=own.zone)
        case PageSource.REMINDER:
            own = _hours_of(services, reader)
            sent = earlier_deliveries(services.unit.reminders.of(data.register.key), target)
            reminder = ReminderReader(services).pressed(target)
            return replace(data, reminder=reminder, sent=sent, hours=own.hours, zone=own.zone)
        case _:
            assert_never(source)


def load_form(
    services: Services,
    target: Target,
    person: PersonId,
    *,
    register: ThreatRegister | None = None,
    before: FormSnapshot | None = None,
    remembered: bool = True,
    **more: Unpack[Opened],
) -> View:
    """Return the form of a target with the stored values; raises StaleButton and NoSuchModel.

    `register` is the model's, if the caller has it. If the form was open `before`, typed values are still
    compared with what it showed then. If that is unknown, the current content is not `remembered`, and every
    difference is checked before saving.
    """
    form = find_form(target.name)
    known = register
    without_model = (FormData.PAPER, FormData.WORKSPACE_SETTINGS, FormData.TRACKER_CONNECTION)
    if known is None and target.stream and form.needs not in without_model:
        known = services.register(services.stream(target))
    target = replace(form.target.of(target), opened=services.form_snapshots.token())
    today = services.now().date()
    opening = FormContext(
        target=target, person=person, register=known, today=today, naming=services.naming, **more
    )
    opening = _filled(services, opening, form)
    parts = form.parts(opening)
    kept = form.keeps(opening, parts) if remembered else None
    if kept is not None:
        _remember(services, opening, form, kept, before)
    return form.render(opening, parts)


def _remember(
    services: Services,
    opening: FormContext,
    form: Form,
    kept: dict[str, ShownValue],
    before: FormSnapshot | None,
) -> None:
    """Store what a form shows, for the comparison at the submission."""
    stream = snapshot_stream(services, form, opening.target)
    settings = opening.find(WorkspaceSettings) or WorkspaceSettings()
    version = settings.version if _is_of_workspace(form) else opening.required_register.version
    shown = dict(kept)
    if before is not None:
        typed = set(opening.typed.by_key) if opening.typed else set[str]()
        shown |= {key: held for key, held in before.shown.items() if key in typed}
        version = before.version
    services.form_snapshots.save(
        FormSnapshot(
            token=opening.target.opened,
            stream=stream,
            version=version,
            shown=shown,
            at=services.now(),
        )
    )


def snapshot_stream(services: Services, form: Form, target: Target) -> StreamId:
    """Return the stream that the snapshot of a form is about: its model's or the workspace's."""
    if _is_of_workspace(form):
        return workspace_stream(services.installation.team)
    return services.stream(target)


def _is_of_workspace(form: Form) -> bool:
    return form.needs in (FormData.WORKSPACE_SETTINGS, FormData.TRACKER_CONNECTION)


def load_modal(services: Services, target: Target, person: PersonId, **more: Unpack[Opened]) -> View:
    """Return the form or page of a target."""
    if target.name in PAGES:
        return load_page(services, target, person)
    return load_form(services, target, person, **more)


def _filled(services: Services, opening: FormContext, form: Form) -> FormContext:
    """Return the form's context with the data that it needs besides the model."""
    if form.from_reminders and ReminderTarget.of(opening.target).reminder:
        ReminderReader(services).open(opening.target)  # a change made meanwhile is not repeated
    match form.needs:
        case FormData.MODEL:
            return opening
        case FormData.OWN_HOURS:
            return replace(opening, loaded=_hours_of(services, opening.person))
        case FormData.WORKSPACE_SETTINGS:
            settings = services.settings
            check_administers(services.directory, settings, opening.person)
            return replace(opening, loaded=settings)
        case FormData.PAPER:
            ballot_papers = services.ballot_papers(services.stream(opening.target), opening.person)
            target = VotingTarget.of(opening.target)
            page, paper = ballot_page(ballot_papers, target), ballot_paper_for(ballot_papers, target)
            return replace(opening, loaded=OwedBallots(page=page, paper=paper))
        case FormData.VOTERS:
            voters = services.voters(opening.required_register)
            defaults = RoundDefaults(voters=tuple(voters), deadline=_usual_deadline(services, voters))
            return replace(opening, loaded=defaults)
        case FormData.FILE:
            channel, sha256 = ChannelId(opening.target.channel), ImportTarget.of(opening.target).sha256
            read = services.pending_imports.find(channel, opening.person, sha256)
            file = FilePreview(preview=read.preview if read else None, shared=services.is_shared(channel))
            return replace(opening, loaded=file)
        case FormData.DRAFT:
            if DraftTarget.of(opening.target).files:
                return opening  # they are not read yet
            model = services.command_handler.model(services.stream(opening.target))
            return replace(opening, loaded=open_draft(find_draft(services, opening.target), model))
        case FormData.TEMPLATES:
            return replace(opening, models=_template_options(services, opening.person))
        case FormData.TRACKERS | FormData.TRACKER_CONNECTION:
            if form.needs is FormData.TRACKER_CONNECTION:
                check_administers(services.directory, services.settings, opening.person)
            return replace(opening, loaded=load_tracker_screen(services, opening.target, opening.person))
        case FormData.REMINDER:
            about = reminder_headline(ReminderReader(services).open(opening.target))
            reach = services.people(opening.required_register.channel)(opening.person)
            choice = SnoozeChoice(about=about, moments=snooze_options(reach, services.now()))
            return replace(opening, loaded=choice)
        case _:
            assert_never(form.needs)


def _usual_deadline(services: Services, voters: Sequence[PersonId]) -> datetime:
    now = services.now()
    calendars = [
        WorkCalendar(
            days=hours.days, starts=hours.starts, ends=hours.ends, ahead=services.zone(voter).ahead(now)
        )
        for voter in voters
        for hours in (services.hours(voter),)
    ]
    return default_deadline(now, calendars)


def _past(services: Services, data: PageData) -> PastModel:
    """Return the model then: today if nothing is chosen, and at its closing for the changes of a review."""
    target, zone = data.target, services.zone(data.reader)
    today = zone.day_of(services.now())
    events = [event.event for event in services.command_handler.events(services.stream(target))]
    past = DayTarget.of(target)
    was_closed = data.register.review is not None or data.register.phase == "closed"
    reviewed = target.name == CHANGES.name and past.day is None and was_closed
    if version := past.version or (LAST_CLOSING if reviewed else 0):
        return load_past_version(events, version, zone, today, services.register_of)
    return load_past_model(events, past.day or today, zone, today, services.register_of)


def _hours_of(services: Services, person: PersonId) -> PersonHours:
    zone = services.zone(person)
    return PersonHours(hours=services.hours(person), zone=zone.name if zone.known else "")


def reload_form(
    services: Services,
    view: View,
    person: PersonId,
    *,
    before: FormSnapshot | None = None,
    target: Target | None = None,
    note: str = "",
    without: Collection[str] = (),
    models: tuple[Option, ...] = (),
) -> View:
    """Return the form of a view with current data and with what was entered in it.

    Slack keeps what was entered only in fields whose IDs stay, and submits those of them empty that were not
    touched. So all fields get new IDs, and what was entered is their initial value. `before` is what the form
    showed when it was opened, if that is kept elsewhere than usual; `target` replaces the form's own; the
    fields `without` show what the form sets. Raises StaleButton, NoSuchModel and Rejected.
    """
    form = find_form(str(view.get("callback_id")))
    left = target_of(view)
    target = left if target is None else target
    entered = form.read(view)
    keys = tuple(entered.by_key)
    revises = form.does(target) is WriteEffect.REVISES
    if revises:
        before = before or services.form_snapshots.find(left.opened, snapshot_stream(services, form, left))
        entered = changed_values(before.shown if before else None, entered)
    kept = SubmittedValues({key: value for key, value in entered.by_key.items() if key not in without})
    return load_form(
        services,
        target,
        person,
        note=note,
        typed=kept,
        keys=keys,
        models=models,
        before=before if revises else None,
        remembered=before is not None or not revises,
    )


def reload_pressed_form(services: Services, request: Request, target: Target) -> View | None:
    """Return the form whose button shows it with another target; None for any other button.

    What was entered stays, but for the fields that the button sets.
    """
    if not isinstance(request, BlockAction) or request.view is None or target.name not in FORMS:
        return None
    if request.view.get("callback_id") != target.name:
        return None
    return reload_form(
        services,
        request.view,
        request.person,
        target=replace(target, behind=target_of(request.view).behind),
        without=FORMS[target.name].set_by_buttons,
    )


def leave_form(services: Services, request: Request, target: Target) -> Target:
    """Keep what was entered in the form whose button was pressed; return the target that leads back to it.

    Slack keeps the form open below the new one and shows it again as it was, without what the new one
    changes. Pages need no such thing: they are loaded again by their name.
    """
    if not isinstance(request, BlockAction) or not request.in_view or request.view is None:
        return target
    form = FORMS.get(str(request.view.get("callback_id")))
    if form is None or form.secret or not target.stream:
        return target
    shown = services.form_snapshots.find(target_of(request.view).opened, services.stream(target))
    if shown is None:  # opened by an earlier release, or nothing is kept of it
        return target
    try:
        entered = LeftForm.of(request.view)
    except msgspec.ValidationError:  # without its state, it stays as Slack has it
        return target
    left = replace(shown, token=services.form_snapshots.token(), left=entered, at=services.now())
    services.form_snapshots.save(left)
    return replace(target, behind=left.token)


def load_left_form(services: Services, target: Target, person: PersonId, note: str) -> View | None:
    """Return the form below another one with what was entered and current data; None if it is not known."""
    snapshot = services.form_snapshots.find(target.behind, services.stream(target))
    if snapshot is None or snapshot.left is None:
        return None
    try:
        return reload_form(services, snapshot.left.view, person, before=snapshot, note=note)
    except (StaleButton, Rejected):
        return None


def check_form_opens(services: Services, request: Request, target: Target) -> None:
    """Raise Rejected if the form could not be submitted; the submission is checked again."""
    asks = form_command_type(target)
    if asks is None or not target.stream:
        return
    model = services.command_handler.model(services.stream(target))
    check_allowed(model, asks)
    if asks in _TRACKING and owns(model, MitigationId(target.element), request.person):
        return
    if asks is ReassignApproval and is_asked(model, ThreatId(target.element), request.person):
        return
    if asks in _APPROVING and is_named_approver(model, request.person):
        return
    if not model.participates(request.person):
        raise NotAParticipant(model.facilitator)
    if asks in FACILITATORS and request.person != model.facilitator:
        raise NotTheFacilitator(model.facilitator)


def form_command_type(target: Target) -> type[Command] | None:
    """Return the command type of a form; None if opening it needs no check."""
    return FORMS[target.name].command_asked(target) if target.name in FORMS else None


_APPROVING: frozenset[type[Command]] = frozenset({ApproveAcceptances, DeclineAcceptance, DeclineClosing})
_TRACKING: frozenset[type[Command]] = frozenset(get_args(MitigationCommand))


def _template_options(services: Services, person: PersonId) -> tuple[Option, ...]:
    """Return the models of a person's channels as options, most recently changed first.

    Closed and archived models are among them: they are read only, and a good start for others.
    """
    return tuple(
        Option(value=model.key, text=_template_text(services, model)) for model in services.models_of(person)
    )


def _template_text(services: Services, one: StreamSummary) -> str:
    channel = services.directory.channel(one.channel)
    where = f" · #{clip(one_line(channel.name), _TEMPLATE_CHANNEL)}" if channel and channel.name else ""
    return f"{one.key} {clip(one_line(one.name), _TEMPLATE_NAME)}{where}"


_TEMPLATE_NAME = 42
_TEMPLATE_CHANNEL = 20
