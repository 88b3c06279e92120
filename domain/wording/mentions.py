"""People in the wording of an event: those it mentions, and the author shown."""

from domain import events
from domain.dread.scoring import Band
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.voting_round import RoundEndCause
from domain.model import ThreatModel
from domain.voting.turnout import names_second_voter
from domain.wording.remediation import people_in_remediation
from domain.wording.trackers import people_in_tracker


def mentioned_people(event: events.Event) -> tuple[PersonId, ...]:
    """Return the people that the description of an event mentions, without its author."""
    match event:
        case _ if isinstance(event, events.RemediationEvent):
            people: tuple[PersonId, ...] = people_in_remediation(event)
        case _ if isinstance(event, events.TrackerEvent):
            people = people_in_tracker(event)
        case events.ThreatModelStarted() | events.FacilitatorChanged():
            people = (event.facilitator,)
        case events.ClosingProposed(proposal=said) if said.asked is not None:
            people = (said.asked,)
        case events.ThreatModelClosed(proposed_by=proposer) if proposer is not None:
            people = (proposer,)
        case events.PolicyChosen():
            return tuple(dict.fromkeys(one for band in Band for one in event.policy.of(band).approvers))
        case events.WorkspaceSettingsApplied():
            policy = event.settings.policy
            approvers = (one for band in Band for one in policy.of(band).approvers)
            return tuple(dict.fromkeys((event.chosen_by, *approvers)))
        case events.ParticipantsChosen():
            return event.participants
        case events.AssumptionRecorded():
            people = (event.assumption.held_by,)
        case events.DraftSettled(settled=said) if said.brought_by is not None:
            people = (said.brought_by,)
        case events.VoterLeft():
            people = (event.voter,)
        case events.PersonAsked(person=person) if person is not None:
            people = (person,)
        case _:  # other events name no one
            people = ()
    return tuple(person for person in people if person != event.by)


def displayed_author(event: events.Event, model: ThreatModel) -> PersonId:
    """Return the person named as the author, given the model before the event.

    Empty if the person explained a ballot without agreeing to be named, voted again, or snoozed a reminder
    to do so: the turnout of a second vote has no names. A round that ends because all have voted is ended by
    the system, which also opens the second vote, and not by the person who voted last.
    """
    if isinstance(event, events.ReminderSnoozed) and names_second_voter(model, event.key):
        return PersonId("")
    if isinstance(event, events.BallotCast):
        known = model.rounds.get(event.round)
        return event.by if known is not None and known.revote_of is None else PersonId("")
    if isinstance(event, events.BallotExplained) and not event.named:
        return PersonId("")
    if isinstance(event, events.RoundClosed) and event.cause in _BY_ITSELF:
        return SYSTEM
    if isinstance(event, events.RoundOpened) and event.round.revote_of is not None:
        return SYSTEM
    return event.by


_BY_ITSELF = (RoundEndCause.ALL_VOTED, RoundEndCause.NO_THREATS, RoundEndCause.NO_VOTERS)
