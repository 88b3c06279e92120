"""Reviewers: who is asked to approve an acceptance or to verify a mitigation."""

from collections.abc import Iterable

from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation
from domain.kernel.response import Response


def approver_of(proposal: Response, facilitator: PersonId) -> PersonId | None:
    """Return the approver of a proposed acceptance: the person asked or the facilitator; None: anyone."""
    expected = proposal.asked or facilitator
    return None if expected == proposal.by else expected


def done_by(mitigation: Mitigation) -> tuple[PersonId, ...]:
    """Return who may not verify a mitigation: all who ever owned it or marked it as implemented."""
    people = (mitigation.owner, mitigation.implemented_by, *mitigation.owned_by)
    return tuple(dict.fromkeys(one for one in people if one is not None))


def verifiers(mitigation: Mitigation, candidates: Iterable[PersonId | None]) -> tuple[PersonId, ...]:
    """Return the candidates who may verify a mitigation, in their order."""
    allowed = (one for one in candidates if one is not None and one not in done_by(mitigation))
    return tuple(dict.fromkeys(allowed))
