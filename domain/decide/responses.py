"""Decisions on responses to threats, and on the acceptance of risks."""

from datetime import date

from msgspec.structs import replace

from domain.commands import (
    ApproveAcceptance,
    ChooseResponse,
    DeclineAcceptance,
    ProposeAcceptance,
    ReassignApproval,
)
from domain.decide.combined_rejections import combine_rejections
from domain.decide.decision import Draft
from domain.decide.input_checks import (
    check_future_day,
    clean_text,
    clean_word,
    require_reason,
    require_threat,
)
from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    ApprovalReassigned,
    ResponseChosen,
)
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.persistent_maps import values_of
from domain.kernel.response import Response, ResponseKind
from domain.kernel.threat import ThreatId
from domain.rejections import NoProposal, NothingSaid, OwnProposal, ProposalChanged, ProposalOver, Rejected


def choose_response(command: ChooseResponse, draft: Draft) -> None:
    """Choose the response to a threat; no event if it is unchanged."""
    threat = require_threat(draft.model, command.threat)
    kind, to, due = command.response, "", None
    if kind is not ResponseKind.ACCEPT:
        _check_response(command, draft)
    reason = clean_text(command.reason, what="The reason", field="reason")
    match kind:
        case ResponseKind.ACCEPT:
            raise Rejected(
                "A risk is accepted for a time, and somebody else has to agree. Propose that instead.",
                field="response",
            )
        case ResponseKind.TRANSFER:
            to = _transferred_to(command)
        case ResponseKind.MITIGATE | ResponseKind.AVOID:
            pass
    if kind is not ResponseKind.MITIGATE:
        if not reason:
            raise NothingSaid(f"Please say why you {kind} this threat.", field="reason")
        due = None if command.due is None else check_future_day(command.due, draft.at, field="due")
    response = Response(
        threat=threat.id,
        kind=kind,
        by=draft.by,
        at=draft.at,
        owner=command.owner or draft.by,
        reason=reason,
        due=due,
        transferred_to=to,
    )
    if not _stands(response, draft):
        draft.record(ResponseChosen(**draft.header, response=response))


def _check_response(command: ChooseResponse, draft: Draft) -> None:
    """Raise Rejected, with all errors found."""
    kind, due = command.response, command.due
    needed = kind is not ResponseKind.MITIGATE
    combine_rejections(
        lambda: kind is not ResponseKind.TRANSFER or _transferred_to(command),
        lambda: not needed or require_reason(command.reason, f"Please say why you {kind} this threat."),
        lambda: not needed or due is None or check_future_day(due, draft.at, field="due"),
    )


def _transferred_to(command: ChooseResponse) -> str:
    to = clean_word(command.transferred_to, what="To whom", field="transferred_to")
    if not to:
        raise NothingSaid("Please say to whom the threat is transferred.", field="transferred_to")
    return to


def choose_to_mitigate(threat: ThreatId, draft: Draft) -> None:
    """Choose to mitigate a threat that has no response in force."""
    answered = [one for one in values_of(draft.model.responses) if draft.model.home_of(one.threat) == threat]
    # Planning a mitigation on the last day of an acceptance replaces it.
    if any(one.expires is None or one.expires > draft.at.date() for one in answered):
        return
    response = Response(threat=threat, kind=ResponseKind.MITIGATE, by=draft.by, at=draft.at, owner=draft.by)
    draft.record(ResponseChosen(**draft.header, response=response))


def propose_acceptance(command: ProposeAcceptance, draft: Draft) -> None:
    """Propose to accept a risk until a day, subject to approval."""
    threat = require_threat(draft.model, command.threat)
    combine_rejections(
        lambda: require_reason(command.reason, "Please say why the risk can be borne."),
        lambda: _expires(command, draft),
        lambda: _check_approver(command.approver, draft.by, draft),
    )
    proposal = Response(
        threat=threat.id,
        kind=ResponseKind.ACCEPT,
        by=draft.by,
        at=draft.at,
        owner=command.owner or draft.by,
        reason=require_reason(command.reason, "Please say why the risk can be borne."),
        expires=_expires(command, draft),
        asked=command.approver,
    )
    known = draft.model.proposals.get(threat.id)
    if known is None or proposal != replace(known, at=draft.at):
        draft.record(AcceptanceProposed(**draft.header, proposal=proposal, urgent=command.urgent))


def reassign_approval(command: ReassignApproval, draft: Draft) -> None:
    """Ask another person to approve; no event if they are already asked."""
    proposal = _proposal(command.threat, draft)
    _check_in_time(proposal, draft)
    _check_approver(command.approver, proposal.by, draft)
    if proposal.asked != command.approver:
        asked = ApprovalReassigned(
            **draft.header, threat=proposal.threat, approver=command.approver, urgent=command.urgent
        )
        draft.record(asked)


def approve_acceptance(command: ApproveAcceptance, draft: Draft) -> None:
    """Approve an acceptance that another person proposed."""
    proposal = _others_proposal(command.threat, draft)
    if command.proposed_at not in (None, proposal.at):
        raise ProposalChanged(proposal.by)
    _check_in_time(proposal, draft)
    acceptance = replace(proposal, approver=draft.by, approved_at=draft.at)
    draft.record(AcceptanceApproved(**draft.header, acceptance=acceptance))


def decline_acceptance(command: DeclineAcceptance, draft: Draft) -> None:
    """Decline an acceptance that another person proposed; the previous response stays in force."""
    proposal = _others_proposal(command.threat, draft)
    reason = clean_text(command.reason, what="The reason", field="reason")
    if not reason:
        raise NothingSaid("Please say why the risk should not be borne.", field="reason")
    draft.record(AcceptanceDeclined(**draft.header, threat=proposal.threat, reason=reason))


def _expires(command: ProposeAcceptance, draft: Draft) -> date:
    if command.expires is None:
        raise NothingSaid("Please choose the day until which the risk is borne.", field="expires")
    return check_future_day(command.expires, draft.at, field="expires")


def _check_approver(approver: PersonId | None, proposer: PersonId, draft: Draft) -> None:
    """Raise Rejected if the person asked would not be allowed to agree."""
    if approver == proposer == draft.by:
        raise Rejected("Somebody else has to agree. Choose another person.", field="approver")
    if approver == proposer:
        raise Rejected(
            f"@{approver} proposed it, so somebody else has to agree. Choose another person.",
            field="approver",
            people=(proposer,),
        )
    if approver is not None and not draft.model.participates(approver):
        raise Rejected(
            f"@{approver} does not take part in this model. Choose somebody who does.",
            field="approver",
            people=(approver,),
        )


def _check_in_time(proposal: Response, draft: Draft) -> None:
    """Raise Rejected once the proposed acceptance has expired."""
    if proposal.expires is not None and proposal.expires < draft.at.date():
        raise ProposalOver(short_day(proposal.expires))


def _others_proposal(threat: ThreatId, draft: Draft) -> Response:
    proposal = _proposal(threat, draft)
    if proposal.by == draft.by:
        raise OwnProposal
    return proposal


def _proposal(threat: ThreatId, draft: Draft) -> Response:
    proposal = draft.model.proposals.get(require_threat(draft.model, threat).id)
    if proposal is None:
        raise NoProposal(threat)
    return proposal


def _stands(response: Response, draft: Draft) -> bool:
    known = draft.model.responses.get(response.threat)
    if known is None or response.threat in draft.model.proposals:
        return False
    return response == replace(known, by=response.by, at=response.at)
