"""Invites each voter of a round by one direct message, and keeps it true until the round is over."""

import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from msgspec.structs import replace

from bot.slack.asking.requests import Json
from bot.slack.connection.slack_api import Refused, SlackApi, Unreachable
from bot.slack.kit.codes import NOT_TO_THEM
from bot.slack.surfaces.agenda import Job, Pace
from bot.slack.surfaces.card_surface import GONE, digest_of
from bot.slack.surfaces.direct_history import written_to
from bot.slack.surfaces.invitations import Invitation, Invitations
from bot.slack.surfaces.tending import Tender
from bot.slack.upkeep.metrics import Metrics
from bot.slack.views.invitation import Invited, invitation
from bot.store import StreamId
from bot.workshop import NoSuchModel
from domain.elements import PersonId
from domain.model import ThreatModel
from domain.rounds import Round, RoundId
from domain.scores import extremes_of
from domain.voting import FEWEST, invited, lacks, live_asks

EVENT_TYPE = "threatmodel_invitation"
"""What the metadata of such a message is called; its payload names the round."""

Place = tuple[StreamId, RoundId, PersonId]

log = structlog.get_logger()


class Inviting:
    """One thread that tells voters; `model` gives a model as it is now, `voting` those with open rounds."""

    def __init__(
        self,
        invitations: Invitations,
        api: SlackApi,
        *,
        model: Callable[[StreamId], ThreatModel],
        voting: Callable[[], set[StreamId]],
        silence: Callable[[str], None],
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        self._invitations = invitations
        self._api = api
        self._model = model
        self._voting = voting
        self._metrics = metrics
        self._lease = (pace or Pace()).nudges.lease
        self._watched: dict[Place, tuple[str, float]] = {}
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
        for stream in self._voting() | self._invitations.changing():
            self._tender.agenda.touch(Job("invitations", stream), at_once=True)

    def _keep(self, job: Job) -> None:
        stream = StreamId(job.of)
        try:
            model = self._model(stream)
        except NoSuchModel:
            return  # it was erased, and with it what an invitation leads to
        known = self._invitations.of(stream)
        for one in model.rounds.values():
            told = {person for about, person in known if about == one.id}
            voters = () if one.ending is not None else invited(model, one)
            for person in dict.fromkeys((*voters, *told)):
                before = known.get((one.id, person))
                if before is None:
                    self._invite(stream, model, one, person)
                elif before.over:
                    continue
                elif before.ts:
                    self._bring_up_to_date(before, model, one)
                elif self._left_alone(before):
                    self._go_on(before, model, one)

    def _invite(self, stream: StreamId, model: ThreatModel, one: Round, person: PersonId) -> None:
        claimed = Invitation(stream=stream, round=one.id, person=person, digest=_mark())
        # Noted down before: where it is unknown whether Slack took it, it is looked for before another try.
        if not self._invitations.claim(claimed):
            return
        try:
            self._post(self._direct(person), claimed, model, one)
        except Refused as refused:
            if refused.code in NOT_TO_THEM:
                self._give_up(claimed, refused)
                return
            self._invitations.forget(claimed)
            raise
        except Unreachable as fault:
            if fault.nothing_done:
                self._invitations.forget(claimed)
            raise

    def _left_alone(self, claimed: Invitation) -> bool:
        """Whether a claim has been standing for so long, by this process's own watch, that nobody is at it.

        Whoever claims something posts it within the two calls that this takes, or not at all.
        """
        place = (claimed.stream, claimed.round, claimed.person)
        mark, since = self._watched.get(place, ("", 0.0))
        if place not in self._watched or mark != claimed.digest:
            self._watched[place] = (claimed.digest, time.monotonic())
            return False
        return time.monotonic() - since >= self._lease

    def _go_on(self, before: Invitation, model: ThreatModel, one: Round) -> None:
        """End what was claimed, by this process or one that died: find the message, or post it after all."""
        mine = replace(before, digest=_mark())
        if not self._invitations.take_over(before, mine.digest):
            return  # another process was faster
        log.info("took over an invitation", stream=mine.stream, round=one.id, person=mine.person)
        try:
            direct = self._direct(mine.person)
            if ts := self._found(direct, mine):
                self._metrics.surface("invitations", "found")
                there = replace(mine, channel=direct, ts=ts, digest="")
                self._invitations.keep(there)
                self._bring_up_to_date(there, model, one)
            elif one.ending is not None or mine.person not in invited(model, one):
                self._invitations.keep(replace(mine, over=True))  # there is nothing to invite to any more
            else:
                self._post(direct, mine, model, one)
        except Refused as refused:
            if refused.code not in NOT_TO_THEM:
                raise  # the claim stands: the message may be there
            self._give_up(mine, refused)

    def _bring_up_to_date(self, before: Invitation, model: ThreatModel, one: Round) -> None:
        shown = invitation(_invited(before.stream, model, one, before.person))
        digest, over = digest_of(shown), one.ending is not None
        if digest != before.digest:
            try:
                self._api.call(
                    "chat.update",
                    channel=before.channel,
                    ts=before.ts,
                    text=shown.text,
                    blocks=shown.blocks,
                )
            except Refused as refused:
                if refused.code not in GONE | NOT_TO_THEM:
                    raise
                over = True  # somebody deleted it: they do not want to be told
            self._metrics.surface("invitations", "updated")
        if digest != before.digest or over:
            self._invitations.keep(replace(before, digest=digest, over=over))

    def _found(self, direct: str, wanted: Invitation) -> str:
        """The place of the message that carries an invitation; empty where there is none."""
        for told in written_to(self._api, direct):
            if told.get("metadata") == _metadata(wanted):
                return str(told["ts"])
        return ""

    def _direct(self, person: PersonId) -> str:
        return str(self._api.call("conversations.open", users=person)["channel"]["id"])

    def _post(self, direct: str, claimed: Invitation, model: ThreatModel, one: Round) -> None:
        shown = invitation(_invited(claimed.stream, model, one, claimed.person))
        posted = self._api.call(
            "chat.postMessage",
            channel=direct,
            text=shown.text,
            blocks=shown.blocks,
            metadata=_metadata(claimed),
            unfurl_links=False,
            unfurl_media=False,
        )
        self._metrics.surface("invitations", "posted")
        there = replace(claimed, channel=direct, ts=str(posted["ts"]), digest=digest_of(shown))
        self._invitations.keep(there)

    def _give_up(self, claimed: Invitation, refused: Refused) -> None:
        log.warning("not invited to a round", person=claimed.person, code=refused.code)
        self._invitations.keep(replace(claimed, over=True))


def _mark() -> str:
    """What tells a claim from every other one."""
    return uuid4().hex


def _metadata(one: Invitation) -> Json:
    """What a message carries unseen, to be found by."""
    return {"event_type": EVENT_TYPE, "event_payload": {"stream": one.stream, "round": one.round}}


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
