"""Who is expected to look at what somebody else wants or did: to approve it, or to verify it."""

from collections.abc import Iterable

from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation
from domain.kernel.response import Response


def approver_of(proposal: Response, facilitator: PersonId) -> PersonId | None:
    """Whom a proposed acceptance waits for: who was asked, else the facilitator; None: whoever takes part."""
    expected = proposal.asked or facilitator
    return None if expected == proposal.by else expected


def done_by(mitigation: Mitigation) -> tuple[PersonId, ...]:
    """Who put a mitigation in place, and may not verify it: its owner, and whoever said that it is done."""
    people = (mitigation.owner, mitigation.implemented_by)
    return tuple(dict.fromkeys(one for one in people if one is not None))


def verifiers(mitigation: Mitigation, candidates: Iterable[PersonId | None]) -> tuple[PersonId, ...]:
    """Return those of the candidates who may verify a mitigation, in their order."""
    allowed = (one for one in candidates if one is not None and one not in done_by(mitigation))
    return tuple(dict.fromkeys(allowed))
