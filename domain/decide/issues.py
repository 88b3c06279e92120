"""Decisions on the issues of mitigations in a tracker, and on what follows from what they show."""

from datetime import date
from typing import Any

from msgspec.structs import replace

from domain.commands import (
    ChooseTracker,
    DismissIssueProposal,
    LinkIssue,
    RecordIssueState,
    RequestIssue,
    UnlinkIssue,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import MAX_DAY_AHEAD, clean_link, clean_text, require_mitigation
from domain.events import (
    IssueLinked,
    IssueProposalDismissed,
    IssueRequested,
    IssueSeen,
    IssueUnlinked,
    MitigationReassigned,
    MitigationRescheduled,
    MitigationResumed,
    MitigationStarted,
    TrackerChosen,
    VerificationRefused,
)
from domain.kernel.elements import SYSTEM
from domain.kernel.length_limits import ACCOUNT, NAME, WORD
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationState
from domain.kernel.tracked_issue import (
    TRACKER_ID,
    IssueReference,
    IssueState,
    ModelTracker,
    SeenIssue,
    TrackedIssue,
)
from domain.model import ThreatModel
from domain.model.mitigation_links import served_threats, with_current_state
from domain.rejections import IssueStillThere, NoIssue, NothingProposed, Rejected
from domain.remediation.issue_proposals import issue_proposal, tracker_in_force
from domain.remediation.suggestions import combined_suggestion, mitigation_suggestions

_CLOSED = (IssueState.COMPLETED, IssueState.CLOSED)


def choose_tracker(command: ChooseTracker, decision: Decision) -> Decision:
    """Choose the tracker of the model; the caller checks that it is connected."""
    if command.tracker is not None and not TRACKER_ID.fullmatch(command.tracker):
        raise Rejected("This tracker is not connected. Choose another one.", field="tracker")
    chosen = ModelTracker(
        own=command.own,
        tracker=command.tracker if command.own else None,
        shares_threats=command.shares_threats,
    )
    return decision.record_if(
        chosen != decision.model.tracker, TrackerChosen(**decision.header, tracker=chosen)
    )


def link_issue(command: LinkIssue, decision: Decision) -> Decision:
    """Record the issue of a mitigation; what it shows changes the mitigation only where that says nothing."""
    mitigation = require_mitigation(decision.model, command.mitigation)
    if not command.typed and command.by != SYSTEM:
        raise Rejected("An issue is created by the system. Enter an existing one in the ticket field.")
    known = decision.model.issues.get(mitigation.id)
    issue, seen = _clean_issue(command.issue), _clean_seen(command.seen)
    if known is not None and known.linked and known.issue == issue:
        return decision
    if known is not None and known.followed and command.by != SYSTEM:
        raise IssueStillThere(mitigation.id, known.issue.key)
    linked = IssueLinked(
        **decision.header, mitigation=mitigation.id, issue=issue, typed=command.typed, seen=seen
    )
    decision = decision.record(linked)
    if seen is None or seen.state is not IssueState.OPEN or not mitigation.state.to_do:
        return decision
    if mitigation.owner is None:
        decision = _reassign(mitigation.id, seen, decision)
    if mitigation.due is None and seen.due is not None:
        decision = _reschedule(mitigation, seen.due, decision)
    return decision


def unlink_issue(command: UnlinkIssue, decision: Decision) -> Decision:
    """Separate a mitigation from its issue."""
    mitigation = require_mitigation(decision.model, command.mitigation)
    tracked = decision.model.issues.get(mitigation.id)
    if tracked is None or not tracked.linked:
        raise NoIssue(mitigation.id)
    return decision.record(IssueUnlinked(**decision.header, mitigation=mitigation.id))


def request_issue(command: RequestIssue, decision: Decision) -> Decision:
    """Request a new issue for a mitigation that lost its former one."""
    mitigation = require_mitigation(decision.model, command.mitigation)
    tracked = decision.model.issues.get(mitigation.id)
    if tracked is not None and tracked.followed:
        raise IssueStillThere(mitigation.id, tracked.issue.key)
    if tracked is None or tracker_in_force(decision.model) is None:
        raise NoIssue(mitigation.id)
    if tracked.requested:
        return decision
    return decision.record(IssueRequested(**decision.header, mitigation=mitigation.id))


def dismiss_issue_proposal(command: DismissIssueProposal, decision: Decision) -> Decision:
    """Continue a mitigation as it is planned here."""
    mitigation = require_mitigation(decision.model, command.mitigation)
    if issue_proposal(decision.model, mitigation) is None:
        raise NothingProposed(mitigation.id)
    return decision.record(IssueProposalDismissed(**decision.header, mitigation=mitigation.id))


def record_issue_state(command: RecordIssueState, decision: Decision) -> Decision:
    """Record what an issue shows, and what follows from it for the mitigation."""
    if command.by != SYSTEM:
        raise Rejected("The state of an issue is read from the tracker. Change it there.")
    tracked, mitigation = _known(command, decision.model)
    if tracked is None or mitigation is None:
        return decision
    before, seen = tracked.seen, _clean_seen(command.seen)
    if seen is None or seen == before:
        return decision
    decision = decision.record(
        IssueSeen(
            **decision.header,
            mitigation=mitigation.id,
            seen=seen,
            expected=before is not None and _is_expected(mitigation, before, seen),
        )
    )
    if seen.state is IssueState.OPEN and tracked.state in _CLOSED:
        decision = _reopened(mitigation, tracked.issue, decision)
    now = decision.model.mitigations[mitigation.id]
    if seen.state is not IssueState.OPEN or not now.state.to_do:
        return decision
    if seen.person != now.owner and (before is None or _has_new_assignee(before, seen)):
        decision = _reassign(now.id, seen, decision)
    if seen.due is not None and seen.due != (before.due if before else now.due):
        decision = _reschedule(now, seen.due, decision)
    return decision


def follow_ticket(old: Mitigation, new: Mitigation, decision: Decision) -> Decision:
    """Separate a mitigation from its issue if its ticket names another one, or none any longer.

    A ticket that names the issue that was unlinked last links it again.
    """
    tracked = decision.model.issues.get(new.id)
    if tracked is None or new.ticket == old.ticket:
        return decision
    is_same = new.ticket in (tracked.issue.key, tracked.issue.url)
    if is_same and tracked.linked:
        return decision
    is_there = tracked.state is not IssueState.DELETED
    if is_same and is_there and tracker_in_force(decision.model) == tracked.issue.tracker:
        again = IssueLinked(
            **decision.header, mitigation=new.id, issue=tracked.issue, typed=tracked.typed, seen=tracked.seen
        )
        return decision.record(again)
    if new.ticket:
        return decision.record(IssueRequested(**decision.header, mitigation=new.id))
    return decision.record_if(
        tracked.typed and tracked.linked, IssueUnlinked(**decision.header, mitigation=new.id)
    )


def latest_due(model: ThreatModel, mitigation: Mitigation) -> date | None:
    """Return the latest due date that the policy allows for the threats of a mitigation.

    It is `date.max` where the policy has none. None if the threats have no score to count from.
    """
    suggestions = mitigation_suggestions(model)
    served = [suggestions[threat] for threat in served_threats(model, mitigation)]
    if any(one.days is not None and one.scored_on is None for one in served):
        return None
    return combined_suggestion(served).due() or date.max


def _known(command: RecordIssueState, model: ThreatModel) -> tuple[TrackedIssue | None, Mitigation | None]:
    """Return the issue and its mitigation, unless another issue or tracker took its place."""
    tracked = model.issues.get(command.mitigation)
    if tracked is None or not tracked.linked or tracker_in_force(model) != tracked.issue.tracker:
        return None, None
    same = (tracked.issue.tracker, tracked.issue.url) == (command.issue.tracker, command.issue.url)
    return (tracked, model.mitigations.get(command.mitigation)) if same else (None, None)


def _is_expected(mitigation: Mitigation, before: SeenIssue, seen: SeenIssue) -> bool:
    """Return whether an issue differs only by the owner and the due date that the mitigation has.

    What becomes known of an assignee who stays is expected, too.
    """
    if seen != replace(before, due=seen.due, **_assignee_of(seen)):
        return False
    stays = before.person == seen.person and (seen.person is not None or before.assignee == seen.assignee)
    has_owner = seen.person is not None and seen.person == mitigation.owner
    return (stays or has_owner) and seen.due in (before.due, mitigation.due)


def _assignee_of(seen: SeenIssue) -> dict[str, Any]:
    fields = ("person", "assignee", "account", "outside")
    return {field: getattr(seen, field) for field in fields}


def _has_new_assignee(before: SeenIssue, seen: SeenIssue) -> bool:
    """Return whether the assignee is another person, or has joined the channel meanwhile."""
    return seen.person != before.person or (before.outside and not seen.outside)


def _reopened(mitigation: Mitigation, issue: IssueReference, decision: Decision) -> Decision:
    """Continue the work on an implemented or dropped mitigation; a verified one is left to people."""
    id, reason = mitigation.id, f"{issue.key} was reopened in {issue.kind.label}."
    match with_current_state(decision.model, mitigation).state:
        case MitigationState.IMPLEMENTED:
            return decision.record(VerificationRefused(**decision.header, mitigation=id, reason=reason))
        case MitigationState.DROPPED:
            decision = decision.record(MitigationResumed(**decision.header, mitigation=id))
            return decision.record(MitigationStarted(**decision.header, mitigation=id))
        case MitigationState.PLANNED | MitigationState.STARTED | MitigationState.VERIFIED:
            return decision


def _reassign(id: MitigationId, seen: SeenIssue, decision: Decision) -> Decision:
    """Take over the assignee of an issue as the owner, unless they are not in the channel."""
    if seen.person is None or seen.outside:
        return decision
    return decision.record(MitigationReassigned(**decision.header, mitigation=id, owner=seen.person))


def _reschedule(mitigation: Mitigation, due: date, decision: Decision) -> Decision:
    """Take over the due date of an issue, if it is earlier or the policy allows it; else it is a proposal."""
    today = decision.at.date()
    if due == mitigation.due or not today <= due <= today + MAX_DAY_AHEAD:
        return decision
    if mitigation.due is None or due > mitigation.due:
        latest = latest_due(decision.model, mitigation)
        if latest is None or due > latest:
            return decision
    return decision.record(MitigationRescheduled(**decision.header, mitigation=mitigation.id, due=due))


def _clean_issue(issue: IssueReference) -> IssueReference:
    """Return an issue with texts that can be shown; raises Rejected for anything else."""
    key = " ".join(clean_text(issue.key, what="The key", field="ticket", limit=WORD).split())
    if not key:
        raise Rejected("The issue has no key. Enter another one.", field="ticket")
    return replace(issue, key=key, url=clean_link(issue.url))


def _clean_seen(seen: SeenIssue | None) -> SeenIssue | None:
    """Return what an issue shows, with texts of one line and limited length: they come from the tracker."""
    if seen is None:
        return None
    return replace(
        seen,
        reason=_line(seen.reason),
        assignee=_line(seen.assignee),
        account=_clean_account(seen.account),
        outside=seen.outside and seen.person is not None,
    )


def _clean_account(account: str) -> str:
    """Return the ID of an account as the tracker has it; empty for one that no tracker has."""
    kept = account.strip()
    return kept if kept.isprintable() and len(kept) <= ACCOUNT else ""


def _line(text: str) -> str:
    shortened = " ".join(clean_text(text[: 4 * NAME], what="", field="").split())
    return shortened if len(shortened) <= NAME else f"{shortened[: NAME - 1]}…"
