"""The inverse of events about responses and mitigations."""

from typing import assert_never

from domain import events
from domain.decide.decision import Decision
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.rejections import WordsErased


def record_inverse_of_remediation(
    earlier: ThreatModel, event: events.RemediationEvent, decision: Decision
) -> Decision:
    """Record events that restore the state before an event."""
    if isinstance(event, events.MitigationLinked):
        return decision.record(
            events.MitigationUnlinked(**decision.header, mitigation=event.mitigation, threats=event.threats)
        )
    if isinstance(event, events.MitigationStateEvent):
        return _mitigation(earlier, event.mitigation, decision)
    match event:
        case events.ResponseChosen(response=said) | events.AcceptanceApproved(acceptance=said):
            decision = _response(earlier, said.threat, decision)
            return _proposal(earlier, said.threat, decision)
        case events.ResponseCleared():
            return _response(earlier, event.threat, decision)
        case events.AcceptanceProposed():
            return _proposal(earlier, event.proposal.threat, decision)
        case events.ApprovalReassigned():
            return _approver(earlier, event.threat, decision)
        case events.AcceptanceWithdrawn() | events.AcceptanceDeclined():
            return _proposal(earlier, event.threat, decision)
        case events.MitigationPlanned():
            return decision.record(
                events.MitigationRemoved(**decision.header, mitigation=event.mitigation.id)
            )
        case events.MitigationRevised() | events.MitigationRestored():
            return _mitigation(earlier, event.mitigation.id, decision)
        case _:  # nothing else
            assert_never(event)


def record_inverse_of_tracker(
    earlier: ThreatModel, event: events.TrackerEvent, decision: Decision
) -> Decision:
    """Record events that restore the tracker or the issue of a mitigation before an event."""
    match event:
        case events.TrackerChosen():
            return decision.record(events.TrackerChosen(**decision.header, tracker=earlier.tracker))
        case events.IssueProposalDismissed():
            return _mitigation(earlier, event.mitigation, decision)
        case events.IssueLinked() | events.IssueUnlinked() | events.IssueRequested() | events.IssueSeen():
            return _issue(earlier, event.mitigation, decision)
    assert_never(event)


def _issue(earlier: ThreatModel, id: MitigationId, decision: Decision) -> Decision:
    known, header = earlier.issues.get(id), decision.header
    if known is not None and known.linked:
        return decision.record(
            events.IssueLinked(**header, mitigation=id, issue=known.issue, typed=known.typed, seen=known.seen)
        )
    if known is not None and known.requested:
        return decision.record(events.IssueRequested(**header, mitigation=id))
    return decision.record(events.IssueUnlinked(**header, mitigation=id, again=known is None))


def _response(earlier: ThreatModel, threat: ThreatId, decision: Decision) -> Decision:
    response = earlier.responses.get(threat)
    if response is None:
        return decision.record(events.ResponseCleared(**decision.header, threat=threat))
    return decision.record(events.ResponseChosen(**decision.header, response=response))


def _proposal(earlier: ThreatModel, threat: ThreatId, decision: Decision) -> Decision:
    proposal = earlier.proposals.get(threat)
    if proposal is not None:
        return decision.record(events.AcceptanceProposed(**decision.header, proposal=proposal))
    if threat in decision.model.proposals:
        return decision.record(events.AcceptanceWithdrawn(**decision.header, threat=threat))
    return decision


def _approver(earlier: ThreatModel, threat: ThreatId, decision: Decision) -> Decision:
    proposal = earlier.proposals.get(threat)
    if proposal is None:
        raise WordsErased
    return decision.record(
        events.ApprovalReassigned(**decision.header, threat=threat, approver=proposal.asked)
    )


def _mitigation(earlier: ThreatModel, id: MitigationId, decision: Decision) -> Decision:
    mitigation = earlier.mitigations.get(id)
    if mitigation is None:
        raise WordsErased
    return decision.record(events.MitigationRestored(**decision.header, mitigation=mitigation))
