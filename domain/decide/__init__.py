"""Decisions: the events that follow from a command, or a rejection that people can read."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Never, get_args

from domain import commands
from domain.decide import (
    analysis,
    bulk_entry,
    collection,
    drafts,
    element_entry,
    element_merge,
    handing_over,
    issues,
    mitigations,
    phase_moves,
    responses,
    steering,
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
    decision = begin_decision(command, model)
    if isinstance(command, commands.Undo):
        decision = undo.undo_last_answer(decision, load_events())
    else:
        decision = DECISIONS[type(command)](command, decision)
        check_duplicates(decision.duplicates, model)
        decision = collection.record_assumptions(decision, model)
    return voting.end_finished_rounds(decision, model).events


Decide = Callable[[Any, Decision], Decision]
"""A function as it is called for a command of its type, with the decision before it."""


def _by_command(*handlers: Callable[[Never, Decision], Decision]) -> dict[type[commands.Command], Decide]:
    """Return the function for each command that the annotation of its first parameter names."""
    found: dict[type[commands.Command], Decide] = {}
    for handler in handlers:
        command = next(iter(handler.__annotations__.values()))
        found |= dict.fromkeys(get_args(command) or (command,), handler)
    return found


DECISIONS: Final = _by_command(
    steering.start,
    steering.revise_scope,
    steering.choose_participants,
    steering.choose_labels,
    steering.choose_terms,
    steering.choose_policy,
    steering.apply_workspace_settings,
    steering.hand_over,
    steering.take_over,
    steering.allow_sharing,
    steering.forbid_sharing,
    steering.follow_channel,
    bulk_entry.name_elements,
    bulk_entry.draw_flows,
    bulk_entry.place_components,
    bulk_entry.describe_elements,
    element_entry.remove,
    element_merge.merge_elements,
    element_entry.order_trust_levels,
    collection.answer_questions,
    collection.check_answer,
    collection.confirm_assumptions,
    collection.adopt_catalog,
    analysis.answer_open_questions,
    element_entry.answer_links,
    collection.complete_register,
    collection.reopen_register,
    collection.record_assumption,
    collection.revise_assumption,
    collection.withdraw_assumption,
    drafts.accept_draft,
    threats.report_threat,
    threats.answer_prompt,
    threats.revise_threat,
    threats.withdraw_threat,
    voting.open_round,
    voting.cast_ballot,
    voting.cast_ballots,
    voting.close_round,
    voting.extend_round,
    voting.settle_round,
    voting.take_medians,
    voting.leave_round,
    voting.explain_ballot,
    voting.mark_reference_threat,
    voting.unmark_reference_threat,
    threats.merge_threats,
    threats.confirm_suggested_threats,
    threats.dismiss_suggested_threats,
    threats.decide_group,
    threats.remove_places,
    analysis.reopen_suggested_threat,
    analysis.consider_row,
    analysis.consider_rows,
    analysis.reopen_row,
    analysis.ask_person,
    analysis.answer_screening,
    analysis.confirm_screening,
    responses.choose_response,
    responses.propose_acceptance,
    responses.reassign_approval,
    responses.approve_acceptance,
    responses.approve_acceptances,
    responses.decline_acceptance,
    mitigations.plan_mitigation,
    mitigations.plan_suggested,
    mitigations.link_mitigation,
    mitigations.unlink_mitigation,
    mitigations.revise_mitigation,
    mitigations.reassign_mitigation,
    mitigations.reschedule_mitigation,
    mitigations.start_mitigation,
    mitigations.implement_mitigation,
    mitigations.verify_mitigation,
    mitigations.refuse_verification,
    mitigations.drop_mitigation,
    handing_over.reassign_all,
    mitigations.resume_mitigation,
    issues.choose_tracker,
    issues.link_issue,
    issues.unlink_issue,
    issues.request_issue,
    issues.record_issue_state,
    issues.dismiss_issue_proposal,
    steering.snooze_reminder,
    steering.answer_retrospective,
    phase_moves.move,
    phase_moves.close,
    phase_moves.confirm_closing,
    phase_moves.decline_closing,
    phase_moves.withdraw_closing,
    phase_moves.reopen,
    phase_moves.archive,
    element_entry.add,
    element_entry.revise,
)
"""The function that decides on each command but Undo; a test compares the keys with the union of commands."""
