"""Decisions on mitigations: plan, owner, due date and state."""

from collections.abc import Callable, Iterable
from datetime import date

from msgspec.structs import replace

from domain.commands import (
    DropMitigation,
    ImplementMitigation,
    LinkMitigation,
    PlanMitigation,
    PlanSuggestedMitigations,
    ReassignMitigation,
    RefuseVerification,
    RescheduleMitigation,
    ResumeMitigation,
    ReviseMitigation,
    StartMitigation,
    UnlinkMitigation,
    VerifyMitigation,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import (
    check_future_day,
    clean_name,
    clean_text,
    clean_ticket,
    combine_rejections,
    require_mitigation,
    require_reason,
    require_threats,
)
from domain.decide.issues import follow_ticket
from domain.decide.responses import choose_to_mitigate
from domain.events import (
    MitigationDropped,
    MitigationImplemented,
    MitigationLinked,
    MitigationPlanned,
    MitigationReassigned,
    MitigationRescheduled,
    MitigationResumed,
    MitigationRevised,
    MitigationStarted,
    MitigationUnlinked,
    MitigationVerified,
    VerificationRefused,
)
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationLink, MitigationState
from domain.kernel.threat import Threat
from domain.model.mitigation_links import (
    mitigation_links,
    served_threats,
    unimplemented_links,
    unverified_links,
    with_current_state,
)
from domain.rejections import ContentMissing, LastThreat, NotLinked, OwnMitigation, WrongMitigationState
from domain.remediation.reviewers import done_by
from domain.remediation.suggestions import (
    MitigationSuggestion,
    combined_suggestion,
    mitigation_suggestions,
    place_owners,
    planned_controls,
    suggest_controls,
)

_PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED, _DROPPED = MitigationState


def plan_mitigation(command: PlanMitigation, decision: Decision) -> Decision:
    """Plan a mitigation, and choose to mitigate the threats."""
    threats = require_threats(decision.model, (command.threat, *command.also))
    title, ticket, description, due = combine_rejections(
        *_texts(command), lambda: command.due and check_future_day(command.due, decision.at, field="due")
    )
    suggested = _suggested(threats, decision) if command.suggested else MitigationSuggestion()
    owner = command.owner or suggested.owner or (decision.by if command.suggested else None)
    own = command.owner is None and command.suggested
    mitigation = Mitigation(
        id=decision.next_mitigation(),
        threat=threats[0].id,
        also=tuple(threat.id for threat in threats[1:]),
        title=title,
        control=command.control or suggest_controls(decision.model, threats[0])[0].control,
        description=description,
        owner=owner,
        place_owners=place_owners(decision.model, threats, owner) if own else (),
        due=due or suggested.due(decision.at.date()),
        ticket=ticket,
    )
    decision = choose_to_mitigate(threats, decision)
    return decision.record(MitigationPlanned(**decision.header, mitigation=mitigation, urgent=command.urgent))


def plan_suggested(command: PlanSuggestedMitigations, decision: Decision) -> Decision:
    """Plan the first control that each threat's rule names; threats with the same one share a mitigation."""
    due = None if command.due is None else check_future_day(command.due, decision.at, field="due")
    model = decision.model
    planned = planned_controls(
        (threat, suggest_controls(model, threat)) for threat in require_threats(model, command.threats)
    )
    for control, threats in planned:
        suggested = _suggested(threats, decision)
        owner = command.owner or suggested.owner or decision.by
        mitigation = Mitigation(
            id=decision.next_mitigation(),
            threat=threats[0].id,
            also=tuple(threat.id for threat in threats[1:]),
            title=clean_name(control.text, what="the mitigation", field="title"),
            control=control.control,
            owner=owner,
            place_owners=() if command.owner else place_owners(model, threats, owner),
            due=due or suggested.due(decision.at.date()),
        )
        decision = choose_to_mitigate(threats, decision)
        decision = decision.record(
            MitigationPlanned(**decision.header, mitigation=mitigation, urgent=command.urgent)
        )
    return decision


def _suggested(threats: Iterable[Threat], decision: Decision) -> MitigationSuggestion:
    suggestions = mitigation_suggestions(decision.model)
    return combined_suggestion((suggestions[threat.id] for threat in threats), decision.at.date())


def link_mitigation(command: LinkMitigation, decision: Decision) -> Decision:
    """Add a mitigation to further threats, and choose to mitigate these."""
    old = _in(command.mitigation, decision, _PLANNED, _STARTED, _IMPLEMENTED, _VERIFIED)
    threats = require_threats(decision.model, command.threats)
    served = served_threats(decision.model, old)
    added = tuple(threat for threat in threats if threat.id not in served)
    if not added:
        return decision
    decision = choose_to_mitigate(added, decision)
    return decision.record(
        MitigationLinked(**decision.header, mitigation=old.id, threats=tuple(one.id for one in added))
    )


def unlink_mitigation(command: UnlinkMitigation, decision: Decision) -> Decision:
    """Remove a mitigation from a threat; it stays with the others that it serves."""
    old = require_mitigation(decision.model, command.mitigation)
    home = decision.model.home_of(command.threat)
    removed = tuple(threat for threat in old.threats if decision.model.home_of(threat) == home)
    if not removed:
        raise NotLinked(old.id, command.threat)
    if len(removed) == len(old.threats):
        raise LastThreat(old.id, home)
    return decision.record(MitigationUnlinked(**decision.header, mitigation=old.id, threats=removed))


def revise_mitigation(command: ReviseMitigation, decision: Decision) -> Decision:
    """Change the description of a mitigation."""
    old = require_mitigation(decision.model, command.mitigation)
    title, ticket, description = combine_rejections(*_texts(command))
    control = command.control or old.control
    new = replace(old, title=title, control=control, description=description, ticket=ticket)
    if new != old:
        decision = decision.record(MitigationRevised(**decision.header, mitigation=new))
        return follow_ticket(old, new, decision)
    return decision


def reassign_mitigation(command: ReassignMitigation, decision: Decision) -> Decision:
    """Assign a mitigation to another owner."""
    old = _in(command.mitigation, decision, _PLANNED, _STARTED, _IMPLEMENTED)
    if old.owner != command.owner or old.place_owners:
        given = MitigationReassigned(
            **decision.header, mitigation=old.id, owner=command.owner, urgent=command.urgent
        )
        return decision.record(given)
    return decision


def reschedule_mitigation(command: RescheduleMitigation, decision: Decision) -> Decision:
    """Change the due date of a mitigation."""
    old = _in(command.mitigation, decision, _PLANNED, _STARTED)
    due: date = check_future_day(command.due, decision.at, field="due")
    return decision.record_if(
        old.due != due, MitigationRescheduled(**decision.header, mitigation=old.id, due=due)
    )


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
    left = unimplemented_links(decision.model, old)
    links = tuple(link for link in _links(old, command.links, decision) if link in left)
    if command.links and not links:
        return decision  # another person has marked these meanwhile
    decision = _own(old, decision)
    return decision.record(
        MitigationImplemented(
            **decision.header,
            mitigation=old.id,
            evidence=evidence,
            links=() if {*links} == {*left} else links,
        )
    )


def verify_mitigation(command: VerifyMitigation, decision: Decision) -> Decision:
    """Record the verification by a second person."""
    old = _in(command.mitigation, decision, _IMPLEMENTED)
    if decision.by in done_by(old):
        raise OwnMitigation(old.id)
    left = unverified_links(decision.model, old)
    links = _links(old, command.links, decision)
    if links and not any(link in left for link in links):
        return decision  # another person has verified these meanwhile
    verified = tuple(link for link in links or left if link in left)
    whole = len(mitigation_links(decision.model, old)) < 2  # as earlier releases stored it
    return decision.record(
        MitigationVerified(**decision.header, mitigation=old.id, links=() if whole else verified)
    )


def refuse_verification(command: RefuseVerification, decision: Decision) -> Decision:
    """Refuse to verify a mitigation; its owner may do so as well."""
    old = _in(command.mitigation, decision, _IMPLEMENTED, _VERIFIED)
    reason = require_reason(command.reason, "The reason is missing. Explain what the verification found.")
    links = _links(old, command.links, decision)
    return decision.record(
        VerificationRefused(**decision.header, mitigation=old.id, reason=reason, links=links)
    )


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
    found = with_current_state(decision.model, require_mitigation(decision.model, id))
    if found.state not in states:
        raise WrongMitigationState(id, found.state)
    return found


def _links(
    mitigation: Mitigation, links: tuple[MitigationLink, ...], decision: Decision
) -> tuple[MitigationLink, ...]:
    """Return the links; raises Rejected if the mitigation no longer serves one of them."""
    known = mitigation_links(decision.model, mitigation)
    for link in links:
        if link not in known:
            raise NotLinked(mitigation.id, link.threat)
    return tuple(dict.fromkeys(links))


def _own(mitigation: Mitigation, decision: Decision) -> Decision:
    """Make the author the owner of a mitigation without one."""
    return decision.record_if(
        mitigation.owner is None,
        MitigationReassigned(**decision.header, mitigation=mitigation.id, owner=decision.by),
    )


def _texts(command: PlanMitigation | ReviseMitigation) -> tuple[Callable[[], str], ...]:
    """Return the checks of title, ticket and description."""
    return (
        lambda: clean_name(command.title, what="the mitigation", field="title"),
        lambda: clean_ticket(command.ticket),
        lambda: clean_text(command.description, what="The description", field="description"),
    )
