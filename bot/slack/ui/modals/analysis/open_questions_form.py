"""Forms of open questions and of screening."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.targets import ButtonKind, SelectionTarget, Target
from bot.slack.ui.forms.field_blocks import PAGE_CHARACTERS, parts_size
from bot.slack.ui.forms.form import (
    Form,
    FormCommand,
    FormContext,
    FormEnding,
    FormSubmission,
    LazyRegister,
    WriteEffect,
)
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    CheckboxesField,
    ChoiceField,
    FormPart,
    MultiSelectField,
    Option,
    Paragraph,
    ShownValue,
    SubmittedValues,
)
from bot.slack.ui.modals.analysis.controls_form import LATER, WORTH_A_PAGE, controls_page
from bot.slack.ui.modals.analysis.question_forms import (
    ASKED_OF_READER,
    REST,
    FactQuestions,
    answer_field,
    answer_key,
    facts_to_ask,
    groups_of,
    reason_text,
)
from bot.slack.ui.modals.collecting.assumptions_page import assumptions_to_confirm
from bot.slack.ui.texts.common_texts import answered_questions, model_label, reopening_text
from domain.analysis.rule_findings import Question
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerOpenQuestions, AnswerScreening
from domain.facts.screening_topics import ScreeningTopic
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind, PersonId
from domain.register import RegisterItem, ThreatRegister
from domain.screening.screened_facts import TopicStatus


def _parts(opening: FormContext) -> Sequence[FormPart]:
    groups = _groups(opening)
    if not groups:
        return [Paragraph(text="There are no open questions.")]
    parts: list[FormPart] = [
        Paragraph(text=_heading(opening, groups)),
        *_screening(opening),
        *_suggestions(opening),
        *_controls(opening),
    ]
    left, shown = _PAGE_BLOCKS - _FRAME, list[str]()
    for group in groups:
        fields = _fields(group, opening)
        needed = sum(_blocks(one) for one in fields)
        if needed > left or group.fact in shown:
            break
        parts += fields
        left -= needed
        shown.append(group.fact)
    rest = len(groups) - len(shown)
    if rest:
        parts.append(Paragraph(text=f"{rest} more {'follows' if rest == 1 else 'follow'} on the next page."))
    else:
        parts.append(Paragraph(text=_OPENED))
    return parts


def _suggestions(opening: FormContext) -> list[FormPart]:
    """Return the button that confirms all suggested answers together."""
    if all(one.suggested is None for one in opening.required_register.questions):
        return []
    number = len(assumptions_to_confirm(opening.required_register))  # as many as the form lists
    form = Target(name="confirm_assumptions", stream=opening.target.stream)
    confirm = button("Confirm…", ButtonKind.OPEN, form, suffix="assumed", spoken="Confirm assumptions")
    follow = "answer follows" if number == 1 else "answers follow"
    return [Paragraph(text=f"{number} {follow} from technologies and protocols.", pressed=confirm)]


def _controls(opening: FormContext) -> list[FormPart]:
    """Return the button that opens the controls, where several can be answered for the whole system."""
    number = len(opening.required_register.control_questions)
    if number < WORTH_A_PAGE:
        return []
    page = controls_page(opening.target)
    style = None if opening.required_register.pending_screening else "primary"
    pressed = button("Controls…", ButtonKind.OPEN, page, suffix="controls", style=style)
    return [Paragraph(text=f"{number} controls can be answered once for the whole system.", pressed=pressed)]


def _screening(opening: FormContext) -> list[FormPart]:
    """Return the button to the screening: if it comes first, or if later elements suggest its topics."""
    known = opening.required_register
    again = " ".join(reopening_text(one) for one in known.screening if one.reopened_by)
    words = " ".join(filter(None, (_FIRST if known.pending_screening else "", again)))
    if not words:
        return []
    whole = Target(name="screening", stream=opening.target.stream)
    style = "primary" if known.pending_screening else None
    pressed = button("Screening…", ButtonKind.OPEN, whole, suffix="screening", style=style)
    return [Paragraph(text=f"⚠ {escape(words, _TEXT)}" if again else words, pressed=pressed)]


def _groups(opening: FormContext) -> tuple[FactQuestions, ...]:
    """Return the questions to show; those of a page that is shown again, as far as any is still open."""
    register = opening.required_register
    if not opening.keys:
        return facts_to_ask(register, opening.target, opening.person)
    return _shown_again(opening) or facts_to_ask(register, opening.target, opening.person)


def _shown_again(opening: FormContext) -> tuple[FactQuestions, ...]:
    register = opening.required_register
    facts = dict.fromkeys(_fact_of(key) for key in opening.keys)
    asked = {one: [question for question in register.questions if question.fact == one] for one in facts}
    return tuple(groups_of({fact: questions for fact, questions in asked.items() if questions}))


def _fact_of(key: str) -> str:
    return key.rpartition("/")[2]


def _heading(opening: FormContext, groups: Sequence[FactQuestions]) -> str:
    """Return the counter, and what kind of questions these are."""
    known, first = opening.required_register, groups[0].open
    counted = f"{model_label(known)} · *{answered_questions(known)}.*"
    if SelectionTarget.of(opening.target).selection == ASKED_OF_READER:
        return f"{counted} Assigned to you."
    if all(one.answered_unknown for one in first):
        return f"{counted} These were answered with *don't know*."
    if any(one.at_stake for one in first):
        several = any(len(one.open) > 1 for one in groups)
        return f"{counted} {_TICK if several else _CHOOSE}"
    return f"{counted} Optional: enough is answered to begin analysis."


def _fields(group: FactQuestions, opening: FormContext) -> list[FormPart]:
    stream, (first, *others) = opening.target.stream, group.open
    ask = SelectionTarget(name="ask", stream=stream, element=first.element, selection=group.fact)
    asking = _button("Assign…", ask, f"Assign: {group.text}")
    if not others or all(one.answered_unknown for one in group.open):
        return [
            *(_field_of_one(one, opening) for one in group.open),
            ButtonRow(buttons=(asking,)),
        ]
    each = SelectionTarget(name="answers", stream=stream, selection=group.fact)
    one_by_one = _button("Answer one by one", each, f"Answer one by one: {group.text}")
    options = tuple(_option(one, opening.person) for one in group.open)
    return [
        CheckboxesField(
            key=f"tick/{group.fact}",
            label=group.text,
            hint=f"Why? {group.why}" if group.why else "",
            options=options,
        ),
        field_for_others(group.fact),
        ButtonRow(buttons=(one_by_one, asking)),
    ]


def field_for_others(fact: str, initial: str = LATER) -> ChoiceField:
    """Return the choice of what the elements get that are not ticked."""
    return ChoiceField(key=f"others/{fact}", label="All other elements", options=_OTHERS, initial=initial)


def _field_of_one(question: Question, opening: FormContext) -> FormPart:
    """Return the question about a single element, with all four answers."""
    initial = Answer.UNKNOWN if question.answered_unknown else None
    asked = _assignment(question, opening.person)
    why = reason_text(question)
    hint = f"{asked[:1].upper()}{asked[1:]}. {why}" if asked else why
    return answer_field(
        answer_key(question), f"{question.element_name}: {question.text}", initial, hint.strip()
    )


def _option(question: Question, reader: PersonId) -> Option:
    asked = _assignment(question, reader)
    assumed = f"assumed: {question.suggested.answer.label}" if question.suggested else ""
    means = " · ".join(filter(None, (str(question.element), asked, assumed)))
    return Option(value=question.element, text=question.element_name, means=means)


def _assignment(question: Question, reader: PersonId) -> str:
    if question.asked_of is None:
        return ""
    return "assigned to you" if question.asked_of == reader else "assigned to someone else"


def _button(label: str, target: Target, spoken: str) -> Block:
    suffix = f"{target.name}-{SelectionTarget.of(target).selection}"
    return button(label, ButtonKind.OPEN, target, suffix=suffix, spoken=spoken)


def _blocks(part: FormPart) -> int:
    """Return the number of blocks that a part takes."""
    return -(-len(part.options) // slack_limits.CHECKBOXES) if isinstance(part, CheckboxesField) else 1


def _kept(opening: FormContext, parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    """Return the elements that the page shows for each fact, and whether they can wait."""
    register = opening.required_register
    can_wait = not any(one.at_stake and not one.answered_unknown for one in register.questions)
    rest = {REST_SHOWN: ShownValue(value=REST)} if can_wait else {}
    return rest | elements_shown(parts)


def elements_shown(parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    """Return the elements that a page shows for each fact."""
    return {
        part.key.replace("tick/", "shown/"): ShownValue(value=tuple(one.value for one in part.options))
        for part in parts
        if isinstance(part, CheckboxesField | MultiSelectField)
    }


REST_SHOWN = "rest"
_OTHERS = (
    Option(value=LATER, text="Answer later"),
    Option(value=Answer.NO.value, text="No"),
    Option(value=Answer.UNKNOWN.value, text="Don't know"),
)
_FIRST = "Answer the screening first: it removes questions that do not apply."
_TICK = "Select each element for which the answer is yes."
_CHOOSE = "Answer those that you know."
_OPENED = "_Answers can lead to follow-up questions, also about the elements above._"
_PAGE_BLOCKS = 30
_FRAME = 6
"""Blocks around the questions: a note, the heading, the screening, suggestions, controls, the end."""
_TEXT = 1_000

NO_QUESTIONS = "There are no open questions. New ones are added as the model grows."

QUESTIONS = Form(
    name="questions",
    target=SelectionTarget,
    nothing_open=lambda register: "" if register.questions else NO_QUESTIONS,
    writes=WriteEffect.ADDS,
    command_type=AnswerOpenQuestions,
    submission=FormSubmission.QUESTIONS,
    ending=FormEnding.TEXT,
    title=lambda opening: (
        "My questions"
        if SelectionTarget.of(opening.target).selection == ASKED_OF_READER
        else "Open questions"
    ),
    submit="Save",
    close="Later",
    parts=_parts,
    kept=_kept,
)


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
    title="Screening",
    submit="Save",
    close="Later",
    parts=_lines,
    build_command=_make_answers,
    next_form=_after_lines,
)


def _places(opening: FormContext) -> Sequence[FormPart]:
    """Return the elements at which each feature may exist, as many features as fit on a page."""
    parts: list[FormPart] = [Paragraph(text="Select the elements that have each feature.")]
    left, size, listed = _SCREENING_PAGE_BLOCKS - len(parts) - 1, 0, set[str]()
    for topic in topics_of(SelectionTarget.of(opening.target)):
        for fact in _facts(topic):
            items = _elements(opening.required_register, fact)[:_MOST_ELEMENTS]
            if not items or fact in listed:
                continue
            options = tuple(Option(value=one.id, text=one.name) for one in items)
            label = f"{topic.label}: {opening.required_register.catalog.facts[fact].question}"
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
    items = (item for kind in sorted(register.catalog.facts[fact].kinds) for item in register.items(kind))
    return [item for item in items if fact not in item.facts and (item.id, fact) in asked]


def _facts(topic: ScreeningTopic) -> Iterator[str]:
    return (fact for fact in topic.facts if fact in BUILT_IN.facts)


def _screening_kept(opening: FormContext, parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    del opening
    return elements_shown(parts)


WHERE = Form(
    name="where",
    target=SelectionTarget,
    writes=WriteEffect.ADDS,
    command_type=AnswerOpenQuestions,
    submission=FormSubmission.QUESTIONS,
    ending=FormEnding.TEXT,
    title="Feature locations",
    submit="Save",
    close="Later",
    parts=_places,
    kept=_screening_kept,
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
_SCREENING_PAGE_BLOCKS = 30
