"""Decisions on the model as a whole: start, scope, people, settings, sharing, reminders, retrospective."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from domain.commands import (
    AllowSharing,
    AnswerRetrospective,
    ApplyWorkspaceSettings,
    ChooseLabels,
    ChooseParticipants,
    ChoosePolicy,
    ChooseTerms,
    FollowChannel,
    ForbidSharing,
    HandOver,
    ReviseScope,
    SnoozeReminder,
    StartThreatModel,
    TakeOver,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import check_future_day, clean_name, clean_text, combine_rejections
from domain.decide.templates import copy_structure
from domain.dread.scoring import Band
from domain.events import (
    ChannelFollowed,
    FacilitatorChanged,
    LabelsChosen,
    ParticipantsChosen,
    PolicyChosen,
    ReminderSnoozed,
    RetrospectiveAnswered,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    TermsChosen,
    ThreatModelStarted,
    WorkspaceSettingsApplied,
)
from domain.kernel.closing import RetrospectiveAnswer, RetrospectiveQuestion
from domain.kernel.elements import SYSTEM
from domain.kernel.inherited_settings import MAX_POLICY_DAYS
from domain.kernel.length_limits import LABEL, LABELS, TEXT
from domain.kernel.text_formatting import join_list
from domain.kernel.voting_round import MAX_QUORUM, VotingTerms
from domain.rejections import ContentMissing, NothingChanged, Rejected, TooLong
from domain.voting.turnout import SMALLEST_PANEL


def start(command: StartThreatModel, decision: Decision) -> Decision:
    """Start a model; the author is the facilitator unless another person is named."""
    stated = _scope(command, decision, None)
    structure = command.structure
    decision = decision.record(
        ThreatModelStarted(
            **decision.header,
            key=command.key,
            **stated,
            channel=command.channel,
            facilitator=command.facilitator or command.by,
            participants=tuple(dict.fromkeys(command.participants)),
            sharing_allowed=command.sharing_allowed,
            template=structure.origin if structure else None,
        )
    )
    return copy_structure(structure, decision) if structure else decision


def revise_scope(command: ReviseScope, decision: Decision) -> Decision:
    """Revise the scope."""
    stated = _scope(command, decision, decision.model.answers_by)
    changed = any(getattr(decision.model, name) != value for name, value in stated.items())
    return decision.record_if(changed, ScopeRevised(**decision.header, **stated))


def choose_participants(command: ChooseParticipants, decision: Decision) -> Decision:
    """Choose the participants."""
    participants = tuple(dict.fromkeys(command.participants))
    return decision.record_if(
        participants != decision.model.participants,
        ParticipantsChosen(**decision.header, participants=participants),
    )


def choose_labels(command: ChooseLabels, decision: Decision) -> Decision:
    """Choose the labels: each once, whatever its capitalization."""
    labels: dict[str, str] = {}
    for one in command.labels:
        label = " ".join(clean_text(one, what="The label", field="labels", limit=TEXT).split())
        if len(label) > LABEL:
            raise TooLong("The label", len(label), LABEL, field="labels")
        if label:
            labels.setdefault(label.casefold(), label)
    if len(labels) > LABELS:
        raise Rejected(f"There are {len(labels)} labels. Enter at most {LABELS}.", field="labels")
    chosen = tuple(labels.values())
    return decision.record_if(chosen != decision.model.labels, LabelsChosen(**decision.header, labels=chosen))


def choose_terms(command: ChooseTerms, decision: Decision) -> Decision:
    """Choose the defaults of rounds and the frequency of reminders."""
    if command.quorum is not None and not SMALLEST_PANEL <= command.quorum <= MAX_QUORUM:
        raise Rejected(
            f"The quorum must be from {SMALLEST_PANEL} to {MAX_QUORUM}, so that numbers cannot be "
            f"attributed to voters.",
            field="quorum",
        )
    model, own = decision.model, not command.inherit_reminders
    terms = VotingTerms(
        quorum=command.quorum,
        discoverability=command.discoverability,
        reminders=command.reminders if own else model.inherited.reminders,
    )
    return decision.record_if(
        (terms, own) != (model.terms, model.own_reminders),
        TermsChosen(**decision.header, terms=terms, own_reminders=own),
    )


def apply_workspace_settings(command: ApplyWorkspaceSettings, decision: Decision) -> Decision:
    """Apply the workspace's settings, unless the same or later ones apply already."""
    if command.by != SYSTEM:
        raise Rejected(
            "The settings of the workspace apply by themselves. An administrator can change them on the "
            "Home tab of this app."
        )
    if command.version <= decision.model.inherited_version:
        return decision
    return decision.record(
        WorkspaceSettingsApplied(
            **decision.header,
            version=command.version,
            settings=command.settings,
            chosen_by=command.chosen_by,
        )
    )


def hand_over(command: HandOver, decision: Decision) -> Decision:
    """Make another person the facilitator."""
    if command.facilitator == decision.model.facilitator:
        raise NothingChanged(
            f"@{command.facilitator} is already the facilitator.", people=(command.facilitator,)
        )
    if not decision.model.participates(command.facilitator):
        raise Rejected(
            f"@{command.facilitator} is not a participant of this model. Add them first.",
            field="facilitator",
            people=(command.facilitator,),
        )
    return decision.record(FacilitatorChanged(**decision.header, facilitator=command.facilitator))


