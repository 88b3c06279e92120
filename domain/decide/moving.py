"""Deciding to move between phases, to close, to reopen and to put away."""

from domain.appraisal import appraise
from domain.commands import (
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    CloseThreatModel,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
)
from domain.decide.checks import clean_text
from domain.decide.draft import Draft
from domain.due_dates import in_utc
from domain.events import PhaseMoved, ThreatModelArchived, ThreatModelClosed, ThreatModelReopened
from domain.gates import gates
from domain.lifecycle import missing_for_analysis, missing_for_remediation, step_after
from domain.rejections import NotYet
from domain.standings import standings


def move(
    command: BeginAnalysis | BeginRemediation | ReturnToCollection | ReturnToAnalysis, draft: Draft
) -> None:
    """Go on or back; what was missing is kept beside the reason."""
    missing: tuple[str, ...] = ()
    match command:
        case BeginAnalysis():
            missing = missing_for_analysis(draft.model)
        case BeginRemediation():
            missing = missing_for_remediation(draft.model)
        case ReturnToCollection() | ReturnToAnalysis():
            pass
    reason = _reason(command.reason)
    step = step_after(draft.model, command)
    draft.say(PhaseMoved(**draft.said, step=step, reason=reason, missing=missing))


def close(command: CloseThreatModel, draft: Draft) -> None:
    """End the work; open gates need a reason and are kept beside it."""
    reason = _reason(command.reason)
    step_after(draft.model, command)
    seen = appraise(draft.model)
    standing = standings(draft.model, draft.at, in_utc)
    checked = gates(draft.model, seen.crossing, seen.found, seen.grid, standing)
    unmet = [gate for gate in checked if not gate.met]
    if unmet and not reason:
        raise NotYet("closing", tuple(gate.text[0].lower() + gate.text[1:] for gate in unmet))
    draft.say(
        ThreatModelClosed(
            **draft.said,
            reason=reason,
            open_gates=tuple(gate.id for gate in unmet),
        )
    )


def reopen(command: ReopenThreatModel, draft: Draft) -> None:
    """Go on where the model was left."""
    step = step_after(draft.model, command)
    draft.say(ThreatModelReopened(**draft.said, step=step, reason=_reason(command.reason)))


def archive(command: ArchiveThreatModel, draft: Draft) -> None:
    """Put the model away."""
    step_after(draft.model, command)
    draft.say(ThreatModelArchived(**draft.said, reason=_reason(command.reason)))


def _reason(text: str) -> str:
    return clean_text(text, what="The reason", field="reason")
