"""The one direct message that invites each voter of a round; it is kept true until the round is over."""

from datetime import datetime
from typing import ClassVar

from bot.commands.command_handler import NoSuchModel
from bot.slack.protocol.requests import Json
from bot.slack.queries.services import Services
from bot.slack.surfaces.bringing import Bringing
from bot.slack.surfaces.card_surface import digest_of
from bot.slack.surfaces.direct_surface import Planned
from bot.slack.surfaces.handing import LOOK_AGAIN
from bot.slack.surfaces.pace import Surface
from bot.slack.ui.messages.voting_invitation import Invitation, invitation_message
from bot.store import StreamId
from bot.store.repositories.directs import Direct, Directs
from domain.kernel.elements import PersonId
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel
from domain.reminders import IN_TIME
from domain.reminders.reachability import next_at_work
from domain.voting.extremes import extremes_of
from domain.voting.turnout import invited_voters, live_asks, missing_ballots, panel_size

EVENT_TYPE = "threatmodel_invitation"
"""What the metadata of such a message is called; its payload names the round."""


class Inviting:
    """The invitations to all rounds of a workspace; whom they reached is remembered in `invitations`."""

    surface: ClassVar[Surface] = "invitations"
    message: ClassVar[Surface] = "invitation"

    def __init__(self, invitations: Directs, tools: Services, *, quiet_hours: bool = True) -> None:
        self._invitations = invitations
        self._tools = tools
        self._quiet_hours = quiet_hours

    def carried(self, one: Direct) -> Json:
        """What a message carries unseen: the round that it invites to."""
        return {"event_type": EVENT_TYPE, "event_payload": {"stream": one.stream, "round": one.about}}

    def plan(self, stream: StreamId) -> Planned:
        """Note which voters are to be invited, and find invitations that show something else by now."""
        try:
            model = self._tools.workshop.model(stream)
        except NoSuchModel:
            return Planned()  # it was erased, and with it what an invitation leads to
        known = self._invitations.of(stream)
        openings: list[datetime] = []
        for one in model.rounds.values():
            for person in () if one.ending is not None else invited_voters(one):
                if (one.id, person) in known:
                    continue
                if (until := self._waits_until(model, one, person)) is not None:
                    openings.append(until)
                    continue
                untold = Direct(stream=stream, about=one.id, person=person)
                if self._invitations.claim(untold):
                    known[one.id, person] = untold
        # A person's zone and hours may change meanwhile.
        again = min((*openings, self._tools.now() + LOOK_AGAIN)) if openings else None
        return Planned(messages=tuple(one for one in known.values() if _is_due(one, model)), again=again)

    def keep(self, one: Direct, bringing: Bringing) -> None:
        """Invite a voter, and show in the invitation how far they and the round are."""
        try:
            model = self._tools.workshop.model(one.stream)
        except NoSuchModel:
            return
        of = model.rounds[RoundId(one.about)]
        shown = invitation_message(invited_to(one.stream, model, of, one.person))
        if one.ts:
            bringing.bring_up_to_date(one, shown, over=of.ending is not None)
            return
        # Of a round that is over meanwhile there is nothing to invite to any more.
        still = of.ending is None and one.person in invited_voters(of)
        bringing.go_on(one, lambda: shown if still else None)

    def _waits_until(self, model: ThreatModel, one: Round, person: PersonId) -> datetime | None:
        """When a voter who is not at work now will be, in time to vote; None for one who is invited now."""
        if not self._quiet_hours:
            return None
        now = self._tools.now()
        opening = next_at_work(self._tools.people(model.channel)(person), now)
        return opening if now < opening <= one.deadline - IN_TIME else None


def _is_due(one: Direct, model: ThreatModel) -> bool:
    """Whether an invitation is to be sent, or to show something else than it does."""
    if one.over:
        return False
    of = model.rounds[RoundId(one.about)]
    if not one.ts or of.ending is not None:
        return True
    return digest_of(invitation_message(invited_to(one.stream, model, of, one.person))) != one.digest


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
