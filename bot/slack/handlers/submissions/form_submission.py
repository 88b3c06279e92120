"""Submission of a form, and actions of buttons."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce
from typing import assert_never

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandResult
from bot.slack.handlers.handler_responses import (
    NO_RESPONSE,
    HandlerResponse,
    Reply,
    UpdateView,
    confirmation_sentence,
    replace_view,
    respond_privately,
    saved_modal,
    show_view,
    snoozed_modal,
)
from bot.slack.handlers.modal_loading import load_form, load_left_form, load_page
from bot.slack.handlers.submissions.conflicts import (
    FormConflict,
    ModelMerge,
    NameAnswers,
    SubmittedForm,
    ask_about_names,
    chosen_element,
    execute_with_answers,
    recent_author,
    show_existing,
    split_name_answers,
)
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import BlockAction, Request, ViewSubmission, command_key
from bot.slack.protocol.targets import (
    Action,
    LinkTarget,
    MessageTarget,
    PhaseTarget,
    ProposalTarget,
    ReminderTarget,
    SelectionTarget,
    StaleButton,
    Target,
)
from bot.slack.queries.form_snapshots import FormSnapshot
from bot.slack.queries.reminder_list import ReminderReader
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form import (
    Entry,
    FieldErrors,
    Form,
    FormContext,
    FormEnding,
    LeftOver,
    OutsideCommand,
    WriteEffect,
)
from bot.slack.ui.forms.form_fields import SubmittedValues, changed_values, field_key, shown_values
from bot.slack.ui.messages.notices import confirmation
from bot.slack.ui.modals.analysis.suggested_threats_page import suggested_threat_ids
from bot.slack.ui.modals.collecting.element_merge_form import contradiction_key
from bot.slack.ui.modals.modal_registry import PAGES, find_form, target_of
from bot.slack.ui.modals.steering.model_forms import MOVE, MOVES, REASON
from bot.slack.ui.modals.voting.round_forms import SEALED
from bot.store import CommandKey, KeyUsedForAnother, StreamId
from domain.changes import effects
from domain.commands import (
    AdoptCatalog,
    AllowSharing,
    AnswerPrompt,
    ApproveAcceptance,
    CloseRound,
    Command,
    CompleteRegister,
    ConfirmClosing,
    ConfirmScreening,
    ConfirmSuggestedThreats,
    CreatingCommand,
    DismissIssueProposal,
    ExtendRound,
    MarkReferenceThreat,
    MergeElements,
    OpenRound,
    OrderTrustLevels,
    RemoveElement,
    ReopenRegister,
    ReopenRow,
    ReopenSuggestedThreat,
    ReportThreat,
    RequestIssue,
    ResumeMitigation,
    StartMitigation,
    TakeMedians,
    TakeOver,
    Undo,
    UnlinkIssue,
    UnlinkMitigation,
    UnmarkReferenceThreat,
    VerifyMitigation,
    WithdrawAssumption,
    WithdrawClosing,
    WithdrawThreat,
)
from domain.decide import decide
from domain.decide.element_merge import as_kept
from domain.decide.voting import sealed_in_advance
from domain.events import (
    AssumptionRecorded,
    ElementAdded,
    Event,
    MitigationPlanned,
    ThreatReported,
    described_element,
)
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel, evolve
from domain.register import ThreatRegister
from domain.rejections import (
    AnswersContradict,
    Contradiction,
    LikelyDuplicates,
    NameTaken,
    Rejected,
    UnmetConditions,
)
from domain.replay import replay
from domain.wording.merge_effects import merge_effects
from domain.wording.voting import sealed_round_notice

Levels = Callable[[], list[ElementId]]


def action_command(target: Target, levels: Levels, *, by: PersonId, at: datetime) -> Command:
    """Return the command of a pressed button; raises StaleButton for an unknown action.

    `levels` returns the trust levels in their current order.
    """
    try:
        action = Action(target.name)
        if action in _STEPS:
            return OrderTrustLevels(by=by, at=at, order=_moved(target, levels(), _STEPS[action]))
        command, about = _COMMANDS[action]
        entry = Entry(values=SubmittedValues({}), target=target, by=by, at=at)
        given = {field: value(target) for field, value in _GIVEN.get(action, {}).items()}
        return entry.command(command, about, **given)
    except (ValueError, msgspec.ValidationError) as error:
        raise StaleButton from error


_STEPS = {Action.MOVE_UP: -1, Action.MOVE_DOWN: 1}


def _moved(target: Target, order: list[ElementId], step: int) -> tuple[ElementId, ...]:
    """Return the order after swapping one level with its neighbor, if there is one."""
    level = ElementId(target.element)
    if level not in order:
        raise StaleButton(f"{level} is not in this model.")
    place = order.index(level)
    other = min(max(place + step, 0), len(order) - 1)
    order[place], order[other] = order[other], order[place]
    return tuple(order)


_COMMANDS: dict[Action, tuple[type[Command], str]] = {
    Action.REMOVE: (RemoveElement, "element"),
    Action.COMPLETE_REGISTER: (CompleteRegister, ""),
    Action.REOPEN_REGISTER: (ReopenRegister, ""),
    Action.WITHDRAW_ASSUMPTION: (WithdrawAssumption, "assumption"),
    Action.ADOPT_CATALOG: (AdoptCatalog, ""),
    Action.WITHDRAW_THREAT: (WithdrawThreat, "threat"),
    Action.CONFIRM: (ConfirmSuggestedThreats, ""),
    Action.ADD_PLACES: (ConfirmSuggestedThreats, ""),
    Action.REOPEN_SUGGESTED_THREAT: (ReopenSuggestedThreat, "suggested_threat"),
    Action.REOPEN_ROW: (ReopenRow, "element"),
    Action.NOTHING_HERE: (AnswerPrompt, "element"),
    Action.CLOSE_ROUND: (CloseRound, "round"),
    Action.EXTEND_ROUND: (ExtendRound, "round"),
    Action.TAKE_MEDIANS: (TakeMedians, "round"),
    Action.MARK_REFERENCE_THREAT: (MarkReferenceThreat, "threat"),
    Action.UNMARK_REFERENCE_THREAT: (UnmarkReferenceThreat, "threat"),
    Action.APPROVE: (ApproveAcceptance, "threat"),
    Action.START_MITIGATION: (StartMitigation, "mitigation"),
    Action.VERIFY: (VerifyMitigation, "mitigation"),
    Action.RESUME: (ResumeMitigation, "mitigation"),
    Action.UNLINK: (UnlinkMitigation, "mitigation"),
    Action.DISMISS_ISSUE: (DismissIssueProposal, "mitigation"),
    Action.REQUEST_ISSUE: (RequestIssue, "mitigation"),
    Action.UNLINK_ISSUE: (UnlinkIssue, "mitigation"),
    Action.UNDO: (Undo, ""),
    Action.TAKE_OVER: (TakeOver, ""),
    Action.ALLOW_SHARING: (AllowSharing, ""),
    Action.CONFIRM_CLOSING: (ConfirmClosing, ""),
    Action.CONFIRM_SCREENING: (ConfirmScreening, ""),
    Action.WITHDRAW_CLOSING: (WithdrawClosing, ""),
    **{action: (command, "") for action, command in MOVES.items()},
}
"""The command of each action, and its field for the element of the target."""

_GIVEN: dict[Action, dict[str, Callable[[Target], object]]] = {
    Action.COMPLETE_REGISTER: {"register": lambda target: target.kind},
    Action.REOPEN_REGISTER: {"register": lambda target: target.kind},
    Action.CONFIRM: {"suggested_threats": suggested_threat_ids},
    Action.ADD_PLACES: {
        "suggested_threats": suggested_threat_ids,
        "threat": lambda target: SelectionTarget.of(target).selection,
    },
    Action.NOTHING_HERE: {"prompt": lambda target: SelectionTarget.of(target).selection},
    Action.APPROVE: {"proposed_at": lambda target: ProposalTarget.of(target).proposed},
    Action.CONFIRM_CLOSING: {"proposed_at": lambda target: ProposalTarget.of(target).proposed},
    Action.UNLINK: {"threat": lambda target: LinkTarget.of(target).threat},
}
"""Fields of these commands that something else in the target gives."""

TARGETS: dict[str, type[Target]] = {
    Action.ADD_PLACES: SelectionTarget,
    Action.NOTHING_HERE: SelectionTarget,
    Action.APPROVE: ProposalTarget,
    Action.CONFIRM_CLOSING: ProposalTarget,
    Action.VERIFY: ReminderTarget,
    Action.UNLINK: LinkTarget,
    Action.DISMISS_ISSUE: ReminderTarget,
    Action.REQUEST_ISSUE: ReminderTarget,
}
"""Target types that carry more than an ID, by action."""


def submit_form(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Execute the command of a form and show the next view."""
    form, stream = find_form(request.callback_id), services.stream(target)
    try:
        typed = form.parse(request.view)
    except FieldErrors as unread:
        raise FieldErrors({**_refused_as_well(services, request, target, form), **unread.errors}) from unread
    answers = split_name_answers(typed)
    values = answers.values
    if form.is_empty(values):
        return _without_command(services, request, target, values)
    command = form.command(values, target, by=request.person, at=services.now())
    if isinstance(command, OutsideCommand):
        raise StaleButton
    command = _completed(services, command, target)
    if isinstance(command, OpenRound) and (sealed := _sealed_unknowingly(services, command, stream, values)):
        note = sealed_round_notice(sealed)
        return show_view(
            request, load_form(services, target, request.person, note=note, warning=True, typed=values)
        )
    if answers.by_key:
        command = answers.given_to(command, services.command_handler.model(stream))
        if (existing := chosen_element(command, services.command_handler.model(stream))) is not None:
            note = f"Nothing was added, because it is {existing}. Save what you typed as a change of it."
            return show_existing(services, request, target, values, existing, note)
    if form.shows_effects and (shown := _with_effects(services, request, target, values, command)):
        return show_view(request, shown)
    merging = None
    if form.does(target) is WriteEffect.REVISES:
        submitted = SubmittedForm(request=request, target=target, values=values, command=command)
        merging = ModelMerge(services, submitted, stream)
    try:
        done = _execute(services, stream, command_key(request), command, merging, answers)
    except FormConflict as conflict:
        if merging is None:
            raise
        return show_view(request, merging.side_by_side(conflict))
    except KeyUsedForAnother as used:
        return _edited(services, request, target, values, used)
    except UnmetConditions as missing:
        # Another condition is unmet since the form was shown: keep the typed text, and ask for its reason.
        return show_view(
            request, load_form(services, target, request.person, missing=missing.conditions, typed=values)
        )
    except LikelyDuplicates as asked:
        return ask_about_names(services, request, target, typed, command, asked)
    except NameTaken as taken:
        author = recent_author(services, target, taken.element, request.person)
        if author is not None:
            taken.sentence = f"{taken.sentence} {services.naming(author)} added it a moment ago."
        raise
    except Rejected as rejected:
        if (current := _with_current_conditions(services, request, target, values, rejected)) is not None:
            return show_view(request, current)
        if form.from_reminders and ReminderTarget.of(target).reminder:
            ReminderReader(services).open(target)  # its error names the other person and their decision
        raise
    return _onward(services, request, target, merging.merged.values if merging else values, done)


