"""The commands that a press asks for at once, without a form."""

from collections.abc import Callable
from datetime import datetime

from bot.slack.triggers import Deed, StaleButton, Target
from domain.commands import (
    AllowSharing,
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    CloseThreatModel,
    Command,
    CompleteRegister,
    Move,
    RemoveElement,
    ReopenRegister,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
    TakeOver,
    Undo,
    WithdrawAssumption,
)
from domain.elements import AssumptionId, ElementId, Kind, PersonId

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


def deed_command(target: Target, *, by: PersonId, at: datetime) -> Command:
    """The command that a pressed button asks for; raises StaleButton for a word that is no deed."""
    try:
        deed = Deed(target.what)
    except ValueError as error:
        raise StaleButton from error
    return _COMMANDS[deed](target, by, at)


def _kind(target: Target) -> Kind:
    if target.kind is None:
        raise StaleButton
    return target.kind


def _moving(move: type[Move]) -> Callable[[Target, PersonId, datetime], Command]:
    return lambda _, by, at: move(by=by, at=at)


_COMMANDS: dict[Deed, Callable[[Target, PersonId, datetime], Command]] = {
    Deed.REMOVE: lambda target, by, at: RemoveElement(element=ElementId(target.element), by=by, at=at),
    Deed.COMPLETE_REGISTER: lambda target, by, at: CompleteRegister(register=_kind(target), by=by, at=at),
    Deed.REOPEN_REGISTER: lambda target, by, at: ReopenRegister(register=_kind(target), by=by, at=at),
    Deed.WITHDRAW_ASSUMPTION: lambda target, by, at: WithdrawAssumption(
        assumption=AssumptionId(target.element), by=by, at=at
    ),
    Deed.UNDO: lambda _, by, at: Undo(by=by, at=at),
    Deed.TAKE_OVER: lambda _, by, at: TakeOver(by=by, at=at),
    Deed.ALLOW_SHARING: lambda _, by, at: AllowSharing(by=by, at=at),
    **{deed: _moving(move) for deed, move in MOVES.items()},
}
