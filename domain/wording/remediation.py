"""Wording of events about responses and mitigations."""

from datetime import date
from typing import assert_never

from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    AcceptanceWithdrawn,
    ApprovalReassigned,
    MitigationDropped,
    MitigationImplemented,
    MitigationPlanned,
    MitigationReassigned,
    MitigationRemoved,
    MitigationRescheduled,
    MitigationRestored,
    MitigationResumed,
    MitigationRevised,
    MitigationStarted,
    MitigationVerified,
    RemediationEvent,
    ResponseChosen,
    ResponseCleared,
    VerificationRefused,
)
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.response import Response, ResponseKind
from domain.model import ThreatModel
from domain.wording.phrases import reason_suffix, threat_words


def remediation_words(event: RemediationEvent, before: ThreatModel) -> str:
    """Return what the author did, to follow the author's name; `before` is the model before the event."""
    match event:
        case ResponseChosen():
            return _response(event.response, before)
        case ResponseCleared():
            return f"left open again what to do about {threat_words(before, event.threat)}"
        case AcceptanceProposed(proposal=said):
            until = f"proposed to accept {threat_words(before, said.threat)}{_until(said.expires)}"
            asked = f", and asked @{said.asked} to agree" if said.asked else ""
            return f"{until}{_owned(said.owner, said.by)}{reason_suffix(said.reason)}{asked}"
        case ApprovalReassigned():
            return _reassigned(event, before)
        case AcceptanceWithdrawn():
            return f"no longer proposed to accept {threat_words(before, event.threat)}"
        case AcceptanceApproved(acceptance=said):
            what = f"approved that {threat_words(before, said.threat)} is accepted{_until(said.expires)}"
            return f"{what}, as @{said.by} proposed"
        case AcceptanceDeclined():
            threat = threat_words(before, event.threat)
            return f"did not approve that {threat} is accepted{reason_suffix(event.reason)}"
        case MitigationPlanned(mitigation=said):
            what = f"planned the mitigation “{said.title}” ({said.id}) for {said.threat}"
            return f"{what}{_owned(said.owner, event.by)}{_due(said.due)}"
        case MitigationRevised(mitigation=said):
            return f"revised the mitigation “{said.title}” ({said.id})"
        case MitigationRestored(mitigation=said):
            return f"put the mitigation “{said.title}” ({said.id}) back as it was"
        case MitigationReassigned():
            who = "took" if event.owner == event.by else f"gave @{event.owner}"
            return f"{who} {_mitigation(before, event.mitigation)}"
        case MitigationRescheduled():
            return f"set {_mitigation(before, event.mitigation)} to be due on {short_day(event.due)}"
        case MitigationStarted():
            return f"started {_mitigation(before, event.mitigation)}"
        case MitigationImplemented():
            shown = f", as this shows: {event.evidence}" if event.evidence else ""
            return f"implemented {_mitigation(before, event.mitigation)}{shown}"
        case MitigationVerified():
            return f"verified {_mitigation(before, event.mitigation)}"
        case VerificationRefused():
            return f"did not verify {_mitigation(before, event.mitigation)}{reason_suffix(event.reason)}"
        case MitigationDropped():
            return f"dropped {_mitigation(before, event.mitigation)}{reason_suffix(event.reason)}"
        case MitigationResumed():
            return f"planned {_mitigation(before, event.mitigation)} after all"
        case MitigationRemoved():
            return f"removed the plan for {_mitigation(before, event.mitigation)}"
    assert_never(event)


def people_in_remediation(event: RemediationEvent) -> tuple[PersonId, ...]:
    """Return the people that the description of an event mentions, possibly including its author."""
    match event:
        case ResponseChosen():
            said = event.response
            return (said.owner, said.by) if said.kind is ResponseKind.ACCEPT else (said.owner,)
        case AcceptanceProposed():
            said = event.proposal
            return (said.owner,) if said.asked is None else (said.owner, said.asked)
        case ApprovalReassigned():
            return () if event.approver is None else (event.approver,)
        case AcceptanceApproved():
            return (event.acceptance.by,)
        case MitigationPlanned():
            return () if event.mitigation.owner is None else (event.mitigation.owner,)
        case MitigationReassigned():
            return (event.owner,)
        case (
            ResponseCleared()
            | AcceptanceWithdrawn()
            | AcceptanceDeclined()
            | MitigationRevised()
            | MitigationRestored()
            | MitigationRescheduled()
            | MitigationStarted()
            | MitigationImplemented()
            | MitigationVerified()
            | VerificationRefused()
            | MitigationDropped()
            | MitigationResumed()
            | MitigationRemoved()
        ):
            return ()
    assert_never(event)


def _response(said: Response, before: ThreatModel) -> str:
    threat = threat_words(before, said.threat)
    match said.kind:
        case ResponseKind.ACCEPT:
            what = f"accepted {threat}{_until(said.expires)}, as @{said.by} proposed"
        case ResponseKind.TRANSFER:
            what = f"chose to transfer {threat} to {said.transferred_to}"
        case ResponseKind.MITIGATE | ResponseKind.AVOID:
            what = f"chose to {said.kind} {threat}"
    return f"{what}{_owned(said.owner, said.by)}{_due(said.due)}{reason_suffix(said.reason)}"


def _reassigned(event: ApprovalReassigned, before: ThreatModel) -> str:
    threat, known = threat_words(before, event.threat), before.proposals.get(event.threat)
    if event.approver is None:
        return f"asked nobody by name any more to agree that {threat} is accepted"
    if event.approver == event.by and event.undoes is None:
        return f"took it on to decide whether {threat} is accepted"
    instead = " instead" if known and known.asked else ""
    return f"asked @{event.approver}{instead} to agree that {threat} is accepted"


def _mitigation(before: ThreatModel, id: MitigationId) -> str:
    found: Mitigation | None = before.mitigations.get(id)
    return f"the mitigation “{found.title}” ({id})" if found else f"the mitigation {id}"


def _owned(owner: PersonId | None, by: PersonId) -> str:
    return f", owned by @{owner}" if owner is not None and owner != by else ""


def _due(day: date | None) -> str:
    return f", due on {short_day(day)}" if day else ""


def _until(day: date | None) -> str:
    return f" until {short_day(day)}" if day else ""
