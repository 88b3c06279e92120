"""Registry of the forms, by their callback id.

`FORMS[FormName(view["callback_id"])]` is the form of a submitted view; `target_of(view)` what it is about.
"""

from typing import Final

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.interactions import FormName, Target, decode_target
from bot.slack.ui.forms.form import Form
from bot.slack.ui.modals.analysis import candidate_forms, question_forms, threat_form
from bot.slack.ui.modals.collecting import assumption_form, element_form, quick_entry_forms
from bot.slack.ui.modals.history import past_day_form
from bot.slack.ui.modals.remediation import approval_forms, mitigation_form, progress_forms, response_forms
from bot.slack.ui.modals.reminders import snooze_form
from bot.slack.ui.modals.steering import (
    decline_closing_form,
    import_form,
    model_forms,
    retrospective_form,
    working_hours_form,
)
from bot.slack.ui.modals.voting import ballot_form, round_forms

_MODULES = (
    approval_forms,
    ballot_form,
    decline_closing_form,
    quick_entry_forms,
    element_form,
    working_hours_form,
    import_form,
    candidate_forms,
    past_day_form,
    mitigation_form,
    assumption_form,
    snooze_form,
    question_forms,
    response_forms,
    retrospective_form,
    round_forms,
    model_forms,
    threat_form,
    progress_forms,
)

FORMS: Final[dict[FormName, Form]] = {
    form.name: form for module in _MODULES for form in vars(module).values() if isinstance(form, Form)
}
"""Every form that one of these modules declares."""


def target_of(view: View) -> Target:
    """Return the subject of a submitted view; raises StaleButton."""
    return decode_target(view.get("private_metadata"))
