"""Wording of events in voting rounds; it never contains a number of a ballot."""

from typing import assert_never

from domain import events
from domain.kernel.text_formatting import join_list
from domain.kernel.voting_round import Round, RoundEndCause, RoundKind
from domain.wording.event_phrases import reason_suffix


def describe_voting(event: events.VotingEvent) -> str:
    """Return what the author did, to follow the author's name."""
    match event:
        case events.RoundOpened():
            return _opening_words(event.round)
        case events.BallotCast():
            return f"voted on {event.threat}"
        case events.RoundExtended():
            return f"gave the round {event.round} more time, as too few have voted"
        case events.RoundFellShort():
            return f"stopped the round {event.round}, as too few have voted; the facilitator settles it"
        case events.VoterLeft():
            who = "left" if event.voter == event.by else f"released @{event.voter} from"
            return f"{who} the round {event.round}"
        case events.RoundClosed():
            return f"closed the round {event.round}: {_CAUSES[event.cause]}{reason_suffix(event.reason)}"
        case events.BallotExplained():
            return f"explained a number on {event.threat} that was far from the others"
        case events.YardstickMarked():
            return f"made {event.threat} a yardstick"
        case events.YardstickUnmarked():
            return f"made {event.threat} a yardstick no longer"
    assert_never(event)


def _opening_words(opened: Round) -> str:
    threats = join_list([ask.threat for ask in opened.asks])
    if opened.revote_of is not None:
        return f"opened the second vote {opened.id} of the round {opened.revote_of} on {threats}"
    residual = " as they remain" if opened.kind is RoundKind.RESIDUAL else ""
    return f"opened the round {opened.id} on {threats}{residual}"


_CAUSES = {
    RoundEndCause.ALL_VOTED: "every awaited ballot was cast",
    RoundEndCause.DEADLINE: "its deadline had come",
    RoundEndCause.FACILITATOR: "enough had voted",
    RoundEndCause.SETTLED: "settled with the ballots there were",
    RoundEndCause.NO_THREATS: "no threat was left in it",
    RoundEndCause.NO_VOTERS: "nobody was left to vote",
}
