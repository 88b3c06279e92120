"""The buttons that change the phase of a model, and the commands they stand for."""

from bot.slack.protocol.interactions import Deed
from domain.commands import (
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    CloseThreatModel,
    Move,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
)

MOVES: dict[Deed, type[Move]] = {
    Deed.BEGIN_ANALYSIS: BeginAnalysis,
    Deed.BEGIN_REMEDIATION: BeginRemediation,
    Deed.RETURN_TO_COLLECTION: ReturnToCollection,
    Deed.RETURN_TO_ANALYSIS: ReturnToAnalysis,
    Deed.CLOSE: CloseThreatModel,
    Deed.REOPEN: ReopenThreatModel,
    Deed.ARCHIVE: ArchiveThreatModel,
}
"""The deeds that change the phase; where a guard refuses one, the form MOVE asks for a reason."""
