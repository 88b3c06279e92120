"""Who is expected to look at what somebody else wants or did: to approve it, or to verify it."""

from domain.elements import PersonId
from domain.mitigations import Mitigation
from domain.responses import Response


def approver_of(proposal: Response, facilitator: PersonId) -> PersonId | None:
    """Whom a proposed acceptance waits for: who was asked, else the facilitator; None: whoever takes part."""
    expected = proposal.asked or facilitator
    return None if expected == proposal.by else expected


def done_by(mitigation: Mitigation) -> tuple[PersonId, ...]:
    """Who put a mitigation in place, and may not verify it: its owner, and whoever said that it is done."""
    people = (mitigation.owner, mitigation.implemented_by)
    return tuple(dict.fromkeys(one for one in people if one is not None))


def verifier_of(mitigation: Mitigation, facilitator: PersonId) -> PersonId | None:
    """Whom a mitigation waits for that is in place: the facilitator; None: whoever else takes part."""
    return None if facilitator in done_by(mitigation) else facilitator
