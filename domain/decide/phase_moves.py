"""Decisions on moving between phases, reopening and archiving."""

from collections.abc import Iterable
from datetime import timedelta

from domain.commands import (
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
)
from domain.decide.approvals import check_override
from domain.decide.decision import Decision
from domain.decide.input_checks import clean_text
from domain.events import PhaseMoved, ThreatModelArchived, ThreatModelReopened
from domain.gates import Gate, gates_before_analysis, gates_before_remediation
from domain.kernel.gate_overrides import GateOverride, GateReason
from domain.lifecycle import MoveFindings, step_after


def move(
    command: BeginAnalysis | BeginRemediation | ReturnToCollection | ReturnToAnalysis, decision: Decision
) -> Decision:
    """Move to another phase; each open gate that is passed is recorded with its reason."""
    checked: tuple[Gate, ...] = ()
    reasons: tuple[GateReason, ...] = ()
    match command:
        case BeginAnalysis():
            checked, reasons = gates_before_analysis(decision.model), command.reasons
        case BeginRemediation():
            checked, reasons = gates_before_remediation(decision.model), command.reasons
        case ReturnToCollection() | ReturnToAnalysis():
            pass
    reason, overrides = gate_overrides(checked, reasons, command.reason, decision)
    step = step_after(decision.model, command, MoveFindings(unexplained=unexplained(overrides)))
    check_override(decision.model, checked, decision.by)
    return decision.record(PhaseMoved(**decision.header, step=step, reason=reason, overrides=overrides))


def gate_overrides(
    checked: Iterable[Gate], reasons: Iterable[GateReason], reason: str, decision: Decision
) -> tuple[str, tuple[GateOverride, ...]]:
    """Return the overall reason, and the open gates, each with its own reason, until when the policy allows.

    With a single open gate, the overall reason is its reason. A reason for a gate that is not open is not
    kept.
    """
    whole = _reason(reason)
    given = {
        one.gate: clean_text(one.reason, what="The reason", field=f"reason_{one.gate}") for one in reasons
    }
    unmet = [gate for gate in checked if not gate.met]
    if len(unmet) == 1 and not given.get(unmet[0].id):
        return "", (_override(unmet[0], whole, decision),)
    return whole, tuple(_override(gate, given.get(gate.id, ""), decision) for gate in unmet)


def _override(gate: Gate, reason: str, decision: Decision) -> GateOverride:
    days = decision.model.policy.of(gate.band).accepted_days
    until = decision.at.date() + timedelta(days=days)
    return GateOverride(gate=gate.id, text=gate.text, reason=reason, until=until)


def unexplained(overrides: Iterable[GateOverride]) -> tuple[tuple[str, str], ...]:
    """Return the open gates without a reason, as id and text."""
    return tuple((one.gate, one.text) for one in overrides if not one.reason)


def reopen(command: ReopenThreatModel, decision: Decision) -> Decision:
    """Reopen the model in the step in which it was left."""
    step = step_after(decision.model, command)
    return decision.record(ThreatModelReopened(**decision.header, step=step, reason=_reason(command.reason)))


def archive(command: ArchiveThreatModel, decision: Decision) -> Decision:
    """Archive the model."""
    step_after(decision.model, command)
    return decision.record(ThreatModelArchived(**decision.header, reason=_reason(command.reason)))


def _reason(text: str) -> str:
    return clean_text(text, what="The reason", field="reason")
