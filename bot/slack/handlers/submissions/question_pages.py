"""Submission of a page of questions: each answer counts alone, and *no* for the others is confirmed first."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandResult
from bot.slack.handlers.handler_responses import (
    HandlerResponse,
    confirmation_sentence,
    saved_modal,
    show_view,
)
from bot.slack.handlers.modal_loading import load_form
from bot.slack.handlers.submissions.form_submission import update_behind
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import ViewSubmission, command_key, resubmission_key
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form_fields import ShownValue
from bot.slack.ui.modals.analysis.answered_page import (
    AnsweredPage,
    asks_about_others,
    read_confirmed,
    read_controls,
    read_page,
    selection_shown,
)
from bot.slack.ui.modals.analysis.confirm_answers_form import (
    CONFIRM_ANSWERS,
    SHOWN,
    in_both_lists,
    look_keys,
    rows_to_come,
)
from bot.slack.ui.modals.analysis.controls_form import (
    CONTROLS,
    CONTROLS_SELECTION,
    WORTH_A_PAGE,
    controls_page,
    next_controls,
)
from bot.slack.ui.modals.analysis.open_questions_form import (
    QUESTIONS,
    WHERE,
    features_asked,
    features_without_place,
    next_places,
)
from bot.slack.ui.modals.analysis.question_forms import next_facts
from bot.slack.ui.modals.modal_registry import find_form
from bot.slack.ui.texts.common_texts import first_names
from bot.store import KeyUsedForAnother
from domain.commands import AnswerOpenQuestions, BulkReply, Reply
from domain.events import BulkAnswered, FactAnswered
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from domain.kernel.text_formatting import count_phrase
from domain.model import ThreatModel
from domain.model.element_labels import name_of
from domain.register import ThreatRegister
from domain.wording.event_row import question_phrase

LOST = (
    "This form was opened too long ago to know which elements it listed. Choose the answer for the other "
    "elements again."
)


def submit_questions(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Save the answers of a page, and ask for a confirmation of *no*, or show the next page."""
    target = SelectionTarget.of(target)
    values = find_form(request.callback_id).parse(request.view)
    opened = services.form_snapshots.find(target.opened, services.stream(target))
    kept: Mapping[str, ShownValue] = opened.shown if opened else {}
    target = selection_shown(target, kept)
    if request.callback_id == CONFIRM_ANSWERS.name:
        CONFIRM_ANSWERS.refuse(request.view, in_both_lists(_known(services, target), values))
        page = read_confirmed(values, kept)
        lost = opened is None and any(values.many(key) for key in values.by_key if key.startswith("yes/"))
        return _second_look(services, request, target, page, kept, lost=_Note(LOST if lost else "", not lost))
    if opened is None and asks_about_others(values):
        again = load_form(
            services,
            target,
            request.person,
            note=LOST,
            warning=True,
            typed=values,
            keys=tuple(values.by_key),
        )
        return show_view(request, again)
    read = read_controls if request.callback_id == CONTROLS.name else read_page
    page = read(values, kept)
    if request.callback_id == WHERE.name:
        WHERE.refuse(request.view, features_without_place(_known(services, target), target, values))
        page = page.with_no_confirmed()  # the page lists them already: none is asked about twice
    command = AnswerOpenQuestions(
        by=request.person, at=services.now(), replies=page.replies, bulk=page.bulk, missing=page.missing
    )
    done = None
    if request.callback_id in _SKIPPABLE and page.empty and _may_answer(services, target):
        return _onward(services, request, target, None, page.shown, _Note())  # all are asked one by one
    if page.replies or page.bulk or page.missing or not page.look_again:
        done = _executed(services, request, target, command)
    model = done.model if done else services.command_handler.model(services.stream(target))
    note = _note(services, done, model, (*page.replies, *_replies_of((*page.bulk, *page.to_confirm))))
    if look_again := page.still_open(model.facts).look_again:
        keys = (*look_again, *_shown_keys(page.shown))
        return show_view(request, _confirmation(services, request, target, keys, note))
    return _onward(services, request, target, done, page.shown, note)


