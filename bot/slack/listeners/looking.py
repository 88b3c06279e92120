"""Pressing a button that opens a form or shows a page."""

from bot.slack.answers import NOTHING, Answer, show, tell, turn
from bot.slack.requests import Asked
from bot.slack.tools import Tools
from bot.slack.triggers import FormName, Target
from bot.slack.views import receipt, refusal_modal

NO_QUESTIONS = "There is no open question just now. New ones come up as the model grows."


def open_form(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Open the form that a button names."""
    if target.what == FormName.QUESTIONS and not tools.register(tools.stream(target)).questions:
        return tell(asked, receipt(NO_QUESTIONS), view=refusal_modal(NO_QUESTIONS, target))
    return show(asked, tools.form(target, asked.person), again=target)


def show_page(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Show the page that a button names."""
    return show(asked, tools.page(target))


def turn_page(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Show a page or form in place of the one that the button stands in."""
    return turn(asked, tools.view(target, asked.person))


def follow_link(tools: Tools, asked: Asked, target: Target) -> Answer:
    """A link was followed: Slack opens it, and nothing is left to do."""
    del tools, asked, target
    return NOTHING
