"""Wording of events about responses and mitigations."""

from collections.abc import Sequence
from datetime import date
from typing import assert_never

from domain import events
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationLink
from domain.kernel.response import Response, ResponseKind
from domain.kernel.threat import elements_at
from domain.model import ThreatModel
from domain.wording.event_phrases import mitigation_phrase, reason_suffix, threat_phrase


def describe_remediation(event: events.RemediationEvent, before: ThreatModel) -> str:
    """Return what the author did, to follow the author's name; `before` is the model before the event."""
    match event:
        case events.ResponseChosen():
            return _response(event.response, before)
        case events.ResponseCleared():
            return f"removed the response to {threat_phrase(before, event.threat)}"
        case events.AcceptanceProposed(proposal=said):
            until = f"proposed to accept {threat_phrase(before, said.threat)}{_until(said.expires)}"
            asked = f", and asked @{said.asked} to approve" if said.asked else ""
            return f"{until}{_owned(said.owner, said.by)}{reason_suffix(said.reason)}{asked}"
        case events.ApprovalReassigned():
            return _reassigned(event, before)
        case events.AcceptanceWithdrawn():
            return f"withdrew the proposal to accept {threat_phrase(before, event.threat)}"
        case events.AcceptanceApproved(acceptance=said):
            what = f"approved accepting {threat_phrase(before, said.threat)}{_until(said.expires)}"
            return f"{what}, proposed by @{said.by}"
        case events.AcceptanceDeclined():
            threat = threat_phrase(before, event.threat)
            return f"declined accepting {threat}{reason_suffix(event.reason)}"
        case events.MitigationPlanned(mitigation=said):
            what = f"planned the mitigation “{said.title}” ({said.id}) for {', '.join(said.threats)}"
            return f"{what}{_owned(said.owner, event.by)}{_due(said.due)}"
        case events.MitigationRevised(mitigation=said):
            return f"revised the mitigation “{said.title}” ({said.id})"
        case events.MitigationRestored(mitigation=said):
            return f"restored the mitigation “{said.title}” ({said.id})"
        case events.MitigationLinked():
            return f"added {mitigation_phrase(before, event.mitigation)} to {', '.join(event.threats)}"
        case events.MitigationUnlinked():
            return f"removed {mitigation_phrase(before, event.mitigation)} from {', '.join(event.threats)}"
        case events.MitigationReassigned():
            what = mitigation_phrase(before, event.mitigation)
            return f"took over {what}" if event.owner == event.by else f"assigned {what} to @{event.owner}"
        case events.MitigationRescheduled():
            return (
                f"set the due date of {mitigation_phrase(before, event.mitigation)} to {short_day(event.due)}"
            )
        case events.MitigationStarted():
            return f"started {mitigation_phrase(before, event.mitigation)}"
        case events.MitigationImplemented():
            shown = f". Evidence: {event.evidence}" if event.evidence else ""
            return f"marked {mitigation_phrase(before, event.mitigation)} as implemented{shown}"
        case events.MitigationVerified():
            return f"verified {mitigation_phrase(before, event.mitigation)}{_for_links(event.links)}"
        case events.VerificationRefused():
            what = f"did not verify {mitigation_phrase(before, event.mitigation)}{_for_links(event.links)}"
            return f"{what}{reason_suffix(event.reason)}"
        case events.MitigationDropped():
            return f"dropped {mitigation_phrase(before, event.mitigation)}{reason_suffix(event.reason)}"
        case events.MitigationResumed():
            return f"resumed {mitigation_phrase(before, event.mitigation)}"
        case events.MitigationRemoved():
            return f"removed {mitigation_phrase(before, event.mitigation)}"
    assert_never(event)


def people_in_remediation(event: events.RemediationEvent) -> tuple[PersonId, ...]:
    """Return the people that the description of an event mentions, possibly including its author."""
    match event:
        case events.ResponseChosen():
            said = event.response
            return (said.owner, said.by) if said.kind is ResponseKind.ACCEPT else (said.owner,)
        case events.AcceptanceProposed():
            said = event.proposal
            return (said.owner,) if said.asked is None else (said.owner, said.asked)
        case events.ApprovalReassigned():
            return () if event.approver is None else (event.approver,)
        case events.AcceptanceApproved():
            return (event.acceptance.by,)
        case events.MitigationPlanned():
            return () if event.mitigation.owner is None else (event.mitigation.owner,)
        case events.MitigationReassigned():
            return (event.owner,)
        case (
            events.ResponseCleared()
            | events.AcceptanceWithdrawn()
            | events.AcceptanceDeclined()
            | events.MitigationRevised()
            | events.MitigationRestored()
            | events.MitigationLinked()
            | events.MitigationUnlinked()
            | events.MitigationRescheduled()
            | events.MitigationStarted()
            | events.MitigationImplemented()
            | events.MitigationVerified()
            | events.VerificationRefused()
            | events.MitigationDropped()
            | events.MitigationResumed()
            | events.MitigationRemoved()
        ):
            return ()
    assert_never(event)


def _response(said: Response, before: ThreatModel) -> str:
    threat = threat_phrase(before, said.threat)
    match said.kind:
        case ResponseKind.ACCEPT:
            what = f"accepted {threat}{_until(said.expires)}, proposed by @{said.by}"
        case ResponseKind.TRANSFER:
            what = f"chose to transfer {threat} to {said.transferred_to}"
        case ResponseKind.MITIGATE | ResponseKind.AVOID:
            what = f"chose to {said.kind} {threat}"
    return f"{what}{_owned(said.owner, said.by)}{_due(said.due)}{reason_suffix(said.reason)}"


def _reassigned(event: events.ApprovalReassigned, before: ThreatModel) -> str:
    threat, known = threat_phrase(before, event.threat), before.proposals.get(event.threat)
    if event.approver is None:
        return f"removed the approver for accepting {threat}"
    if event.approver == event.by and event.undoes is None:
        return f"took over the approval for accepting {threat}"
    instead = " instead" if known and known.asked else ""
    return f"asked @{event.approver}{instead} to approve accepting {threat}"


def _for_links(links: Sequence[MitigationLink]) -> str:
    """Return for which threats and places something was verified; empty for all of them."""
    named = [
        f"{one.threat} at {' and '.join(elements_at(one.place))}" if one.place else one.threat
        for one in links
    ]
    return f" for {', '.join(named)}" if named else ""


def _owned(owner: PersonId | None, by: PersonId) -> str:
    return f", owned by @{owner}" if owner is not None and owner != by else ""


def _due(day: date | None) -> str:
    return f", due on {short_day(day)}" if day else ""


def _until(day: date | None) -> str:
    return f" until {short_day(day)}" if day else ""
