"""Screening: one line for each rare feature, answered once for the whole system, and where it exists."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.ui.forms.field_blocks import PAGE_CHARACTERS, parts_size
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, LazyRegister
from bot.slack.ui.forms.form_fields import ChoiceField, FormPart, MultiSelectField, Option, Paragraph
from bot.slack.ui.forms.form_traits import FormEnding, FormSubmission
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.three_way_merge import ShownValue
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.analysis.controls_form import WORTH_A_PAGE, controls_page
from bot.slack.ui.modals.analysis.open_questions_form import elements_shown, field_for_others
from bot.slack.ui.texts.screening_texts import reopening_text
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerOpenQuestions, AnswerScreening
from domain.facts.screening_topics import ScreeningTopic
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind, PersonId
from domain.register import RegisterItem, ThreatRegister
from domain.screening.screened_facts import TopicStatus


def _lines(opening: FormContext) -> Sequence[FormPart]:
    return [Paragraph(text=_INTRODUCTION), *(_line(one) for one in opening.required_register.screening)]


def _line(status: TopicStatus) -> ChoiceField:
    known = status.answer
    return ChoiceField(
        key=f"topic/{status.topic.id}",
        label=status.topic.question,
        hint=reopening_text(status),
        options=_ANSWERS,
        initial=(known.answer if known else Answer.UNKNOWN).value,
        suggested=known is None or bool(status.reopened_by),
        radio=True,
    )


def _make_answers(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    replies = [
        {"topic": key.removeprefix("topic/"), "answer": values.text(key)}
        for key in values.by_key
        if key.startswith("topic/") and values.text(key)
    ]
    return msgspec.convert({"replies": replies, "by": by, "at": at}, AnswerScreening)


def _after_lines(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    """Return the page that asks where the features exist, else the controls, else the open questions."""
    existing = [id for id in BUILT_IN.topics if values.text(f"topic/{id}") == Answer.YES]
    known = register()
    asked = [id for id in existing if any(_elements(known, fact) for fact in _facts(BUILT_IN.topics[id]))]
    if asked:
        return SelectionTarget(
            name=WHERE.name, stream=target.stream, selection=",".join(asked), back=target.back
        )
    if len(known.control_questions) >= WORTH_A_PAGE:
        return controls_page(target)
    return (
        SelectionTarget(name="questions", stream=target.stream, back=target.back) if known.questions else None
    )


SCREENING = Form(
    name="screening",
    writes=WriteEffect.REVISES,
    command_type=AnswerScreening,
    ending=FormEnding.TEXT,
    row=lambda key: key.partition("/")[2],
    title=lambda _: "Screening",
    submit="Save",
    close="Later",
    parts=_lines,
    build_command=_make_answers,
    next_form=_after_lines,
)


def _places(opening: FormContext) -> Sequence[FormPart]:
    """Return the elements at which each feature may exist, as many features as fit on a page."""
    parts: list[FormPart] = [Paragraph(text="Select the elements that have each feature.")]
    left, size, listed = _PAGE_BLOCKS - len(parts) - 1, 0, set[str]()
    for topic in topics_of(SelectionTarget.of(opening.target)):
        for fact in _facts(topic):
            items = _elements(opening.required_register, fact)[:_MOST_ELEMENTS]
            if not items or fact in listed:
                continue
            options = tuple(Option(value=one.id, text=one.name) for one in items)
            label = f"{topic.label}: {BUILT_IN.facts[fact].question}"
            fields = [
                MultiSelectField(key=f"tick/{fact}", label=label, options=options),
                field_for_others(fact, Answer.NO.value),
            ]
            needed = parts_size(fields)
            if len(fields) > left or size + needed > PAGE_CHARACTERS:
                continue
            left, size = left - len(fields), size + needed
            listed.add(fact)
            parts += fields
    return parts


def topics_of(target: SelectionTarget) -> tuple[ScreeningTopic, ...]:
    """Return the features about which a page asks where they exist."""
    return tuple(BUILT_IN.topics[id] for id in target.selection.split(",") if id in BUILT_IN.topics)


def next_places(register: ThreatRegister, target: SelectionTarget, shown: set[str]) -> SelectionTarget | None:
    """Return the page with the features that did not fit on this one; None if there are none."""
    left = [
        one.id
        for one in topics_of(target)
        if any(fact not in shown and _elements(register, fact) for fact in _facts(one))
    ]
    if not left or len(left) == len(topics_of(target)):
        return None
    return replace(target, selection=",".join(left))


def features_without_place(
    register: ThreatRegister, target: SelectionTarget, values: SubmittedValues
) -> dict[str, str]:
    """Return an error for each feature that exists and would be denied for every element, by field."""
    wrong: dict[str, str] = {}
    answered = [fact for kind in Kind for item in register.items(kind) for fact in _facts_in_place(item)]
    for topic in topics_of(target):
        asked = [one for one in _facts(topic) if f"tick/{one}" in values.by_key]
        denied = all(
            not values.many(f"tick/{one}") and values.text(f"others/{one}") == Answer.NO for one in asked
        )
        if asked and denied and not any(one in answered for one in _facts(topic)):
            wrong[f"tick/{asked[0]}"] = _NO_PLACE
    return wrong


def _facts_in_place(item: RegisterItem) -> Iterator[str]:
    return (fact for fact, answer in item.facts.items() if answer is Answer.YES)


def _elements(register: ThreatRegister, fact: str) -> list[RegisterItem]:
    """Return the elements without an answer at which some rule looks for the feature."""
    asked = register.question_counter.possible
    items = (item for kind in sorted(BUILT_IN.facts[fact].kinds) for item in register.items(kind))
    return [item for item in items if fact not in item.facts and (item.id, fact) in asked]


def _facts(topic: ScreeningTopic) -> Iterator[str]:
    return (fact for fact in topic.facts if fact in BUILT_IN.facts)


def _kept(opening: FormContext, parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    del opening
    return elements_shown(parts)


WHERE = Form(
    name="where",
    target=SelectionTarget,
    writes=WriteEffect.ADDS,
    command_type=AnswerOpenQuestions,
    submission=FormSubmission.QUESTIONS,
    ending=FormEnding.TEXT,
    title=lambda _: "Feature locations",
    submit="Save",
    close="Later",
    parts=_places,
    kept=_kept,
)

_ANSWERS = (
    Option(value=Answer.YES.value, text="Yes"),
    Option(value=Answer.NO.value, text="No"),
    Option(value=Answer.UNKNOWN.value, text="Don't know"),
)
_INTRODUCTION = (
    "Answer once for the whole system. *Yes* asks which elements have the feature. *No* removes its "
    "questions from all elements until a new element suggests the feature."
)
_NO_PLACE = (
    "The screening says that this exists. Select at least one element, or choose Answer later or Don't know "
    "for the other elements."
)
_MOST_ELEMENTS = 100
_PAGE_BLOCKS = 30