def _with_current_conditions(
    services: Services, request: ViewSubmission, target: Target, values: SubmittedValues, rejected: Rejected
) -> View | None:
    """Return a refused form again if it asks for the reason of a condition that was met in the meantime."""
    asked = {key for key in values.by_key if key.startswith(REASON)}
    if request.callback_id != MOVE.name or not asked:
        return None
    sentence = rejected.text_with_names(services.naming)
    view = load_form(services, target, request.person, note=sentence, warning=True, typed=values)
    return None if asked <= {field_key(block.get("block_id", "")) for block in view["blocks"]} else view


def _execute(
    services: Services,
    stream: StreamId,
    key: CommandKey,
    command: Command,
    merging: ModelMerge | None,
    answers: NameAnswers,
) -> CommandResult:
    """Execute a command with the answers about names, merged with others' changes if it revises something."""

    def execute(wanted: Command) -> CommandResult:
        if merging is None:
            return services.execute(wanted, stream, key)
        choices = wanted.choices if isinstance(wanted, CreatingCommand) else ()

        def merged(model: ThreatModel) -> Command:
            made = merging.command(model)
            if isinstance(made, OutsideCommand):
                raise StaleButton
            return replace(made, choices=choices) if isinstance(made, CreatingCommand) else made

        return services.execute(wanted, stream, key, merged)

    return execute_with_answers(command, answers, execute)


