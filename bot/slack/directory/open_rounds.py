"""Background work on open rounds: release departed voters, act on deadlines."""

from collections.abc import Callable

from bot.commands.command_handler import NoSuchModel
from bot.delivery.work_kinds import Done, Kind, Waits
from bot.scheduled_jobs.round_deadlines import RoundDeadlines
from bot.slack.directory.departed_voters import DepartedVoters
from bot.store import EventStore, StreamId
from bot.store.records import model_stream
from bot.store.work_queue import Claim, WorkQueue
from domain.kernel.elements import ChannelId, ModelKey

ROUNDS = "rounds"
"""Kind of this work: one row per model, due at the next deadline of an open round."""


class OpenRounds:
    """Background work on the open rounds of a workspace's models; `touch` makes it due."""

    def __init__(
        self,
        departures: DepartedVoters,
        deadlines: RoundDeadlines,
        events: EventStore,
        queue: WorkQueue,
        *,
        tenant: str,
        waits: Waits,
        touch: Callable[[StreamId], None],
    ) -> None:
        self._departures = departures
        self._deadlines = deadlines
        self._events = events
        self._queue = queue
        self._tenant = tenant
        self._waits = waits
        self._touch = touch

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        return [Kind(name=ROUNDS, group="time", waits=self._waits, run=self._advance)]

    def members_changed(self, channel: ChannelId) -> None:
        """Schedule a check of a channel's open rounds after a change of its members.

        This follows each regular read of a channel, so it loads no model. A model with an open round has a
        row, which waits for the deadline. A round that was opened just now may have none yet, but its first
        check follows and uses the current members.
        """
        waiting = set(self._queue.subjects(self._tenant, ROUNDS))
        if not waiting:
            return
        for one in self._events.streams(self._tenant, channel=channel):
            if one.key in waiting:
                self._touch(one.stream)

    def _advance(self, claim: Claim) -> Done:
        stream = model_stream(claim.item.tenant, ModelKey(claim.item.subject))
        try:
            # Voters first: a round that waits for no other voter closes with its quorum.
            self._departures.release(stream)
            return Done(again_at=self._deadlines.process(stream))
        except NoSuchModel:
            return Done()  # it was erased
