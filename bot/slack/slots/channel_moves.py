"""Moves of channels: Slack gives a channel another id, and its models follow."""

from collections.abc import Callable
from datetime import datetime

from bot.commands.command_handler import CommandHandler
from bot.slack.directory.member_directory import Directory
from bot.store import CommandKey, EventStore
from bot.store.repositories.deliveries import Deliveries
from domain.commands import FollowChannel
from domain.kernel.elements import SYSTEM, ChannelId


class ChannelMoves:
    """Moves the models of a channel, what the directory has of it, and the messages in it to another id."""

    def __init__(
        self,
        command_handler: CommandHandler,
        events: EventStore,
        directory: Directory,
        deliveries: Deliveries,
        *,
        tenant: str,
        now: Callable[[], datetime],
    ) -> None:
        self._command_handler = command_handler
        self._events = events
        self._directory = directory
        self._deliveries = deliveries
        self._tenant = tenant
        self._now = now

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """Follow a channel from one id to another."""
        for one in self._events.streams(self._tenant, channel=old):
            follow = FollowChannel(by=SYSTEM, at=self._now(), channel=new)
            self._command_handler.execute(
                follow, stream=one.stream, key=CommandKey(f"follow {one.stream} {new}")
            )
        # After the models: if this is interrupted, Slack sends the event again, and the rest follows.
        self._directory.follow(old, new)
        self._deliveries.follow(old, new)
