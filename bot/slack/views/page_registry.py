"""Registry of the pages: modals that are read, by the name that `target.what` carries."""

from collections.abc import Callable

from bot.slack.kit.blocks import View
from bot.slack.kit.triggers import Page
from bot.slack.screens.showing import Showing
from bot.slack.views.assumptions import assumptions_page
from bot.slack.views.ballots import ballots_page
from bot.slack.views.closing import closing_page
from bot.slack.views.coverage import coverage_page
from bot.slack.views.dismissed import dismissed_page
from bot.slack.views.history import history_page
from bot.slack.views.lists import lists_page, register_page
from bot.slack.views.looking_back import looking_back_page
from bot.slack.views.more import more_page
from bot.slack.views.plan import plan_page
from bot.slack.views.reminded import why_page
from bot.slack.views.response import response_page
from bot.slack.views.retrospectives import retrospectives_page
from bot.slack.views.seen import seen_page
from bot.slack.views.settings import settings_page
from bot.slack.views.threats import threats_page

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
