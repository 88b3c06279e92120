"""Decisions on mitigations: plan, owner, due date and state."""

from datetime import date

from msgspec.structs import replace

from domain.commands import (
    DropMitigation,
    ImplementMitigation,
    PlanMitigation,
    ReassignMitigation,
    RefuseVerification,
    RescheduleMitigation,
    ResumeMitigation,
    ReviseMitigation,
    StartMitigation,
    VerifyMitigation,
)
from domain.decide.combined_rejections import combine_rejections
from domain.decide.decision import Draft
from domain.decide.input_checks import (
    check_future_day,
    clean_name,
    clean_text,
    clean_ticket,
    require_mitigation,
    require_reason,
    require_threat,
)
from domain.decide.responses import choose_to_mitigate
from domain.events import (
    MitigationDropped,
    MitigationImplemented,
    MitigationPlanned,
    MitigationReassigned,
    MitigationRescheduled,
    MitigationResumed,
    MitigationRevised,
    MitigationStarted,
    MitigationVerified,
    VerificationRefused,
)
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationState
from domain.rejections import MitigationElsewhere, NothingSaid, OwnMitigation
from domain.remediation.control_suggestions import suggest_controls

_PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED, _DROPPED = MitigationState


def plan_mitigation(command: PlanMitigation, draft: Draft) -> None:
    """Plan a mitigation, and choose to mitigate the threat."""
    threat = require_threat(draft.model, command.threat)
    due = command.due
    combine_rejections(
        lambda: clean_name(command.title, what="the mitigation", field="title"),
        lambda: due is None or check_future_day(due, draft.at, field="due"),
        lambda: clean_ticket(command.ticket),
        lambda: _description(command),
    )
    mitigation = Mitigation(
        id=draft.next_mitigation(),
        threat=threat.id,
        title=clean_name(command.title, what="the mitigation", field="title"),
        control=command.control or suggest_controls(threat)[0].control,
        description=_description(command),
        owner=command.owner,
        due=due,
        ticket=clean_ticket(command.ticket),
    )
    choose_to_mitigate(threat.id, draft)
    draft.record(MitigationPlanned(**draft.header, mitigation=mitigation, urgent=command.urgent))


def revise_mitigation(command: ReviseMitigation, draft: Draft) -> None:
    """Change the description of a mitigation."""
    old = require_mitigation(draft.model, command.mitigation)
    combine_rejections(
        lambda: clean_name(command.title, what="the mitigation", field="title"),
        lambda: clean_ticket(command.ticket),
        lambda: _description(command),
    )
    new = replace(
        old,
        title=clean_name(command.title, what="the mitigation", field="title"),
        control=command.control or old.control,
        description=_description(command),
        ticket=clean_ticket(command.ticket),
    )
    if new != old:
        draft.record(MitigationRevised(**draft.header, mitigation=new))


def reassign_mitigation(command: ReassignMitigation, draft: Draft) -> None:
    """Assign a mitigation to another owner."""
    old = _in(command.mitigation, draft, _PLANNED, _STARTED, _IMPLEMENTED)
    if old.owner != command.owner:
        given = MitigationReassigned(
            **draft.header, mitigation=old.id, owner=command.owner, urgent=command.urgent
        )
        draft.record(given)


def reschedule_mitigation(command: RescheduleMitigation, draft: Draft) -> None:
    """Change the due date of a mitigation."""
    old = _in(command.mitigation, draft, _PLANNED, _STARTED)
    due: date = check_future_day(command.due, draft.at, field="due")
    if old.due != due:
        draft.record(MitigationRescheduled(**draft.header, mitigation=old.id, due=due))


def start_mitigation(command: StartMitigation, draft: Draft) -> None:
    """Start a mitigation, and set its owner."""
    old = _in(command.mitigation, draft, _PLANNED)
    _own(old, draft)
    draft.record(MitigationStarted(**draft.header, mitigation=old.id))


def implement_mitigation(command: ImplementMitigation, draft: Draft) -> None:
    """Mark a mitigation as implemented, with evidence."""
    old = _in(command.mitigation, draft, _PLANNED, _STARTED)
    evidence = clean_text(command.evidence, what="The evidence", field="evidence")
    if not evidence:
        raise NothingSaid(
            "Please say by what one can see that it is in place: a link, a test, a setting.", field="evidence"
        )
    _own(old, draft)
    draft.record(MitigationImplemented(**draft.header, mitigation=old.id, evidence=evidence))


def verify_mitigation(command: VerifyMitigation, draft: Draft) -> None:
    """Record the verification by a second person."""
    old = _in(command.mitigation, draft, _IMPLEMENTED)
    if draft.by in (old.owner, old.implemented_by):
        raise OwnMitigation(old.id)
    draft.record(MitigationVerified(**draft.header, mitigation=old.id))


def refuse_verification(command: RefuseVerification, draft: Draft) -> None:
    """Refuse to verify a mitigation; its owner may do so as well."""
    old = _in(command.mitigation, draft, _IMPLEMENTED, _VERIFIED)
    reason = require_reason(command.reason, "Please say what does not hold.")
    draft.record(VerificationRefused(**draft.header, mitigation=old.id, reason=reason))


def drop_mitigation(command: DropMitigation, draft: Draft) -> None:
    """Drop a mitigation."""
    old = _in(command.mitigation, draft, _PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED)
    reason = require_reason(command.reason, "Please say why it is dropped.")
    draft.record(MitigationDropped(**draft.header, mitigation=old.id, reason=reason))


def resume_mitigation(command: ResumeMitigation, draft: Draft) -> None:
    """Resume a dropped mitigation."""
    old = _in(command.mitigation, draft, _DROPPED)
    draft.record(MitigationResumed(**draft.header, mitigation=old.id))


def _in(id: MitigationId, draft: Draft, *states: MitigationState) -> Mitigation:
    """Return the mitigation; raises Rejected unless it is in one of the states."""
    found = require_mitigation(draft.model, id)
    if found.state not in states:
        raise MitigationElsewhere(id, found.state)
    return found


def _own(mitigation: Mitigation, draft: Draft) -> None:
    """Make the author the owner of a mitigation without one."""
    if mitigation.owner is None:
        draft.record(MitigationReassigned(**draft.header, mitigation=mitigation.id, owner=draft.by))


def _description(command: PlanMitigation | ReviseMitigation) -> str:
    return clean_text(command.description, what="The description", field="description")
