"""What follows from a command: the events to store, or a refusal in the user's words."""

from collections.abc import Callable, Sequence

from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
    AllowSharing,
    AnswerQuestions,
    AnswerRetrospective,
    ApproveAcceptance,
    ArchiveThreatModel,
    AskPerson,
    BeginAnalysis,
    BeginRemediation,
    CastBallot,
    ChooseParticipants,
    ChooseResponse,
    ChooseTerms,
    CloseRound,
    CloseThreatModel,
    Command,
    CompleteRegister,
    ConfirmCandidates,
    ConfirmClosing,
    ConsiderRow,
    DeclineAcceptance,
    DeclineClosing,
    DismissCandidates,
    DrawFlows,
    DropMitigation,
    ExplainBallot,
    ExtendRound,
    FollowChannel,
    ForbidSharing,
    HandOver,
    ImplementMitigation,
    LeaveRound,
    MarkYardstick,
    MergeThreats,
    NameElements,
    OpenRound,
    OrderTrustLevels,
    PlaceComponents,
    PlanMitigation,
    ProposeAcceptance,
    ReassignApproval,
    ReassignMitigation,
    RecordAssumption,
    RefuseVerification,
    RemoveElement,
    ReopenCandidate,
    ReopenRegister,
    ReopenRow,
    ReopenThreatModel,
    ReportThreat,
    RescheduleMitigation,
    ResumeMitigation,
    ReturnToAnalysis,
    ReturnToCollection,
    ReviseAsset,
    ReviseAssumption,
    ReviseComponent,
    ReviseDataFlow,
    ReviseEntryPoint,
    ReviseExternalDependency,
    ReviseMitigation,
    ReviseScope,
    ReviseThreat,
    ReviseTrustBoundary,
    ReviseTrustLevel,
    SettleRound,
    SnoozeNudge,
    StartMitigation,
    StartThreatModel,
    TakeOver,
    Undo,
    UnmarkYardstick,
    VerifyMitigation,
    WithdrawAssumption,
    WithdrawClosing,
    WithdrawThreat,
)
from domain.decide import (
    closing,
    collecting,
    ending,
    following,
    judging,
    mitigating,
    moving,
    noting,
    opening,
    quickly,
    reporting,
    responding,
    steering,
    undoing,
    voting,
    yardsticks,
)
from domain.decide.access import check_access
from domain.decide.draft import Draft
from domain.events import Event, Past
from domain.lifecycle import check_allowed
from domain.model import ThreatModel
from domain.rejections import AlreadyStarted

Told = Callable[[], Sequence[Past]]
"""Gives all events of the model so far; only taking something back asks for them."""


def nothing_told() -> Sequence[Past]:
    """No past: enough for every command but Undo."""
    return ()


