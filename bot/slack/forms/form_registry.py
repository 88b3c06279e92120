"""Registry of the forms, by their callback id.

`FORMS[FormName(view["callback_id"])]` is the form of a submitted view; `target_of(view)` what it is about.
"""

from typing import Final

from bot.slack.forms import (
    approving,
    ballot,
    closing,
    collecting,
    elements,
    hours,
    importing,
    judging,
    looking_back,
    mitigating,
    noting,
    nudges,
    questions,
    responding,
    retrospective,
    rounds,
    steering,
    threats,
    tracking,
)
from bot.slack.forms.form import Form
from bot.slack.kit.blocks import View
from bot.slack.kit.triggers import FormName, Target, read_value

_MODULES = (
    approving,
    ballot,
    closing,
    collecting,
    elements,
    hours,
    importing,
    judging,
    looking_back,
    mitigating,
    noting,
    nudges,
    questions,
    responding,
    retrospective,
    rounds,
    steering,
    threats,
    tracking,
)

FORMS: Final[dict[FormName, Form]] = {
    form.name: form for module in _MODULES for form in vars(module).values() if isinstance(form, Form)
}
"""Every form that one of these modules declares."""


def target_of(view: View) -> Target:
    """What a submitted view is about; raises StaleButton."""
    return read_value(view.get("private_metadata"))
