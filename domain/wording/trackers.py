"""Events about the issues of mitigations in a tracker, and what people read about an issue."""

from collections.abc import Iterable

from domain import events
from domain.kernel import event_subjects as of
from domain.kernel.due_dates import short_day
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.event_subjects import Subject
from domain.kernel.mitigation import MitigationId
from domain.kernel.tracked_issue import IssueReference, IssueState, SeenIssue, TrackedIssue
from domain.model import ThreatModel
from domain.remediation.issue_proposals import IssueProposal
from domain.wording.event_row import Row, about, mitigation_phrase, nothing, row


def issue_summary(tracked: TrackedIssue) -> str:
    """Return an issue and its state, such as `#12 in Redmine, open, due on 4 Jan 2027`."""
    seen = tracked.seen
    due = f", due on {short_day(seen.due)}" if seen and seen.due and seen.state is IssueState.OPEN else ""
    return f"{_named(tracked.issue)}, {issue_state_phrase(seen) if seen else 'open'}{due}"


def proposal_phrase(tracked: TrackedIssue, proposal: IssueProposal) -> str:
    """Return what an issue proposes, in a few words to follow its key."""
    return _PROPOSED[proposal].format(where=tracked.issue.kind.label)


_PROPOSED = {
    IssueProposal.IMPLEMENTED: "closed as completed in {where}: mark as implemented?",
    IssueProposal.CLOSED: "closed in {where}: implemented, dropped, or continued?",
    IssueProposal.REOPENED: "reopened in {where}: still effective?",
    IssueProposal.DELETED: "deleted in {where}: create another one?",
    IssueProposal.DUE: "another due date in {where}: change it here?",
}


def proposal_question(tracked: TrackedIssue, proposal: IssueProposal) -> str:
    """Return in two sentences what an issue shows, and what a person is asked because of it."""
    return f"{tracked.issue.key} {question_after_key(tracked, proposal)}"


def question_after_key(tracked: TrackedIssue, proposal: IssueProposal) -> str:
    """Return the same sentences without the key of the issue, with which they begin."""
    reason, due = (tracked.seen.reason, tracked.seen.due) if tracked.seen else ("", None)
    return _QUESTIONS[proposal].format(
        where=tracked.issue.kind.label,
        how=_closed(reason),
        day=f"on {short_day(due)}" if due else "on another day",
    )


_QUESTIONS = {
    IssueProposal.IMPLEMENTED: "was closed as completed in {where}. Is the mitigation implemented?",
    IssueProposal.CLOSED: (
        "was {how} in {where}. Is the mitigation implemented, dropped, or does it continue?"
    ),
    IssueProposal.REOPENED: "was reopened in {where}. Does the verified mitigation still hold?",
    IssueProposal.DELETED: ("was deleted in {where} or can no longer be read. Is another issue needed?"),
    IssueProposal.DUE: "is due {day} in {where}, not on the same day as here. Does that date apply?",
}


def _closed(reason: str) -> str:
    return f"closed as “{reason}”" if reason else "closed without being completed"


def issue_state_phrase(seen: SeenIssue) -> str:
    """Return the state of an issue in words, with the tracker's word for how it was closed."""
    match seen.state:
        case IssueState.OPEN:
            return "open"
        case IssueState.COMPLETED:
            return "closed as completed"
        case IssueState.CLOSED:
            return _closed(seen.reason)
        case IssueState.DELETED:
            return "deleted, or no longer readable"


def _chosen(event: events.TrackerChosen, _before: ThreatModel) -> str:
    chosen = event.tracker
    if chosen.own and chosen.tracker is None:
        return "chose that mitigations get no issues in a tracker"
    where = f"the tracker {chosen.tracker}" if chosen.own else "the default tracker of the workspace"
    where = f"{where} for the issues of mitigations"
    shared = ", which may describe the threats" if chosen.shares_threats else ", without the threats"
    return f"chose {where}{shared}"


def _named(issue: IssueReference) -> str:
    return f"{issue.key} in {issue.kind.label}"


def _issue(before: ThreatModel, id: MitigationId) -> str:
    known = before.issues.get(id)
    return _named(known.issue) if known else "the issue"


def _shown(was: SeenIssue | None, now: SeenIssue, *, typed: bool) -> str:
    """Return what an issue shows, as far as it differs from before."""
    if not typed:
        return ""
    parts: list[str] = []
    if was is None or (was.state, was.reason) != (now.state, now.reason):
        parts.append(issue_state_phrase(now))
    if _assigned_to(was) != _assigned_to(now) if was else (now.assignee or now.person):
        parts.append(_assignee(now))
    if now.due != (was.due if was else None):
        parts.append(f"due on {short_day(now.due)}" if now.due else "without a due date")
    return f": {', '.join(parts)}" if parts else ""


def _assigned_to(seen: SeenIssue) -> tuple[str, PersonId | None, bool]:
    return seen.assignee, seen.person, seen.outside


def _assignee(seen: SeenIssue) -> str:
    if seen.person is not None:
        named = f" (“{seen.assignee}” there)" if seen.assignee else ""
        outside = ", who is not in the channel" if seen.outside else ""
        return f"assigned to @{seen.person}{named}{outside}"
    return f"assigned to “{seen.assignee}”" if seen.assignee else "not assigned"


def _linked(event: events.IssueLinked, before: ThreatModel) -> str:
    how = "linked" if event.typed else "created"
    shown = "" if event.seen is None else _shown(None, event.seen, typed=event.typed)
    return f"{how} {_named(event.issue)} for {mitigation_phrase(before, event.mitigation)}{shown}"


def _unlinked(event: events.IssueUnlinked, before: ThreatModel) -> str:
    return f"unlinked {_issue(before, event.mitigation)} from {mitigation_phrase(before, event.mitigation)}"


def _seen(event: events.IssueSeen, before: ThreatModel) -> str:
    known = before.issues.get(event.mitigation)
    what = f"{_issue(before, event.mitigation)} of {mitigation_phrase(before, event.mitigation)}"
    return f"saw {what}{_shown(known.seen if known else None, event.seen, typed=True)}"


def _dismissed(event: events.IssueProposalDismissed, before: ThreatModel) -> str:
    issue, what = _issue(before, event.mitigation), mitigation_phrase(before, event.mitigation)
    return f"kept {what} as it is, and dismissed what {issue} proposed"


_about_issue = about(of.issue, "mitigation")


def _by_a_person(event: events.IssueLinked | events.IssueUnlinked) -> Iterable[Subject]:
    return () if event.by == SYSTEM else _about_issue(event)


TRACKER_EVENTS: tuple[Row, ...] = (
    row(events.TrackerChosen, _chosen, of.TRACKER, decides=True),
    # What the system finds in a tracker keeps no person from undoing their own answer.
    row(
        events.IssueLinked,
        _linked,
        _about_issue,
        touches=_by_a_person,
        people=lambda event: (event.seen.person if event.seen else None,),
    ),
    row(events.IssueUnlinked, _unlinked, _about_issue, touches=_by_a_person),
    row(events.IssueRequested, "requested another issue for {mitigation}", _about_issue),
    row(events.IssueSeen, _seen, _about_issue, touches=nothing, people=lambda event: (event.seen.person,)),
    row(events.IssueProposalDismissed, _dismissed, about(of.mitigation, "mitigation"), decides=True),
)
