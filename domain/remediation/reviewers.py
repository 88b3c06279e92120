"""Reviewers: who is asked to approve an acceptance or to verify a mitigation."""

from collections.abc import Iterable

from domain.events import IssueLinked, IssueSeen, RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.threat import Response
from domain.kernel.tracked_issue import TrackerId
from domain.rejections import AssigneeOfIssue
from domain.tracker_accounts import TrackerAccounts


def approver_of(proposal: Response, facilitator: PersonId) -> PersonId | None:
    """Return the approver of a proposed acceptance: the person asked or the facilitator; None: anyone."""
    expected = proposal.asked or facilitator
    return None if expected == proposal.by else expected


def done_by(mitigation: Mitigation) -> tuple[PersonId, ...]:
    """Return who may not verify a mitigation: all who owned or implemented it, or had its issue assigned."""
    people = (mitigation.owner, mitigation.implemented_by, *mitigation.owned_by)
    return tuple(dict.fromkeys(person for person in people if person is not None))


def check_assignee(
    events: Iterable[RecordedEvent], mitigation: MitigationId, by: PersonId, accounts: TrackerAccounts
) -> None:
    """Raise AssigneeOfIssue if an issue of a mitigation was ever assigned to an account of a person.

    The events of the model are those that count: they stay when a later one is undone, when the issue is
    replaced, and whatever people say of their accounts afterwards.
    """
    tracker: TrackerId | None = None
    for event in events:
        match event:
            case IssueLinked(mitigation=about, seen=seen) if about == mitigation:
                tracker = event.issue.tracker
            case IssueSeen(mitigation=about, seen=seen) if about == mitigation:
                pass
            case _:  # other events are not about its issue
                continue
        if seen is None:
            continue
        had = tracker is not None and (tracker, seen.account, by) in accounts.ever
        if seen.person == by or had:
            raise AssigneeOfIssue(mitigation)


def verifiers(mitigation: Mitigation, candidates: Iterable[PersonId | None]) -> tuple[PersonId, ...]:
    """Return the candidates who may verify a mitigation, in their order."""
    allowed = (one for one in candidates if one is not None and one not in done_by(mitigation))
    return tuple(dict.fromkeys(allowed))
