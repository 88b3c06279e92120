"""Pressing a button that opens a form or shows a page."""

from bot.slack.handlers.form_preconditions import check_open
from bot.slack.handlers.handler_responses import NOTHING, Answer, show, tell, turn
from bot.slack.handlers.modal_loading import form_for, form_or_page_for, page_for
from bot.slack.handlers.submissions.import_model import read_file
from bot.slack.protocol.interactions import FormName, Page, StaleButton, Target
from bot.slack.protocol.requests import Asked, Submission
from bot.slack.queries.services import Tools
from bot.slack.ui.messages.notices import refusal, refusal_modal
from bot.slack.ui.modals.form_registry import FORMS

NO_QUESTIONS = "There is no open question just now. New ones come up as the model grows."


def open_form(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Open the form that a button names."""
    if target.what == FormName.IMPORT:
        return read_file(tools, asked, target)
    if target.what == FormName.QUESTIONS and not tools.register(tools.stream(target)).questions:
        return tell(asked, refusal(NO_QUESTIONS), view=refusal_modal(NO_QUESTIONS, target))
    check_open(tools, asked, target)
    return show(asked, form_for(tools, target, asked.person), again=target)


def show_page(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Show the page that a button names."""
    return show(asked, page_for(tools, target, asked.person), again=target)


def turn_page(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Show a page or form in place of the one that the button stands in."""
    check_open(tools, asked, target)
    return turn(asked, form_or_page_for(tools, target, asked.person))


def look_back(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Show the model as it was on the day that was chosen."""
    if not isinstance(asked, Submission):
        raise StaleButton
    day = FORMS[FormName.LOOK_BACK].parse(asked.view).day("day")
    shown = Target(what=Page.AS_OF, stream=target.stream, day=day)
    return show(asked, page_for(tools, shown, asked.person), again=shown)


def follow_link(tools: Tools, asked: Asked, target: Target) -> Answer:
    """A link was followed: Slack opens it, and nothing is left to do."""
    del tools, asked, target
    return NOTHING