def _with_effects(
    services: Services, request: ViewSubmission, target: Target, values: SubmittedValues, command: Command
) -> View | None:
    """Return the form with what its values lead to; None without effects, or if they were shown already.

    A merge asks there which of two answers stays; its effects are shown once for each element.
    """
    stream = services.stream(target)
    chosen = command.into if isinstance(command, MergeElements) else _digest(values)
    model = services.command_handler.model(stream)
    said, contradicting = _without_contradictions(command, model)
    if SelectionTarget.of(target).selection == chosen and not contradicting:
        return None
    after = reduce(evolve, said, model)
    found = (
        *merge_effects(said, model),
        *effects(services.register_of(model), services.register_of(after, services.now())),
    )
    if not found:
        return None
    choose = " Choose which of the answers that contradict each other stay." if contradicting else ""
    return load_form(
        services,
        replace(SelectionTarget.of(target), selection=chosen),
        request.person,
        before=services.form_snapshots.find(target.opened, stream),
        note=f"Nothing is saved yet. This would follow: {' '.join(found)}{choose} Save again to confirm.",
        warning=True,
        typed=values,
        keys=tuple(map(contradiction_key, contradicting)),
    )


def _without_contradictions(
    command: Command, model: ThreatModel
) -> tuple[Sequence[Event], tuple[Contradiction, ...]]:
    """Return the events of a command, and the answers of a merge between which no one has chosen."""
    try:
        return decide(command, model), ()
    except AnswersContradict as contradicting:
        if not isinstance(command, MergeElements):
            raise
        return decide(as_kept(command, contradicting.found), model), contradicting.found


