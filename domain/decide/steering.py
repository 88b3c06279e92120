"""Decisions on the model as a whole: start, scope, participants, facilitator, sharing."""

from datetime import date

from domain.commands import (
    ChooseParticipants,
    ChooseTerms,
    FollowChannel,
    HandOver,
    ReviseScope,
    StartThreatModel,
    TakeOver,
)
from domain.decide.combined_rejections import combine_rejections
from domain.decide.decision import Draft
from domain.decide.input_checks import check_future_day, clean_name, clean_text
from domain.events import (
    ChannelFollowed,
    FacilitatorChanged,
    ParticipantsChosen,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    TermsChosen,
    ThreatModelStarted,
)
from domain.kernel.elements import SYSTEM
from domain.kernel.voting_round import MOST_QUORUM, VotingTerms
from domain.rejections import AlreadySo, Rejected
from domain.voting.turnout import SMALLEST_PANEL


def start(command: StartThreatModel, draft: Draft) -> Draft:
    """Start a model; the author is the facilitator unless another person is named."""
    _check_scope(command, draft, None)
    draft.record(
        ThreatModelStarted(
            **draft.header,
            key=command.key,
            name=clean_name(command.name, what="the threat model"),
            channel=command.channel,
            facilitator=command.facilitator or command.by,
            description=clean_text(command.description, what="The description", field="description"),
            out_of_scope=clean_text(command.out_of_scope, what="Out of scope", field="out_of_scope"),
            participants=tuple(dict.fromkeys(command.participants)),
            answers_by=_not_past(command.answers_by, draft),
            sharing_allowed=command.sharing_allowed,
        )
    )
    return draft


def revise_scope(command: ReviseScope, draft: Draft) -> None:
    """Revise the scope."""
    model = draft.model
    answers_by = command.answers_by
    _check_scope(command, draft, model.answers_by)
    event = ScopeRevised(
        **draft.header,
        name=clean_name(command.name, what="the threat model"),
        description=clean_text(command.description, what="The description", field="description"),
        out_of_scope=clean_text(command.out_of_scope, what="Out of scope", field="out_of_scope"),
        answers_by=answers_by if answers_by == model.answers_by else _not_past(answers_by, draft),
    )
    said = (event.name, event.description, event.out_of_scope, event.answers_by)
    if said != (model.name, model.description, model.out_of_scope, model.answers_by):
        draft.record(event)


def choose_participants(command: ChooseParticipants, draft: Draft) -> None:
    """Choose the participants."""
    participants = tuple(dict.fromkeys(command.participants))
    if participants != draft.model.participants:
        draft.record(ParticipantsChosen(**draft.header, participants=participants))


def choose_terms(command: ChooseTerms, draft: Draft) -> None:
    """Choose the defaults of rounds and the frequency of reminders."""
    if command.quorum is not None and not SMALLEST_PANEL <= command.quorum <= MOST_QUORUM:
        raise Rejected(
            f"The quorum can be {SMALLEST_PANEL} to {MOST_QUORUM}. "
            "The numbers of fewer people can be attributed.",
            field="quorum",
        )
    terms = VotingTerms(quorum=command.quorum, discoverability=command.discoverability, nudges=command.nudges)
    if terms != draft.model.terms:
        draft.record(TermsChosen(**draft.header, terms=terms))


def hand_over(command: HandOver, draft: Draft) -> None:
    """Make another person the facilitator."""
    if command.facilitator == draft.model.facilitator:
        raise AlreadySo(f"@{command.facilitator} is the facilitator already.", people=(command.facilitator,))
    if not draft.model.participates(command.facilitator):
        raise Rejected(
            f"@{command.facilitator} is not among the participants; add them first.",
            field="facilitator",
            people=(command.facilitator,),
        )
    draft.record(FacilitatorChanged(**draft.header, facilitator=command.facilitator))


def take_over(command: TakeOver, draft: Draft) -> None:
    """Make the author the facilitator."""
    if command.by == draft.model.facilitator:
        raise AlreadySo("You are the facilitator already.")
    draft.record(FacilitatorChanged(**draft.header, facilitator=command.by))


def allow_sharing(draft: Draft) -> None:
    """Allow the model to be shown to other organizations."""
    if not draft.model.sharing_allowed:
        draft.record(SharingAllowed(**draft.header))


def forbid_sharing(draft: Draft) -> None:
    """Forbid showing the model to other organizations."""
    if draft.model.sharing_allowed:
        draft.record(SharingForbidden(**draft.header))


def follow_channel(command: FollowChannel, draft: Draft) -> None:
    """Follow the model's channel to its new id."""
    if command.by != SYSTEM:
        raise Rejected("A model moves with its channel alone. Start a new one in the other channel.")
    if command.channel != draft.model.channel:
        draft.record(ChannelFollowed(**draft.header, channel=command.channel))


def _check_scope(command: StartThreatModel | ReviseScope, draft: Draft, known: date | None) -> None:
    """Raise Rejected, with all errors found; a day that was `known` before may be in the past."""
    combine_rejections(
        lambda: clean_name(command.name, what="the threat model"),
        lambda: clean_text(command.description, what="The description", field="description"),
        lambda: clean_text(command.out_of_scope, what="Out of scope", field="out_of_scope"),
        lambda: command.answers_by == known or _not_past(command.answers_by, draft),
    )


def _not_past(day: date | None, draft: Draft) -> date | None:
    return None if day is None else check_future_day(day, draft.at, field="answers_by")
