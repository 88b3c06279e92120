"""Reader of reminders: those of a message, and that of a pressed button."""

from collections.abc import Sequence
from functools import cache

from bot.commands.command_handler import NoSuchModel
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import ReminderTarget, Target
from bot.slack.queries.reminder_list import SentReminder, load_reminders, reminder_key, send_failure
from bot.slack.queries.services import Services
from bot.slack.screens.reminder import ReminderDetails, ReminderSources
from bot.store import CommandKey, StreamId
from bot.store.records import model_stream
from domain.commands import Command
from domain.kernel.elements import ModelKey
from domain.rejections import Rejected
from domain.reminders import read_key


class ReminderReader:
    """Reader of one workspace's reminders, each with its current details."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def all(self, reminded: Sequence[SentReminder]) -> list[ReminderDetails]:
        """Return each reminder as it is now, in the given order."""
        return load_reminders(self._sources, reminded)

    def pressed(self, target: Target) -> ReminderDetails:
        """Return the reminder of a button; raises StaleButton if there is none, or one of another model."""
        key = reminder_key(target)
        services = self._services
        if model_stream(services.installation.team, read_key(key).model) != services.stream(target):
            raise StaleButton
        now = services.now()
        return self.all([SentReminder(key=key, due=now, sent=now)])[0]

    def open(self, target: Target) -> ReminderDetails:
        """Return the reminder of a button; raises Rejected if it has been handled meanwhile."""
        reminder = self.pressed(target)
        if reminder.outcome:
            raise Rejected(reminder.outcome)
        return reminder

    def check_pressed(self, target: Target, command: Command, key: CommandKey) -> None:
        """Check that a button's reminder is still open, unless this very press handled it."""
        if not isinstance(target, ReminderTarget) or not target.reminder:
            return
        if not self._services.was_done(command, key):
            self.open(target)

    def _sources(self, key: ModelKey) -> tuple[StreamId, ReminderSources | None]:
        """Return a model's stream and the sources of its reminders; the latter None if it was erased."""
        services = self._services
        stream = model_stream(services.installation.team, key)
        try:
            model = services.command_handler.model(stream)
        except NoSuchModel:
            return stream, None
        return stream, ReminderSources(
            stream=stream,
            model=model,
            register=services.register_of(model),
            naming=services.naming,
            now=services.now(),
            refused=lambda person: send_failure(services.reminder_store.of(key), person),
            people=cache(services.people(model.channel)),
            events=cache(lambda: list(services.store.events(stream, until=model.version))),
            permalink=services.permalink(stream, model.channel),
        )
