"""The form that declines to close a model over open critical threats."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import name
from bot.slack.protocol.interactions import FormName, Target
from bot.slack.ui.forms.form import Asking, Form, Opening
from bot.slack.ui.forms.form_fields import Part, TextField, Words
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.forms.write_effects import Writes
from domain.commands import DeclineClosing
from domain.elements import PersonId
from domain.limits import TEXT
from domain.rejections import NoClosingProposed


def _declining(opening: Opening) -> Sequence[Part]:
    register = opening.known
    if register.closing is None:
        raise NoClosingProposed
    return [
        Words(text=f"*{name(register.name)}* ({register.key}) stays open, and the work goes on."),
        TextField(
            key="reason",
            label="Why should the model not be closed?",
            limit=TEXT,
            lines=True,
            required=True,
        ),
    ]


def _decline(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    del target
    return DeclineClosing(by=by, at=at, reason=values.text("reason"))


DECLINE_CLOSING = Form(
    name=FormName.DECLINE_CLOSING,
    writes=Writes.ONCE,
    asks=DeclineClosing,
    title=lambda _: "Do not close",
    submit="Decline",
    parts=_declining,
    make=_decline,
)