def take_over(command: TakeOver, decision: Decision) -> Decision:
    """Make the author the facilitator."""
    if command.by == decision.model.facilitator:
        raise NothingChanged("You are already the facilitator.")
    return decision.record(FacilitatorChanged(**decision.header, facilitator=command.by))


def allow_sharing(_command: AllowSharing, decision: Decision) -> Decision:
    """Allow the model to be shown to other organizations."""
    return decision.record_if(not decision.model.sharing_allowed, SharingAllowed(**decision.header))


def forbid_sharing(_command: ForbidSharing, decision: Decision) -> Decision:
    """Forbid showing the model to other organizations."""
    return decision.record_if(decision.model.sharing_allowed, SharingForbidden(**decision.header))


def follow_channel(command: FollowChannel, decision: Decision) -> Decision:
    """Follow the model's channel to its new id."""
    if command.by != SYSTEM:
        raise Rejected("A model cannot be moved to another channel. Start a new model there.")
    return decision.record_if(
        command.channel != decision.model.channel, ChannelFollowed(**decision.header, channel=command.channel)
    )


def _scope(command: StartThreatModel | ReviseScope, decision: Decision, known: date | None) -> dict[str, Any]:
    """Return the scope; raises Rejected with all errors. A day that was `known` before may be in the past."""
    day = command.answers_by
    name, description, out_of_scope, answers_by = combine_rejections(
        lambda: clean_name(command.name, what="the threat model"),
        lambda: clean_text(command.description, what="The description", field="description"),
        lambda: clean_text(command.out_of_scope, what="Out of scope", field="out_of_scope"),
        lambda: (
            day if day is None or day == known else check_future_day(day, decision.at, field="answers_by")
        ),
    )
    return {
        "name": name,
        "description": description,
        "out_of_scope": out_of_scope,
        "answers_by": answers_by,
    }


def choose_policy(command: ChoosePolicy, decision: Decision) -> Decision:
    """Choose the policy; no event if it is unchanged.

    A band whose values change is the model's own from then on. One that is inherited again takes the
    workspace's values.
    """
    combine_rejections(
        *(lambda days=days, field=field: _check_days(days, field) for days, field in _days(command))
    )
    model = decision.model
    changed = {band for band in Band if command.policy.of(band) != model.policy.of(band)}
    kept = model.own_bands if command.own is None else frozenset(command.own)
    if contradictory := [band for band in reversed(Band) if band in changed & (model.own_bands - kept)]:
        listed = join_list([one.capitalize() for one in contradictory])
        raise Rejected(
            f"{listed}: the values were changed, and are to be inherited. Tick the band to keep them, or "
            "restore the values.",
            field="own",
        )
    own = kept | changed
    policy = model.inherited.policy.with_own(command.policy, own)
    if (policy, own) != (model.policy, model.own_bands):
        bands = tuple(band for band in Band if band in own)
        return decision.record(PolicyChosen(**decision.header, policy=policy, own=bands))
    return decision


def _days(command: ChoosePolicy) -> Iterator[tuple[int, str]]:
    """Yield each number of days with the name of its field."""
    for band in Band:
        policy = command.policy.of(band)
        if policy.due_days is not None:
            yield policy.due_days, f"due_{band}"
        yield policy.accepted_days, f"accepted_{band}"


def _check_days(days: int, field: str) -> None:
    if not 1 <= days <= MAX_POLICY_DAYS:
        raise Rejected(f"Enter a number of days from 1 to {MAX_POLICY_DAYS}.", field=field)


LONGEST_SNOOZE = timedelta(days=14)
"""The longest time that one reminder may be snoozed; for longer, change the due date."""


def snooze_reminder(command: SnoozeReminder, decision: Decision) -> Decision:
    """Snooze one reminder."""
    if command.until <= decision.at:
        raise Rejected("The time is in the past. Choose a later one.", field="until")
    if command.until > decision.at + LONGEST_SNOOZE:
        raise Rejected(
            f"A reminder can be snoozed for {LONGEST_SNOOZE.days} days at most. If you need more time, "
            f"change the due date.",
            field="until",
        )
    return decision.record_if(
        decision.model.snoozed.get(command.key) != command.until,
        ReminderSnoozed(**decision.header, key=command.key, until=command.until),
    )


def answer_retrospective(command: AnswerRetrospective, decision: Decision) -> Decision:
    """Record a person's answers to the retrospective, replacing earlier ones."""
    said = {
        answer.question: clean_text(answer.text, what="The answer", field=answer.question.value)
        for answer in command.answers
    }
    answers = tuple(
        RetrospectiveAnswer(question=question, text=text)
        for question in RetrospectiveQuestion
        if (text := said.get(question))
    )
    if not answers:
        raise ContentMissing("No question is answered. Answer at least one.")
    known = decision.model.retrospectives.get(decision.by)
    return decision.record_if(
        known is None or known.answers != answers, RetrospectiveAnswered(**decision.header, answers=answers)
    )
