"""The one direct message that invites each voter of a round; it is kept true until the round is over."""

from datetime import datetime
from typing import ClassVar

from bot.commands.command_handler import NoSuchModel
from bot.delivery.slot_kinds import Desired, Gone, Unchanged, content_digest
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.queries.services import Services
from bot.slack.sinks.direct_messages import person_of
from bot.slack.slots.delivery_pace import WorkKind
from bot.slack.slots.direct_slots import DirectPlan, about_of, direct_slot, shown_as
from bot.slack.slots.handover_messages import LOOK_AGAIN
from bot.slack.ui.messages.voting_invitation import Invitation, invitation_message
from bot.store import StreamId
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.salted_digests import matches_salted_digest
from domain.kernel.elements import PersonId
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel
from domain.reminders import IN_TIME
from domain.reminders.reachability import next_at_work
from domain.voting.extreme_numbers import extremes_of
from domain.voting.turnout import invited_voters, live_asks, missing_ballots, panel_size

EVENT_TYPE = "threatmodel_invitation"
"""What the metadata of such a message is called; its payload names the round."""


class VotingInvitations:
    """The invitations to all rounds of a workspace; whom they reached is remembered in `deliveries`."""

    surface: ClassVar[WorkKind] = "invitations"
    message: ClassVar[WorkKind] = "invitation"

    def __init__(self, deliveries: Deliveries, services: Services, *, quiet_hours: bool = True) -> None:
        self._deliveries = deliveries
        self._services = services
        self._quiet_hours = quiet_hours

    def carried(self, record: DeliveryRecord) -> Json:
        """Return what a message carries unseen: the round that it invites to."""
        payload = {"stream": record.stream, "round": about_of(record)}
        return {"event_type": EVENT_TYPE, "event_payload": payload}

    def plan(self, stream: StreamId) -> DirectPlan:
        """Want the invitations of voters, and find those that show something else by now."""
        try:
            model = self._services.command_handler.model(stream)
        except NoSuchModel:
            return DirectPlan()  # it was erased, and with it what an invitation leads to
        records = self._deliveries.of_model(stream, self.message)
        known = {(about_of(one), person_of(one)) for one in records}
        openings: list[datetime] = []
        wanted: list[DeliveryRecord] = []
        for one in model.rounds.values():
            for person in () if one.ending is not None else invited_voters(one):
                if (one.id, person) in known:
                    continue
                if (until := self._waits_until(model, one, person)) is not None:
                    openings.append(until)
                else:
                    wanted.append(direct_slot(self.message, stream, one.id, person))
        added = self._deliveries.want(*wanted)
        # A person's zone and hours may change meanwhile.
        again = min((*openings, self._services.now() + LOOK_AGAIN)) if openings else None
        return DirectPlan(
            messages=tuple(one for one in (*records, *added) if _is_due(one, model)), again=again
        )

    def look(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the invitation with how far the voter and the round are."""
        try:
            model = self._services.command_handler.model(record.stream)
        except NoSuchModel:
            return Unchanged()
        of, person = model.rounds[RoundId(about_of(record))], person_of(record)
        ended = of.ending is not None
        # There may be nothing to invite to any more; a message that may exist is looked for all the same.
        found_only = not record.external_id and (ended or person not in invited_voters(of))
        if found_only and not record.attempt:
            return Gone()
        return shown_as(_invitation(record, model), last=ended, found_only=found_only)

    def _waits_until(self, model: ThreatModel, one: Round, person: PersonId) -> datetime | None:
        """When a voter who is not at work now will be, in time to vote; None for one who is invited now."""
        if not self._quiet_hours:
            return None
        now = self._services.now()
        opening = next_at_work(self._services.people(model.channel)(person), now)
        return opening if now < opening <= one.deadline - IN_TIME else None


def _is_due(one: DeliveryRecord, model: ThreatModel) -> bool:
    """Whether an invitation is to be sent, or to show something else than it does."""
    if one.over:
        return False
    of = model.rounds[RoundId(about_of(one))]
    if not one.external_id or of.ending is not None:
        return True
    return not matches_salted_digest(one.shown, content_digest(_invitation(one, model)))


def _invitation(record: DeliveryRecord, model: ThreatModel) -> Message:
    of = model.rounds[RoundId(about_of(record))]
    return invitation_message(invited_to(record.stream, model, of, person_of(record)))


def invited_to(stream: StreamId, model: ThreatModel, one: Round, person: PersonId) -> Invitation:
    """What one person is told of one round."""
    voters = invited_voters(one)
    return Invitation(
        stream=stream,
        model=model.name,
        key=model.key,
        round=one,
        threats=len(live_asks(model, one)),
        owed=len(missing_ballots(model, one, person)),
        extremes=[extreme for extreme in extremes_of(model, person) if extreme.round == one.revote_of],
        leaving=person not in voters,
        panel=panel_size(model, one),
    )
