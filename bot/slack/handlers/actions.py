"""The commands that a press asks for at once, without a form."""

from collections.abc import Callable
from datetime import datetime

from bot.slack.protocol.interactions import Deed, StaleButton, Target
from bot.slack.ui.modals.analysis.candidate_forms import candidates_of
from bot.slack.ui.modals.steering.phase_moves import MOVES
from domain.commands import (
    AllowSharing,
    ApproveAcceptance,
    CloseRound,
    Command,
    CompleteRegister,
    ConfirmCandidates,
    ConfirmClosing,
    ExtendRound,
    MarkYardstick,
    Move,
    OrderTrustLevels,
    RemoveElement,
    ReopenCandidate,
    ReopenRegister,
    ReopenRow,
    ResumeMitigation,
    StartMitigation,
    TakeOver,
    Undo,
    UnmarkYardstick,
    VerifyMitigation,
    WithdrawAssumption,
    WithdrawClosing,
    WithdrawThreat,
)
from domain.elements import AssumptionId, ElementId, Kind, PersonId
from domain.judgements import CandidateId
from domain.mitigations import MitigationId
from domain.own_threats import ThreatId
from domain.rounds import RoundId

Levels = Callable[[], list[ElementId]]


def deed_command(target: Target, levels: Levels, *, by: PersonId, at: datetime) -> Command:
    """The command that a pressed button asks for; raises StaleButton for a word that is no deed.

    `levels` gives the trust levels as they are ordered now.
    """
    try:
        deed = Deed(target.what)
    except ValueError as error:
        raise StaleButton from error
    if deed in _STEPS:
        return OrderTrustLevels(by=by, at=at, order=_moved(target, levels(), _STEPS[deed]))
    return _COMMANDS[deed](target, by, at)


_STEPS = {Deed.MOVE_UP: -1, Deed.MOVE_DOWN: 1}


def _moved(target: Target, order: list[ElementId], step: int) -> tuple[ElementId, ...]:
    """The order in which one level has changed places with its neighbour, if it has one on that side."""
    level = ElementId(target.element)
    if level not in order:
        raise StaleButton(f"{level} is not part of this model (any more).")
    place = order.index(level)
    other = min(max(place + step, 0), len(order) - 1)
    order[place], order[other] = order[other], order[place]
    return tuple(order)


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
    Deed.WITHDRAW_THREAT: lambda target, by, at: WithdrawThreat(
        threat=ThreatId(target.element), by=by, at=at
    ),
    Deed.CONFIRM: lambda target, by, at: ConfirmCandidates(candidates=candidates_of(target), by=by, at=at),
    Deed.REOPEN_CANDIDATE: lambda target, by, at: ReopenCandidate(
        candidate=CandidateId(target.element), by=by, at=at
    ),
    Deed.REOPEN_ROW: lambda target, by, at: ReopenRow(element=ElementId(target.element), by=by, at=at),
    Deed.CLOSE_ROUND: lambda target, by, at: CloseRound(round=RoundId(target.element), by=by, at=at),
    Deed.EXTEND_ROUND: lambda target, by, at: ExtendRound(round=RoundId(target.element), by=by, at=at),
    Deed.MARK_YARDSTICK: lambda target, by, at: MarkYardstick(threat=ThreatId(target.element), by=by, at=at),
    Deed.UNMARK_YARDSTICK: lambda target, by, at: UnmarkYardstick(
        threat=ThreatId(target.element), by=by, at=at
    ),
    Deed.APPROVE: lambda target, by, at: ApproveAcceptance(
        threat=ThreatId(target.element), proposed_at=target.proposed, by=by, at=at
    ),
    Deed.START_MITIGATION: lambda target, by, at: StartMitigation(
        mitigation=MitigationId(target.element), by=by, at=at
    ),
    Deed.VERIFY: lambda target, by, at: VerifyMitigation(
        mitigation=MitigationId(target.element), by=by, at=at
    ),
    Deed.RESUME: lambda target, by, at: ResumeMitigation(
        mitigation=MitigationId(target.element), by=by, at=at
    ),
    Deed.UNDO: lambda _, by, at: Undo(by=by, at=at),
    Deed.TAKE_OVER: lambda _, by, at: TakeOver(by=by, at=at),
    Deed.ALLOW_SHARING: lambda _, by, at: AllowSharing(by=by, at=at),
    Deed.CONFIRM_CLOSING: lambda target, by, at: ConfirmClosing(proposed_at=target.proposed, by=by, at=at),
    Deed.WITHDRAW_CLOSING: lambda _, by, at: WithdrawClosing(by=by, at=at),
    **{deed: _moving(move) for deed, move in MOVES.items()},
}
