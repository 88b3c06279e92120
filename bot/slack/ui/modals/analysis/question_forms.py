"""Question forms: answering for one element or for similar ones, and asking a person."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import ButtonKind, StaleButton
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, LazyRegister
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    CheckboxField,
    ChoiceField,
    FormPart,
    ImpliedChange,
    MultiSelectField,
    Option,
    Paragraph,
    PersonField,
)
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.urgent_field import URGENT_FIELD, is_marked_urgent
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.analysis.rule_findings import Question
from domain.commands import AnswerQuestions, AskPerson
from domain.facts import FACTS
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId
from domain.register import ThreatRegister

UNKNOWN = "unknown"
"""Selection of QUESTIONS: those answered with “don't know”."""

ASKED_OF_READER = "mine"
"""Selection of QUESTIONS: those assigned to the reader."""


def _questions(opening: FormContext) -> Sequence[FormPart]:
    if opening.keys:
        return _shown_again(opening)
    to_ask = questions_to_ask(opening.required_register, opening.target, opening.person)
    asked = to_ask[:_ON_A_PAGE]
    if not asked:
        return [Paragraph(text="No question is open. Nothing to do here.")]
    parts: list[FormPart] = _suggestions(opening)
    offered: set[tuple[str, str]] = set()
    for element, group in groupby(asked, key=lambda one: one.element):
        questions = list(group)
        crossing = " · trust changes here" if questions[0].crossing else ""
        heading = f"*{escape_name(questions[0].element_name)}* ({element}){crossing}"
        parts.append(Paragraph(text=heading, pressed=_ask_button(opening.target.stream, questions[0])))
        for one in questions:
            parts.append(_question(one, opening))
            parts += _for_all_alike(one, offered)
    rest = len(to_ask) - len(asked)
    if rest:
        parts.append(Paragraph(text=f"{rest} more follow on the next page."))
        return parts
    if len(opening.required_register.questions) > len(to_ask) and not opening.target.page:
        later = len(opening.required_register.questions) - len(to_ask)
        parts.append(
            Paragraph(
                text=_later(later, mine=SelectionTarget.of(opening.target).selection == ASKED_OF_READER)
            )
        )
    parts.append(Paragraph(text=_OPENED))
    return parts


def _shown_again(opening: FormContext) -> Sequence[FormPart]:
    """Return the questions of a page shown before, including those answered since."""
    parts: list[FormPart] = []
    still_open = {_key(one): one for one in opening.required_register.questions}
    headed = ""
    for key in opening.keys:
        what, _, about = key.partition("/")
        element, _, name_of_fact = about.partition("/")
        item, fact = opening.required_register.item(ElementId(element)), FACTS.get(name_of_fact)
        if what != "answer" or item is None or item.removed or fact is None:
            continue
        if element != headed:
            headed = element
            parts.append(Paragraph(text=f"*{escape_name(item.name)}* ({element})"))
        answer = item.facts.get(fact.name)
        asked = still_open.get(key)
        parts.append(_answer_field(key, asked.text if asked else fact.question, answer))
    return parts or [Paragraph(text="No question is open. Nothing to do here.")]


def questions_to_ask(register: ThreatRegister, target: Target, person: PersonId) -> tuple[Question, ...]:
    """Return the questions from which a page starts: `target.page` counts those left open on earlier pages.

    Unanswered questions come first, those assigned to someone else at their end; questions answered with
    “don't know” follow last.
    """
    open_still = [one for one in register.questions if not one.answered_unknown]
    open_still.sort(key=lambda one: one.asked_of not in (None, person))
    selection = SelectionTarget.of(target).selection
    if selection == ASKED_OF_READER:
        mine = tuple(one for one in register.questions if one.asked_of == person)
        return mine[target.page :]
    if selection == UNKNOWN or not (open_still or target.page):
        return tuple(one for one in register.questions if one.answered_unknown)[target.page :]
    return tuple(open_still[target.page :])


def _later(count: int, *, mine: bool) -> str:
    if mine:
        return f"{count} more {'is' if count == 1 else 'are'} open for everybody."
    return f"{count} more {'comes' if count == 1 else 'come'} last: nobody knew the answer yet."


def _suggestions(opening: FormContext) -> list[FormPart]:
    """Return the button that confirms all suggested answers together."""
    number = sum(one.suggested is not None for one in opening.required_register.questions)
    if not number:
        return []
    form = Target(name="confirm_assumptions", stream=opening.target.stream)
    confirm = button("Confirm…", ButtonKind.OPEN, form, suffix="assumed", spoken="Confirm assumptions")
    follow = "answer follows" if number == 1 else "answers follow"
    return [Paragraph(text=f"{number} {follow} from technologies and protocols.", pressed=confirm)]


def _ask_button(stream: str, first: Question) -> Block:
    target = Target(name="ask", stream=stream, element=first.element)
    spoken = f"Ask somebody about {first.element}"
    return button("Ask…", ButtonKind.OPEN, target, suffix=f"ask-{first.element}", spoken=spoken)


