"""Setup of models in which the forms and buttons of voting apply."""

from collections.abc import Callable
from datetime import timedelta

from bot.slack.protocol.targets import Action
from bot.store import StreamId
from domain.commands import CastBallot, CloseRound, MarkReferenceThreat, OpenRound
from domain.dread.metrics import Metric, Numbers
from domain.kernel.elements import SYSTEM
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from tests.slack.access_harness import AccessHarness, person_id_of

VOTERS = ("member", "administrator", "guest", "facilitator")
TH1, RD1 = ThreatId("TH-1"), RoundId("RD-1")


def prepare_voting(harness: AccessHarness, stream: StreamId, what: str) -> None:
    """Let there be the round or the score that a form or deed wants; nothing for any other one."""
    if what in _PREPARED:
        harness.move(stream, Action.BEGIN_ANALYSIS)
        _PREPARED[what](harness, stream)


def _nothing_more(harness: AccessHarness, stream: StreamId) -> None:
    del harness, stream


def _open(harness: AccessHarness, stream: StreamId) -> None:
    voters = tuple(map(person_id_of, VOTERS))
    harness.do(
        stream, OpenRound(by=person_id_of("facilitator"), at=harness.now(), threats=(TH1,), voters=voters)
    )


def _nearly_over(harness: AccessHarness, stream: StreamId) -> None:
    """All but the facilitator have voted."""
    _open(harness, stream)
    _vote(harness, stream, 5, 5, 5)


def _fallen_short(harness: AccessHarness, stream: StreamId) -> None:
    """One has voted by the deadline, and nobody more by the next one."""
    _open(harness, stream)
    _vote(harness, stream, 5)
    for days in (10, 20):
        later = harness.now() + timedelta(days=days)
        harness.do(stream, CloseRound(by=SYSTEM, at=later, round=RD1))


def _scored(harness: AccessHarness, stream: StreamId) -> None:
    _open(harness, stream)
    _vote(harness, stream, 5, 5, 5, 5)


def _marked(harness: AccessHarness, stream: StreamId) -> None:
    _scored(harness, stream)
    harness.do(stream, MarkReferenceThreat(by=person_id_of("facilitator"), at=harness.now(), threat=TH1))


def _contested(harness: AccessHarness, stream: StreamId) -> None:
    """Two at each end, so that everybody is asked why."""
    _open(harness, stream)
    _vote(harness, stream, 2, 2, 9, 9)


def _vote(harness: AccessHarness, stream: StreamId, *damages: int) -> None:
    for who, damage in zip(VOTERS, damages, strict=False):
        numbers = Numbers(**{metric.value: damage if metric is Metric.DAMAGE else 5 for metric in Metric})
        harness.do(
            stream, CastBallot(by=person_id_of(who), at=harness.now(), round=RD1, threat=TH1, numbers=numbers)
        )


_PREPARED: dict[str, Callable[[AccessHarness, StreamId], None]] = {
    "open_round": _nothing_more,
    "ballot": _open,
    "settle_round": _fallen_short,
    "explain": _contested,
    Action.CLOSE_ROUND: _nearly_over,
    Action.EXTEND_ROUND: _fallen_short,
    Action.TAKE_MEDIANS: _contested,
    Action.MARK_REFERENCE_THREAT: _scored,
    Action.UNMARK_REFERENCE_THREAT: _marked,
}

VOTING = frozenset(_PREPARED)
"""The forms and deeds of voting."""
