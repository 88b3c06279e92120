"""Second look at the elements that a page of questions would answer with *no*."""

from collections.abc import Sequence

from bot.slack.protocol.targets import SelectionTarget
from bot.slack.ui.forms.form import Form, FormContext
from bot.slack.ui.forms.form_fields import CheckboxesField, FormPart, Option, Paragraph
from bot.slack.ui.forms.form_traits import FormEnding, FormSubmission
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerOpenQuestions
from domain.kernel.elements import ElementId


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
                label=f"{BUILT_IN.facts[fact].question} No",
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
    title=lambda _: "Confirm answer “No”",
    submit="Answer No",
    close="Leave open",
    parts=_listed_again,
)
