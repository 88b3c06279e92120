"""The form of the five questions on how the work went, for when a model is closed."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import name
from bot.slack.protocol.interactions import FormName, Page, Target
from bot.slack.ui.forms.form import Asking, Form, Lazily, Opening
from bot.slack.ui.forms.form_fields import Part, TextField, Words
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.forms.write_effects import Writes
from domain.commands import AnswerRetrospective
from domain.elements import PersonId
from domain.limits import TEXT
from domain.retrospective import RetrospectiveAnswer, RetrospectiveQuestion


def _questions(opening: Opening) -> Sequence[Part]:
    register = opening.known
    mine = next((one for one in register.retrospectives if one.by == opening.person), None)
    said = {one.question: one.text for one in mine.answers} if mine else {}
    return [
        Words(
            text=f"*{name(register.name)}* is closed. How did the work go? Leave out what you like; "
            "the others see your answers, with your name."
        ),
        *(
            TextField(
                key=question.value,
                label=question.words,
                limit=TEXT,
                lines=True,
                initial=said.get(question, ""),
            )
            for question in RetrospectiveQuestion
        ),
    ]


def _answer(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    del target
    answers = tuple(
        RetrospectiveAnswer(question=question, text=values.text(question.value))
        for question in RetrospectiveQuestion
    )
    return AnswerRetrospective(by=by, at=at, answers=answers)


def _all_answers(values: Values, target: Target, register: Lazily) -> Target | None:
    del values, register
    return Target(what=Page.RETROSPECTIVES, stream=target.stream)


RETROSPECTIVE = Form(
    name=FormName.RETROSPECTIVE,
    writes=Writes.OWN,
    asks=AnswerRetrospective,
    title=lambda _: "Look back on the work",
    submit="Tell the others",
    parts=_questions,
    make=_answer,
    following=_all_answers,
    close="Not now",
)
