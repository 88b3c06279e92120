"""Release of voters who left a channel or whose account was closed, so that rounds do not wait for them."""

from collections.abc import Callable
from datetime import datetime

import structlog

from bot.commands.command_handler import CommandHandler
from bot.slack.directory.member_directory import Directory, Membership
from bot.store import CommandKey, StreamId
from domain.commands import LeaveRound
from domain.kernel.elements import SYSTEM, PersonId
from domain.rejections import Rejected
from domain.voting.turnout import invited_voters, next_deadline

log = structlog.get_logger()


class DepartedVoters:
    """Release of a workspace's departed voters, as far as the directory knows."""

    def __init__(
        self, command_handler: CommandHandler, directory: Directory, *, now: Callable[[], datetime]
    ) -> None:
        self._command_handler = command_handler
        self._directory = directory
        self._now = now

    def release(self, stream: StreamId) -> None:
        """Release departed voters from the open rounds of a model; raises NoSuchModel."""
        model = self._command_handler.model(stream)
        known = self._directory.channel(model.channel)
        if next_deadline(model) is None or known is None or not known.bot_inside:
            return  # no round waits for voters, or the members of the channel are unknown
        members = set(self._directory.members(model.channel))
        for one in model.open_rounds():
            for voter in invited_voters(one):
                if voter in members and not self._has_no_account(voter):
                    continue
                leave = LeaveRound(by=SYSTEM, at=self._now(), round=one.id, voter=voter)
                key = CommandKey(f"leave:{stream}:{one.id}:{voter}")
                try:
                    self._command_handler.execute(leave, stream=stream, key=key)
                except Rejected as overtaken:
                    log.info("voter already released", stream=stream, why=str(overtaken))

    def _has_no_account(self, person: PersonId) -> bool:
        return self._directory.account(person) in (
            Membership.BOT,
            Membership.DEACTIVATED,
            Membership.FOREIGNER,
        )
