"""The form that puts a reminder off."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.interactions import FormName, StaleButton, Target
from bot.slack.ui.forms.form import Asking, Form, Opening
from bot.slack.ui.forms.form_fields import ChoiceField, Part, Words
from bot.slack.ui.forms.form_traits import Needs
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.forms.write_effects import Writes
from domain.commands import SnoozeNudge
from domain.elements import PersonId


def _snooze(opening: Opening) -> Sequence[Part]:
    return [
        Words(
            text=f"{opening.about}\nThis reminder comes again then, in your working hours. "
            "Nothing else is put off by it."
        ),
        ChoiceField(
            key="until",
            label="When shall I come back to it?",
            options=opening.moments,
            initial=opening.moments[0].value if opening.moments else None,
            radio=True,
            required=True,
        ),
    ]


def _make_snooze(values: Values, target: Target, by: PersonId, at: datetime) -> Asking:
    try:
        until = datetime.fromisoformat(values.text("until"))
    except ValueError as error:
        raise StaleButton from error
    if until.tzinfo is None:
        raise StaleButton
    return SnoozeNudge(by=by, at=at, key=target.deed, until=until)


SNOOZE = Form(
    name=FormName.SNOOZE,
    writes=Writes.OWN,
    needs=Needs.REMINDER,
    title=lambda _: "Snooze a reminder",
    submit="Snooze",
    parts=_snooze,
    make=_make_snooze,
)
