"""Checks of the policy: who may approve accepted risks and overrides, and for how long."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from domain.decide.decision import Decision
from domain.gates import Gate
from domain.kernel.due_dates import short_day
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.rejections import AcceptedTooLong, NotAnApprover
from domain.remediation.suggestions import accepted_days
from domain.voting.scores import bands_of


def check_accepted_days(threats: Sequence[ThreatId], decision: Decision, expires: date) -> None:
    """Raise Rejected if the policy does not let the risks be accepted until a day."""
    days, band = accepted_days(decision.model, threats)
    latest = decision.at.date() + timedelta(days=days)
    if expires > latest:
        raise AcceptedTooLong(band, days, short_day(latest))


def check_approver(
    threats: Sequence[ThreatId], approver: PersonId, model: ThreatModel, *, field: str | None = None
) -> None:
    """Raise Rejected if the policy names others who may approve the acceptance of threats."""
    bands = bands_of(model)
    for band in dict.fromkeys(bands.get(one) for one in threats):
        allowed = model.policy.of(band).approvers
        if allowed and approver not in allowed:
            raise NotAnApprover(band, allowed, field=field)


def first_approver(threat: ThreatId, proposer: PersonId, model: ThreatModel) -> PersonId | None:
    """Return the first approver whom the policy names for a threat, besides the proposer."""
    named = model.policy.of(bands_of(model).get(threat)).approvers
    return next((one for one in named if one != proposer), None)


def check_override(
    model: ThreatModel, checked: Iterable[Gate], approver: PersonId, *, field: str | None = None
) -> None:
    """Raise Rejected, naming who may, if the policy does not let a person pass the open gates."""
    if approver == SYSTEM:
        return
    for gate in checked:
        allowed = () if gate.met else model.policy.of(gate.band).approvers
        if allowed and approver not in allowed:
            raise NotAnApprover(gate.band, allowed, field=field)


def may_override(model: ThreatModel, checked: Iterable[Gate], approver: PersonId) -> bool:
    """Return whether the policy lets a person pass the open gates."""
    try:
        check_override(model, checked, approver)
    except NotAnApprover:
        return False
    return True
