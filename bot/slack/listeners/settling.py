"""Choosing one's own working hours."""

from bot.slack.asking.identity import key_of
from bot.slack.asking.requests import Asked, Submission
from bot.slack.forms.form_registry import FORMS
from bot.slack.kit.triggers import FormName, Page, StaleButton, Target
from bot.slack.replying.answers import NOTHING, Answer, PublishHome, UpdateView
from bot.slack.replying.opening import page_for
from bot.slack.tools import Tools
from domain.working_hours import ChooseWorkingHours


def choose_hours(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Keep somebody's working hours, and show them where they were changed."""
    if not isinstance(asked, Submission):
        raise StaleButton
    form = FORMS[FormName.HOURS]
    command = form.command(form.parse(asked.view), target, by=asked.person, at=tools.now())
    if not isinstance(command, ChooseWorkingHours):
        raise StaleButton
    tools.choose_hours(command, key_of(asked))
    home = PublishHome(person=asked.person)
    behind = asked.view.get("previous_view_id")
    if not behind:
        return NOTHING.then(home)
    page = page_for(tools, Target(what=Page.SETTINGS, stream=target.stream), asked.person)
    return NOTHING.then(UpdateView(view_id=str(behind), view=page), home)
