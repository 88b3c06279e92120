"""All forms and pages, by name.

The name is the callback ID of the modal, and `target.name` of a button that opens it.
"""

from typing import Final, TypeVar

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import StaleButton, Target, decode_target
from bot.slack.ui.forms.form import Form
from bot.slack.ui.modals import reminder_reason_page
from bot.slack.ui.modals.analysis import (
    change_answers_form,
    confirm_answers_form,
    controls_form,
    coverage_page,
    open_questions_form,
    prevented_page,
    question_forms,
    spot_check_form,
    suggested_threat_forms,
    suggested_threats_page,
    thought_prompts_form,
    threats_page,
)
from bot.slack.ui.modals.collecting import (
    assumptions_page,
    component_placement_form,
    element_form,
    element_merge_form,
    element_pages,
    quick_entry_forms,
)
from bot.slack.ui.modals.drafting import draft_form
from bot.slack.ui.modals.history import past_model_page, portfolio_page
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.remediation import (
    mitigation_form,
    plan_page,
    progress_forms,
    reassign_all_form,
    response_forms,
    response_page,
)
from bot.slack.ui.modals.steering import (
    closing_page,
    model_forms,
    more_page,
    settings_page,
    tracker_forms,
    trackers_page,
)
from bot.slack.ui.modals.voting import ballot_form, round_forms


def find_form(name: str) -> Form:
    """Return a form by name; raises StaleButton for an unknown one."""
    if name not in FORMS:
        raise StaleButton
    return FORMS[name]


def find_page(name: str) -> Page:
    """Return a page by name; raises StaleButton for an unknown one."""
    if name not in PAGES:
        raise StaleButton
    return PAGES[name]


def target_of(view: View) -> Target:
    """Return the subject of an open or submitted view; raises StaleButton."""
    declared = modal_target_type(str(view.get("callback_id")))
    return decode_target(view.get("private_metadata"), lambda _: declared)


def modal_target_type(name: str) -> type[Target]:
    """Return the target type declared by a form or page; `Target` for any other name."""
    modal = FORMS.get(name) or PAGES.get(name)
    return Target if modal is None else modal.target


_Declaration = TypeVar("_Declaration", Form, Page)


def _declared(kind: type[_Declaration]) -> dict[str, _Declaration]:
    declarations = (value for module in _MODULES for value in vars(module).values())
    return {modal.name: modal for modal in declarations if isinstance(modal, kind)}


_MODULES: Final = (
    assumptions_page,
    ballot_form,
    change_answers_form,
    suggested_threat_forms,
    suggested_threats_page,
    closing_page,
    component_placement_form,
    confirm_answers_form,
    spot_check_form,
    controls_form,
    coverage_page,
    draft_form,
    element_form,
    element_merge_form,
    element_pages,
    mitigation_form,
    model_forms,
    more_page,
    open_questions_form,
    past_model_page,
    plan_page,
    portfolio_page,
    prevented_page,
    progress_forms,
    question_forms,
    quick_entry_forms,
    reminder_reason_page,
    reassign_all_form,
    response_forms,
    response_page,
    round_forms,
    settings_page,
    thought_prompts_form,
    threats_page,
    tracker_forms,
    trackers_page,
)
"""The modules whose forms and pages can be opened."""

FORMS: Final[dict[str, Form]] = _declared(Form)
PAGES: Final[dict[str, Page]] = _declared(Page)
