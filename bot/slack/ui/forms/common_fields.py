"""Fields that several forms share: one more of the same, and urgent."""

from typing import Final

from msgspec.structs import replace

from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import LazyRegister
from bot.slack.ui.forms.form_fields import CheckboxField, SubmittedValues


def add_another_checkbox(target: Target, what: str) -> CheckboxField:
    """Return the checkbox; it is checked in a form that was kept open."""
    return CheckboxField(
        key="another", label="And then", text=f"Add another {what}", initial=target.round > 0
    )


def form_for_another(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    """Return the same form, empty, if another is wanted; None closes it."""
    del register
    return replace(target, round=target.round + 1) if values.another and not target.element else None


URGENT_FIELD: Final = CheckboxField(
    key="urgent",
    label="Urgent",
    text="Notify immediately, even outside their working hours",
)


def is_marked_urgent(values: SubmittedValues) -> bool:
    """Return whether the box was ticked."""
    return bool(values.by_key.get(URGENT_FIELD.key))
