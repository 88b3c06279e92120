"""Steps of an example about threats and votes."""

from collections.abc import Sequence

from bot.demo.story_runner import TimedStep, element_named
from domain.analysis.rule_findings import apply_rules
from domain.commands import CastBallot, ConfirmCandidates, DismissCandidates, OpenRound, ReportThreat
from domain.dread.metrics import Metric, Numbers
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import Kind, PersonId
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel

CandidatesOn = tuple[str, str]
"""A candidate by its rule and the name of its element."""

Ballot = tuple[int | None, ...]
"""Five numbers, in the order D, R, E, A, D."""


def report_step(
    by: PersonId, title: str, category: Stride, kind: Kind, element: str, description: str
) -> TimedStep:
    """Return a step in which a person reports a threat."""
    return lambda model, at: ReportThreat(
        by=by,
        at=at,
        title=title,
        stride=(category,),
        element=element_named(model, kind, element),
        description=description,
    )


def confirm_step(by: PersonId, *wanted: CandidatesOn) -> TimedStep:
    """Return a step in which a person confirms candidates."""
    return lambda model, at: ConfirmCandidates(by=by, at=at, candidates=candidate_ids(model, *wanted))


def dismiss_step(by: PersonId, wanted: CandidatesOn, reason: str) -> TimedStep:
    """Return a step in which a person dismisses candidates."""
    return lambda model, at: DismissCandidates(
        by=by, at=at, candidates=candidate_ids(model, wanted), reason=reason
    )


def open_round_step(by: PersonId, voters: Sequence[PersonId], titles: Sequence[str]) -> TimedStep:
    """Return a step in which a person opens a round on the threats with those titles."""
    return lambda model, at: OpenRound(
        by=by, at=at, threats=tuple(threat_titled(model, title).id for title in titles), voters=tuple(voters)
    )


def vote_step(by: PersonId, round: RoundId, title: str, ballot: Ballot) -> TimedStep:
    """Return a step in which a person votes on one threat."""
    return lambda model, at: CastBallot(
        by=by,
        at=at,
        round=round,
        threat=threat_titled(model, title).id,
        numbers=Numbers(**{one.value: number for one, number in zip(Metric, ballot, strict=True)}),
    )


def candidate_ids(model: ThreatModel, *wanted: CandidatesOn) -> tuple[CandidateId, ...]:
    """Return the IDs of these candidates."""
    ids = {(one.rule.id, one.element_name): CandidateId(one.id) for one in apply_rules(model).candidates}
    return tuple(ids[one] for one in wanted)


def threat_titled(model: ThreatModel, title: str) -> Threat:
    """Return the threat with that title."""
    return next(one for one in model.threats.values() if one.title == title)
