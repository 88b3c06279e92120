"""Invites each voter of a round by one direct message, and keeps it true until the round is over."""

from collections.abc import Callable

from bot.slack.asking.requests import Json
from bot.slack.connection.slack_api import SlackApi
from bot.slack.kit.blocks import Message
from bot.slack.surfaces.agenda import Job, Pace
from bot.slack.surfaces.bringing import Bringing
from bot.slack.surfaces.directs import Direct, Directs
from bot.slack.surfaces.tending import Tender
from bot.slack.upkeep.metrics import Metrics
from bot.slack.views.invitation import Invited, invitation
from bot.store import StreamId
from bot.workshop import NoSuchModel
from domain.elements import PersonId
from domain.model import ThreatModel
from domain.rounds import Round
from domain.scores import extremes_of
from domain.voting import FEWEST, invited, lacks, live_asks

EVENT_TYPE = "threatmodel_invitation"
"""What the metadata of such a message is called; its payload names the round."""


class Inviting:
    """One thread that tells voters; `model` gives a model as it is now, `voting` those with open rounds."""

    def __init__(
        self,
        invitations: Directs,
        api: SlackApi,
        *,
        model: Callable[[StreamId], ThreatModel],
        voting: Callable[[], set[StreamId]],
        silence: Callable[[str], None],
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        self._invitations = invitations
        self._model = model
        self._voting = voting
        self._bringing = Bringing(
            invitations,
            api,
            surface="invitations",
            metadata=_metadata,
            lease=(pace or Pace()).nudges.lease,
            metrics=metrics,
        )
        self._tender = Tender(
            "invitations",
            pace or Pace(),
            keep=self._keep,
            notice=self._notice,
            silence=silence,
            metrics=metrics,
        )

    def start(self) -> None:
        """Begin with whoever is not invited yet."""
        self._tender.start()

    def stop(self) -> None:
        """Tell nobody any more; the next start goes on where this ended."""
        self._tender.agenda.end()

    def touch(self, stream: StreamId) -> None:
        """Something was said in a model."""
        self._tender.agenda.touch(Job("invitations", stream))

    def _notice(self) -> None:
        for stream in self._voting() | self._invitations.changing() | self._bringing.late:
            self._tender.agenda.touch(Job("invitations", stream), at_once=True)

    def _keep(self, job: Job) -> None:
        stream = StreamId(job.of)
        try:
            model = self._model(stream)
        except NoSuchModel:
            return  # it was erased, and with it what an invitation leads to
        known = self._invitations.of(stream)
        for one in known.values():
            self._bringing.take_back(one)
        for one in model.rounds.values():
            told = {person for about, person in known if about == one.id}
            voters = () if one.ending is not None else invited(model, one)
            for person in dict.fromkeys((*voters, *told)):
                direct = Direct(stream=stream, about=one.id, person=person)
                self._keep_one(known.get((one.id, person)), direct, model, one)

    def _keep_one(self, before: Direct | None, direct: Direct, model: ThreatModel, one: Round) -> None:
        def shown() -> Message | None:
            # Of a round that is over meanwhile there is nothing to invite to any more.
            still = one.ending is None and direct.person in invited(model, one)
            return message() if still else None

        def message() -> Message:
            return invitation(_invited(direct.stream, model, one, direct.person))

        if before is None:
            self._bringing.begin(direct, message)
        elif before.over:
            return
        elif before.ts:
            self._bringing.bring_up_to_date(before, message(), over=one.ending is not None)
        else:
            self._bringing.go_on(before, shown)


def _metadata(one: Direct) -> Json:
    """What a message carries unseen, to be found by."""
    return {"event_type": EVENT_TYPE, "event_payload": {"stream": one.stream, "round": one.about}}


def _invited(stream: StreamId, model: ThreatModel, one: Round, person: PersonId) -> Invited:
    voters = invited(model, one)
    return Invited(
        stream=stream,
        model=model.name,
        key=model.key,
        round=one,
        threats=len(live_asks(model, one)),
        owed=len(lacks(model, one, person)),
        extremes=[extreme for extreme in extremes_of(model, person) if extreme.round == one.revote_of],
        leaving=person not in voters,
        few=len(voters) < FEWEST,
    )
