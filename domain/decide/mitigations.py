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
from domain.decide.decision import Decision
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
from domain.rejections import ContentMissing, OwnMitigation, WrongMitigationState
from domain.remediation.control_suggestions import suggest_controls

_PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED, _DROPPED = MitigationState


def plan_mitigation(command: PlanMitigation, decision: Decision) -> Decision:
    """Plan a mitigation, and choose to mitigate the threat."""
    threat = require_threat(decision.model, command.threat)
    due = command.due
    combine_rejections(
        lambda: clean_name(command.title, what="the mitigation", field="title"),
        lambda: due is None or check_future_day(due, decision.at, field="due"),
        lambda: clean_ticket(command.ticket),
        lambda: _description(command),
    )
    mitigation = Mitigation(
        id=decision.next_mitigation(),
        threat=threat.id,
        title=clean_name(command.title, what="the mitigation", field="title"),
        control=command.control or suggest_controls(threat)[0].control,
        description=_description(command),
        owner=command.owner,
        due=due,
        ticket=clean_ticket(command.ticket),
    )
    decision = choose_to_mitigate(threat.id, decision)
    return decision.record(MitigationPlanned(**decision.header, mitigation=mitigation, urgent=command.urgent))


def revise_mitigation(command: ReviseMitigation, decision: Decision) -> Decision:
    """Change the description of a mitigation."""
    old = require_mitigation(decision.model, command.mitigation)
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
        return decision.record(MitigationRevised(**decision.header, mitigation=new))
    return decision


def reassign_mitigation(command: ReassignMitigation, decision: Decision) -> Decision:
    """Assign a mitigation to another owner."""
    old = _in(command.mitigation, decision, _PLANNED, _STARTED, _IMPLEMENTED)
    if old.owner != command.owner:
        given = MitigationReassigned(
            **decision.header, mitigation=old.id, owner=command.owner, urgent=command.urgent
        )
        return decision.record(given)
    return decision


def reschedule_mitigation(command: RescheduleMitigation, decision: Decision) -> Decision:
    """Change the due date of a mitigation."""
    old = _in(command.mitigation, decision, _PLANNED, _STARTED)
    due: date = check_future_day(command.due, decision.at, field="due")
    if old.due != due:
        return decision.record(MitigationRescheduled(**decision.header, mitigation=old.id, due=due))
    return decision


def start_mitigation(command: StartMitigation, decision: Decision) -> Decision:
    """Start a mitigation, and set its owner."""
    old = _in(command.mitigation, decision, _PLANNED)
    decision = _own(old, decision)
    return decision.record(MitigationStarted(**decision.header, mitigation=old.id))


def implement_mitigation(command: ImplementMitigation, decision: Decision) -> Decision:
    """Mark a mitigation as implemented, with evidence."""
    old = _in(command.mitigation, decision, _PLANNED, _STARTED)
    evidence = clean_text(command.evidence, what="The evidence", field="evidence")
    if not evidence:
        raise ContentMissing(
            "The evidence is missing. Enter a link, a test or a setting that shows the mitigation.",
            field="evidence",
        )
    decision = _own(old, decision)
    return decision.record(MitigationImplemented(**decision.header, mitigation=old.id, evidence=evidence))


def verify_mitigation(command: VerifyMitigation, decision: Decision) -> Decision:
    """Record the verification by a second person."""
    old = _in(command.mitigation, decision, _IMPLEMENTED)
    if decision.by in (old.owner, old.implemented_by):
        raise OwnMitigation(old.id)
    return decision.record(MitigationVerified(**decision.header, mitigation=old.id))


def refuse_verification(command: RefuseVerification, decision: Decision) -> Decision:
    """Refuse to verify a mitigation; its owner may do so as well."""
    old = _in(command.mitigation, decision, _IMPLEMENTED, _VERIFIED)
    reason = require_reason(command.reason, "The reason is missing. Explain what the verification found.")
    return decision.record(VerificationRefused(**decision.header, mitigation=old.id, reason=reason))


def drop_mitigation(command: DropMitigation, decision: Decision) -> Decision:
    """Drop a mitigation."""
    old = _in(command.mitigation, decision, _PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED)
    reason = require_reason(command.reason, "The reason is missing. Explain why the mitigation is dropped.")
    return decision.record(MitigationDropped(**decision.header, mitigation=old.id, reason=reason))


def resume_mitigation(command: ResumeMitigation, decision: Decision) -> Decision:
    """Resume a dropped mitigation."""
    old = _in(command.mitigation, decision, _DROPPED)
    return decision.record(MitigationResumed(**decision.header, mitigation=old.id))


def _in(id: MitigationId, decision: Decision, *states: MitigationState) -> Mitigation:
    """Return the mitigation; raises Rejected unless it is in one of the states."""
    found = require_mitigation(decision.model, id)
    if found.state not in states:
        raise WrongMitigationState(id, found.state)
    return found


def _own(mitigation: Mitigation, decision: Decision) -> Decision:
    """Make the author the owner of a mitigation without one."""
    if mitigation.owner is None:
        return decision.record(
            MitigationReassigned(**decision.header, mitigation=mitigation.id, owner=decision.by)
        )
    return decision


def _description(command: PlanMitigation | ReviseMitigation) -> str:
    return clean_text(command.description, what="The description", field="description")