def _digest(values: SubmittedValues) -> str:
    return hashlib.blake2b(repr(sorted(values.by_key.items())).encode(), digest_size=6).hexdigest()


def _completed(services: Services, command: Command, target: Target) -> Command:
    """Return the command with values that the form does not ask for: the message link, the default voters."""
    if isinstance(command, ReportThreat):
        return replace(command, link=services.message_link(MessageTarget.of(target)))
    if isinstance(command, OpenRound) and not command.voters:
        return replace(command, voters=services.voters(services.register(services.stream(target))))
    return command


def _sealed_unknowingly(
    services: Services, command: OpenRound, stream: StreamId, values: SubmittedValues
) -> tuple[ThreatId, ...]:
    """Return the threats of a round whose results will stay sealed, unless the person knows that."""
    if values.many(SEALED):
        return ()
    return sealed_in_advance(command, services.command_handler.model(stream))


def _refused_as_well(
    services: Services, request: ViewSubmission, target: Target, form: Form
) -> dict[str, str]:
    """Return the other rejections of a form besides its invalid fields, by block ID."""
    refused_fields: dict[str, str] = {}
    try:
        values = split_name_answers(form.read(request.view)).values
        command = form.command(values, target, by=request.person, at=services.now())
        if not isinstance(command, OutsideCommand):
            decide(command, services.command_handler.model(services.stream(target)))
    except Rejected as refused:
        for one in (refused, *refused.also):
            if one.field:
                refused_fields |= form.errors_of(request.view, one, one.text_with_names(services.naming))
    except StaleButton:
        return {}
    return refused_fields


