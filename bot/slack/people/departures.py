"""Voters who are gone: nobody waits for their ballots any more."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from bot.nudges.apart import apart
from bot.slack.people.directory import Directory, Standing
from bot.store import CommandKey, EventStore, StreamId
from bot.workshop import NoSuchModel, Workshop
from domain.commands import LeaveRound
from domain.elements import SYSTEM, ChannelId, PersonId
from domain.rejections import Rejected
from domain.voting import invited

EVER = datetime.max.replace(tzinfo=UTC)
"""Every round ends before this."""

log = structlog.get_logger()


class Departures:
    """Looks in one workspace for voters who left a channel, or whose account was closed."""

    def __init__(
        self,
        workshop: Workshop,
        store: EventStore,
        directory: Directory,
        *,
        tenant: str,
        now: Callable[[], datetime],
    ) -> None:
        self._workshop = workshop
        self._store = store
        self._directory = directory
        self._tenant = tenant
        self._now = now

    def tick(self) -> None:
        """Release whoever is gone from the rounds that wait for them; raises StoreUnavailable."""
        for one in self._store.streams(self._tenant, due_by=EVER):
            with apart("who is gone cannot be looked for", of=one.stream):
                self._release(one.stream, one.channel)

    def _release(self, stream: StreamId, channel: ChannelId) -> None:
        known = self._directory.channel(channel)
        if known is None or not known.bot_inside:
            return  # who is in it cannot be seen just now
        members = set(self._directory.members(channel))
        try:
            for one in self._workshop.model(stream).open_rounds():
                for voter in invited(one):
                    if voter not in members or self._has_no_account(voter):
                        leave = LeaveRound(by=SYSTEM, at=self._now(), round=one.id, voter=voter)
                        key = CommandKey(f"leave:{stream}:{one.id}:{voter}")
                        self._workshop.execute(leave, stream=stream, key=key)
        except (Rejected, NoSuchModel) as overtaken:
            log.info("nobody had to be released any more", stream=stream, why=str(overtaken))

    def _has_no_account(self, person: PersonId) -> bool:
        return self._directory.account(person) in (Standing.BOT, Standing.DEACTIVATED, Standing.FOREIGNER)
