"""The word that leads to the ballots one owes."""

from bot.slack.handlers.commands.slash_word import Said
from bot.slack.handlers.handler_responses import Answer, say, show
from bot.slack.handlers.modal_loading import form_or_page_for
from bot.slack.handlers.submissions.voting import next_ballot
from bot.slack.protocol.interactions import Target
from bot.slack.protocol.requests import Asked
from bot.slack.queries.services import Tools
from bot.slack.ui.messages.notices import refusal

NOTHING_TO_VOTE_ON = "No round is open for you in this model just now. When one opens, I tell you."


def vote(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Open the first ballot that somebody owes, or what they voted; say so where there is nothing."""
    del said
    stream = tools.stream(target)
    if not tools.papers(stream, asked.person):
        return say(asked, refusal(NOTHING_TO_VOTE_ON))
    shown = next_ballot(target, tools, asked)
    return show(asked, form_or_page_for(tools, shown, asked.person), again=shown)
