"""Invites each voter of a round by one direct message, and keeps it true until the round is over."""

from collections.abc import Callable

import structlog
from msgspec.structs import replace

from bot.slack.connection.slack_api import Refused, SlackApi, Unreachable
from bot.slack.kit.blocks import Message
from bot.slack.surfaces.agenda import Job, Pace
from bot.slack.surfaces.card_surface import GONE, digest_of
from bot.slack.surfaces.invitations import Invitation, Invitations
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

log = structlog.get_logger()


class Inviting:
    """One thread that tells voters; `model` gives a model as it is now, `open_for` those with open rounds."""

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
                elif before.ts and not before.over:
                    self._bring_up_to_date(before, model, one)

    def _invite(self, stream: StreamId, model: ThreatModel, one: Round, person: PersonId) -> None:
        shown = invitation(_invited(stream, model, one, person))
        claimed = Invitation(stream=stream, round=one.id, person=person)
        # Noted down before: rather not at all than twice, where it is unknown whether Slack took it.
        if not self._invitations.claim(claimed):
            return
        try:
            direct = str(self._api.call("conversations.open", users=person)["channel"]["id"])
            posted = self._post(direct, shown)
        except Refused as refused:
            if refused.code in NOT_TO_THEM:
                log.warning("not invited to a round", person=person, code=refused.code)
                self._invitations.keep(replace(claimed, over=True))
                return
            self._invitations.forget(claimed)
            raise
        except Unreachable as fault:
            if fault.nothing_done:
                self._invitations.forget(claimed)
            raise
        self._metrics.surface("invitations", "posted")
        self._invitations.keep(replace(claimed, channel=direct, ts=posted, digest=digest_of(shown)))

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

    def _post(self, direct: str, shown: Message) -> str:
        posted = self._api.call(
            "chat.postMessage",
            channel=direct,
            text=shown.text,
            blocks=shown.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(posted["ts"])


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


NOT_TO_THEM = {
    "cannot_dm_bot",
    "channel_not_found",
    "messages_tab_disabled",
    "restricted_action",
    "user_disabled",
    "user_not_found",
    "user_not_visible",
    "users_not_found",
}
"""What Slack says of people whom the bot cannot write to."""
