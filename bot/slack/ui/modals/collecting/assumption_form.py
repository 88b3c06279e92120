"""Form of an assumption."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.add_another import add_another_checkbox, form_for_another
from bot.slack.ui.forms.form import Form, FormContext
from bot.slack.ui.forms.form_fields import FormPart, PersonField, TextField
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import adds_or_revises
from domain.commands import (
    Command,
    RecordAssumption,
    ReviseAssumption,
)
from domain.kernel.elements import AssumptionId, PersonId
from domain.kernel.length_limits import TEXT


def _assumption(opening: FormContext) -> Sequence[FormPart]:
    target = opening.target
    old = next((one for one in opening.required_register.assumptions if one.id == target.element), None)
    if target.element and old is None:
        raise StaleButton("This assumption is not in this model.")
    return [
        TextField(
            key="text",
            label="Assumption",
            placeholder="The VPN requires multi-factor authentication.",
            limit=TEXT,
            lines=True,
            required=True,
            initial=old.text if old else "",
        ),
        PersonField(
            key="held_by",
            label="Owner",
            initial=old.held_by if old else opening.person,
            required=True,
        ),
        *([] if old else [add_another_checkbox(target, "assumption")]),
    ]


def _make_assumption(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> Command:
    text, held_by = values.text("text"), values.person("held_by")
    if target.element:
        return ReviseAssumption(
            by=by, at=at, assumption=AssumptionId(target.element), text=text, held_by=held_by
        )
    return RecordAssumption(by=by, at=at, text=text, held_by=held_by)


ASSUMPTION = Form(
    name="assumption",
    writes=adds_or_revises,
    command_type=RecordAssumption,
    single_element=True,
    title=lambda opening: "Revise assumption" if opening.target.element else "Add assumption",
    submit="Save",
    parts=_assumption,
    build_command=_make_assumption,
    next_form=form_for_another,
)
