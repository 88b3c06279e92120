"""Changes of responses, accepted risks and mitigations."""

from collections.abc import Iterator

from domain.changes.authorship import ChangeAuthors, compared
from domain.changes.change import (
    Change,
    ChangeDetail,
    ChangeGroup,
    ChangeType,
    changed_detail,
    changed_fields,
    mention,
)
from domain.kernel import event_subjects
from domain.kernel.elements import PersonId
from domain.kernel.threat import Response, ResponseKind, ThreatId
from domain.model import id_order
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.wording.trackers import issue_summary


def remediation_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changes of responses to threats that exist at both moments, and of all mitigations."""
    titles = {threat.id: threat.title for threat in after.threats}
    for id in sorted({*before.statuses} & {*after.statuses}, key=id_order):
        yield from _response(titles[id], before.statuses[id], after.statuses[id], authors)
    was, now = ({one.mitigation.id: one for one in register.mitigations} for register in (before, after))
    yield from compared(
        ChangeGroup.MITIGATIONS,
        was,
        now,
        authors,
        subjects=lambda id: (
            event_subjects.mitigation(id),
            *([event_subjects.issue(id)] if _issue(was.get(id)) != _issue(now.get(id)) else []),
        ),
        name=lambda tracked: tracked.mitigation.title,
        details=_planned,
        how=("planned", "changed", "removed"),
        people=lambda tracked: (tracked.mitigation.owner,),
        order=id_order,
    )


def _response(title: str, was: ThreatStatus, now: ThreatStatus, authors: ChangeAuthors) -> Iterator[Change]:
    said = (
        *_responded(was.response, now.response),
        *changed_detail("proposed acceptance", _proposal(was.proposal), _proposal(now.proposal)),
    )
    stands = changed_detail("status", was.state.label, now.state.label)
    if not (said or stands):
        return
    accepting = any(
        one is not None and one.kind is ResponseKind.ACCEPT
        for status in (was, now)
        for one in (status.response, status.proposal)
    )
    yield Change(
        group=ChangeGroup.ACCEPTANCES if accepting else ChangeGroup.RESPONSES,
        type=ChangeType.CHANGED,
        id=was.threat,
        name=title,
        how="decided" if said else _moved_by_itself(now),
        details=(*stands, *said),
        **authors.of(*_sides(was.threat, was, now)),
        people=_people(was.response, now.response, was.proposal, now.proposal),
    )


def _moved_by_itself(now: ThreatStatus) -> str:
    return "expired" if now.state is ThreatState.EXPIRED else "progressed"


def _sides(threat: ThreatId, was: ThreatStatus, now: ThreatStatus) -> Iterator[event_subjects.Subject]:
    """Return the subjects it depends on: the response, and if the state changed, the mitigations."""
    yield event_subjects.response(threat)
    if was.state is not now.state:
        yield from (
            event_subjects.mitigation(one.mitigation.id) for one in (*was.mitigations, *now.mitigations)
        )


def _responded(was: Response | None, now: Response | None) -> tuple[ChangeDetail, ...]:
    return (
        *changed_fields(was, now, kind="response", transferred_to="to"),
        *changed_detail("owner", mention(was.owner) if was else "", mention(now.owner) if now else ""),
        *changed_fields(was, now, due="due", expires="accepted until"),
        *changed_detail("approved by", mention(_approver(was)), mention(_approver(now))),
        *changed_fields(was, now, reason="reason"),
    )


def _approver(said: Response | None) -> PersonId | None:
    return said.approver if said else None


def _proposal(said: Response | None) -> str:
    if said is None:
        return ""
    until = f"until {said.expires.isoformat()}, " if said.expires else ""
    asked = f", approver {mention(said.asked)}" if said.asked else ""
    return f"{until}by {mention(said.by)}{asked}, because: {said.reason}"


def _people(*said: Response | None) -> tuple[PersonId, ...]:
    named = (person for one in said if one for person in (one.owner, one.by, one.asked, one.approver))
    return tuple(dict.fromkeys(person for person in named if person))


def _planned(before: TrackedMitigation | None, after: TrackedMitigation | None) -> tuple[ChangeDetail, ...]:
    """Return the changed details of a mitigation; for an added or removed one, the main ones."""
    old, new = (tracked.mitigation if tracked else None for tracked in (before, after))
    both = old is not None and new is not None
    return (
        *(changed_fields(old, new, title="title") if both else ()),
        *changed_detail("for", ", ".join(old.threats) if old else "", ", ".join(new.threats) if new else ""),
        *changed_detail("state", old.state.label if old else "", new.state.label if new else ""),
        *changed_detail("owner", mention(old.owner) if old else "", mention(new.owner) if new else ""),
        *changed_fields(old, new, due="due"),
        *(changed_fields(old, new, **_DESCRIBED) if both else ()),
        *changed_detail("issue", _issue(before), _issue(after)),
    )


_DESCRIBED = {name: name for name in ("control", "description", "ticket", "evidence", "reason")}


def _issue(one: TrackedMitigation | None) -> str:
    """Return the issue of a mitigation and its state; empty without one."""
    return issue_summary(one.issue) if one and one.issue else ""
