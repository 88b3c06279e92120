"""Decisions on closing a model: open gates need reasons, open critical threats a second person."""

from datetime import date, timedelta

from msgspec.structs import replace

from domain.analysis.model_analysis import analyze
from domain.commands import CloseThreatModel, ConfirmClosing, DeclineClosing, WithdrawClosing
from domain.decide.approvals import check_approver, check_override, may_override
from domain.decide.decision import Decision
from domain.decide.input_checks import check_future_day, clean_text
from domain.decide.permissions import is_named_approver
from domain.decide.phase_moves import gate_overrides, unexplained
from domain.events import ClosingDeclined, ClosingProposed, ClosingWithdrawn, ThreatModelClosed
from domain.gates import Gate, gates, open_critical
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import PersonId
from domain.kernel.gate_overrides import ClosingProposal
from domain.kernel.inherited_settings import REVIEW_DAYS
from domain.kernel.threat import ThreatId
from domain.lifecycle import MoveFindings, step_after
from domain.rejections import (
    ClosingAlreadyProposed,
    ClosingOutdated,
    ContentMissing,
    NoClosingProposed,
    OthersClosing,
    OwnClosing,
    ProposalChanged,
    Rejected,
)
from domain.remediation.status import statuses


def close(command: CloseThreatModel, decision: Decision) -> Decision:
    """Close the model, or propose it to a second person.

    That is needed if critical threats are open, or if the policy names others who may pass the open gates.
    """
    checked, critical = _seen(decision)
    review_on = _review_day(command.review_on, decision)
    reason, overrides = gate_overrides(checked, command.reasons, command.reason, decision)
    needs_two = bool(critical) or not may_override(decision.model, checked, decision.by)
    found = MoveFindings(unexplained=unexplained(overrides), needs_two=needs_two)
    if step_after(decision.model, command, found) == "closed":
        return decision.record(
            ThreatModelClosed(**decision.header, reason=reason, overrides=overrides, review_on=review_on)
        )
    _check_confirmer(command.confirmer, checked, critical, decision)
    proposal = ClosingProposal(
        by=decision.by,
        at=decision.at,
        reason=reason,
        overrides=overrides,
        critical=critical,
        asked=command.confirmer,
        review_on=review_on,
    )
    known = decision.model.closing
    if known is not None and known.by != decision.by:
        raise ClosingAlreadyProposed(known.by)  # another person's proposal has to be answered first
    if known is None or proposal != replace(known, at=decision.at):
        return decision.record(ClosingProposed(**decision.header, proposal=proposal))
    return decision


def confirm_closing(command: ConfirmClosing, decision: Decision) -> Decision:
    """Close the model over open critical threats, as another person proposed."""
    proposal = _proposal(decision)
    if proposal.by == decision.by:
        raise OwnClosing
    if command.proposed_at not in (None, proposal.at):
        raise ProposalChanged(proposal.by)
    checked, critical = _seen(decision)
    known = {one.gate: one for one in proposal.overrides}
    more = [gate.text for gate in checked if not gate.met and gate.id not in known]
    more += [f"{one} is critical or unscored" for one in critical if one not in proposal.critical]
    if more:
        raise ClosingOutdated(proposal.by, tuple(more))
    _check_approves(decision.by, checked, critical, decision)
    step_after(decision.model, command)
    still = {gate.id: gate.text for gate in checked if not gate.met}
    return decision.record(
        ThreatModelClosed(
            **decision.header,
            reason=proposal.reason,
            overrides=tuple(
                replace(one, text=still[one.gate]) for one in proposal.overrides if one.gate in still
            ),
            proposed_by=proposal.by,
            review_on=proposal.review_on,
        )
    )


def decline_closing(command: DeclineClosing, decision: Decision) -> Decision:
    """Decline the closing; the model stays open."""
    proposal = _proposal(decision)
    if proposal.by == decision.by:
        raise OwnClosing
    reason = clean_text(command.reason, what="The reason", field="reason")
    if not reason:
        raise ContentMissing(
            "The reason is missing. Explain why the model should not be closed.", field="reason"
        )
    return decision.record(ClosingDeclined(**decision.header, reason=reason))


def withdraw_closing(_command: WithdrawClosing, decision: Decision) -> Decision:
    """Withdraw the proposal to close."""
    proposal = _proposal(decision)
    if proposal.by != decision.by:
        raise OthersClosing(proposal.by)
    return decision.record(ClosingWithdrawn(**decision.header))


def _review_day(chosen: date | None, decision: Decision) -> date | None:
    """Return the day of the next review; None for the default number of days."""
    if chosen is not None:
        return check_future_day(chosen, decision.at, field="review")
    days = decision.model.inherited.review_days
    return None if days == REVIEW_DAYS else decision.at.date() + timedelta(days=days)


def _seen(decision: Decision) -> tuple[tuple[Gate, ...], tuple[ThreatId, ...]]:
    """Return the gates before closing, and the critical threats that would stay open."""
    seen, status = analyze(decision.model), statuses(decision.model, decision.at, utc_zone)
    checked = gates(decision.model, seen.crossing, seen.found, seen.grid, status)
    return checked, open_critical(decision.model, status)


def _proposal(decision: Decision) -> ClosingProposal:
    if decision.model.closing is None:
        raise NoClosingProposed
    return decision.model.closing


def _check_approves(
    approver: PersonId,
    checked: tuple[Gate, ...],
    critical: tuple[ThreatId, ...],
    decision: Decision,
    *,
    field: str | None = None,
) -> None:
    """Raise Rejected if the policy names others who may confirm the closing."""
    check_override(decision.model, checked, approver, field=field)
    if critical:
        check_approver(critical, approver, decision.model, field=field)


def _check_confirmer(
    confirmer: PersonId | None,
    checked: tuple[Gate, ...],
    critical: tuple[ThreatId, ...],
    decision: Decision,
) -> None:
    """Raise Rejected if the person asked would not be allowed to agree."""
    if confirmer is not None:
        _check_approves(confirmer, checked, critical, decision, field="confirmer")
    if confirmer == decision.by:
        raise Rejected("Someone else must confirm it. Choose another person.", field="confirmer")
    if confirmer is not None and not (
        decision.model.participates(confirmer) or is_named_approver(decision.model, confirmer)
    ):
        raise Rejected(
            f"@{confirmer} is not a participant of this model. Choose a participant.",
            field="confirmer",
            people=(confirmer,),
        )
