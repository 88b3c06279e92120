"""Channel ID changes: the models of a channel follow it to its new ID."""

from collections.abc import Callable
from datetime import datetime

from bot.commands.command_handler import CommandHandler
from bot.slack.directory.member_directory import Directory
from bot.store import CommandKey, EventStore
from bot.store.repositories.deliveries import Deliveries
from domain.commands import FollowChannel
from domain.kernel.elements import SYSTEM, ChannelId


class ChannelMoves:
    """Moves a channel's models, directory entries and messages to the channel's new ID."""

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

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Move everything from one channel ID to another."""
        for stream in self._events.streams(self._tenant, channel=old):
            follow = FollowChannel(by=SYSTEM, at=self._now(), channel=new)
            self._command_handler.execute(
                follow, stream=stream.stream, key=CommandKey(f"follow {stream.stream} {new}")
            )
        # Last: if this is interrupted, Slack resends the event and the remaining steps are repeated.
        self._directory.change_channel_id(old, new)
        self._deliveries.change_channel_id(old, new)