def _second_look(
    services: Services,
    request: ViewSubmission,
    target: SelectionTarget,
    page: AnsweredPage,
    kept: Mapping[str, ShownValue],
    lost: "_Note",
) -> HandlerResponse:
    """Save what was confirmed, and show the rows that did not fit, or the next page.

    `lost` says what has to be chosen again, if anything.
    """
    done, note = None, lost
    if not page.empty or not _may_answer(services, target):
        command = AnswerOpenQuestions(
            by=request.person, at=services.now(), replies=page.replies, bulk=page.bulk, missing=page.missing
        )
        done = _executed(services, request, target, command)
        absent = (Reply(element=one.element, fact=one.fact, answer=Answer.NO) for one in page.missing)
        said = _note(services, done, done.model, (*page.replies, *absent, *_replies_of(page.bulk)))
        note = _Note(f"{said.text} {lost.text}".strip(), said.changed and lost.changed)
    shown = _shown_before(kept)
    if rows := rows_to_come(kept):
        keys = (*rows, *_shown_keys(shown))
        return show_view(request, _confirmation(services, request, target, keys, note))
    return _onward(services, request, target, done, shown, note)


def _may_answer(services: Services, target: Target) -> bool:
    """Return whether the phase of the model allows answers."""
    return _known(services, target).allows(AnswerOpenQuestions)


def _known(services: Services, target: Target) -> ThreatRegister:
    return services.register_of(services.command_handler.model(services.stream(target)))


def _executed(
    services: Services,
    request: ViewSubmission,
    target: Target,
    command: AnswerOpenQuestions,
) -> CommandResult:
    key = command_key(request)
    try:
        return services.execute(command, services.stream(target), key)
    except KeyUsedForAnother as used:
        # The first submission was saved and its answer was lost; what was changed since is saved as well.
        return services.execute(command, used.stream, resubmission_key(services.store, key, command))


def _confirmation(
    services: Services,
    request: ViewSubmission,
    target: SelectionTarget,
    keys: tuple[str, ...],
    note: "_Note",
) -> View:
    """Return the page with a second look at the rows of these keys, which keep what the page showed."""
    listed = SelectionTarget(
        name=CONFIRM_ANSWERS.name,
        stream=target.stream,
        page=target.page,
        selection=target.selection,
        back=target.back,
        behind=target.behind,
    )
    text = f"{note.text} {_still_to_confirm(keys)}".strip() if note.text else ""
    return load_form(services, listed, request.person, note=text, warning=not note.changed, keys=keys)


def _still_to_confirm(keys: Sequence[str]) -> str:
    """Return how many answers are saved only after this page, apart from controls that differ."""
    count = sum(key.startswith((f"{Answer.YES}/", f"{Answer.NO}/")) for key in keys)
    return f"{count} more {'is' if count == 1 else 'are'} saved when you confirm them." if count else ""


