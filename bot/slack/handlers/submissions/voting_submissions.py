"""Casting of ballots, page after page."""

from msgspec.structs import replace

from bot.slack.handlers.handler_responses import HandlerResponse, show_view
from bot.slack.handlers.modal_loading import load_modal
from bot.slack.protocol.requests import Request, ViewSubmission, command_key
from bot.slack.protocol.targets import StaleButton, Target, VotingTarget
from bot.slack.queries.services import Services
from bot.slack.screens.ballot_papers import ballot_page, without_ballot
from bot.slack.ui.modals.modal_registry import find_form
from domain.commands import CastBallot, CastBallots


def cast_ballot(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Cast the ballots of a page and show the next page, or the list of ballots after the last one.

    After the ballot that ends a round, no further form opens, so that its voter sees the result first.
    """
    form = find_form(request.callback_id)
    command = form.command(form.parse(request.view), target, by=request.person, at=services.now())
    if not isinstance(command, CastBallot | CastBallots):
        raise StaleButton
    done = services.execute(command, services.stream(target), command_key(request))
    if done.model.rounds[command.round].ending is not None:
        shown = VotingTarget(name="ballots", stream=target.stream, voting_round=command.round)
    else:
        shown = next_ballot(services, request, target, first_round=command.round)
    return show_view(request, load_modal(services, shown, request.person))


def next_ballot(services: Services, request: Request, target: Target, *, first_round: str) -> Target:
    """Return the page of the first owed ballots, else the list of ballots."""
    left = without_ballot(services.ballot_papers(services.stream(target), request.person))
    if not left:
        return Target(name="ballots", stream=target.stream)
    # First the remaining ballots of the same round.
    first = next((one for one in left if one.round == first_round), left[0])
    page = VotingTarget(name="ballot", stream=target.stream, voting_round=first.round)
    sharing = ballot_page(left, page)
    # The last threat of a second vote has a page of its own, which asks for a reason as well.
    is_shared = first in sharing and (len(sharing) > 1 or not first.again)
    return page if is_shared else replace(page, element=first.threat.id)
