"""Deciding to move between phases, to reopen and to put away."""

from collections.abc import Iterable

from domain.commands import (
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
)
from domain.decide.draft import Draft
from domain.decide.input_checks import clean_text
from domain.events import PhaseMoved, ThreatModelArchived, ThreatModelReopened
from domain.gates import Gate, gates_before_analysis, gates_before_remediation
from domain.kernel.gate_overrides import GateOverride, GateReason
from domain.lifecycle import MoveFindings, step_after


def move(
    command: BeginAnalysis | BeginRemediation | ReturnToCollection | ReturnToAnalysis, draft: Draft
) -> None:
    """Go on or back; each gate that was open is kept with its reason."""
    checked: tuple[Gate, ...] = ()
    reasons: tuple[GateReason, ...] = ()
    match command:
        case BeginAnalysis():
            checked, reasons = gates_before_analysis(draft.model), command.reasons
        case BeginRemediation():
            checked, reasons = gates_before_remediation(draft.model), command.reasons
        case ReturnToCollection() | ReturnToAnalysis():
            pass
    reason, overrides = gate_overrides(checked, reasons, command.reason)
    step = step_after(draft.model, command, MoveFindings(unexplained=unexplained(overrides)))
    draft.record(PhaseMoved(**draft.header, step=step, reason=reason, overrides=overrides))


def gate_overrides(
    checked: Iterable[Gate], reasons: Iterable[GateReason], reason: str
) -> tuple[str, tuple[GateOverride, ...]]:
    """The reason for the whole, and the open gates, each with its own reason; some may have none.

    Where a single gate is open, the reason for the whole is its reason. A reason for a gate that is not open
    is not kept.
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
    return tuple((one.gate, one.text[0].lower() + one.text[1:]) for one in overrides if not one.reason)


def reopen(command: ReopenThreatModel, draft: Draft) -> None:
    """Go on where the model was left."""
    step = step_after(draft.model, command)
    draft.record(ThreatModelReopened(**draft.header, step=step, reason=_reason(command.reason)))


def archive(command: ArchiveThreatModel, draft: Draft) -> None:
    """Put the model away."""
    step_after(draft.model, command)
    draft.record(ThreatModelArchived(**draft.header, reason=_reason(command.reason)))


def _reason(text: str) -> str:
    return clean_text(text, what="The reason", field="reason")
