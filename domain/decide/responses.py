"""Decisions on responses to threats, and on the acceptance of risks."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from domain.commands import (
    ApproveAcceptance,
    ApproveAcceptances,
    ChooseResponse,
    DeclineAcceptance,
    ProposeAcceptance,
    ReassignApproval,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import (
    check_future_day,
    clean_text,
    clean_word,
    combine_rejections,
    require_reason,
    require_threat,
    require_threats,
)
from domain.decide.permissions import check_accepted_days, check_approver, first_approver, is_named_approver
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
from domain.kernel.threat import Response, ResponseKind, Threat, ThreatId
from domain.rejections import ContentMissing, NoProposal, OwnProposal, ProposalChanged, ProposalOver, Rejected


def choose_response(command: ChooseResponse, decision: Decision) -> Decision:
    """Choose the response to one or several threats; no event for one that has it already."""
    threats = require_threats(decision.model, (command.threat, *command.also))
    kind, to, due = command.response, "", None
    if kind is not ResponseKind.ACCEPT:
        _check_response(command, decision)
    reason = clean_text(command.reason, what="The reason", field="reason")
    match kind:
        case ResponseKind.ACCEPT:
            raise Rejected(
                "Accepting a risk requires an expiry date and the approval of someone else. "
                "Propose the acceptance instead.",
                field="response",
            )
        case ResponseKind.TRANSFER:
            to = _transferred_to(command)
        case ResponseKind.MITIGATE | ResponseKind.AVOID:
            pass
    if kind is not ResponseKind.MITIGATE:
        if not reason:
            raise ContentMissing(
                f"The reason is missing. Explain why you {kind} this threat.", field="reason"
            )
        due = None if command.due is None else check_future_day(command.due, decision.at, field="due")
    for threat in threats:
        response = Response(
            threat=threat.id,
            kind=kind,
            by=decision.by,
            at=decision.at,
            owner=command.owner or decision.by,
            reason=reason,
            due=due,
            transferred_to=to,
        )
        if not _stands(response, decision):
            decision = decision.record(ResponseChosen(**decision.header, response=response))
    return decision


def _check_response(command: ChooseResponse, decision: Decision) -> None:
    """Raise Rejected, with all errors found."""
    kind, due = command.response, command.due
    needed = kind is not ResponseKind.MITIGATE
    combine_rejections(
        lambda: kind is not ResponseKind.TRANSFER or _transferred_to(command),
        lambda: (
            not needed
            or require_reason(command.reason, f"The reason is missing. Explain why you {kind} this threat.")
        ),
        lambda: not needed or due is None or check_future_day(due, decision.at, field="due"),
    )


def _transferred_to(command: ChooseResponse) -> str:
    to = clean_word(command.transferred_to, what="The recipient", field="transferred_to")
    if not to:
        raise ContentMissing(
            "The recipient is missing. Enter who takes the risk, such as an insurer.", field="transferred_to"
        )
    return to


def choose_to_mitigate(threats: Iterable[Threat], decision: Decision) -> Decision:
    """Choose to mitigate those of the threats that have no response in force."""
    # Planning a mitigation on the last day of an acceptance replaces it.
    answered = {
        decision.model.home_of(value.threat)
        for value in values_of(decision.model.responses)
        if value.expires is None or value.expires > decision.at.date()
    }
    for threat in threats:
        if threat.id not in answered:
            response = Response(
                threat=threat.id,
                kind=ResponseKind.MITIGATE,
                by=decision.by,
                at=decision.at,
                owner=decision.by,
            )
            decision = decision.record(ResponseChosen(**decision.header, response=response))
    return decision


def propose_acceptance(command: ProposeAcceptance, decision: Decision) -> Decision:
    """Propose to accept one or several risks until a day, subject to approval."""
    threats = [one.id for one in require_threats(decision.model, (command.threat, *command.also))]
    combine_rejections(
        lambda: require_reason(command.reason, "The reason is missing. Explain why this risk is acceptable."),
        lambda: check_accepted_days(threats, decision, _expires(command, decision)),
        lambda: check_asked(command.approver, decision.by, threats, decision),
    )
    for threat in threats:
        proposal = Response(
            threat=threat,
            kind=ResponseKind.ACCEPT,
            by=decision.by,
            at=decision.at,
            owner=command.owner or decision.by,
            reason=require_reason(
                command.reason, "The reason is missing. Explain why this risk is acceptable."
            ),
            expires=_expires(command, decision),
            asked=command.approver or first_approver(threat, decision.by, decision.model),
        )
        known = decision.model.proposals.get(threat)
        if known is None or proposal != replace(known, at=decision.at):
            decision = decision.record(
                AcceptanceProposed(**decision.header, proposal=proposal, urgent=command.urgent)
            )
    return decision


def reassign_approval(command: ReassignApproval, decision: Decision) -> Decision:
    """Ask another person to approve; no event if they are already asked."""
    proposal = _proposal(command.threat, decision)
    _check_in_time(proposal, decision)
    check_asked(command.approver, proposal.by, [proposal.threat], decision)
    if proposal.asked != command.approver:
        asked = ApprovalReassigned(
            **decision.header, threat=proposal.threat, approver=command.approver, urgent=command.urgent
        )
        return decision.record(asked)
    return decision


def approve_acceptance(command: ApproveAcceptance, decision: Decision) -> Decision:
    """Approve an acceptance that another person proposed."""
    proposal = _others_proposal(command.threat, decision)
    return _approve(proposal, command.proposed_at, decision)


def approve_acceptances(command: ApproveAcceptances, decision: Decision) -> Decision:
    """Approve several acceptances that other people proposed: all of them, or none."""
    if not command.proposals:
        raise ContentMissing("Choose at least one proposal.", field="proposals")
    for proposal in command.proposals:
        decision = _approve(_others_proposal(proposal.threat, decision), proposal.proposed_at, decision)
    return decision


def _approve(proposal: Response, proposed_at: datetime | None, decision: Decision) -> Decision:
    if proposed_at not in (None, proposal.at):
        raise ProposalChanged(proposal.by)
    check_approver([proposal.threat], decision.by, decision.model)
    _check_in_time(proposal, decision)
    acceptance = replace(proposal, approver=decision.by, approved_at=decision.at)
    return decision.record(AcceptanceApproved(**decision.header, acceptance=acceptance))


def decline_acceptance(command: DeclineAcceptance, decision: Decision) -> Decision:
    """Decline an acceptance that another person proposed; the previous response stays in force."""
    proposal = _others_proposal(command.threat, decision)
    reason = clean_text(command.reason, what="The reason", field="reason")
    if not reason:
        raise ContentMissing(
            "The reason is missing. Explain why this risk is not acceptable.", field="reason"
        )
    return decision.record(AcceptanceDeclined(**decision.header, threat=proposal.threat, reason=reason))


def _expires(command: ProposeAcceptance, decision: Decision) -> date:
    if command.expires is None:
        raise ContentMissing(
            "The expiry date is missing. Choose the last day on which the risk is accepted.", field="expires"
        )
    return check_future_day(command.expires, decision.at, field="expires")


def check_asked(
    approver: PersonId | None, proposer: PersonId, threats: Sequence[ThreatId], decision: Decision
) -> None:
    """Raise Rejected if the person asked would not be allowed to agree."""
    if approver is not None:
        check_approver(threats, approver, decision.model, field="approver")
    if approver == proposer == decision.by:
        raise Rejected("You cannot approve your own proposal. Choose another person.", field="approver")
    if approver == proposer:
        raise Rejected(
            f"@{approver} made the proposal and cannot approve it. Choose another person.",
            field="approver",
            people=(proposer,),
        )
    if approver is not None and not (
        decision.model.participates(approver) or is_named_approver(decision.model, approver)
    ):
        raise Rejected(
            f"@{approver} is not a participant of this model. Choose a participant.",
            field="approver",
            people=(approver,),
        )


def _check_in_time(proposal: Response, decision: Decision) -> None:
    """Raise Rejected once the proposed acceptance has expired."""
    if proposal.expires is not None and proposal.expires < decision.at.date():
        raise ProposalOver(short_day(proposal.expires))


def _others_proposal(threat: ThreatId, decision: Decision) -> Response:
    proposal = _proposal(threat, decision)
    if proposal.by == decision.by:
        raise OwnProposal
    return proposal


def _proposal(threat: ThreatId, decision: Decision) -> Response:
    proposal = decision.model.proposals.get(require_threat(decision.model, threat).id)
    if proposal is None:
        raise NoProposal(threat)
    return proposal


def _stands(response: Response, decision: Decision) -> bool:
    known = decision.model.responses.get(response.threat)
    if known is None or response.threat in decision.model.proposals:
        return False
    return response == replace(known, by=response.by, at=response.at)