def _question(question: Question, opening: FormContext) -> FormPart:
    asked = "You were asked. " if question.asked_of == opening.person else ""
    if question.asked_of not in (None, opening.person):
        asked = "Somebody else was asked, who may know better. "
    why = f"Why? {' '.join(question.why)}" if question.why else ""
    if question.suggested:
        assumed = question.suggested
        why = f"Assumed: {assumed.answer.label}, because {assumed.reason}. {why}"
    answer = Answer.UNKNOWN if question.answered_unknown else None
    return _answer_field(_key(question), question.text, answer, f"{asked}{why}".strip())


def _answer_field(key: str, text: str, answer: Answer | None, hint: str = "") -> FormPart:
    return ChoiceField(
        key=key,
        label=text,
        hint=hint,
        options=tuple(Option(value=one.value, text=ANSWER_LABELS[one]) for one in Answer),
        initial=answer.value if answer else None,
        radio=True,
    )


def _key(question: Question) -> str:
    return f"answer/{question.element}/{question.fact}"


def _for_all_alike(question: Question, offered: set[tuple[str, str]]) -> list[FormPart]:
    """Return the checkbox below the first of several similar questions; the others need none."""
    alike = question.similar
    if alike is None or (alike.name, question.fact) in offered:
        return []
    offered.add((alike.name, question.fact))
    return [
        CheckboxField(
            key=f"alike/{question.element}/{question.fact}",
            label="And the others?",
            text=f"Same for all {alike.count} {alike.name}",
        )
    ]


ANSWER_LABELS = {
    Answer.YES: "Yes",
    Answer.NO: "No",
    Answer.UNKNOWN: "Don't know",
    Answer.NOT_APPLICABLE: "Doesn't apply",
}


def _make_answers(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    replies: list[dict[str, str | bool]] = []
    for key in values.by_key:
        what, _, about = key.partition("/")
        element, _, fact = about.partition("/")
        if what == "answer" and values.text(key):
            alike = bool(values.by_key.get(f"alike/{about}"))
            reply = {"element": element, "fact": fact, "answer": values.text(key), "for_all_alike": alike}
            replies.append(reply)
    return msgspec.convert({"replies": replies, "by": by, "at": at}, AnswerQuestions)


def _after_answers(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    """Return the first question that was not on this page, such as one opened by an answer."""
    asked = SelectionTarget.of(target)
    if asked.selection == ASKED_OF_READER:
        answers = [key for key in values.by_key if key.startswith("answer/")]
        left_open = sum(not values.text(key) for key in answers)
        return replace(target, page=target.page + left_open) if len(answers) == _ON_A_PAGE else None
    for place, question in enumerate(questions_to_ask(register(), target, PersonId(""))):
        if _key(question) not in values.by_key:
            # If only “don't know” answers are left, the following pages show these as well.
            selection = UNKNOWN if question.answered_unknown else asked.selection
            return replace(asked, page=target.page + place, selection=selection)
    return None


def _row(key: str) -> str:
    """Return the question of an answer; a checkbox for similar elements alone is no answer."""
    what, _, about = key.partition("/")
    return about if what == "answer" else ""


NO_QUESTIONS = "There is no open question just now. New ones come up as the model grows."

QUESTIONS = Form(
    name="questions",
    target=SelectionTarget,
    nothing_open=lambda register: "" if register.questions else NO_QUESTIONS,
    writes=WriteEffect.REVISES,
    command_type=AnswerQuestions,
    ending=FormEnding.TEXT,
    row=_row,
    title=lambda opening: (
        "Questions for me"
        if SelectionTarget.of(opening.target).selection == ASKED_OF_READER
        else "Open questions"
    ),
    submit="Save",
    close="Later",
    parts=_questions,
    build_command=_make_answers,
    next_form=_after_answers,
)


def _asking(opening: FormContext) -> Sequence[FormPart]:
    open_here = [one for one in opening.required_register.questions if one.element == opening.target.element]
    if not open_here:
        raise StaleButton("There is no open question about this (any more).")
    options = tuple(
        Option(value=f"{one.element}/{one.fact}", text=one.text) for one in open_here[:_MAX_ASKED]
    )
    field = CheckboxesField if len(options) <= _SEEN_AT_ONCE else MultiSelectField
    return [
        Paragraph(text=f"*{escape_name(open_here[0].element_name)}* ({open_here[0].element})"),
        PersonField(key="person", label="Who knows?", required=True),
        field(
            key="questions",
            label="Which questions?",
            hint="They find them on their Home tab; the thread tells that you asked.",
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
        label=f"Who was asked: {question.text}",
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
    writes=WriteEffect.REVISES,
    command_type=AskPerson,
    ending=FormEnding.TEXT,
    title=lambda _: "Ask somebody",
    submit="Ask",
    parts=_asking,
    build_command=_ask,
)


_OPENED = "_An answer may open other questions, also about what stands above: they are asked next._"
"""Shown on the last page, to explain why new questions appear after all were answered."""
_ON_A_PAGE = 12
_SEEN_AT_ONCE = 10
_MAX_ASKED = 100
