"""Deadlines of rounds: the system closes or extends each round."""

from collections.abc import Callable
from datetime import datetime

import structlog

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, StreamId
from domain.rejections import Rejected
from domain.voting.turnout import next_deadline, rounds_due

log = structlog.get_logger()


class RoundDeadlines:
    """The deadlines of the rounds of one workspace; any number of processes may act on them."""

    def __init__(self, command_handler: CommandHandler, *, now: Callable[[], datetime]) -> None:
        self._command_handler = command_handler
        self._now = now

    def process(self, stream: StreamId) -> datetime | None:
        """Act on the deadlines of a model that have passed, and return the next one; raises NoSuchModel."""
        now = self._now()
        model = self._command_handler.model(stream)
        for command in rounds_due(model, now):
            # The key is derived from the deadline: a second process gets the result of the first one.
            deadline = model.rounds[command.round].deadline.isoformat()
            key = CommandKey(f"deadline:{stream}:{command.round}:{deadline}")
            try:
                self._command_handler.execute(command, stream=stream, key=key)
            except Rejected as overtaken:
                log.info("the round was closed meanwhile", stream=stream, why=str(overtaken))
        return next_deadline(self._command_handler.model(stream))
