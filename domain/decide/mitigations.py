"""Deciding about mitigations: planning them, who does them until when, and how far they have come."""

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
from domain.decide.combined_rejections import together
from domain.decide.draft import Draft
from domain.decide.input_checks import (
    clean_name,
    clean_text,
    clean_ticket,
    coming_day,
    live_mitigation,
    live_threat,
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
from domain.remediation.control_suggestions import suggestions

_PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED, _DROPPED = MitigationState


def plan_mitigation(command: PlanMitigation, draft: Draft) -> None:
    """Plan a control against a threat, and with it to mitigate that threat."""
    threat = live_threat(draft.model, command.threat)
    due = command.due
    together(
        lambda: clean_name(command.title, what="the mitigation", field="title"),
        lambda: due is None or coming_day(due, draft.at, field="due"),
        lambda: clean_ticket(command.ticket, field="ticket"),
        lambda: _description(command),
    )
    mitigation = Mitigation(
        id=draft.next_mitigation(),
        threat=threat.id,
        title=clean_name(command.title, what="the mitigation", field="title"),
        control=command.control or suggestions(threat)[0].control,
        description=_description(command),
        owner=command.owner,
        due=due,
        ticket=clean_ticket(command.ticket, field="ticket"),
    )
    choose_to_mitigate(threat.id, draft)
    draft.say(MitigationPlanned(**draft.said, mitigation=mitigation, urgent=command.urgent))


def revise_mitigation(command: ReviseMitigation, draft: Draft) -> None:
    """Describe a mitigation anew."""
    old = live_mitigation(draft.model, command.mitigation)
    together(
        lambda: clean_name(command.title, what="the mitigation", field="title"),
        lambda: clean_ticket(command.ticket, field="ticket"),
        lambda: _description(command),
    )
    new = replace(
        old,
        title=clean_name(command.title, what="the mitigation", field="title"),
        control=command.control or old.control,
        description=_description(command),
        ticket=clean_ticket(command.ticket, field="ticket"),
    )
    if new != old:
        draft.say(MitigationRevised(**draft.said, mitigation=new))


def reassign_mitigation(command: ReassignMitigation, draft: Draft) -> None:
    """Give a mitigation another owner."""
    old = _in(command.mitigation, draft, _PLANNED, _STARTED, _IMPLEMENTED)
    if old.owner != command.owner:
        given = MitigationReassigned(
            **draft.said, mitigation=old.id, owner=command.owner, urgent=command.urgent
        )
        draft.say(given)


def reschedule_mitigation(command: RescheduleMitigation, draft: Draft) -> None:
    """Give a mitigation another due date."""
    old = _in(command.mitigation, draft, _PLANNED, _STARTED)
    due: date = coming_day(command.due, draft.at, field="due")
    if old.due != due:
        draft.say(MitigationRescheduled(**draft.said, mitigation=old.id, due=due))


def start_mitigation(command: StartMitigation, draft: Draft) -> None:
    """Note that work has begun, and whose it is."""
    old = _in(command.mitigation, draft, _PLANNED)
    _own(old, draft)
    draft.say(MitigationStarted(**draft.said, mitigation=old.id))


def implement_mitigation(command: ImplementMitigation, draft: Draft) -> None:
    """Note that a mitigation is in place, and what shows it."""
    old = _in(command.mitigation, draft, _PLANNED, _STARTED)
    evidence = clean_text(command.evidence, what="The evidence", field="evidence")
    if not evidence:
        raise NothingSaid(
            "Please say by what one can see that it is in place: a link, a test, a setting.", field="evidence"
        )
    _own(old, draft)
    draft.say(MitigationImplemented(**draft.said, mitigation=old.id, evidence=evidence))


def verify_mitigation(command: VerifyMitigation, draft: Draft) -> None:
    """Note that somebody else has looked and it holds."""
    old = _in(command.mitigation, draft, _IMPLEMENTED)
    if draft.by in (old.owner, old.implemented_by):
        raise OwnMitigation(old.id)
    draft.say(MitigationVerified(**draft.said, mitigation=old.id))


def refuse_verification(command: RefuseVerification, draft: Draft) -> None:
    """Note that a mitigation does not hold; anybody may find that out, its owner too."""
    old = _in(command.mitigation, draft, _IMPLEMENTED, _VERIFIED)
    reason = _reason(command.reason, "Please say what does not hold.")
    draft.say(VerificationRefused(**draft.said, mitigation=old.id, reason=reason))


def drop_mitigation(command: DropMitigation, draft: Draft) -> None:
    """Note that a mitigation will not be put in place."""
    old = _in(command.mitigation, draft, _PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED)
    reason = _reason(command.reason, "Please say why it is dropped.")
    draft.say(MitigationDropped(**draft.said, mitigation=old.id, reason=reason))


def resume_mitigation(command: ResumeMitigation, draft: Draft) -> None:
    """Plan what was dropped."""
    old = _in(command.mitigation, draft, _DROPPED)
    draft.say(MitigationResumed(**draft.said, mitigation=old.id))


def _in(id: MitigationId, draft: Draft, *states: MitigationState) -> Mitigation:
    """The mitigation; raises Rejected where it is in none of the states."""
    found = live_mitigation(draft.model, id)
    if found.state not in states:
        raise MitigationElsewhere(id, found.state)
    return found


def _own(mitigation: Mitigation, draft: Draft) -> None:
    """Whoever takes up what nobody owns becomes its owner."""
    if mitigation.owner is None:
        draft.say(MitigationReassigned(**draft.said, mitigation=mitigation.id, owner=draft.by))


def _description(command: PlanMitigation | ReviseMitigation) -> str:
    return clean_text(command.description, what="The description", field="description")


def _reason(text: str, hint: str) -> str:
    reason = clean_text(text, what="The reason", field="reason")
    if not reason:
        raise NothingSaid(hint, field="reason")
    return reason
