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
            return f"extended the round {event.round}: quorum not reached"
        case events.RoundFellShort():
            return f"stopped the round {event.round}: quorum not reached, to be closed by the facilitator"
        case events.VoterLeft():
            who = "left" if event.voter == event.by else f"released @{event.voter} from"
            return f"{who} the round {event.round}"
        case events.RoundClosed():
            return f"closed the round {event.round}: {_CAUSES[event.cause]}{reason_suffix(event.reason)}"
        case events.BallotExplained():
            return f"explained an outlying number on {event.threat}"
        case events.YardstickMarked():
            return f"marked {event.threat} as a reference threat"
        case events.YardstickUnmarked():
            return f"removed {event.threat} from the reference threats"
    assert_never(event)


def _opening_words(opened: Round) -> str:
    few = len(opened.asks) <= _NAMED
    threats = join_list([ask.threat for ask in opened.asks]) if few else f"{len(opened.asks)} threats"
    if opened.revote_of is not None:
        return f"opened the second vote {opened.id} of the round {opened.revote_of} on {threats}"
    residual = " (residual risk)" if opened.kind is RoundKind.RESIDUAL else ""
    return f"opened the round {opened.id} on {threats}{residual}"


_NAMED = 5
"""Threats of a round up to which each is named."""
_CAUSES = {
    RoundEndCause.ALL_VOTED: "all ballots were cast",
    RoundEndCause.DEADLINE: "the deadline passed",
    RoundEndCause.FACILITATOR: "the quorum was reached",
    RoundEndCause.SETTLED: "closed without a quorum",
    RoundEndCause.NO_THREATS: "no threat was left",
    RoundEndCause.NO_VOTERS: "no voter was left",
}
