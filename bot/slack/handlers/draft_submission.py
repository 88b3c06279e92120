"""Handlers of the forms of a draft: opened, chosen, submitted."""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandResult
from bot.slack.handlers.handler_responses import (
    HandlerResponse,
    OpenView,
    ReadDraft,
    UpdateView,
    confirmation_sentence,
    saved_modal,
    show_message,
    show_view,
)
from bot.slack.handlers.modal_loading import check_form_opens, load_form
from bot.slack.handlers.submissions.start_model import draft_files, open_start, read_picked_files
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import actions, button, modal, section
from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.requests import (
    BlockAction,
    Json,
    Request,
    ShortcutRequest,
    ViewSubmission,
    command_key,
)
from bot.slack.protocol.targets import NOTICE, ButtonKind, DraftTarget, StaleButton, Target
from bot.slack.queries.home_overview import CLOSED_PHASES, model_list_items
from bot.slack.queries.open_drafts import DRAFT_EXPIRED, find_draft, open_draft
from bot.slack.queries.services import Services
from bot.slack.screens.open_draft import OpenDraft, group_of
from bot.slack.ui.forms.form_fields import SubmittedValues, field_key, read_submitted_state
from bot.slack.ui.messages.model_choice_messages import closed_models
from bot.slack.ui.modals.drafting.draft_form import ALL, CONFIRM, NONE, REMOVE, SAME, TAKE
from bot.slack.ui.modals.modal_registry import find_form
from bot.store import StreamSummary
from bot.store.repositories.drafts import StoredDraft
from domain.commands import AcceptDraft
from domain.draft_comparison.choices import (
    ANOTHER,
    LEAVE,
    DraftChoices,
    accept_chosen,
    answer_key,
    proposed_tick,
)
from domain.draft_comparison.compared_draft import ComparedProposal, all_proposals, compare_draft
from domain.drafts.draft import SourceKey
from domain.kernel.elements import ChannelId, ElementId, PersonId
from domain.model import ThreatModel
from domain.rejections import NothingChanged, Rejected
from domain.replay import EMPTY


def read_choices(view: Json, opened: OpenDraft) -> DraftChoices:
    """Return what a person chose on the page that a view shows; raises StaleButton for a forged value.

    What was decided by someone else meanwhile is left out.
    """
    keys = [proposal.key for proposal in all_proposals(opened.draft)]
    compared = {one.key: one for one in opened.comparison.open}
    gone = {one.element: one.key for one in opened.comparison.gone}
    values = SubmittedValues(read_submitted_state(view))
    seen: set[SourceKey] = set()
    items: dict[SourceKey, bool] = {}
    answers: dict[str, bool] = {}
    conflicts: dict[SourceKey, str] = {}
    removed: set[SourceKey] = set()
    for key, value in _offered(view):
        name, _, detail = key.partition("/")
        chosen = value in values.many(key)
        match name:
            case "take":
                source = _key(keys, value)
                items[source] = chosen
                seen.add(source)
            case "confirm":
                number, _, fact = value.partition(" ")
                source = _key(keys, number)
                seen.add(source)
                answers |= _answer(compared.get(source), fact, chosen=chosen)
            case "remove":
                if (left := gone.get(ElementId(value))) is not None:
                    seen.add(left)
                    removed |= {left} if chosen else set()
            case "same":
                source = _key(keys, detail)
                seen.add(source)
                if values.text(key) == value:
                    conflicts[source] = _resolution(value, keys)
            case _:  # a field that no page of a draft has
                raise StaleButton
    return DraftChoices(
        items=items,
        answers=answers,
        conflicts=conflicts,
        removed=frozenset(removed),
        seen=frozenset(seen),
    )


def _offered(view: Json) -> Iterator[tuple[str, str]]:
    """Yield the key of each field and the values of its options, as they were shown."""
    try:
        shown = msgspec.convert(view, _View)
    except msgspec.ValidationError as fault:
        raise StaleButton from fault
    for block in shown.blocks:
        key = field_key(block.block_id)
        if block.type == "input" and key.partition("/")[0] in (TAKE, CONFIRM, REMOVE, SAME):
            for option in block.element.options:
                yield key, option.value


