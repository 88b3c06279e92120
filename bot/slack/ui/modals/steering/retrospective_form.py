"""Form of the five retrospective questions."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, LazyRegister
from bot.slack.ui.forms.form_fields import FormPart, Paragraph, TextField
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.commands import AnswerRetrospective
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.retrospective import RetrospectiveAnswer, RetrospectiveQuestion


def _questions(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    mine = next((one for one in register.retrospectives if one.by == opening.person), None)
    answered = {one.question: one.text for one in mine.answers} if mine else {}
    return [
        Paragraph(
            text=(
                f"*{escape_name(register.name)}* is closed. All answers are optional. The other "
                "participants see your answers with your name."
            )
        ),
        *(
            TextField(
                key=question.value,
                label=question.text,
                limit=TEXT,
                lines=True,
                initial=answered.get(question, ""),
            )
            for question in RetrospectiveQuestion
        ),
    ]


def _answer(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    answers = tuple(
        RetrospectiveAnswer(question=question, text=values.text(question.value))
        for question in RetrospectiveQuestion
    )
    return AnswerRetrospective(by=by, at=at, answers=answers)


def _all_answers(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    del values, register
    return Target(name="retrospectives", stream=target.stream)


RETROSPECTIVE = Form(
    name="retrospective",
    writes=WriteEffect.OWN,
    command_type=AnswerRetrospective,
    title=lambda _: "Answer retrospective",
    submit="Submit",
    parts=_questions,
    build_command=_answer,
    next_form=_all_answers,
    close="Skip",
)
