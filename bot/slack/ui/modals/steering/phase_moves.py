"""Buttons that change the phase of a model, and their commands."""

from bot.slack.protocol.interactions import Action
from domain.commands import (
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    CloseThreatModel,
    PhaseMoveCommand,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
)

MOVES: dict[Action, type[PhaseMoveCommand]] = {
    Action.BEGIN_ANALYSIS: BeginAnalysis,
    Action.BEGIN_REMEDIATION: BeginRemediation,
    Action.RETURN_TO_COLLECTION: ReturnToCollection,
    Action.RETURN_TO_ANALYSIS: ReturnToAnalysis,
    Action.CLOSE: CloseThreatModel,
    Action.REOPEN: ReopenThreatModel,
    Action.ARCHIVE: ArchiveThreatModel,
}
"""Actions that change the phase; if a guard refuses one, the form MOVE asks for a reason."""
