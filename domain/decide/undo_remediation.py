"""The inverse of events about responses and mitigations."""

from typing import assert_never

from domain import events
from domain.decide.decision import Draft
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.rejections import WordsErased


def record_inverse_of_remediation(earlier: ThreatModel, event: events.RemediationEvent, draft: Draft) -> None:
    """Record events that restore the state before an event."""
    if isinstance(event, events.MitigationStateEvent):
        _mitigation(earlier, event.mitigation, draft)
        return
    match event:
        case events.ResponseChosen(response=said) | events.AcceptanceApproved(acceptance=said):
            _response(earlier, said.threat, draft)
            _proposal(earlier, said.threat, draft)
        case events.ResponseCleared():
            _response(earlier, event.threat, draft)
        case events.AcceptanceProposed():
            _proposal(earlier, event.proposal.threat, draft)
        case events.ApprovalReassigned():
            _approver(earlier, event.threat, draft)
        case events.AcceptanceWithdrawn() | events.AcceptanceDeclined():
            _proposal(earlier, event.threat, draft)
        case events.MitigationPlanned():
            draft.record(events.MitigationRemoved(**draft.header, mitigation=event.mitigation.id))
        case events.MitigationRevised() | events.MitigationRestored():
            _mitigation(earlier, event.mitigation.id, draft)
        case _:
            assert_never(event)


def _response(earlier: ThreatModel, threat: ThreatId, draft: Draft) -> None:
    response = earlier.responses.get(threat)
    if response is None:
        draft.record(events.ResponseCleared(**draft.header, threat=threat))
    else:
        draft.record(events.ResponseChosen(**draft.header, response=response))


def _proposal(earlier: ThreatModel, threat: ThreatId, draft: Draft) -> None:
    proposal = earlier.proposals.get(threat)
    if proposal is not None:
        draft.record(events.AcceptanceProposed(**draft.header, proposal=proposal))
    elif threat in draft.model.proposals:
        draft.record(events.AcceptanceWithdrawn(**draft.header, threat=threat))


def _approver(earlier: ThreatModel, threat: ThreatId, draft: Draft) -> None:
    proposal = earlier.proposals.get(threat)
    if proposal is None:
        raise WordsErased
    draft.record(events.ApprovalReassigned(**draft.header, threat=threat, approver=proposal.asked))


def _mitigation(earlier: ThreatModel, id: MitigationId, draft: Draft) -> None:
    mitigation = earlier.mitigations.get(id)
    if mitigation is None:
        raise WordsErased
    draft.record(events.MitigationRestored(**draft.header, mitigation=mitigation))