class _Option(msgspec.Struct):
    value: str = ""


class _Element(msgspec.Struct):
    options: list[_Option] = []


class _Block(msgspec.Struct):
    type: str = ""
    block_id: str = ""
    element: _Element = msgspec.field(default_factory=_Element)


class _View(msgspec.Struct):
    blocks: list[_Block] = []


def _key(keys: list[SourceKey], number: str) -> SourceKey:
    if not number.isdecimal() or len(number) > _DIGITS or int(number) >= len(keys):
        raise StaleButton
    return keys[int(number)]


def _answer(compared: ComparedProposal | None, fact: str, *, chosen: bool) -> dict[str, bool]:
    if compared is None:
        return {}
    return {answer_key(compared.key, answer): chosen for answer in compared.answers if answer.fact == fact}


def _resolution(value: str, keys: list[SourceKey]) -> str:
    if value in (ANOTHER, LEAVE) or value.startswith("same "):
        return value
    if value.startswith("item "):
        return f"item {_key(keys, value.removeprefix('item '))}"
    raise StaleButton


_DIGITS = 5


DIRECT: Final = (
    "Threat models belong to channels, so files cannot be drafted from a direct message. Upload them to the "
    "channel of the team and choose “Draft from file” there."
)
NO_FILES: Final = (
    "This message has no files. Upload a compose file, Kubernetes manifests or an OpenAPI description to the "
    "channel and choose “Draft from file” in the menu of that message."
)
TOO_MANY: Final = (
    "This message has {count} files, and at most {most} are read at a time. Upload fewer files in a message."
)


def open_files(services: Services, request: ShortcutRequest, target: Target) -> HandlerResponse:
    """Read the files of a message as one draft; without a model, have one started first."""
    del target
    if not request.message:
        raise StaleButton
    if request.channel is None or request.direct:
        raise Rejected(DIRECT)
    files = tuple(dict.fromkeys(request.files))
    if not files or len(files) > slack_limits.FILES:
        raise Rejected(TOO_MANY.format(count=len(files), most=slack_limits.FILES) if files else NO_FILES)
    models = services.models(request.channel)
    still_open = [model for model in models if model.phase not in CLOSED_PHASES]
    if not models:
        return open_start(services, request, Target(channel=request.channel, element=",".join(files)))
    if not still_open:
        listed = model_list_items(services, models, request.person)
        return show_message(request, closed_models(listed, request.channel))
    if len(still_open) > 1:
        return _choose_model(request, request.channel, still_open, files)
    return read_files(services, request, draft_files(still_open[0].stream, files))


