"""A model in remediation: three threats, a mitigation with an issue, and short ways to speak of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    ChoosePolicy,
    ChooseResponse,
    ChooseTracker,
    Command,
    DismissIssueProposal,
    ImplementMitigation,
    LinkIssue,
    PlanMitigation,
    RecordIssueState,
    ReportThreat,
    StartMitigation,
    VerifyMitigation,
)
from domain.events import RecordedEvent
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.inherited_settings import BandPolicy, RemediationPolicy
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ResponseKind, Stride, ThreatId
from domain.kernel.tracked_issue import IssueReference, IssueState, SeenIssue, TrackerId, TrackerKind
from domain.remediation.issue_proposals import IssueProposal, issue_proposal
from domain.replay import replay
from tests.examples import ANA, BEN, CHI, at, decide_all, reasons_for_conditions, started

TH1, TH2, TH3 = (ThreatId(f"TH-{number}") for number in (1, 2, 3))
MI1, MI2 = MitigationId("MI-1"), MitigationId("MI-2")
FRIDAY, SPRING = date(2026, 3, 6), date(2026, 5, 29)

THREATS = decide_all(
    ReportThreat(by=ANA, at=at(1), title="A plumber who is none", stride=(Stride.SPOOFING,)),
    ReportThreat(by=BEN, at=at(2), title="Curtains left open", stride=(Stride.INFORMATION_DISCLOSURE,)),
    ReportThreat(by=CHI, at=at(3), title="Glue in the lock", stride=(Stride.DENIAL_OF_SERVICE,)),
    BeginAnalysis(by=ANA, at=at(4), reason="a short story"),
    BeginRemediation(by=ANA, at=at(5), reasons=reasons_for_conditions()),
    after=[started()],
)
"""Ana is the facilitator, everybody takes part; nothing has been decided."""


def respond(
    threat: ThreatId, kind: ResponseKind = ResponseKind.MITIGATE, *, by: PersonId = BEN, minute: int = 10
) -> ChooseResponse:
    return ChooseResponse(
        by=by,
        at=at(minute),
        threat=threat,
        response=kind,
        reason="It is so",
        transferred_to="Insurance company",
    )


def plan(
    threat: ThreatId = TH1, *, by: PersonId = BEN, owner: PersonId | None = CHI, minute: int = 10
) -> PlanMitigation:
    return PlanMitigation(
        by=by, at=at(minute), threat=threat, title="Ask for a badge", owner=owner, due=FRIDAY
    )


def start(*, by: PersonId = CHI, minute: int = 20) -> StartMitigation:
    return StartMitigation(by=by, at=at(minute), mitigation=MI1)


def implement(*, by: PersonId = CHI, minute: int = 30) -> ImplementMitigation:
    return ImplementMitigation(by=by, at=at(minute), mitigation=MI1, evidence="A sign at the door")


def verify(*, by: PersonId = BEN, minute: int = 40) -> VerifyMitigation:
    return VerifyMitigation(by=by, at=at(minute), mitigation=MI1)


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
