"""Decisions on phases: moves between them, closing with a second person, reopening and archiving."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from domain.analysis.model_analysis import analyze
from domain.analysis.spot_checks import pick_spot_checks, sample_verified
from domain.commands import (
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    CloseThreatModel,
    ConfirmClosing,
    DeclineClosing,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
    WithdrawClosing,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import check_future_day, clean_text
from domain.decide.permissions import check_approver, check_override, is_named_approver, may_override
from domain.events import (
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    PhaseMoved,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
)
from domain.kernel.answer_basis import SpotChecks
from domain.kernel.closing import ClosingProposal, ConditionOverride, ConditionReason, Review
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import PersonId
from domain.kernel.inherited_settings import REVIEW_DAYS
from domain.kernel.threat import SuggestedThreatId, ThreatId
from domain.lifecycle import MoveFindings, phase_of, step_after
from domain.model import ThreatModel
from domain.model.element_labels import unplaced_components
from domain.phase_conditions import (
    Condition,
    conditions,
    conditions_before_analysis,
    conditions_before_remediation,
    open_critical,
    unscored,
)
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


def move(
    command: BeginAnalysis | BeginRemediation | ReturnToCollection | ReturnToAnalysis, decision: Decision
) -> Decision:
    """Move to another phase; each unmet condition that is passed is recorded with its reason."""
    checked: tuple[Condition, ...] = ()
    reasons: tuple[ConditionReason, ...] = ()
    match command:
        case BeginAnalysis():
            checked, reasons = conditions_before_analysis(decision.model), command.reasons
        case BeginRemediation():
            checked, reasons = conditions_before_remediation(decision.model), command.reasons
        case ReturnToCollection() | ReturnToAnalysis():
            pass
    reason, overrides = condition_overrides(checked, reasons, command.reason, decision)
    step = step_after(decision.model, command, MoveFindings(unexplained=unexplained(overrides)))
    check_override(decision.model, checked, decision.by)
    moved = PhaseMoved(**decision.header, step=step, reason=reason, overrides=overrides)
    if isinstance(command, BeginRemediation) and decision.model.spot_checks is None:
        moved = replace(moved, spot_checks=_spot_checks(command.draw, decision))
    return decision.record(moved)


def _spot_checks(draw: int, decision: Decision) -> SpotChecks:
    return pick_spot_checks(decision.model, analyze(decision.model).found, draw, decision.at)


def condition_overrides(
    checked: Iterable[Condition], reasons: Iterable[ConditionReason], reason: str, decision: Decision
) -> tuple[str, tuple[ConditionOverride, ...]]:
    """Return the overall reason, and the unmet conditions with their reasons, until when the policy allows.

    With a single unmet condition, the overall reason is its reason. A reason for a condition that is not
    open is not kept.
    """
    whole = _reason(reason)
    given = {
        one.condition: clean_text(one.reason, what="The reason", field=f"reason_{one.condition}")
        for one in reasons
    }
    unmet = [condition for condition in checked if not condition.met]
    if len(unmet) == 1 and not given.get(unmet[0].id):
        return "", (_override(unmet[0], whole, decision),)
    return whole, tuple(_override(condition, given.get(condition.id, ""), decision) for condition in unmet)


def _override(condition: Condition, reason: str, decision: Decision) -> ConditionOverride:
    days = decision.model.policy.of(condition.band).accepted_days
    until = decision.at.date() + timedelta(days=days)
    return ConditionOverride(condition=condition.id, text=condition.text, reason=reason, until=until)


def unexplained(overrides: Iterable[ConditionOverride]) -> tuple[tuple[str, str], ...]:
    """Return the unmet conditions without a reason, as id and text."""
    return tuple((override.condition, override.text) for override in overrides if not override.reason)


def reopen(command: ReopenThreatModel, decision: Decision) -> Decision:
    """Reopen the model in the step in which it was left; in remediation, with new spot checks.

    A closed model is reviewed.
    """
    model = decision.model
    step = step_after(model, command)
    picked = _spot_checks(command.draw, decision) if phase_of(step) == "remediation" else None
    return decision.record(
        ThreatModelReopened(
            **decision.header,
            step=step,
            reason=_reason(command.reason),
            spot_checks=picked,
            review=_review(model, model.closed_at, command.draw) if model.closed_at else None,
        )
    )


def _review(model: ThreatModel, since: datetime, draw: int) -> Review:
    """Return the review of a closed model: what was open then was passed with a reason, and can wait."""
    found = analyze(model).found
    return Review(
        since=since,
        unplaced=unplaced_components(model),
        left_open=tuple((one.element, one.fact) for one in found.questions),
        undecided=tuple(SuggestedThreatId(one.id) for one in found.suggested_threats),
        unscored=unscored(model),
        sampled=sample_verified(model, draw),
    )


def archive(command: ArchiveThreatModel, decision: Decision) -> Decision:
    """Archive the model."""
    step_after(decision.model, command)
    return decision.record(ThreatModelArchived(**decision.header, reason=_reason(command.reason)))


def _reason(text: str) -> str:
    return clean_text(text, what="The reason", field="reason")


def close(command: CloseThreatModel, decision: Decision) -> Decision:
    """Close the model, or propose it to a second person.

    That is needed if critical threats are open, or if the policy names others who may pass the open
    conditions.
    """
    checked, critical = _seen(decision)
    review_on = _review_day(command.review_on, decision)
    reason, overrides = condition_overrides(checked, command.reasons, command.reason, decision)
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
    return decision.record_if(
        known is None or proposal != replace(known, at=decision.at),
        ClosingProposed(**decision.header, proposal=proposal),
    )


def confirm_closing(command: ConfirmClosing, decision: Decision) -> Decision:
    """Close the model over open critical threats, as another person proposed."""
    proposal = _proposal(decision)
    if proposal.by == decision.by:
        raise OwnClosing
    if command.proposed_at not in (None, proposal.at):
        raise ProposalChanged(proposal.by)
    checked, critical = _seen(decision)
    known = {override.condition: override for override in proposal.overrides}
    more = [condition.text for condition in checked if not condition.met and condition.id not in known]
    more += [f"{one} is critical or unscored" for one in critical if one not in proposal.critical]
    if more:
        raise ClosingOutdated(proposal.by, tuple(more))
    _check_approves(decision.by, checked, critical, decision)
    step_after(decision.model, command)
    still = {condition.id: condition.text for condition in checked if not condition.met}
    return decision.record(
        ThreatModelClosed(
            **decision.header,
            reason=proposal.reason,
            overrides=tuple(
                replace(one, text=still[one.condition])
                for one in proposal.overrides
                if one.condition in still
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


def _seen(decision: Decision) -> tuple[tuple[Condition, ...], tuple[ThreatId, ...]]:
    """Return the conditions before closing, and the critical threats that would stay open."""
    seen, status = analyze(decision.model), statuses(decision.model, decision.at, utc_zone)
    checked = conditions(decision.model, seen.crossing, seen.found, seen.grid, status)
    return checked, open_critical(decision.model, status)


def _proposal(decision: Decision) -> ClosingProposal:
    if decision.model.closing is None:
        raise NoClosingProposed
    return decision.model.closing


def _check_approves(
    approver: PersonId,
    checked: tuple[Condition, ...],
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
    checked: tuple[Condition, ...],
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
