"""Actions: commands of buttons that need no form."""

from collections.abc import Callable
from datetime import datetime

from bot.slack.protocol.interactions import Action, StaleButton
from bot.slack.protocol.targets import LinkTarget, ProposalTarget, ReminderTarget, SelectionTarget, Target
from bot.slack.ui.modals.analysis.candidate_selection import candidate_ids
from bot.slack.ui.modals.steering.phase_moves import MOVES
from domain.commands import (
    AdoptCatalog,
    AllowSharing,
    ApproveAcceptance,
    CloseRound,
    Command,
    CompleteRegister,
    ConfirmCandidates,
    ConfirmClosing,
    ConfirmScreening,
    DismissIssueProposal,
    ExtendRound,
    MarkYardstick,
    OrderTrustLevels,
    PhaseMoveCommand,
    RemoveElement,
    ReopenCandidate,
    ReopenRegister,
    ReopenRow,
    RequestIssue,
    ResumeMitigation,
    StartMitigation,
    TakeOver,
    Undo,
    UnlinkIssue,
    UnlinkMitigation,
    UnmarkYardstick,
    VerifyMitigation,
    WithdrawAssumption,
    WithdrawClosing,
    WithdrawThreat,
)
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import AssumptionId, ElementId, Kind, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId

Levels = Callable[[], list[ElementId]]


def action_command(target: Target, levels: Levels, *, by: PersonId, at: datetime) -> Command:
    """Return the command of a pressed button; raises StaleButton for an unknown action.

    `levels` returns the trust levels in their current order.
    """
    try:
        action = Action(target.name)
    except ValueError as error:
        raise StaleButton from error
    if action in _STEPS:
        return OrderTrustLevels(by=by, at=at, order=_moved(target, levels(), _STEPS[action]))
    return _COMMANDS[action](target, by, at)


_STEPS = {Action.MOVE_UP: -1, Action.MOVE_DOWN: 1}


def _moved(target: Target, order: list[ElementId], step: int) -> tuple[ElementId, ...]:
    """Return the order after swapping one level with its neighbor, if there is one."""
    level = ElementId(target.element)
    if level not in order:
        raise StaleButton(f"{level} is not in this model.")
    place = order.index(level)
    other = min(max(place + step, 0), len(order) - 1)
    order[place], order[other] = order[other], order[place]
    return tuple(order)


def _kind(target: Target) -> Kind:
    if target.kind is None:
        raise StaleButton
    return target.kind


def _moving(move: type[PhaseMoveCommand]) -> Callable[[Target, PersonId, datetime], Command]:
    return lambda _, by, at: move(by=by, at=at)


_COMMANDS: dict[Action, Callable[[Target, PersonId, datetime], Command]] = {
    Action.REMOVE: lambda target, by, at: RemoveElement(element=ElementId(target.element), by=by, at=at),
    Action.COMPLETE_REGISTER: lambda target, by, at: CompleteRegister(register=_kind(target), by=by, at=at),
    Action.REOPEN_REGISTER: lambda target, by, at: ReopenRegister(register=_kind(target), by=by, at=at),
    Action.WITHDRAW_ASSUMPTION: lambda target, by, at: WithdrawAssumption(
        assumption=AssumptionId(target.element), by=by, at=at
    ),
    Action.ADOPT_CATALOG: lambda _, by, at: AdoptCatalog(by=by, at=at),
    Action.WITHDRAW_THREAT: lambda target, by, at: WithdrawThreat(
        threat=ThreatId(target.element), by=by, at=at
    ),
    Action.CONFIRM: lambda target, by, at: ConfirmCandidates(candidates=candidate_ids(target), by=by, at=at),
    Action.ADD_PLACES: lambda target, by, at: ConfirmCandidates(
        candidates=candidate_ids(target), threat=ThreatId(SelectionTarget.of(target).selection), by=by, at=at
    ),
    Action.REOPEN_CANDIDATE: lambda target, by, at: ReopenCandidate(
        candidate=CandidateId(target.element), by=by, at=at
    ),
    Action.REOPEN_ROW: lambda target, by, at: ReopenRow(element=ElementId(target.element), by=by, at=at),
    Action.CLOSE_ROUND: lambda target, by, at: CloseRound(round=RoundId(target.element), by=by, at=at),
    Action.EXTEND_ROUND: lambda target, by, at: ExtendRound(round=RoundId(target.element), by=by, at=at),
    Action.MARK_YARDSTICK: lambda target, by, at: MarkYardstick(
        threat=ThreatId(target.element), by=by, at=at
    ),
    Action.UNMARK_YARDSTICK: lambda target, by, at: UnmarkYardstick(
        threat=ThreatId(target.element), by=by, at=at
    ),
    Action.APPROVE: lambda target, by, at: ApproveAcceptance(
        threat=ThreatId(target.element), proposed_at=ProposalTarget.of(target).proposed, by=by, at=at
    ),
    Action.START_MITIGATION: lambda target, by, at: StartMitigation(
        mitigation=MitigationId(target.element), by=by, at=at
    ),
    Action.VERIFY: lambda target, by, at: VerifyMitigation(
        mitigation=MitigationId(target.element), by=by, at=at
    ),
    Action.RESUME: lambda target, by, at: ResumeMitigation(
        mitigation=MitigationId(target.element), by=by, at=at
    ),
    Action.UNLINK: lambda target, by, at: UnlinkMitigation(
        mitigation=MitigationId(target.element), threat=ThreatId(LinkTarget.of(target).threat), by=by, at=at
    ),
    Action.DISMISS_ISSUE: lambda target, by, at: DismissIssueProposal(
        mitigation=MitigationId(target.element), by=by, at=at
    ),
    Action.REQUEST_ISSUE: lambda target, by, at: RequestIssue(
        mitigation=MitigationId(target.element), by=by, at=at
    ),
    Action.UNLINK_ISSUE: lambda target, by, at: UnlinkIssue(
        mitigation=MitigationId(target.element), by=by, at=at
    ),
    Action.UNDO: lambda _, by, at: Undo(by=by, at=at),
    Action.TAKE_OVER: lambda _, by, at: TakeOver(by=by, at=at),
    Action.ALLOW_SHARING: lambda _, by, at: AllowSharing(by=by, at=at),
    Action.CONFIRM_CLOSING: lambda target, by, at: ConfirmClosing(
        proposed_at=ProposalTarget.of(target).proposed, by=by, at=at
    ),
    Action.CONFIRM_SCREENING: lambda _, by, at: ConfirmScreening(by=by, at=at),
    Action.WITHDRAW_CLOSING: lambda _, by, at: WithdrawClosing(by=by, at=at),
    **{action: _moving(command) for action, command in MOVES.items()},
}

TARGETS: dict[str, type[Target]] = {
    Action.ADD_PLACES: SelectionTarget,
    Action.APPROVE: ProposalTarget,
    Action.CONFIRM_CLOSING: ProposalTarget,
    Action.VERIFY: ReminderTarget,
    Action.UNLINK: LinkTarget,
    Action.DISMISS_ISSUE: ReminderTarget,
    Action.REQUEST_ISSUE: ReminderTarget,
}
"""Target types that carry more than an ID, by action."""
