"""Changes of responses, accepted risks and mitigations."""

from collections.abc import Iterator
from datetime import date

from domain.changes.authorship import ChangeAuthors
from domain.changes.change import Change, ChangeDetail, ChangeGroup, ChangeType
from domain.changes.comparison import change_type, changed_detail, mention
from domain.kernel import event_subjects
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.response import Response, ResponseKind
from domain.kernel.threat import ThreatId
from domain.model import id_order
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.wording.trackers import issue_summary


def remediation_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changes of responses to threats that exist at both moments, and of all mitigations."""
    titles = {one.id: one.title for one in after.threats}
    for id in sorted({*before.statuses} & {*after.statuses}, key=id_order):
        yield from _response(titles[id], before.statuses[id], after.statuses[id], authors)
    was, now = ({one.mitigation.id: one for one in register.mitigations} for register in (before, after))
    for id in sorted({*was, *now}, key=id_order):
        yield from _mitigation(id, was, now, authors)


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
    old, new = was.kind if was else None, now.kind if now else None
    return (
        *changed_detail("response", old, new),
        *changed_detail("to", was.transferred_to if was else "", now.transferred_to if now else ""),
        *changed_detail("owner", mention(was.owner) if was else "", mention(now.owner) if now else ""),
        *changed_detail("due", was.due if was else None, now.due if now else None),
        *changed_detail("accepted until", was.expires if was else None, now.expires if now else None),
        *changed_detail("approved by", mention(_approver(was)), mention(_approver(now))),
        *changed_detail("reason", was.reason if was else "", now.reason if now else ""),
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


def _mitigation(
    id: MitigationId,
    was: dict[MitigationId, TrackedMitigation],
    now: dict[MitigationId, TrackedMitigation],
    authors: ChangeAuthors,
) -> Iterator[Change]:
    before, after = was.get(id), now.get(id)
    old, new = (one.mitigation if one else None for one in (before, after))
    issues = changed_detail("issue", _issue(before), _issue(after))
    turn, details = change_type(id, was, now), (*_planned(old, new), *issues)
    if not details:
        return
    known = (after or was[id]).mitigation
    subjects = (event_subjects.mitigation(id), *([event_subjects.issue(id)] if issues else []))
    owners = (one.owner for one in (old, new) if one)
    yield Change(
        group=ChangeGroup.MITIGATIONS,
        type=turn,
        id=id,
        name=known.title,
        how={ChangeType.ADDED: "planned", ChangeType.CHANGED: "changed", ChangeType.REMOVED: "removed"}[turn],
        details=details,
        **authors.of(*subjects),
        people=tuple(dict.fromkeys(owner for owner in owners if owner)),
    )


def _planned(old: Mitigation | None, new: Mitigation | None) -> tuple[ChangeDetail, ...]:
    """Return the changed details of a mitigation; for an added or removed one, the main ones."""
    return (
        *(changed_detail("title", old.title, new.title) if old and new else ()),
        *changed_detail("for", ", ".join(old.threats) if old else "", ", ".join(new.threats) if new else ""),
        *changed_detail("state", old.state.label if old else "", new.state.label if new else ""),
        *changed_detail("owner", mention(old.owner) if old else "", mention(new.owner) if new else ""),
        *changed_detail("due", _due(old), _due(new)),
        *(_described(old, new) if old and new else ()),
    )


def _issue(one: TrackedMitigation | None) -> str:
    """Return the issue of a mitigation and its state; empty without one."""
    return issue_summary(one.issue) if one and one.issue else ""


def _described(old: Mitigation, new: Mitigation) -> tuple[ChangeDetail, ...]:
    return (
        *changed_detail("control", old.control, new.control),
        *changed_detail("description", old.description, new.description),
        *changed_detail("ticket", old.ticket, new.ticket),
        *changed_detail("evidence", old.evidence, new.evidence),
        *changed_detail("reason", old.reason, new.reason),
    )


def _due(one: Mitigation | None) -> date | None:
    return one.due if one else None
