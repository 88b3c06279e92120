"""A mitigation with an issue in Redmine, and short ways to speak of what the issue shows."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.commands import (
    ChoosePolicy,
    ChooseTracker,
    Command,
    DismissIssueProposal,
    LinkIssue,
    RecordIssueState,
)
from domain.events import RecordedEvent
from domain.kernel.elements import SYSTEM
from domain.kernel.remediation_policy import BandPolicy, RemediationPolicy
from domain.kernel.tracked_issue import IssueReference, IssueState, SeenIssue, TrackerId, TrackerKind
from domain.remediation.issue_proposals import IssueProposal, issue_proposal
from domain.replay import replay
from tests.domain.remediation_story import FRIDAY, MI1, THREATS, implement, plan, start, verify
from tests.examples import ANA, CHI, at, decide_all

TR1, TR2 = TrackerId("TR-1"), TrackerId("TR-2")
ISSUE = IssueReference(
    tracker=TR1, kind=TrackerKind.REDMINE, key="#12", url="https://redmine.example.org/issues/12"
)
OPEN = SeenIssue(state=IssueState.OPEN, due=FRIDAY)
DONE = SeenIssue(state=IssueState.COMPLETED, due=FRIDAY)
REJECTED = SeenIssue(state=IssueState.CLOSED, reason="Rejected", due=FRIDAY)
GONE = SeenIssue(state=IssueState.DELETED)
MONTHS_LATER = date(2026, 8, 31)


def link(seen: SeenIssue | None = OPEN, *, minute: int = 15, **fields: Any) -> LinkIssue:
    said: dict[str, Any] = {"by": SYSTEM, "at": at(minute), "mitigation": MI1, "issue": ISSUE, "seen": seen}
    return LinkIssue(**{**said, **fields})


def see(seen: SeenIssue, *, minute: int = 50, issue: IssueReference = ISSUE) -> RecordIssueState:
    return RecordIssueState(by=SYSTEM, at=at(minute), mitigation=MI1, issue=issue, seen=seen)


def dismiss(minute: int = 55) -> DismissIssueProposal:
    return DismissIssueProposal(by=CHI, at=at(minute), mitigation=MI1)


CHOSEN = decide_all(ChooseTracker(by=ANA, at=at(6), own=True, tracker=TR1), after=THREATS)
PLANNED = decide_all(plan(), after=CHOSEN)
LINKED = decide_all(link(), after=PLANNED)
IMPLEMENTED = decide_all(start(), implement(), after=LINKED)
VERIFIED = decide_all(verify(), after=IMPLEMENTED)
"""CHI owns the mitigation, implements it, and BEN verifies it."""

NO_LIMIT = ChoosePolicy(
    by=ANA,
    at=at(7),
    policy=RemediationPolicy(critical=BandPolicy(due_days=None, accepted_days=90)),
)
"""The policy has no due date for threats without a score."""


def proposal(events: Sequence[RecordedEvent], *commands: Command) -> IssueProposal | None:
    """What the issue asks after some commands."""
    model = replay(decide_all(*commands, after=events))
    return issue_proposal(model, model.mitigations[MI1])


def header(events: Sequence[RecordedEvent], minute: int = 50) -> dict[str, Any]:
    """What the system's next event about the mitigation has in common with others."""
    return {"by": SYSTEM, "at": at(minute), "answer": len(events) + 1, "mitigation": MI1}
