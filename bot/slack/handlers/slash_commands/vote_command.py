"""Word that opens the ballots that a person still owes."""

from bot.slack.handlers.handler_responses import HandlerResponse, show_message, show_view
from bot.slack.handlers.modal_loading import load_modal
from bot.slack.handlers.slash_commands.slash_word import ParsedCommand
from bot.slack.handlers.submissions.voting_submissions import next_ballot
from bot.slack.protocol.requests import Request
from bot.slack.protocol.targets import WordTarget
from bot.slack.queries.services import Services
from bot.slack.ui.messages.notices import refusal

NOTHING_TO_VOTE_ON = "You have no open voting round in this model. You are notified when one opens."


def vote_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Open the first owed ballot, else the list of ballots; without any, show a message."""
    del parsed
    stream = services.stream(target)
    if not services.ballot_papers(stream, request.person):
        return show_message(request, refusal(NOTHING_TO_VOTE_ON))
    shown = next_ballot(services, request, target, first_round=target.argument)
    return show_view(request, load_modal(services, shown, request.person), again=shown)
