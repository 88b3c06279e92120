"""Event handlers of the model: its tracker, and the issues of mitigations."""

from typing import Any

from msgspec.structs import replace

from domain.events import (
    IssueLinked,
    IssueProposalDismissed,
    IssueRequested,
    IssueSeen,
    IssueUnlinked,
    TrackerChosen,
)
from domain.kernel.mitigation import MitigationId
from domain.kernel.tracked_issue import IssueAnswers, IssueState, SeenIssue, TrackedIssue
from domain.model.threat_model import ThreatModel, handlers_by_event, issue_key


def _tracker_chosen(model: ThreatModel, event: TrackerChosen, version: int) -> ThreatModel:
    return replace(model, version=version, tracker=event.tracker)


def _issue_linked(model: ThreatModel, event: IssueLinked, version: int) -> ThreatModel:
    known, model = model.issues.get(event.mitigation), _assigned(model, event.mitigation, event.seen)
    if known is not None and (known.issue, known.seen) == (event.issue, event.seen):
        # What people answered about it before still counts.
        return _issue_changed(
            model, event.mitigation, version, linked=True, requested=False, typed=event.typed
        )
    is_open = event.seen is None or event.seen.state is IssueState.OPEN
    is_dated = event.seen is not None and event.seen.due is not None
    linked = TrackedIssue(
        issue=event.issue,
        typed=event.typed,
        seen=event.seen,
        state_changed=0 if is_open else version,
        due_changed=version if is_dated else 0,
    )
    return replace(
        model,
        version=version,
        issues=model.issues.insert(event.mitigation, linked),
        since=model.since.insert(issue_key(event.mitigation), event.at),
    )


def _issue_unlinked(model: ThreatModel, event: IssueUnlinked, version: int) -> ThreatModel:
    if event.again:
        return replace(model, version=version, issues=model.issues.discard(event.mitigation))
    return _issue_changed(model, event.mitigation, version, linked=False, requested=False)


def _issue_requested(model: ThreatModel, event: IssueRequested, version: int) -> ThreatModel:
    return _issue_changed(model, event.mitigation, version, linked=False, requested=True)


def _issue_seen(model: ThreatModel, event: IssueSeen, version: int) -> ThreatModel:
    known, model = model.issues.get(event.mitigation), _assigned(model, event.mitigation, event.seen)
    if known is None:  # the event that linked it was erased
        return replace(model, version=version)
    changes: dict[str, Any] = {"seen": event.seen}
    before = known.seen
    if event.seen.state is not known.state:
        changes["state_changed"] = version
    if before is None or event.seen.due != before.due:
        changes["due_changed"] = version
    changed = _issue_changed(model, event.mitigation, version, **changes)
    if len(changes) == 1:
        return changed
    return replace(changed, since=model.since.insert(issue_key(event.mitigation), event.at))


def _proposal_dismissed(model: ThreatModel, event: IssueProposalDismissed, version: int) -> ThreatModel:
    known = model.mitigations.get(event.mitigation)
    if known is None:
        return replace(model, version=version)
    answered = replace(known, issue_answers=IssueAnswers(state=version, due=version))
    return replace(model, version=version, mitigations=model.mitigations.insert(known.id, answered))


def _assigned(model: ThreatModel, id: MitigationId, seen: SeenIssue | None) -> ThreatModel:
    """Return the model after an issue was seen: its assignee may no longer verify the mitigation."""
    known, person = model.mitigations.get(id), seen.person if seen is not None else None
    if known is None or person is None or person in known.owned_by:
        return model
    assigned = replace(known, owned_by=(*known.owned_by, person))
    return replace(model, mitigations=model.mitigations.insert(id, assigned))


def _issue_changed(model: ThreatModel, id: MitigationId, version: int, **fields: Any) -> ThreatModel:
    known = model.issues.get(id)
    if known is None:
        return replace(model, version=version)
    return replace(model, version=version, issues=model.issues.insert(id, replace(known, **fields)))


TRACKER_EVOLVERS = handlers_by_event(
    _tracker_chosen,
    _issue_linked,
    _issue_unlinked,
    _issue_requested,
    _issue_seen,
    _proposal_dismissed,
)
