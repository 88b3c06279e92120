"""Invitations to vote: those that a model's rounds require, and their current content."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from bot.delivery.slot_kinds import Desired, Gone
from bot.slack.projectors.direct_messages import (
    MAX_REREAD_DELAY,
    DirectPlan,
    about_of,
    desired_message,
    direct_slot,
    person_of,
    shows,
)
from bot.slack.protocol.block_builders import Message
from bot.slack.ui.messages.round_messages import Invitation, invitation_message
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from domain.kernel.elements import PersonId
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel
from domain.reminders import LEAD_TIME, People
from domain.reminders.reachability import next_at_work
from domain.voting.extreme_numbers import extremes_of
from domain.voting.turnout import invited_voters, live_asks, missing_ballots, panel_size

INVITATION: Final = "invitation"
"""Name of the slot kind."""


class InvitationProjector(msgspec.Struct, frozen=True, kw_only=True):
    """Projects one model at one time; without `quiet_hours`, working hours are ignored."""

    stream: StreamId
    model: ThreatModel
    now: datetime
    people: People
    quiet_hours: bool = True

    def plan(self, records: Iterable[DeliveryRecord]) -> DirectPlan:
        """Return the invitations to add, and those to post or edit."""
        records = tuple(records)
        known = {(about_of(record), person_of(record)) for record in records}
        openings: list[datetime] = []
        added: list[DeliveryRecord] = []
        for round in self.model.rounds.values():
            for person in () if round.ending is not None else invited_voters(round):
                if (round.id, person) in known:
                    continue
                if (until := self._waits_until(round, person)) is not None:
                    openings.append(until)
                else:
                    added.append(direct_slot(INVITATION, self.stream, round.id, person))
        return DirectPlan(
            added=tuple(added),
            due=tuple(record for record in (*records, *added) if self._is_due(record)),
            again_at=min((*openings, self.now + MAX_REREAD_DELAY)) if openings else None,
        )

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone:
        """Return the invitation with the progress of the voter and the round."""
        of, person = self._round(record), person_of(record)
        ended = of.ending is not None
        # The round may be over; a message that may exist is still searched for.
        update_only = not record.external_id and (ended or person not in invited_voters(of))
        if update_only and not record.attempt:
            return Gone()
        return desired_message(self._content(record), last=ended, update_only=update_only)

    def _waits_until(self, one: Round, person: PersonId) -> datetime | None:
        """Return the next working time of a voter before the deadline; None if the voter is invited now."""
        if not self.quiet_hours:
            return None
        opening = next_at_work(self.people(person), self.now)
        return opening if self.now < opening <= one.deadline - LEAD_TIME else None

    def _is_due(self, record: DeliveryRecord) -> bool:
        """Return whether an invitation is to be sent, or is outdated."""
        if record.final:
            return False
        if not record.external_id or self._round(record).ending is not None:
            return True
        return not shows(record, self._content(record))

    def _content(self, record: DeliveryRecord) -> Message:
        return invitation_message(
            invitation_for(self.stream, self.model, self._round(record), person_of(record))
        )

    def _round(self, record: DeliveryRecord) -> Round:
        return self.model.rounds[RoundId(about_of(record))]


def invitation_for(stream: StreamId, model: ThreatModel, one: Round, person: PersonId) -> Invitation:
    """Return the invitation of one voter to one round."""
    voters = invited_voters(one)
    first = model.rounds.get(one.revote_of) if one.revote_of is not None else None
    asks = live_asks(model, one)
    asked = {ask.threat: {*(first or one).asked(ask.threat)} for ask in asks}
    has_second_vote = any(other.revote_of == one.id for other in model.open_rounds())
    about = one.revote_of if one.ending is None else None if has_second_vote else one.id
    return Invitation(
        stream=stream,
        model=model.name,
        key=model.key,
        round=one,
        threats=len(asks),
        owed=len(missing_ballots(model, one, person)),
        contested=sum(bool({*ask.metrics} & asked[ask.threat]) for ask in asks) if first else 0,
        follow_ups=sum(bool({*ask.metrics} - asked[ask.threat]) for ask in asks) if first else 0,
        extremes=[extreme for extreme in extremes_of(model, person) if extreme.round == about],
        leaving=person not in voters,
        panel=panel_size(model, one),
    )
