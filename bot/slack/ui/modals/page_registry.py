"""Registry of the pages: modals that are read, by the name that `target.what` carries."""

from collections.abc import Callable

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.interactions import Page
from bot.slack.screens.page_data import Showing
from bot.slack.ui.modals.analysis.candidates_page import seen_page
from bot.slack.ui.modals.analysis.coverage_page import coverage_page
from bot.slack.ui.modals.analysis.dismissals_page import dismissed_page
from bot.slack.ui.modals.analysis.threats_page import threats_page
from bot.slack.ui.modals.collecting.assumptions_page import assumptions_page
from bot.slack.ui.modals.collecting.element_pages import lists_page, register_page
from bot.slack.ui.modals.history.history_page import history_page
from bot.slack.ui.modals.history.past_model_page import looking_back_page
from bot.slack.ui.modals.remediation.plan_page import plan_page
from bot.slack.ui.modals.remediation.response_page import response_page
from bot.slack.ui.modals.reminders.reminder_reason_page import why_page
from bot.slack.ui.modals.steering.closing_page import closing_page
from bot.slack.ui.modals.steering.more_page import more_page
from bot.slack.ui.modals.steering.retrospectives_page import retrospectives_page
from bot.slack.ui.modals.steering.settings_page import settings_page
from bot.slack.ui.modals.voting.ballots_page import ballots_page

PAGES: dict[Page, Callable[[Showing], View]] = {
    Page.LISTS: lists_page,
    Page.REGISTER: register_page,
    Page.SEEN: seen_page,
    Page.THREATS: threats_page,
    Page.DISMISSED: dismissed_page,
    Page.COVERAGE: coverage_page,
    Page.BALLOTS: ballots_page,
    Page.PLAN: plan_page,
    Page.CLOSING: closing_page,
    Page.RESPONSE: response_page,
    Page.HISTORY: history_page,
    Page.ASSUMPTIONS: assumptions_page,
    Page.MORE: more_page,
    Page.SETTINGS: settings_page,
    Page.AS_OF: looking_back_page,
    Page.WHY: why_page,
    Page.RETROSPECTIVES: retrospectives_page,
}
"""Every page."""
