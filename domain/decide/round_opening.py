"""Decision on opening a round by the facilitator."""

from datetime import datetime, timedelta

from domain.commands import OpenRound
from domain.decide.combined_rejections import combine_rejections
from domain.decide.decision import Decision
from domain.decide.input_checks import require_threat
from domain.dread.disagreement import DisagreementTest
from domain.dread.metrics import BallotLength, voted_metrics
from domain.dread.rubric import NEWEST
from domain.events import RoundOpened
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import MAX_THREATS, BallotItem, Round, RoundKind
from domain.model import ThreatModel
from domain.rejections import AlreadyInARound, ContentMissing, NothingVerified, NotScored, Rejected, TooMany
from domain.remediation.status import tracked_mitigations
from domain.voting.derived_numbers import can_be_derived
from domain.voting.published_votes import publications
from domain.voting.round_deadlines import default_deadline
from domain.voting.scores import scores_of
from domain.voting.turnout import default_quorum, minimum_quorum

MAX_ROUND_LENGTH = timedelta(days=60)
"""The longest time until a deadline."""


def open_round(command: OpenRound, decision: Decision) -> Decision:
    """Open a voting round."""
    deadline = default_deadline(decision.at) if command.deadline is None else command.deadline
    combine_rejections(
        lambda: _threats(command, decision.model),
        lambda: _quorum(command.quorum, len(_voters(command, decision.model))),
        lambda: _check_deadline(deadline, decision.at),
    )
    voters = _voters(command, decision.model)
    return decision.record(
        RoundOpened(
            **decision.header,
            round=Round(
                id=decision.next_round(),
                kind=command.kind,
                asks=tuple(_item(one, command, decision.model) for one in _threats(command, decision.model)),
                voters=voters,
                opened_at=decision.at,
                deadline=deadline,
                quorum=_quorum(command.quorum, len(voters)),
                discoverability=command.discoverability,
                rubric=NEWEST,
                test=DisagreementTest.MIDDLE_HALF,
            ),
        )
    )


def sealed_in_advance(command: OpenRound, model: ThreatModel) -> tuple[ThreatId, ...]:
    """Return the threats of which the round cannot show all results, even if all of its voters vote."""
    voters, shown = _voters(command, model), publications(model)
    asks = (_item(one, command, model) for one in command.threats if one in model.threats)
    return tuple(one.threat for one in asks if shown.stay_sealed(one.threat, one.metrics, voters))


def _item(threat: ThreatId, command: OpenRound, model: ThreatModel) -> BallotItem:
    """Return what is voted on for a threat; without a rule or a place, nothing can be derived."""
    is_quick = command.length is BallotLength.QUICK and can_be_derived(model, model.threats[threat])
    length = BallotLength.QUICK if is_quick else BallotLength.FULL
    return BallotItem(threat=threat, metrics=voted_metrics(command.discoverability, length), length=length)


def _check_deadline(deadline: datetime, now: datetime) -> None:
    if deadline <= now:
        raise Rejected("The deadline is in the past. Choose a later time.", field="deadline")
    if deadline > now + MAX_ROUND_LENGTH:
        raise Rejected(
            f"The deadline is too late. A round can last at most {MAX_ROUND_LENGTH.days} days.",
            field="deadline",
        )


def _voters(command: OpenRound, model: ThreatModel) -> tuple[PersonId, ...]:
    voters = tuple(dict.fromkeys(command.voters or model.participants))
    if not voters:
        raise ContentMissing("No voter is selected. Select at least one.", field="voters")
    strangers = tuple(one for one in voters if not model.participates(one))
    if strangers:
        raise Rejected(
            f"@{strangers[0]} is not a participant of this model. Add them first.",
            field="voters",
            people=strangers[:1],
        )
    return voters


def _threats(command: OpenRound, model: ThreatModel) -> tuple[ThreatId, ...]:
    threats = tuple(dict.fromkeys(command.threats))
    if not threats:
        raise ContentMissing("No threat is selected. Select at least one.", field="threats")
    if len(threats) > MAX_THREATS:
        raise TooMany("threats", len(threats), MAX_THREATS, field="threats")
    for id in threats:
        require_threat(model, id)
        if command.kind is RoundKind.RESIDUAL:
            _check_something_remains(model, id)
        for one in model.open_rounds():
            if one.asked(id):
                raise AlreadyInARound(id, one.id)
    return threats


def _check_something_remains(model: ThreatModel, id: ThreatId) -> None:
    """Raise Rejected without an initial score to compare with, or without a verified mitigation."""
    if id not in scores_of(model):
        raise NotScored(id, field="threats")
    if not any(
        one.state_for(id) is MitigationState.VERIFIED
        for one in tracked_mitigations(model, None, utc_zone)
        if id in one.threats
    ):
        raise NothingVerified(id, field="threats")


def _quorum(wanted: int | None, voters: int) -> int:
    if wanted is None:
        return default_quorum(voters)
    if not minimum_quorum(voters) <= wanted <= voters:
        raise Rejected(
            f"With {voters} voters, the quorum must be from {minimum_quorum(voters)} to {voters}. With "
            f"fewer numbers, the result of a metric stays sealed.",
            field="quorum",
        )
    return wanted
