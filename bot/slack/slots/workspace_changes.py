"""Changes of the workspace that its models follow: of its settings, and of a channel's ID."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.delivery.work_kinds import NO_WAIT, Done, Kind
from bot.slack.directory.member_directory import Directory
from bot.slack.slots.work_scheduler import WorkKind, WorkScheduler
from bot.store import CommandKey, EventStore
from bot.store.records import model_stream
from bot.store.repositories.deliveries import Deliveries
from bot.store.work_queue import Claim
from domain.commands import FollowChannel
from domain.kernel.elements import SYSTEM, ChannelId, ModelKey

SETTINGS: Final[WorkKind] = "settings"
INHERIT: Final[WorkKind] = "inherit"


class SettingsWork:
    """Applies the settings of a workspace to its models.

    One row of work finds the models, and each model has a row of its own, so that one that fails does not
    delay the others. The key of the command names the version of the settings: of several processes, one
    changes the model.
    """

    def __init__(
        self,
        command_handler: CommandHandler,
        events: EventStore,
        scheduler: WorkScheduler,
        *,
        tenant: str,
        now: Callable[[], datetime],
    ) -> None:
        self._command_handler = command_handler
        self._events = events
        self._scheduler = scheduler
        self._tenant = tenant
        self._now = now

    def changed(self) -> None:
        """Have a change applied, in the transaction that makes it."""
        self._scheduler.schedule_workspace(SETTINGS, durable=True)

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        return [
            Kind(name=SETTINGS, waits=NO_WAIT, run=self._spread),
            Kind(name=INHERIT, waits=NO_WAIT, run=self._apply),
        ]

    def _spread(self, claim: Claim) -> Done:
        del claim
        models = [stream.stream for stream in self._events.streams(self._tenant)]
        # Working hours and holidays belong to no model, but its reminders depend on them.
        self._scheduler.schedule_models(*models, kinds=(INHERIT, "reminders"))
        self._scheduler.schedule_workspace("homes")
        self._scheduler.schedule_workspace("digests")
        return Done()

    def _apply(self, claim: Claim) -> Done:
        stream = model_stream(self._tenant, ModelKey(claim.item.subject))
        with suppress(NoSuchModel):  # erased in the meantime
            self._command_handler.apply_settings(stream, at=self._now())
        return Done()


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
