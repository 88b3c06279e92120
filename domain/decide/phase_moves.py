"""Decisions on moving between phases, reopening and archiving."""

from collections.abc import Iterable

from domain.commands import (
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
)
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
    reason, overrides = gate_overrides(checked, reasons, command.reason)
    step = step_after(decision.model, command, MoveFindings(unexplained=unexplained(overrides)))
    return decision.record(PhaseMoved(**decision.header, step=step, reason=reason, overrides=overrides))


def gate_overrides(
    checked: Iterable[Gate], reasons: Iterable[GateReason], reason: str
) -> tuple[str, tuple[GateOverride, ...]]:
    """Return the overall reason, and the open gates, each with its own reason if it has one.

    With a single open gate, the overall reason is its reason. A reason for a gate that is not open is not
    kept.
    """
    whole = _reason(reason)
    given = {
        one.gate: clean_text(one.reason, what="The reason", field=f"reason_{one.gate}") for one in reasons
    }
    unmet = [gate for gate in checked if not gate.met]
    if len(unmet) == 1 and not given.get(unmet[0].id):
        return "", (GateOverride(gate=unmet[0].id, text=unmet[0].text, reason=whole),)
    return whole, tuple(
        GateOverride(gate=gate.id, text=gate.text, reason=given.get(gate.id, "")) for gate in unmet
    )


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
