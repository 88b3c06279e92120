"""The box that notifies a person immediately, also outside their working hours."""

from typing import Final

from bot.slack.ui.forms.form_fields import TickField
from bot.slack.ui.forms.submitted_values import Values

URGENT: Final = TickField(
    key="urgent",
    label="Urgent",
    text="Notify immediately, even outside their working hours",
)


def is_urgent(values: Values) -> bool:
    """Return whether the box was ticked."""
    return bool(values.by_key.get(URGENT.key))
