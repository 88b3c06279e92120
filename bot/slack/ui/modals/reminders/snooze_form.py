"""Form that snoozes a reminder."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import ReminderTarget, Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import ChoiceField, FormPart, Paragraph
from bot.slack.ui.forms.form_traits import FormData, FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.commands import SnoozeReminder
from domain.kernel.elements import PersonId


def _snooze(opening: FormContext) -> Sequence[FormPart]:
    return [
        Paragraph(
            text=(
                f"{opening.about}\n"
                "This reminder returns then, in your working hours. Due dates and other reminders do not "
                "change."
            )
        ),
        ChoiceField(
            key="until",
            label="Remind me",
            options=opening.moments,
            initial=opening.moments[0].value if opening.moments else None,
            radio=True,
            required=True,
        ),
    ]


def _make_snooze(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    try:
        until = datetime.fromisoformat(values.text("until"))
    except ValueError as error:
        raise StaleButton from error
    if until.tzinfo is None:
        raise StaleButton
    return SnoozeReminder(by=by, at=at, key=ReminderTarget.of(target).reminder, until=until)


SNOOZE = Form(
    name="snooze",
    target=ReminderTarget,
    writes=WriteEffect.OWN,
    needs=FormData.REMINDER,
    ending=FormEnding.SNOOZED,
    title=lambda _: "Snooze reminder",
    submit="Snooze",
    parts=_snooze,
    build_command=_make_snooze,
)
