"""What people see: messages and pages, each a pure function of what it is given."""

from collections.abc import Callable

from bot.slack.kit.blocks import Message, View
from bot.slack.kit.triggers import Page
from bot.slack.screens.showing import LookedBack, ModelLine, Showing
from bot.slack.views.assumptions import assumptions_page
from bot.slack.views.ballots import ballots_page
from bot.slack.views.card import card, status_copy
from bot.slack.views.closing import closing_page
from bot.slack.views.coverage import coverage_page
from bot.slack.views.dismissed import dismissed_page
from bot.slack.views.help import (
    help_message,
    import_help,
    only_the_last,
    opening_help,
    unknown_word,
)
from bot.slack.views.history import history_page
from bot.slack.views.home import Home, Task, home
from bot.slack.views.lists import lists_page, register_page
from bot.slack.views.looking_back import looking_back_page
from bot.slack.views.models import (
    closed_models,
    key_wanted,
    model_list,
    model_picker,
    unknown_key,
)
from bot.slack.views.more import more_page
from bot.slack.views.notices import offer, receipt, refusal, refusal_modal
from bot.slack.views.plan import plan_page
from bot.slack.views.reminded import why_page
from bot.slack.views.response import response_page
from bot.slack.views.retrospectives import retrospectives_page
from bot.slack.views.seen import seen_page
from bot.slack.views.settings import settings_page
from bot.slack.views.threats import threats_page

__all__ = [
    "PAGES",
    "Home",
    "LookedBack",
    "Message",
    "ModelLine",
    "Showing",
    "Task",
    "View",
    "card",
    "closed_models",
    "help_message",
    "home",
    "import_help",
    "key_wanted",
    "model_list",
    "model_picker",
    "offer",
    "only_the_last",
    "opening_help",
    "receipt",
    "refusal",
    "refusal_modal",
    "status_copy",
    "unknown_key",
    "unknown_word",
]

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
"""The modals that are read and pressed in, by the name that `target.what` carries."""
