"""The forms for what is noted: answers to questions, and assumptions."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import msgspec
from msgspec.structs import replace

from bot.slack.forms.another import another_round, tick_for_another
from bot.slack.forms.fields import Choice, ChoiceField, Part, PersonField, TextField, Words
from bot.slack.forms.form import Form, Lazily, Opening, Values
from bot.slack.kit.text import name
from bot.slack.kit.triggers import FormName, StaleButton, Target
from domain.commands import (
    AnswerQuestions,
    Command,
    RecordAssumption,
    ReviseAssumption,
)
from domain.elements import AssumptionId, PersonId
from domain.facts import Answer
from domain.limits import TEXT
from domain.register import ThreatRegister
from domain.threats import Question

UNKNOWN = "unknown"
"""As `target.deed` of QUESTIONS: those that somebody answered with “don't know”."""


def _questions(opening: Opening) -> Sequence[Part]:
    found = to_ask(opening.known, opening.target)
    asked = found[:_ON_A_PAGE]
    if not asked:
        return [Words(text="No question is open. Nothing to do here.")]
    parts: list[Part] = []
    for element, group in groupby(asked, key=lambda one: one.element):
        questions = list(group)
        crossing = " · trust changes here" if questions[0].crossing else ""
        parts.append(Words(text=f"*{name(questions[0].element_name)}* ({element}){crossing}"))
        parts += [_question(one) for one in questions]
    rest = len(found) - len(asked)
    if rest:
        parts.append(Words(text=f"{rest} more follow on the next page."))
    elif len(opening.known.questions) > len(found) and not opening.target.page:
        unknown = len(opening.known.questions) - len(found)
        come = "comes" if unknown == 1 else "come"
        parts.append(Words(text=f"{unknown} more {come} last: nobody knew the answer yet."))
    return parts


def to_ask(register: ThreatRegister, target: Target) -> tuple[Question, ...]:
    """The questions that a page begins with: `target.page` counts those left open on earlier pages.

    What nobody has answered comes first; what somebody does not know is asked once nothing else is left.
    """
    open_still = tuple(one for one in register.questions if not one.said_unknown)
    unknown = tuple(one for one in register.questions if one.said_unknown)
    if target.deed == UNKNOWN or not (open_still or target.page):
        return unknown[target.page :]
    return open_still[target.page :]


def _question(question: Question) -> Part:
    why = " ".join(question.why)
    return ChoiceField(
        key=_key(question),
        label=question.text,
        hint=f"Why? {why}" if why else "",
        options=tuple(Choice(value=answer.value, text=ANSWER_WORDS[answer]) for answer in Answer),
        initial=Answer.UNKNOWN.value if question.said_unknown else None,
        radio=True,
    )


def _key(question: Question) -> str:
    return f"answer/{question.element}/{question.fact}"


ANSWER_WORDS = {
    Answer.YES: "Yes",
    Answer.NO: "No",
    Answer.UNKNOWN: "Don't know",
    Answer.NOT_APPLICABLE: "Doesn't apply",
}


def _make_answers(values: Values, target: Target, by: PersonId, at: datetime) -> Command:
    del target
    replies: list[dict[str, str]] = []
    for key in values.by_key:
        _, _, about = key.partition("/")
        element, _, fact = about.partition("/")
        if values.text(key):
            replies.append({"element": element, "fact": fact, "answer": values.text(key)})
    return msgspec.convert({"replies": replies, "by": by, "at": at}, AnswerQuestions)


def _after_answers(values: Values, target: Target, register: Lazily) -> Target | None:
    """On with the first question that was not on this page: perhaps one that an answer has opened."""
    for place, question in enumerate(to_ask(register(), target)):
        if _key(question) not in values.by_key:
            return replace(target, page=target.page + place)
    return None


QUESTIONS = Form(
    name=FormName.QUESTIONS,
    title=lambda _: "Open questions",
    submit="Save",
    close="Later",
    parts=_questions,
    make=_make_answers,
    following=_after_answers,
)


def _assumption(opening: Opening) -> Sequence[Part]:
    target = opening.target
    old = next((one for one in opening.known.assumptions if one.id == target.element), None)
    if target.element and old is None:
        raise StaleButton("This assumption is not part of this model (any more).")
    return [
        TextField(
            key="text",
            label="What do we take for true?",
            placeholder="The windows are nailed shut.",
            limit=TEXT,
            lines=True,
            required=True,
            initial=old.text if old else "",
        ),
        PersonField(
            key="held_by",
            label="Who holds it?",
            initial=old.held_by if old else opening.person,
            required=True,
        ),
        *([] if old else [tick_for_another(target, "assumption")]),
    ]


def _make_assumption(values: Values, target: Target, by: PersonId, at: datetime) -> Command:
    text, held_by = values.text("text"), values.person("held_by")
    if target.element:
        return ReviseAssumption(
            by=by, at=at, assumption=AssumptionId(target.element), text=text, held_by=held_by
        )
    return RecordAssumption(by=by, at=at, text=text, held_by=held_by)


ASSUMPTION = Form(
    name=FormName.ASSUMPTION,
    title=lambda opening: "Revise assumption" if opening.target.element else "Add assumption",
    submit="Save",
    parts=_assumption,
    make=_make_assumption,
    following=another_round,
)


_ON_A_PAGE = 12
