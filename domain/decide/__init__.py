"""Decisions: the events that follow from a command, or a rejection that people can read."""

from collections.abc import Callable, Sequence

from domain import commands
from domain.decide import (
    analysis,
    assumed_facts,
    bulk_entry,
    collection,
    drafts,
    element_entry,
    follow_up,
    issues,
    mitigations,
    model_closing,
    phase_moves,
    responses,
    round_ending,
    round_opening,
    steering,
    suggested_threats,
    threats,
    undo,
    voting,
)
from domain.decide.decision import Decision, begin_decision
from domain.decide.name_spelling import check_duplicates
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
    if not isinstance(command, commands.StartThreatModel):
        check_allowed(model, type(command))
        check_access(model, command)
    elif model.version:
        raise AlreadyStarted
    decision = _decide_on(command, begin_decision(command, model), load_events)
    check_duplicates(decision.duplicates, model)
    if not isinstance(command, commands.Undo):  # which restores what was assumed before
        decision = assumed_facts.record_assumptions(decision, model)
    return round_ending.end_finished_rounds(decision, model).events


def _decide_on(command: commands.Command, decision: Decision, load_events: EventLoader) -> Decision:
    """Return the decision on a command, before the rounds that it finishes are closed."""
    match command:
        case commands.StartThreatModel():
            return steering.start(command, decision)
        case commands.ReviseScope():
            return steering.revise_scope(command, decision)
        case commands.ChooseParticipants():
            return steering.choose_participants(command, decision)
        case commands.ChooseLabels():
            return steering.choose_labels(command, decision)
        case commands.ChooseTerms():
            return steering.choose_terms(command, decision)
        case commands.ChoosePolicy():
            return steering.choose_policy(command, decision)
        case commands.ApplyWorkspaceSettings():
            return steering.apply_workspace_settings(command, decision)
        case commands.HandOver():
            return steering.hand_over(command, decision)
        case commands.TakeOver():
            return steering.take_over(command, decision)
        case commands.AllowSharing():
            return steering.allow_sharing(decision)
        case commands.ForbidSharing():
            return steering.forbid_sharing(decision)
        case commands.FollowChannel():
            return steering.follow_channel(command, decision)
        case commands.NameElements():
            return bulk_entry.name_elements(command, decision)
        case commands.DrawFlows():
            return bulk_entry.draw_flows(command, decision)
        case commands.PlaceComponents():
            return bulk_entry.place_components(command, decision)
        case commands.DescribeElements():
            return bulk_entry.describe_elements(command, decision)
        case commands.RemoveElement():
            return element_entry.remove(command, decision)
        case commands.OrderTrustLevels():
            return element_entry.order_trust_levels(command, decision)
        case commands.AnswerQuestions():
            return collection.answer_questions(command, decision)
        case commands.ConfirmAssumptions():
            return assumed_facts.confirm_assumptions(command, decision)
        case commands.AdoptCatalog():
            return assumed_facts.adopt_catalog(command, decision)
        case commands.AnswerOpenQuestions():
            return analysis.answer_open_questions(command, decision)
        case commands.AnswerLinks():
            return element_entry.answer_links(command, decision)
        case commands.CompleteRegister():
            return collection.complete_register(command, decision)
        case commands.ReopenRegister():
            return collection.reopen_register(command, decision)
        case commands.RecordAssumption():
            return collection.record_assumption(command, decision)
        case commands.ReviseAssumption():
            return collection.revise_assumption(command, decision)
        case commands.WithdrawAssumption():
            return collection.withdraw_assumption(command, decision)
        case commands.AcceptDraft():
            return drafts.accept_draft(command, decision)
        case commands.ReportThreat():
            return threats.report_threat(command, decision)
        case commands.ReviseThreat():
            return threats.revise_threat(command, decision)
        case commands.WithdrawThreat():
            return threats.withdraw_threat(command, decision)
        case commands.OpenRound():
            return round_opening.open_round(command, decision)
        case commands.CastBallot():
            return voting.cast_ballot(command, decision)
        case commands.CastBallots():
            return voting.cast_ballots(command, decision)
        case commands.CloseRound():
            return round_ending.close_round(command, decision)
        case commands.ExtendRound():
            return round_ending.extend_round(command, decision)
        case commands.SettleRound():
            return round_ending.settle_round(command, decision)
        case commands.LeaveRound():
            return voting.leave_round(command, decision)
        case commands.ExplainBallot():
            return voting.explain_ballot(command, decision)
        case commands.MarkYardstick():
            return voting.mark_yardstick(command, decision)
        case commands.UnmarkYardstick():
            return voting.unmark_yardstick(command, decision)
        case commands.MergeThreats():
            return threats.merge_threats(command, decision)
        case commands.ConfirmCandidates():
            return suggested_threats.confirm_candidates(command, decision)
        case commands.DismissCandidates():
            return suggested_threats.dismiss_candidates(command, decision)
        case commands.DecideGroup():
            return suggested_threats.decide_group(command, decision)
        case commands.RemovePlaces():
            return suggested_threats.remove_places(command, decision)
        case commands.ReopenCandidate():
            return analysis.reopen_candidate(command, decision)
        case commands.ConsiderRow():
            return analysis.consider_row(command, decision)
        case commands.ConsiderRows():
            return analysis.consider_rows(command, decision)
        case commands.ReopenRow():
            return analysis.reopen_row(command, decision)
        case commands.AskPerson():
            return analysis.ask_person(command, decision)
        case commands.AnswerScreening():
            return analysis.answer_screening(command, decision)
        case commands.ConfirmScreening():
            return analysis.confirm_screening(decision)
        case commands.ChooseResponse():
            return responses.choose_response(command, decision)
        case commands.ProposeAcceptance():
            return responses.propose_acceptance(command, decision)
        case commands.ReassignApproval():
            return responses.reassign_approval(command, decision)
        case commands.ApproveAcceptance():
            return responses.approve_acceptance(command, decision)
        case commands.ApproveAcceptances():
            return responses.approve_acceptances(command, decision)
        case commands.DeclineAcceptance():
            return responses.decline_acceptance(command, decision)
        case commands.PlanMitigation():
            return mitigations.plan_mitigation(command, decision)
        case commands.PlanSuggestedMitigations():
            return mitigations.plan_suggested(command, decision)
        case commands.LinkMitigation():
            return mitigations.link_mitigation(command, decision)
        case commands.UnlinkMitigation():
            return mitigations.unlink_mitigation(command, decision)
        case commands.ReviseMitigation():
            return mitigations.revise_mitigation(command, decision)
        case commands.ReassignMitigation():
            return mitigations.reassign_mitigation(command, decision)
        case commands.RescheduleMitigation():
            return mitigations.reschedule_mitigation(command, decision)
        case commands.StartMitigation():
            return mitigations.start_mitigation(command, decision)
        case commands.ImplementMitigation():
            return mitigations.implement_mitigation(command, decision)
        case commands.VerifyMitigation():
            return mitigations.verify_mitigation(command, decision)
        case commands.RefuseVerification():
            return mitigations.refuse_verification(command, decision)
        case commands.DropMitigation():
            return mitigations.drop_mitigation(command, decision)
        case commands.ResumeMitigation():
            return mitigations.resume_mitigation(command, decision)
        case commands.ChooseTracker():
            return issues.choose_tracker(command, decision)
        case commands.LinkIssue():
            return issues.link_issue(command, decision)
        case commands.UnlinkIssue():
            return issues.unlink_issue(command, decision)
        case commands.RequestIssue():
            return issues.request_issue(command, decision)
        case commands.RecordIssueState():
            return issues.record_issue_state(command, decision)
        case commands.DismissIssueProposal():
            return issues.dismiss_issue_proposal(command, decision)
        case commands.SnoozeReminder():
            return follow_up.snooze_reminder(command, decision)
        case commands.AnswerRetrospective():
            return follow_up.answer_retrospective(command, decision)
        case commands.Undo():
            return undo.undo_last_answer(decision, load_events())
        case (
            commands.BeginAnalysis()
            | commands.BeginRemediation()
            | commands.ReturnToCollection()
            | commands.ReturnToAnalysis()
        ):
            return phase_moves.move(command, decision)
        case commands.CloseThreatModel():
            return model_closing.close(command, decision)
        case commands.ConfirmClosing():
            return model_closing.confirm_closing(command, decision)
        case commands.DeclineClosing():
            return model_closing.decline_closing(command, decision)
        case commands.WithdrawClosing():
            return model_closing.withdraw_closing(decision)
        case commands.ReopenThreatModel():
            return phase_moves.reopen(command, decision)
        case commands.ArchiveThreatModel():
            return phase_moves.archive(command, decision)
        case (
            commands.AddExternalDependency()
            | commands.AddEntryPoint()
            | commands.AddAsset()
            | commands.AddTrustLevel()
            | commands.AddDataFlow()
            | commands.AddComponent()
            | commands.AddTrustBoundary()
        ):
            return element_entry.add(command, decision)
        case (
            commands.ReviseExternalDependency()
            | commands.ReviseEntryPoint()
            | commands.ReviseAsset()
            | commands.ReviseTrustLevel()
            | commands.ReviseDataFlow()
            | commands.ReviseComponent()
            | commands.ReviseTrustBoundary()
        ):
            return element_entry.revise(command, decision)