def decide(command: Command, model: ThreatModel, told: Told = nothing_told) -> tuple[Event, ...]:
    """The events that follow from a command, none if it changes nothing; raises Rejected."""
    if isinstance(command, StartThreatModel):
        if model.version:
            raise AlreadyStarted
        return steering.start(command, Draft(model, command)).events
    check_allowed(model, type(command))
    check_access(model, command)
    draft = Draft(model, command)
    match command:
        case ReviseScope():
            steering.revise_scope(command, draft)
        case ChooseParticipants():
            steering.choose_participants(command, draft)
        case ChooseTerms():
            steering.choose_terms(command, draft)
        case HandOver():
            steering.hand_over(command, draft)
        case TakeOver():
            steering.take_over(command, draft)
        case AllowSharing():
            steering.allow_sharing(draft)
        case ForbidSharing():
            steering.forbid_sharing(draft)
        case FollowChannel():
            steering.follow_channel(command, draft)
        case NameElements():
            quickly.name_elements(command, draft)
        case DrawFlows():
            quickly.draw_flows(command, draft)
        case PlaceComponents():
            quickly.place_components(command, draft)
        case RemoveElement():
            collecting.remove(command, draft)
        case OrderTrustLevels():
            collecting.order_trust_levels(command, draft)
        case AnswerQuestions():
            noting.answer_questions(command, draft)
        case CompleteRegister():
            noting.complete_register(command, draft)
        case ReopenRegister():
            noting.reopen_register(command, draft)
        case RecordAssumption():
            noting.record_assumption(command, draft)
        case ReviseAssumption():
            noting.revise_assumption(command, draft)
        case WithdrawAssumption():
            noting.withdraw_assumption(command, draft)
        case ReportThreat():
            reporting.report_threat(command, draft)
        case ReviseThreat():
            reporting.revise_threat(command, draft)
        case WithdrawThreat():
            reporting.withdraw_threat(command, draft)
        case OpenRound():
            opening.open_round(command, draft)
        case CastBallot():
            voting.cast_ballot(command, draft)
        case CloseRound():
            ending.close_round(command, draft)
        case ExtendRound():
            ending.extend_round(command, draft)
        case SettleRound():
            ending.settle_round(command, draft)
        case LeaveRound():
            voting.leave_round(command, draft)
        case ExplainBallot():
            voting.explain_ballot(command, draft)
        case MarkYardstick():
            yardsticks.mark_yardstick(command, draft)
        case UnmarkYardstick():
            yardsticks.unmark_yardstick(command, draft)
        case MergeThreats():
            reporting.merge_threats(command, draft)
        case ConfirmCandidates():
            judging.confirm_candidates(command, draft)
        case DismissCandidates():
            judging.dismiss_candidates(command, draft)
        case ReopenCandidate():
            judging.reopen_candidate(command, draft)
        case ConsiderRow():
            judging.consider_row(command, draft)
        case ReopenRow():
            judging.reopen_row(command, draft)
        case AskPerson():
            judging.ask_person(command, draft)
        case ChooseResponse():
            responding.choose_response(command, draft)
        case ProposeAcceptance():
            responding.propose_acceptance(command, draft)
        case ReassignApproval():
            responding.reassign_approval(command, draft)
        case ApproveAcceptance():
            responding.approve_acceptance(command, draft)
        case DeclineAcceptance():
            responding.decline_acceptance(command, draft)
        case PlanMitigation():
            mitigating.plan_mitigation(command, draft)
        case ReviseMitigation():
            mitigating.revise_mitigation(command, draft)
        case ReassignMitigation():
            mitigating.reassign_mitigation(command, draft)
        case RescheduleMitigation():
            mitigating.reschedule_mitigation(command, draft)
        case StartMitigation():
            mitigating.start_mitigation(command, draft)
        case ImplementMitigation():
            mitigating.implement_mitigation(command, draft)
        case VerifyMitigation():
            mitigating.verify_mitigation(command, draft)
        case RefuseVerification():
            mitigating.refuse_verification(command, draft)
        case DropMitigation():
            mitigating.drop_mitigation(command, draft)
        case ResumeMitigation():
            mitigating.resume_mitigation(command, draft)
        case SnoozeNudge():
            following.snooze_nudge(command, draft)
        case AnswerRetrospective():
            following.answer_retrospective(command, draft)
        case Undo():
            undoing.undo(draft, told())
        case BeginAnalysis() | BeginRemediation() | ReturnToCollection() | ReturnToAnalysis():
            moving.move(command, draft)
        case CloseThreatModel():
            closing.close(command, draft)
        case ConfirmClosing():
            closing.confirm_closing(command, draft)
        case DeclineClosing():
            closing.decline_closing(command, draft)
        case WithdrawClosing():
            closing.withdraw_closing(draft)
        case ReopenThreatModel():
            moving.reopen(command, draft)
        case ArchiveThreatModel():
            moving.archive(command, draft)
        case (
            AddExternalDependency()
            | AddEntryPoint()
            | AddAsset()
            | AddTrustLevel()
            | AddDataFlow()
            | AddComponent()
            | AddTrustBoundary()
        ):
            collecting.add(command, draft)
        case (
            ReviseExternalDependency()
            | ReviseEntryPoint()
            | ReviseAsset()
            | ReviseTrustLevel()
            | ReviseDataFlow()
            | ReviseComponent()
            | ReviseTrustBoundary()
        ):
            collecting.revise(command, draft)
    ending.end_finished_rounds(draft, model)
    return draft.events
