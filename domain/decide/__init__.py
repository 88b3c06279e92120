"""Decisions: the events that follow from a command, or a rejection that people can read."""

from collections.abc import Callable, Sequence

from domain import commands
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
from domain.decide.decision import Draft
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


def decide(
    command: commands.Command, model: ThreatModel, load_events: EventLoader = no_events
) -> tuple[Event, ...]:
    """Return the events that follow from a command, none if it changes nothing; raises Rejected."""
    if isinstance(command, commands.StartThreatModel):
        if model.version:
            raise AlreadyStarted
        return steering.start(command, Draft(model, command)).events
    check_allowed(model, type(command))
    check_access(model, command)
    draft = Draft(model, command)
    match command:
        case commands.ReviseScope():
            steering.revise_scope(command, draft)
        case commands.ChooseParticipants():
            steering.choose_participants(command, draft)
        case commands.ChooseTerms():
            steering.choose_terms(command, draft)
        case commands.HandOver():
            steering.hand_over(command, draft)
        case commands.TakeOver():
            steering.take_over(command, draft)
        case commands.AllowSharing():
            steering.allow_sharing(draft)
        case commands.ForbidSharing():
            steering.forbid_sharing(draft)
        case commands.FollowChannel():
            steering.follow_channel(command, draft)
        case commands.NameElements():
            bulk_entry.name_elements(command, draft)
        case commands.DrawFlows():
            bulk_entry.draw_flows(command, draft)
        case commands.PlaceComponents():
            bulk_entry.place_components(command, draft)
        case commands.RemoveElement():
            element_entry.remove(command, draft)
        case commands.OrderTrustLevels():
            element_entry.order_trust_levels(command, draft)
        case commands.AnswerQuestions():
            collection.answer_questions(command, draft)
        case commands.CompleteRegister():
            collection.complete_register(command, draft)
        case commands.ReopenRegister():
            collection.reopen_register(command, draft)
        case commands.RecordAssumption():
            collection.record_assumption(command, draft)
        case commands.ReviseAssumption():
            collection.revise_assumption(command, draft)
        case commands.WithdrawAssumption():
            collection.withdraw_assumption(command, draft)
        case commands.ReportThreat():
            threats.report_threat(command, draft)
        case commands.ReviseThreat():
            threats.revise_threat(command, draft)
        case commands.WithdrawThreat():
            threats.withdraw_threat(command, draft)
        case commands.OpenRound():
            round_opening.open_round(command, draft)
        case commands.CastBallot():
            voting.cast_ballot(command, draft)
        case commands.CloseRound():
            round_ending.close_round(command, draft)
        case commands.ExtendRound():
            round_ending.extend_round(command, draft)
        case commands.SettleRound():
            round_ending.settle_round(command, draft)
        case commands.LeaveRound():
            voting.leave_round(command, draft)
        case commands.ExplainBallot():
            voting.explain_ballot(command, draft)
        case commands.MarkYardstick():
            yardsticks.mark_yardstick(command, draft)
        case commands.UnmarkYardstick():
            yardsticks.unmark_yardstick(command, draft)
        case commands.MergeThreats():
            threats.merge_threats(command, draft)
        case commands.ConfirmCandidates():
            analysis.confirm_candidates(command, draft)
        case commands.DismissCandidates():
            analysis.dismiss_candidates(command, draft)
        case commands.ReopenCandidate():
            analysis.reopen_candidate(command, draft)
        case commands.ConsiderRow():
            analysis.consider_row(command, draft)
        case commands.ReopenRow():
            analysis.reopen_row(command, draft)
        case commands.AskPerson():
            analysis.ask_person(command, draft)
        case commands.ChooseResponse():
            responses.choose_response(command, draft)
        case commands.ProposeAcceptance():
            responses.propose_acceptance(command, draft)
        case commands.ReassignApproval():
            responses.reassign_approval(command, draft)
        case commands.ApproveAcceptance():
            responses.approve_acceptance(command, draft)
        case commands.DeclineAcceptance():
            responses.decline_acceptance(command, draft)
        case commands.PlanMitigation():
            mitigations.plan_mitigation(command, draft)
        case commands.ReviseMitigation():
            mitigations.revise_mitigation(command, draft)
        case commands.ReassignMitigation():
            mitigations.reassign_mitigation(command, draft)
        case commands.RescheduleMitigation():
            mitigations.reschedule_mitigation(command, draft)
        case commands.StartMitigation():
            mitigations.start_mitigation(command, draft)
        case commands.ImplementMitigation():
            mitigations.implement_mitigation(command, draft)
        case commands.VerifyMitigation():
            mitigations.verify_mitigation(command, draft)
        case commands.RefuseVerification():
            mitigations.refuse_verification(command, draft)
        case commands.DropMitigation():
            mitigations.drop_mitigation(command, draft)
        case commands.ResumeMitigation():
            mitigations.resume_mitigation(command, draft)
        case commands.SnoozeNudge():
            follow_up.snooze_nudge(command, draft)
        case commands.AnswerRetrospective():
            follow_up.answer_retrospective(command, draft)
        case commands.Undo():
            undo.undo_last_answer(draft, load_events())
        case (
            commands.BeginAnalysis()
            | commands.BeginRemediation()
            | commands.ReturnToCollection()
            | commands.ReturnToAnalysis()
        ):
            phase_moves.move(command, draft)
        case commands.CloseThreatModel():
            model_closing.close(command, draft)
        case commands.ConfirmClosing():
            model_closing.confirm_closing(command, draft)
        case commands.DeclineClosing():
            model_closing.decline_closing(command, draft)
        case commands.WithdrawClosing():
            model_closing.withdraw_closing(draft)
        case commands.ReopenThreatModel():
            phase_moves.reopen(command, draft)
        case commands.ArchiveThreatModel():
            phase_moves.archive(command, draft)
        case (
            commands.AddExternalDependency()
            | commands.AddEntryPoint()
            | commands.AddAsset()
            | commands.AddTrustLevel()
            | commands.AddDataFlow()
            | commands.AddComponent()
            | commands.AddTrustBoundary()
        ):
            element_entry.add(command, draft)
        case (
            commands.ReviseExternalDependency()
            | commands.ReviseEntryPoint()
            | commands.ReviseAsset()
            | commands.ReviseTrustLevel()
            | commands.ReviseDataFlow()
            | commands.ReviseComponent()
            | commands.ReviseTrustBoundary()
        ):
            element_entry.revise(command, draft)
    round_ending.end_finished_rounds(draft, model)
    return draft.events
