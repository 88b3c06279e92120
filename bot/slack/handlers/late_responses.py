"""Gives an answer after the ack has gone: into the modal that waits, or as a word to the asker alone."""

from bot.slack.handlers.handler_responses import Answer, TellPerson, UpdateView, privately
from bot.slack.handlers.modal_loading import form_for
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Message, View, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import FormName, StaleButton
from bot.slack.protocol.requests import Asked, Submission
from bot.slack.queries.services import Tools
from bot.slack.ui.forms.form import FieldErrors
from bot.slack.ui.forms.three_way_merge import touched_since
from bot.slack.ui.forms.write_effects import Writes
from bot.slack.ui.messages.notices import receipt, refusal, refusal_modal
from bot.slack.ui.modals.form_registry import FORMS, target_of
from domain.rejections import Rejected

KEPT = "What you said a moment ago is saved now."


def late(tools: Tools, asked: Asked, answer: Answer) -> Answer:
    """The same answer as things to do, since its ack has gone."""
    ack = answer.ack
    if isinstance(asked, Submission):
        return Answer(after=(_into_modal(tools, asked, answer), *answer.after))
    if ack.get("text"):
        said = Message(text=str(ack["text"]), blocks=list(ack.get("blocks") or ()))
        return Answer(after=(privately(asked.origin, said), *answer.after))
    return Answer(after=answer.after)


def _into_modal(tools: Tools, asked: Submission, answer: Answer) -> UpdateView:
    ack = answer.ack
    if ack.get("response_action") == "errors":
        sentence = " ".join(ack["errors"].values())
        view = _open_again(tools, asked, sentence)
        otherwise = TellPerson(person=asked.person, message=refusal(sentence))
    else:
        view = ack.get("view") or refusal_modal(KEPT, target_of(asked.view))
        otherwise = TellPerson(person=asked.person, message=receipt(KEPT))
    return UpdateView(view_id=asked.view_id, view=view, otherwise=otherwise)


def _open_again(tools: Tools, asked: Submission, sentence: str) -> View:
    """The form with what was typed still in it, and the sentence above its fields."""
    target = target_of(asked.view)
    try:
        form = FORMS[FormName(asked.callback_id)]
        values = form.parse(asked.view)
        if form.does(target) is Writes.REVISES:
            before = tools.opened.find(target.opened, tools.stream(target))
            view = form_for(
                tools,
                target,
                asked.person,
                typed=touched_since(before.shown if before else None, values),
                keys=tuple(values.by_key),
                before=before,
                remembered=before is not None,
            )
        else:
            view = form_for(tools, target, asked.person, typed=values)
        return {**view, "blocks": [section(escape(sentence)), *view["blocks"]][: slack_limits.VIEW_BLOCKS]}
    except (FieldErrors, StaleButton, Rejected):
        return refusal_modal(sentence, target)
