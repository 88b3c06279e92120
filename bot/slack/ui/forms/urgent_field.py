"""Checkbox that notifies a person immediately, also outside their working hours."""

from typing import Final

from bot.slack.ui.forms.form_fields import CheckboxField
from bot.slack.ui.forms.submitted_values import SubmittedValues

URGENT_FIELD: Final = CheckboxField(
    key="urgent",
    label="Urgent",
    text="Notify immediately, even outside their working hours",
)


def is_marked_urgent(values: SubmittedValues) -> bool:
    """Return whether the box was ticked."""
    return bool(values.by_key.get(URGENT_FIELD.key))
