"""Events of voting rounds; their words never contain a number of a ballot."""

from domain import events
from domain.kernel import event_subjects as of
from domain.kernel.text_formatting import join_list
from domain.kernel.voting_round import RoundEndCause, RoundKind
from domain.model import ThreatModel
from domain.wording.event_phrases import reason_suffix
from domain.wording.event_row import Row, about, row


def _opened(event: events.RoundOpened, _before: ThreatModel) -> str:
    opened, threats = event.round, [ask.threat for ask in event.round.asks]
    listed = join_list(threats) if len(threats) <= _NAMED else f"{len(threats)} threats"
    if opened.revote_of is not None:
        return f"opened the second vote {opened.id} of the round {opened.revote_of} on {listed}"
    residual = " (residual risk)" if opened.kind is RoundKind.RESIDUAL else ""
    return f"opened the round {opened.id} on {listed}{residual}"


def _left(event: events.VoterLeft, _before: ThreatModel) -> str:
    who = "left" if event.voter == event.by else f"released @{event.voter} from"
    return f"{who} the round {event.round}"


def _closed(event: events.RoundClosed, _before: ThreatModel) -> str:
    return f"closed the round {event.round}: {_CAUSES[event.cause]}{reason_suffix(event.reason)}"


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

VOTING_EVENTS: tuple[Row, ...] = (
    row(
        events.RoundOpened, _opened, touches=lambda event: (of.thing(ask.threat) for ask in event.round.asks)
    ),
    row(events.BallotCast, "voted on {threat_id}", touches=about(of.thing, "threat")),
    row(events.RoundExtended, "extended {round}: quorum not reached"),
    row(events.RoundFellShort, "stopped {round}: quorum not reached, to be closed by the facilitator"),
    row(events.VoterLeft, _left, people=lambda event: (event.voter,)),
    row(events.RoundClosed, _closed, lambda event: map(of.score, event.threats), decides=True),
    row(events.BallotExplained, "explained an outlying number on {threat_id}"),
    row(events.YardstickMarked, "marked {threat_id} as a reference threat", about(of.threat, "threat")),
    row(
        events.YardstickUnmarked, "removed {threat_id} from the reference threats", about(of.threat, "threat")
    ),
)
