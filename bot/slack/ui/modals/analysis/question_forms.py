"""Question forms: answering one by one, with all four answers for each element, and asking a person."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.targets import ButtonKind, SelectionTarget, StaleButton, Target
from bot.slack.ui.forms.common_fields import URGENT_FIELD, is_marked_urgent
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
    CheckboxesField,
    ChoiceField,
    FormPart,
    ImpliedChange,
    MultiSelectField,
    Option,
    Paragraph,
    PersonField,
    SubmittedValues,
)
from bot.slack.ui.texts.common_texts import model_label
from domain.analysis.rule_findings import Question
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerOpenQuestions, AnswerQuestions, AskPerson
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId
from domain.model import id_order
from domain.register import ThreatRegister

ASKED_OF_READER = "mine"
"""Selection of QUESTIONS: those assigned to the reader."""


def _questions(opening: FormContext) -> Sequence[FormPart]:
    if opening.keys:
        return _shown_again(opening)
    to_ask = _open_questions(opening.required_register, opening.target)
    asked = to_ask[:_ON_A_PAGE]
    if not asked:
        return [Paragraph(text="There are no open questions.")]
    parts: list[FormPart] = [Paragraph(text=model_label(opening.required_register))]
    for one in asked:
        crossing = " · trust crossing" if one.crossing else ""
        heading = f"*{escape_name(one.element_name)}* ({one.element}){crossing}"
        parts.append(Paragraph(text=heading, pressed=_ask_button(opening.target.stream, one)))
        parts.append(_question(one, opening))
    rest = len(to_ask) - len(asked)
    if rest:
        parts.append(Paragraph(text=f"{rest} more follow on the next page."))
    return parts


def _shown_again(opening: FormContext) -> Sequence[FormPart]:
    """Return the questions of a page shown before, including those answered since."""
    parts: list[FormPart] = []
    still_open = {answer_key(one): one for one in opening.required_register.questions}
    headed = ""
    for key in opening.keys:
        what, _, about = key.partition("/")
        element, _, name_of_fact = about.partition("/")
        register = opening.required_register
        item, fact = register.item(ElementId(element)), register.catalog.facts.get(name_of_fact)
        if what != "answer" or item is None or item.removed or fact is None:
            continue
        if element != headed:
            headed = element
            parts.append(Paragraph(text=f"*{escape_name(item.name)}* ({element})"))
        answer = item.facts.get(fact.name)
        asked = still_open.get(key)
        parts.append(answer_field(key, asked.text if asked else fact.question, answer))
    return parts or [Paragraph(text="There are no open questions.")]


def _open_questions(register: ThreatRegister, target: Target) -> tuple[Question, ...]:
    """Return the open questions about a fact: `target.page` counts those left open on earlier pages."""
    fact = SelectionTarget.of(target).selection
    return tuple(one for one in register.questions if one.fact == fact)[target.page :]


def _ask_button(stream: str, first: Question) -> Block:
    target = Target(name="ask", stream=stream, element=first.element)
    spoken = f"Assign questions about {first.element}"
    return button("Assign…", ButtonKind.OPEN, target, suffix=f"ask-{first.element}", spoken=spoken)


def _question(question: Question, opening: FormContext) -> FormPart:
    asked = "Assigned to you. " if question.asked_of == opening.person else ""
    if question.asked_of not in (None, opening.person):
        asked = "Assigned to someone else. "
    answer = Answer.UNKNOWN if question.answered_unknown else None
    return answer_field(
        answer_key(question), question.text, answer, f"{asked}{reason_text(question)}".strip()
    )


def reason_text(question: Question) -> str:
    """Return why a question is asked, and which answer follows from a technology or protocol."""
    why = f"Why? {' '.join(question.why)}" if question.why else ""
    assumed = question.suggested
    return f"Assumed: {assumed.answer.label}, because {assumed.reason}. {why}".strip() if assumed else why


def answer_field(key: str, text: str, answer: Answer | None, hint: str = "") -> FormPart:
    """Return a question about one element, with all four answers."""
    return ChoiceField(
        key=key,
        label=text,
        hint=hint,
        options=tuple(Option(value=one.value, text=ANSWER_LABELS[one]) for one in Answer),
        initial=answer.value if answer else None,
        radio=True,
    )


def answer_key(question: Question) -> str:
    """Return the key of the field of a question about one element."""
    return f"answer/{question.element}/{question.fact}"


ANSWER_LABELS = {one: one.label.capitalize() for one in Answer}


def _make_answers(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    replies: list[dict[str, str]] = []
    for key in values.by_key:
        what, _, about = key.partition("/")
        element, _, fact = about.partition("/")
        if what == "answer" and values.text(key):
            replies.append({"element": element, "fact": fact, "answer": values.text(key)})
    return msgspec.convert({"replies": replies, "by": by, "at": at}, AnswerQuestions)


def _after_answers(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    """Return the first question about the fact that was not on this page."""
    for place, question in enumerate(_open_questions(register(), target)):
        if answer_key(question) not in values.by_key:
            return replace(target, page=target.page + place)
    return None


def _row(key: str) -> str:
    """Return the question of an answer."""
    what, _, about = key.partition("/")
    return about if what == "answer" else ""


ANSWERS = Form(
    name="answers",
    target=SelectionTarget,
    writes=WriteEffect.REVISES,
    command_type=AnswerQuestions,
    row=_row,
    title="Answer one by one",
    submit="Save",
    parts=_questions,
    build_command=_make_answers,
    next_form=_after_answers,
)


def _asking(opening: FormContext) -> Sequence[FormPart]:
    fact = SelectionTarget.of(opening.target).selection
    open_here = [
        one
        for one in opening.required_register.questions
        if (one.fact == fact if fact else one.element == opening.target.element)
    ]
    if not open_here:
        raise StaleButton("There is no open question about this element.")
    options = tuple(
        Option(
            value=f"{one.element}/{one.fact}",
            text=one.element_name if fact else one.text,
            means=one.element if fact else "",
        )
        for one in open_here[:_MAX_ASKED]
    )
    field = CheckboxesField if len(options) <= _SEEN_AT_ONCE else MultiSelectField
    return [
        Paragraph(
            text=f"*{escape(open_here[0].text)}*"
            if fact
            else f"*{escape_name(open_here[0].element_name)}* ({open_here[0].element})"
        ),
        PersonField(key="person", label="Assignee", required=True),
        field(
            key="questions",
            label="Elements" if fact else "Questions",
            hint=(
                "They are notified and find the questions on their Home tab. The thread shows the assignment."
            ),
            required=True,
            options=options,
            initial=tuple(one.value for one in options),
        ),
        URGENT_FIELD,
        *(_asked_before(one) for one in open_here[:_MAX_ASKED]),
    ]


def _asked_before(question: Question) -> ImpliedChange:
    """Return the change for the person asked before, who is no longer asked."""
    about = f"{question.element}/{question.fact}"
    return ImpliedChange(
        key=f"asked/{about}",
        label=f"Assignee: {question.text}",
        initial=question.asked_of or "",
        new_value=lambda values: values.text("person") if about in values.many("questions") else None,
        person=True,
    )


def _ask(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    person = values.person("person")
    if person is None:
        raise StaleButton
    about = [one.partition("/") for one in values.many("questions")]
    questions = [{"element": element, "fact": fact} for element, _, fact in about]
    asked = {"by": by, "at": at, "person": person, "questions": questions, "urgent": is_marked_urgent(values)}
    return msgspec.convert(asked, AskPerson)


ASK = Form(
    name="ask",
    target=SelectionTarget,
    writes=WriteEffect.REVISES,
    command_type=AskPerson,
    ending=FormEnding.TEXT,
    title="Assign questions",
    submit="Assign",
    parts=_asking,
    build_command=_ask,
)


_ON_A_PAGE = 12
_SEEN_AT_ONCE = 10
_MAX_ASKED = 100


REST = "rest"
"""Selection of QUESTIONS: also those that can wait."""


class FactQuestions(msgspec.Struct, frozen=True, kw_only=True):
    """The open questions about one fact, each of another element."""

    fact: str
    text: str
    why: str
    open: tuple[Question, ...]


def facts_to_ask(register: ThreatRegister, target: Target, person: PersonId) -> tuple[FactQuestions, ...]:
    """Return the questions from which a page starts: `target.page` counts the facts left open before it.

    What is at stake comes first, alone; then all others. Questions answered with *don't know* come last,
    and those assigned to someone else come after those of the reader.
    """
    asked = _selected(register, SelectionTarget.of(target).selection, person)
    asked.sort(key=lambda one: (one.answered_unknown, one.asked_of not in (None, person)))
    by_fact: dict[str, list[Question]] = {}
    for one in asked:
        by_fact.setdefault(one.fact, []).append(one)
    return tuple(groups_of(by_fact))[target.page :]


def _selected(register: ThreatRegister, selection: str, person: PersonId) -> list[Question]:
    if selection == ASKED_OF_READER:
        return [one for one in register.questions if one.asked_of == person]
    unanswered = [one for one in register.questions if not one.answered_unknown]
    at_stake = [one for one in unanswered if one.at_stake]
    return (at_stake if selection != REST else []) or unanswered or list(register.questions)


def next_facts(
    register: ThreatRegister, target: SelectionTarget, person: PersonId, shown: Mapping[str, frozenset[str]]
) -> SelectionTarget | None:
    """Return the page after a submitted one: from the first fact with an element that was not shown.

    None if only questions are left that can wait, unless these were shown already.
    """
    for place, one in enumerate(facts_to_ask(register, target, person)):
        if all(question.element in shown.get(one.fact, ()) for question in one.open):
            continue
        at_stake = any(question.at_stake and not question.answered_unknown for question in one.open)
        if target.selection == "" and not at_stake:
            return None
        return replace(target, page=target.page + place)
    return None


def groups_of(by_fact: Mapping[str, Sequence[Question]]) -> Iterator[FactQuestions]:
    """Yield the questions of each fact, in groups that fit on a page."""
    for fact, questions in by_fact.items():
        size = _ONE_BY_ONE if all(one.answered_unknown for one in questions) else _MOST_ELEMENTS
        for start in range(0, len(questions), size):
            yield _of_fact(fact, tuple(questions[start : start + size]))


def _of_fact(fact: str, questions: tuple[Question, ...]) -> FactQuestions:
    texts = {one.text for one in questions}
    declared = BUILT_IN.facts[fact]
    reasons = dict.fromkeys(reason for one in questions for reason in one.why)
    why = declared.why or " ".join(list(reasons)[:_REASONS])
    in_order = tuple(sorted(questions, key=lambda one: id_order(one.element)))
    return FactQuestions(
        fact=fact, text=texts.pop() if len(texts) == 1 else declared.question, why=why, open=in_order
    )


_ONE_BY_ONE = 20
_MOST_ELEMENTS = 200
_REASONS = 2


def _listed_again(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    listed: dict[str, list[Option]] = {}
    for key in opening.keys:
        _, fact, element = key.split("/", 2)
        item = register.item(ElementId(element))
        if item is not None and not item.removed:
            listed.setdefault(fact, []).append(Option(value=element, text=item.name, means=element))
    return [
        Paragraph(
            text=(
                "These elements get the answer *No*. Deselect those for which it is wrong; their "
                "questions stay open."
            )
        ),
        *(
            CheckboxesField(
                key=f"no/{fact}",
                label=f"{opening.required_register.catalog.facts[fact].question} No",
                options=tuple(options),
                initial=tuple(one.value for one in options),
            )
            for fact, options in listed.items()
        ),
    ]


CONFIRM_NO = Form(
    name="confirm_no",
    target=SelectionTarget,
    writes=WriteEffect.ADDS,
    command_type=AnswerOpenQuestions,
    submission=FormSubmission.QUESTIONS,
    ending=FormEnding.TEXT,
    title="Confirm answer “No”",
    submit="Answer No",
    close="Leave open",
    parts=_listed_again,
)