def _shown_keys(shown: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for fact, elements in shown.items():
        yield from look_keys(SHOWN, fact, sorted(elements))


def _shown_before(kept: Mapping[str, ShownValue]) -> dict[str, frozenset[str]]:
    return {
        key.removeprefix("shown/"): frozenset(one.value)
        for key, one in kept.items()
        if key.startswith("shown/") and isinstance(one.value, tuple)
    }


def _onward(
    services: Services,
    request: ViewSubmission,
    target: SelectionTarget,
    done: CommandResult | None,
    shown: Mapping[str, frozenset[str]],
    note: "_Note",
) -> HandlerResponse:
    """Return the next page of questions, or the result with the next step."""
    model = done.model if done else services.command_handler.model(services.stream(target))
    known = services.register_of(model)
    following = _following(request, known, target, shown)
    if following is None:
        view = saved_modal(note.text, target, known, services.naming, request.person, changed=note.changed)
    else:
        again = SelectionTarget(
            name=following.name,
            stream=target.stream,
            page=following.page,
            selection=following.selection,
            back=target.back,
            behind=target.behind,
        )
        view = load_form(
            services, again, request.person, register=known, note=note.text, warning=not note.changed
        )
    return show_view(request, view).then(*update_behind(services, request, target, done))


def _following(
    request: ViewSubmission,
    known: ThreatRegister,
    target: SelectionTarget,
    shown: Mapping[str, frozenset[str]],
) -> SelectionTarget | None:
    """Return the page that follows: features of a screening, then controls, then the questions at stake."""
    if features_asked(target):
        places = next_places(known, target, {*shown})
        if places is not None:
            return replace(places, name=WHERE.name)
        target, shown = SelectionTarget(stream=target.stream, back=target.back, behind=target.behind), {}
        if len(known.control_questions) >= WORTH_A_PAGE:
            target = controls_page(target)
    if target.selection == CONTROLS_SELECTION:
        controls = next_controls(known, target, shown)
        if controls is not None:
            return replace(controls, name=CONTROLS.name)
        target, shown = SelectionTarget(stream=target.stream, back=target.back, behind=target.behind), {}
    following = next_facts(known, target, request.person, shown)
    return None if following is None else replace(following, name=QUESTIONS.name)


class _Note(msgspec.Struct, frozen=True):
    """What a submission led to; not `changed` if others had answered everything in the meantime."""

    text: str = ""
    changed: bool = True


def _replies_of(bulk: Sequence[BulkReply]) -> tuple[Reply, ...]:
    """Return bulk answers as answers about single elements."""
    return tuple(
        Reply(element=element, fact=one.fact, answer=one.answer) for one in bulk for element in one.elements
    )


def _note(
    services: Services, done: CommandResult | None, model: ThreatModel, stated: Sequence[Reply]
) -> _Note:
    """Return what was saved, and which answers of others were left as they are."""
    own = _answered_by(done)
    kept = _kept_answers(model, [one for one in stated if (one.element, one.fact) not in own])
    if not kept:
        return _Note(confirmation_sentence(done, services.naming) if done else "")
    changed = done is not None and bool(done.events)
    rest = [count_phrase(len(kept) - _NAMED, "other question")] if len(kept) > _NAMED else []
    left = f"Answered by someone else in the meantime and not changed: {'; '.join([*kept[:_NAMED], *rest])}."
    sentence = confirmation_sentence(done, services.naming) if changed and done else ""
    return _Note(f"{sentence} {left}".strip(), changed)


def _answered_by(done: CommandResult | None) -> set[tuple[ElementId, str]]:
    """Return what a command has answered, including the answers that it presupposes."""
    answered: set[tuple[ElementId, str]] = set()
    for event in done.events if done else ():
        match event:
            case FactAnswered():
                answered.add((event.element, event.fact))
            case BulkAnswered():
                answered.update((element, event.fact) for element in event.elements)
            case _:  # every other event is no answer
                pass
    return answered


def _kept_answers(model: ThreatModel, replies: Sequence[Reply]) -> list[str]:
    """Return each question that is answered otherwise than these replies say, with its elements."""
    elements: dict[tuple[str, str], dict[str, None]] = {}
    for reply in replies:
        now = model.facts.get((reply.element, reply.fact))
        if now is not None and now is not reply.answer:
            places = elements.setdefault((reply.fact, now.label), {})
            places[name_of(model, ElementId(reply.element))] = None
    return [
        f"“{question_phrase(model, fact)}” at {first_names([*places], _NAMED)} (“{answer}”)"
        for (fact, answer), places in elements.items()
    ]


_NAMED = 3
_SKIPPABLE = (CONTROLS.name, WHERE.name)
"""Pages that lead on without an answer: their questions come up again, one by one."""
