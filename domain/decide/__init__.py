"""Decisions: the events that follow from a command, or a rejection that people can read."""

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
    analysis,
    bulk_entry,
    collection,
    element_entry,
    follow_up,
    mitigations,
    model_closing,
    phase_moves,
    responses,
    round_ending,
    round_opening,
    steering,
    threats,
    undo,
    voting,
    yardsticks,
)
from domain.decide.draft import Draft
from domain.decide.permissions import check_access
from domain.events import Event, RecordedEvent
from domain.lifecycle import check_allowed
from domain.model import ThreatModel
from domain.rejections import AlreadyStarted

EventLoader = Callable[[], Sequence[RecordedEvent]]
"""Loads all events of the model so far; only Undo needs them."""


def no_events() -> Sequence[RecordedEvent]:
    """Return no events: sufficient for every command but Undo."""
    return ()


def decide(command: Command, model: ThreatModel, load_events: EventLoader = no_events) -> tuple[Event, ...]:
    """Return the events that follow from a command, none if it changes nothing; raises Rejected."""
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
            bulk_entry.name_elements(command, draft)
        case DrawFlows():
            bulk_entry.draw_flows(command, draft)
        case PlaceComponents():
            bulk_entry.place_components(command, draft)
        case RemoveElement():
            element_entry.remove(command, draft)
        case OrderTrustLevels():
            element_entry.order_trust_levels(command, draft)
        case AnswerQuestions():
            collection.answer_questions(command, draft)
        case CompleteRegister():
            collection.complete_register(command, draft)
        case ReopenRegister():
            collection.reopen_register(command, draft)
        case RecordAssumption():
            collection.record_assumption(command, draft)
        case ReviseAssumption():
            collection.revise_assumption(command, draft)
        case WithdrawAssumption():
            collection.withdraw_assumption(command, draft)
        case ReportThreat():
            threats.report_threat(command, draft)
        case ReviseThreat():
            threats.revise_threat(command, draft)
        case WithdrawThreat():
            threats.withdraw_threat(command, draft)
        case OpenRound():
            round_opening.open_round(command, draft)
        case CastBallot():
            voting.cast_ballot(command, draft)
        case CloseRound():
            round_ending.close_round(command, draft)
        case ExtendRound():
            round_ending.extend_round(command, draft)
        case SettleRound():
            round_ending.settle_round(command, draft)
        case LeaveRound():
            voting.leave_round(command, draft)
        case ExplainBallot():
            voting.explain_ballot(command, draft)
        case MarkYardstick():
            yardsticks.mark_yardstick(command, draft)
        case UnmarkYardstick():
            yardsticks.unmark_yardstick(command, draft)
        case MergeThreats():
            threats.merge_threats(command, draft)
        case ConfirmCandidates():
            analysis.confirm_candidates(command, draft)
        case DismissCandidates():
            analysis.dismiss_candidates(command, draft)
        case ReopenCandidate():
            analysis.reopen_candidate(command, draft)
        case ConsiderRow():
            analysis.consider_row(command, draft)
        case ReopenRow():
            analysis.reopen_row(command, draft)
        case AskPerson():
            analysis.ask_person(command, draft)
        case ChooseResponse():
            responses.choose_response(command, draft)
        case ProposeAcceptance():
            responses.propose_acceptance(command, draft)
        case ReassignApproval():
            responses.reassign_approval(command, draft)
        case ApproveAcceptance():
            responses.approve_acceptance(command, draft)
        case DeclineAcceptance():
            responses.decline_acceptance(command, draft)
        case PlanMitigation():
            mitigations.plan_mitigation(command, draft)
        case ReviseMitigation():
            mitigations.revise_mitigation(command, draft)
        case ReassignMitigation():
            mitigations.reassign_mitigation(command, draft)
        case RescheduleMitigation():
            mitigations.reschedule_mitigation(command, draft)
        case StartMitigation():
            mitigations.start_mitigation(command, draft)
        case ImplementMitigation():
            mitigations.implement_mitigation(command, draft)
        case VerifyMitigation():
            mitigations.verify_mitigation(command, draft)
        case RefuseVerification():
            mitigations.refuse_verification(command, draft)
        case DropMitigation():
            mitigations.drop_mitigation(command, draft)
        case ResumeMitigation():
            mitigations.resume_mitigation(command, draft)
        case SnoozeNudge():
            follow_up.snooze_nudge(command, draft)
        case AnswerRetrospective():
            follow_up.answer_retrospective(command, draft)
        case Undo():
            undo.undo_last_answer(draft, load_events())
        case BeginAnalysis() | BeginRemediation() | ReturnToCollection() | ReturnToAnalysis():
            phase_moves.move(command, draft)
        case CloseThreatModel():
            model_closing.close(command, draft)
        case ConfirmClosing():
            model_closing.confirm_closing(command, draft)
        case DeclineClosing():
            model_closing.decline_closing(command, draft)
        case WithdrawClosing():
            model_closing.withdraw_closing(draft)
        case ReopenThreatModel():
            phase_moves.reopen(command, draft)
        case ArchiveThreatModel():
            phase_moves.archive(command, draft)
        case (
            AddExternalDependency()
            | AddEntryPoint()
            | AddAsset()
            | AddTrustLevel()
            | AddDataFlow()
            | AddComponent()
            | AddTrustBoundary()
        ):
            element_entry.add(command, draft)
        case (
            ReviseExternalDependency()
            | ReviseEntryPoint()
            | ReviseAsset()
            | ReviseTrustLevel()
            | ReviseDataFlow()
            | ReviseComponent()
            | ReviseTrustBoundary()
        ):
            element_entry.revise(command, draft)
    round_ending.end_finished_rounds(draft, model)
    return draft.events