def read_files(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show a waiting modal, and read the files of a target meanwhile."""
    target = draft_files(target.stream, DraftTarget.of(target).files)
    check_form_opens(services, request, target)
    view = load_form(services, target, request.person)
    if isinstance(request, BlockAction) and request.in_view:
        reading = ReadDraft(view_id=request.view_id, view=view, person=request.person, target=target)
        return HandlerResponse(after=(reading,))
    opened = OpenView(trigger_id=request.trigger_id, origin=request.origin, view=view, reopen=target)
    return HandlerResponse(after=(ReadDraft(opened=opened, person=request.person, target=target),))


def submit_files(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Read the files of a form as one draft."""
    check_form_opens(services, request, target)
    files = find_form(request.callback_id).parse(request.view).many("files")
    return read_picked_files(services, request, target.stream, files)


def open_draft_button(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show a draft, or read its files if that was not done yet."""
    if DraftTarget.of(target).files:
        return read_files(services, request, target)
    check_form_opens(services, request, target)
    return show_view(request, load_form(services, target, request.person), again=target)


def _choose_model(
    request: Request, channel: ChannelId, models: list[StreamSummary], files: tuple[str, ...]
) -> HandlerResponse:
    buttons = [
        button(
            f"{model.key} {clip(one_line(model.name), _NAME)}",
            ButtonKind.OPEN,
            draft_files(model.stream, files),
            suffix=f"draft-{model.key}",
        )
        for model in models[: slack_limits.ACTIONS_ELEMENTS]
    ]
    view = modal(
        "Draft from file",
        [section("This channel has several threat models. For which one are the files?"), actions(*buttons)],
        target=Target(channel=channel),
        callback=NOTICE,
    )
    return show_view(request, view)


_NAME = 50


DECIDED: Final = "Everything in this draft has already been accepted or rejected, so nothing was changed."


def accept_page(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Accept what is ticked on the pages that the person has seen, and show what is left of the draft."""
    target = DraftTarget.of(target)
    stream = services.stream(target)
    stored = _keep(services, target, request.view)

    def meaning(model: ThreatModel) -> AcceptDraft:
        if compare_draft(stored.draft, model).is_empty:
            raise NothingChanged(DECIDED)
        return _acceptance(services, stored, model, request.person)

    # The request is the same however often it is delivered, while the model changes by it.
    asked = _acceptance(services, stored, EMPTY, request.person)
    try:
        done = services.execute(asked, stream, command_key(request), meaning)
    except NothingChanged as decided:
        register = services.register(stream)
        return show_view(
            request, saved_modal(decided.sentence, target, register, services.naming, request.person)
        )
    return _onward(services, request, target, stored, done)


def press_draft_button(services: Services, request: BlockAction, target: Target) -> HandlerResponse:
    """Keep the ticks of a page, tick all or none of a group, or turn the page."""
    if request.view is None:
        raise StaleButton
    target = DraftTarget.of(target)
    check_form_opens(services, request, target)
    stored = find_draft(services, target)
    opened = open_draft(stored, services.command_handler.model(services.stream(target)))
    chosen = read_choices(request.view, opened)
    action, _, group = target.selection.partition(" ")
    if action in (ALL, NONE):
        chosen = chosen.with_choices(_ticks(opened, chosen, group, ticked=action == ALL))
    _chosen(services, stored, chosen)
    view = load_form(services, replace(target, selection=""), request.person)
    return HandlerResponse(after=(UpdateView(view_id=request.view_id, view=view),))


def _ticks(opened: OpenDraft, shown: DraftChoices, group: str, *, ticked: bool) -> DraftChoices:
    """Return the ticks of what is shown of a group; *All* ticks no guess and no control."""
    return DraftChoices(
        items={
            one.key: ticked and proposed_tick(one)
            for one in opened.comparison.open
            if one.key in shown.items and group_of(one) == group
        }
    )


def _keep(services: Services, target: DraftTarget, view: Json) -> StoredDraft:
    """Store what is chosen on the page, before anything else."""
    stored = find_draft(services, target)
    opened = open_draft(stored, services.command_handler.model(services.stream(target)))
    return _chosen(services, stored, read_choices(view, opened))


def _chosen(services: Services, stored: StoredDraft, more: DraftChoices) -> StoredDraft:
    found = services.unit.drafts.choose(stored.id, more)
    if found is None:
        raise StaleButton(DRAFT_EXPIRED)
    return found


def _acceptance(services: Services, stored: StoredDraft, model: ThreatModel, person: PersonId) -> AcceptDraft:
    comparison = compare_draft(stored.draft, model)
    return accept_chosen(
        stored.draft, stored.origin, comparison, stored.choices, by=person, at=services.now()
    )


def _onward(
    services: Services,
    request: ViewSubmission,
    target: DraftTarget,
    stored: StoredDraft,
    done: CommandResult,
) -> HandlerResponse:
    """Show the pages that are left, or the result with the next step."""
    opened: OpenDraft = open_draft(stored, done.model)
    note = confirmation_sentence(done, services.naming)
    register = services.register_of(done.model)
    if opened.comparison.is_empty:
        return show_view(request, saved_modal(note, target, register, services.naming, request.person))
    left = replace(target, page=0, selection="", opened="")
    view = load_form(services, left, request.person, register=register, note=note)
    return show_view(request, view)