def perform_action(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Execute the action of a button; if a condition is unmet, ask for the reason to continue."""
    stream = services.stream(target)

    def levels() -> list[ElementId]:
        return [level.id for level in services.command_handler.model(stream).trust_levels()]

    command = action_command(target, levels, by=request.person, at=services.now())
    ReminderReader(services).check_pressed(target, command, command_key(request))
    try:
        done = services.execute(command, stream, command_key(request))
    except KeyUsedForAnother:
        # A press cannot be edited: it was delivered twice, and the step had changed meanwhile.
        return replace_view(request, load_page(services, _page_of(request), request.person))
    except UnmetConditions as missing:
        reason = PhaseTarget(name="move", stream=target.stream, move=Action(target.name), back=target.back)
        return show_view(
            request, load_form(services, reason, request.person, missing=missing.conditions), again=reason
        )
    return _done(services, request, target, done)


def _onward(
    services: Services, request: ViewSubmission, target: Target, values: SubmittedValues, done: CommandResult
) -> HandlerResponse:
    """Return the following form, the page the form was opened from, or a confirmation with the next step."""
    form = find_form(request.callback_id)

    # Computed only if it is shown: the ack waits for it.
    def now() -> ThreatRegister:
        return services.register_of(done.model)

    if (left := form.left_over(values)) is not None:
        note = confirmation_sentence(done, services.naming)
        return _left_open(services, request, target, left, note).then(
            *update_behind(services, request, target, done)
        )
    following = form.after(values, target, now)
    if following is not None:
        # The form for another element may be closed at any time, so what is behind it is updated now.
        following = replace(following, behind=target.behind)
        if following.name in PAGES:
            shown = load_page(services, following, request.person)
        else:
            shown = load_form(
                services, following, request.person, note=confirmation_sentence(done, services.naming)
            )
        return show_view(request, shown).then(*update_behind(services, request, target, done))
    answer = NO_RESPONSE
    if form.ending is FormEnding.SNOOZED:
        until = done.model.snoozed.get(ReminderTarget.of(target).reminder)
        return show_view(request, snoozed_modal(confirmation_sentence(done, services.naming), target, until))
    if target.from_message or _ends_in_words(form, target):
        sentence = confirmation_sentence(done, services.naming)
        answer = show_view(request, saved_modal(sentence, target, now(), services.naming, request.person))
    return answer.then(*update_behind(services, request, target, done))


def _without_command(
    services: Services, request: ViewSubmission, target: Target, values: SubmittedValues
) -> HandlerResponse:
    """Show what could not be read, or what follows a form that was left empty."""
    form = find_form(request.callback_id)
    if (left := form.left_over(values)) is not None:
        return _left_open(services, request, target, left)
    register = services.register(services.stream(target))
    following = form.after(values, target, lambda: register)
    if following is not None:
        return show_view(request, load_form(services, following, request.person, register=register))
    if not _ends_in_words(form, target):
        return NO_RESPONSE
    sentence = "Nothing was entered."
    view = saved_modal(sentence, target, register, services.naming, request.person, changed=False)
    return show_view(request, view)


def _left_open(
    services: Services, request: ViewSubmission, target: Target, left: LeftOver, note: str = ""
) -> HandlerResponse:
    """Show a form again with what could not be read; its fields get new IDs."""
    again = replace(target, name=request.callback_id, round=target.round + 1)
    view = load_form(services, again, request.person, note=note, typed=left.values, unread=left.problems)
    return show_view(request, view, again=again)


def _ends_in_words(form: Form, target: Target) -> bool:
    match form.ending:
        case FormEnding.CLOSES:
            return False
        case FormEnding.TEXT:
            return True
        case FormEnding.TEXT_WITHOUT_PAGE:
            return not target.back
        case FormEnding.SNOOZED:
            return True
        case _:
            assert_never(form.ending)


def update_behind(
    services: Services, request: ViewSubmission, target: Target, done: CommandResult | None
) -> tuple[UpdateView, ...]:
    """Return the update of the page or form that the form was opened from, which becomes visible again."""
    view_id = request.view.get("previous_view_id")
    if not view_id:
        return ()
    view = None
    if target.back in PAGES:
        about = Target(name=target.back, stream=target.stream, kind=target.kind, element=target.element)
        view = load_page(services, about, request.person)
    elif target.behind:
        note = confirmation_sentence(done, services.naming) if done else ""
        view = load_left_form(services, target, request.person, note)
    return () if view is None else (UpdateView(view_id=str(view_id), view=view),)


def _edited(
    services: Services,
    request: ViewSubmission,
    target: Target,
    values: SubmittedValues,
    used: KeyUsedForAnother,
) -> HandlerResponse:
    """Return the form that revises an addition, for a form that was changed and submitted twice."""
    added = _added(services, used)
    again = replace(Target.of(target), name=request.callback_id, element=added, round=0)
    note = f"This was already saved as {added}. The form has your new values. Save again to update it."
    values = find_form(request.callback_id).as_revision(values)
    first = _as_first_saved(services, again, request.person, used)
    typed = changed_values(first.shown, values)
    return show_view(
        request, load_form(services, again, request.person, note=note, typed=typed, before=first)
    )


def _as_first_saved(
    services: Services, again: Target, person: PersonId, used: KeyUsedForAnother
) -> FormSnapshot:
    """Return what the revision form would have shown immediately after the addition."""
    known = services.register_of(replay(services.store.events(used.stream, until=used.version)))
    opening = FormContext(target=again, person=person, register=known)
    return FormSnapshot(
        token="",
        stream=used.stream,
        version=used.version,
        shown=shown_values(find_form(again.name).parts(opening)),
        at=services.now(),
    )


def _added(services: Services, used: KeyUsedForAnother) -> str:
    for recorded in services.store.read(used.stream, used.first - 1, used.version):
        match recorded.event:
            case AssumptionRecorded(assumption=assumption):
                return assumption.id
            case MitigationPlanned(mitigation=mitigation):
                return mitigation.id
            case ThreatReported(threat=threat):
                return threat.id
            case event if isinstance(event, ElementAdded):
                return described_element(event).id
            case _:  # what was added brought this about as well
                pass
    raise StaleButton


def _page_of(request: Request) -> Target:
    if not isinstance(request, BlockAction) or not request.in_view or request.view is None:
        raise StaleButton
    return target_of(request.view)


def _done(services: Services, request: Request, target: Target, done: CommandResult) -> HandlerResponse:
    sentence = confirmation_sentence(done, services.naming)
    if isinstance(request, BlockAction) and request.in_view and request.view is not None:
        if request.view.get("callback_id") in PAGES:
            return replace_view(request, load_page(services, target_of(request.view), request.person))
        now = services.register_of(done.model)
        return replace_view(request, saved_modal(sentence, target, now, services.naming, request.person))
    if (
        isinstance(request, BlockAction)
        and target.name == Action.APPROVE
        and not ReminderTarget.of(target).reminder
        and _directly(request)
    ):
        # The question is answered, so its buttons are removed. Reminders about it update themselves.
        return NO_RESPONSE.then(
            Reply(response_url=request.response_url, message=confirmation(sentence), replaces=True)
        )
    now = services.register_of(done.model)
    return respond_privately(
        request,
        confirmation(sentence),
        view=saved_modal(sentence, target, now, services.naming, request.person),
    )


def _directly(request: BlockAction) -> bool:
    """Return whether a button was pressed in a direct message."""
    return bool(request.response_url) and (request.channel or "").startswith("D") and not request.ephemeral
