"""Registry of the pages: modals that are read, by the name that `target.what` carries."""

from collections.abc import Callable

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.interactions import PageName
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.analysis.candidates_page import candidates_page
from bot.slack.ui.modals.analysis.coverage_page import coverage_page
from bot.slack.ui.modals.analysis.dismissals_page import dismissals_page
from bot.slack.ui.modals.analysis.threats_page import threats_page
from bot.slack.ui.modals.collecting.assumptions_page import assumptions_page
from bot.slack.ui.modals.collecting.element_pages import lists_page, register_page
from bot.slack.ui.modals.history.history_page import history_page
from bot.slack.ui.modals.history.past_model_page import past_model_page
from bot.slack.ui.modals.remediation.plan_page import plan_page
from bot.slack.ui.modals.remediation.response_page import response_page
from bot.slack.ui.modals.reminders.reminder_reason_page import reminder_reason_page
from bot.slack.ui.modals.steering.closing_page import closing_page
from bot.slack.ui.modals.steering.more_page import more_page
from bot.slack.ui.modals.steering.retrospectives_page import retrospectives_page
from bot.slack.ui.modals.steering.settings_page import settings_page
from bot.slack.ui.modals.voting.ballots_page import ballots_page

PAGES: dict[PageName, Callable[[PageData], View]] = {
    PageName.LISTS: lists_page,
    PageName.REGISTER: register_page,
    PageName.SEEN: candidates_page,
    PageName.THREATS: threats_page,
    PageName.DISMISSED: dismissals_page,
    PageName.COVERAGE: coverage_page,
    PageName.BALLOTS: ballots_page,
    PageName.PLAN: plan_page,
    PageName.CLOSING: closing_page,
    PageName.RESPONSE: response_page,
    PageName.HISTORY: history_page,
    PageName.ASSUMPTIONS: assumptions_page,
    PageName.MORE: more_page,
    PageName.SETTINGS: settings_page,
    PageName.AS_OF: past_model_page,
    PageName.WHY: reminder_reason_page,
    PageName.RETROSPECTIVES: retrospectives_page,
}
"""Every page."""
