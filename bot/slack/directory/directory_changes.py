"""Listeners to changes of the directory."""

from collections.abc import Callable

from bot.store.repositories.workspace_directory import Channel
from domain.kernel.elements import ChannelId


class DirectoryChanges:
    """Passes changes of the directory on to listeners, which are called in the order of their registration.

    The directory is composed before the parts that listen to it.
    """

    def __init__(self) -> None:
        self._of_channels: list[Callable[[Channel], None]] = []
        self._of_members: list[Callable[[ChannelId], None]] = []

    def on_channel_read(self, *listeners: Callable[[Channel], None]) -> None:
        """Call listeners with each channel that was read, as it is then."""
        self._of_channels.extend(listeners)

    def on_members_changed(self, *listeners: Callable[[ChannelId], None]) -> None:
        """Call listeners with each channel whose members, or their accounts, have changed."""
        self._of_members.extend(listeners)

    def channel_read(self, channel: Channel) -> None:
        """Pass on that a channel was read."""
        for listener in self._of_channels:
            listener(channel)

    def members_changed(self, channel: ChannelId) -> None:
        """Pass on that members of a channel have changed."""
        for listener in self._of_members:
            listener(channel)
