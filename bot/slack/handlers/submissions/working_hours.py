"""Choosing one's own working hours."""

from bot.slack.handlers.handler_responses import NOTHING, Answer, PublishHome, UpdateView
from bot.slack.handlers.modal_loading import page_for
from bot.slack.protocol.idempotency_keys import key_of
from bot.slack.protocol.interactions import FormName, Page, StaleButton, Target
from bot.slack.protocol.requests import Asked, Submission
from bot.slack.queries.services import Tools
from bot.slack.ui.modals.form_registry import FORMS
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
