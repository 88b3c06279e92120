"""Open rounds of votes: voters who left are no longer waited for."""

from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.delivery.work_kinds import Done, Kind, Waits
from bot.scheduled_jobs.round_deadlines import RoundDeadlines
from bot.slack.directory.member_directory import Directory
from bot.store import CommandKey, EventStore, StreamId
from bot.store.records import model_stream
from bot.store.work_queue import Claim, WorkQueue
from domain.commands import LeaveRound
from domain.kernel.elements import SYSTEM, ChannelId, ModelKey
from domain.rejections import Rejected
from domain.voting.turnout import invited_voters, next_deadline

log = structlog.get_logger()


class DepartedVoters(msgspec.Struct, frozen=True, eq=False):
    """Release of a workspace's departed voters, as far as the directory knows."""

    command_handler: CommandHandler
    directory: Directory
    now: Callable[[], datetime]

    def release(self, stream: StreamId) -> None:
        """Release departed voters from the open rounds of a model; raises NoSuchModel."""
        model = self.command_handler.model(stream)
        known = self.directory.channel(model.channel)
        if next_deadline(model) is None or known is None or not known.bot_inside:
            return  # no round waits for voters, or the members of the channel are unknown
        members = set(self.directory.records.members(model.channel))
        for round in model.open_rounds():
            for voter in invited_voters(round):
                if voter in members and not self.directory.has_no_account(voter):
                    continue
                leave = LeaveRound(by=SYSTEM, at=self.now(), round=round.id, voter=voter)
                key = CommandKey(f"leave:{stream}:{round.id}:{voter}")
                try:
                    self.command_handler.execute(leave, stream=stream, key=key)
                except Rejected as overtaken:
                    log.info("voter already released", stream=stream, why=str(overtaken))


ROUNDS = "rounds"
"""Kind of this work: one row per model, due at the next deadline of an open round."""


class OpenRounds(msgspec.Struct, frozen=True, eq=False):
    """Background work on the open rounds of a workspace's models; `touch` makes it due."""

    departures: DepartedVoters
    deadlines: RoundDeadlines
    events: EventStore
    queue: WorkQueue
    tenant: str
    waits: Waits
    touch: Callable[[StreamId], None]

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        return [Kind(name=ROUNDS, waits=self.waits, run=self._advance)]

    def members_changed(self, channel: ChannelId) -> None:
        """Schedule a check of a channel's open rounds after a change of its members.

        This follows each regular read of a channel, so it loads no model. A model with an open round has a
        row, which waits for the deadline. A round that was opened just now may have none yet, but its first
        check follows and uses the current members.
        """
        waiting = {row.item.subject for row in self.queue.rows(self.tenant, ROUNDS)}
        if not waiting:
            return
        for stream in self.events.streams(self.tenant, channel=channel):
            if stream.key in waiting:
                self.touch(stream.stream)

    def _advance(self, claim: Claim) -> Done:
        stream = model_stream(claim.item.tenant, ModelKey(claim.item.subject))
        try:
            # Voters first: a round that waits for no other voter closes with its quorum.
            self.departures.release(stream)
            return Done(again_at=self.deadlines.process(stream))
        except NoSuchModel:
            return Done()  # it was erased
