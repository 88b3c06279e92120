"""Form that declines to close a model with open critical threats."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import FormPart, Paragraph, TextField
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.commands import DeclineClosing
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.rejections import NoClosingProposed


def _declining(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    if register.closing is None:
        raise NoClosingProposed
    return [
        Paragraph(text=f"*{escape_name(register.name)}* ({register.key}) stays open."),
        TextField(
            key="reason",
            label="Reason",
            limit=TEXT,
            lines=True,
            required=True,
        ),
    ]


def _decline(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    return DeclineClosing(by=by, at=at, reason=values.text("reason"))


DECLINE_CLOSING = Form(
    name="decline_closing",
    writes=WriteEffect.ONCE,
    command_type=DeclineClosing,
    title=lambda _: "Decline closing",
    submit="Decline",
    parts=_declining,
    build_command=_decline,
)
