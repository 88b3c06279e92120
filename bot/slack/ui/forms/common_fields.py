"""Fields that several forms share, and commands whose fields are those of a form."""

from typing import Final

from msgspec.structs import replace

from bot.slack.protocol.targets import ReminderTarget, StaleButton, Target
from bot.slack.ui.forms.form import Form, FormContext, FormEnding, Saved
from bot.slack.ui.forms.form_fields import CheckboxField, PersonField, TextField
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.threat import Threat
from domain.register import ThreatRegister


def add_another_checkbox(target: Target, what: str) -> CheckboxField:
    """Return the checkbox; it is checked in a form that was kept open."""
    return CheckboxField(
        key="another", label="And then", text=f"Add another {what}", initial=target.round > 0
    )


def form_for_another(saved: Saved) -> Target | None:
    """Return the same form, empty, if another is wanted; None closes it."""
    target = saved.target
    return replace(target, round=target.round + 1) if saved.values.another and not target.element else None


URGENT_FIELD: Final = CheckboxField(
    key="urgent",
    label="Urgent",
    text="Notify immediately, even outside their working hours",
)


def long_text(
    key: str, label: str, initial: str = "", *, required: bool = False, hint: str = ""
) -> TextField:
    """Return a field of several lines for a text of the usual length."""
    return TextField(
        key=key, label=label, limit=TEXT, lines=True, initial=initial, required=required, hint=hint
    )


def other_person_field(
    key: str, label: str, hint: str, known: PersonId | None, opening: FormContext
) -> PersonField:
    """Return the field for another person than the one who fills it in, who is never suggested."""
    own = known == opening.person
    return PersonField(
        key=key,
        label=label,
        hint=hint,
        required=True,
        initial=None if own else known,
        hidden=opening.person if own else "",
    )


NOT_IN_MODEL: Final = "This threat is not in this model."


def known_threat(register: ThreatRegister, target: Target, sentence: str = NOT_IN_MODEL) -> Threat:
    """Return the threat of a form; raises StaleButton with a sentence if it does not exist."""
    found = next((threat for threat in register.threats if threat.id == target.element), None)
    if found is None:
        raise StaleButton(sentence)
    return found


class RemindedForm(Form, frozen=True, kw_only=True):
    """A form that reminders open as well."""

    target: type[Target] = ReminderTarget
    from_reminders: bool = True
    ending: FormEnding = FormEnding.TEXT_WITHOUT_PAGE
