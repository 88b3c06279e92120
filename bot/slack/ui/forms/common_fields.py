"""Fields that several forms share, and commands whose fields are those of a form."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import LazyRegister
from bot.slack.ui.forms.form_fields import CheckboxField, SubmittedValues
from domain.commands import Command
from domain.kernel.elements import PersonId


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


def command_of_fields(
    command: type[Command], *, about: str = ""
) -> Callable[[SubmittedValues, Target, PersonId, datetime], Command]:
    """Return what builds a command of the fields with the names of its own.

    `about` is its field for the element of the target. An empty field has the default of the command; a text
    without one is empty, and msgspec.ValidationError is raised for anything else that is missing.
    """

    def build(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> Command:
        entered: dict[str, object] = {"by": by, "at": at}
        if about:
            entered[about] = target.element
        for field in msgspec.structs.fields(command):
            value = values.by_key.get(field.name)
            if value:
                entered[field.name] = True if field.type is bool else value
            elif field.required and field.type is str:
                entered[field.name] = ""
        return msgspec.convert(entered, command)

    return build
