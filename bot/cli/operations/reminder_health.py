"""Health of reminders: the last check, and overdue ones."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.scheduled_jobs.reminder_planner import ReminderPlanner
from bot.scheduled_jobs.reminder_work import overdue_reminders
from bot.serving_lock import serving_process
from bot.settings import Settings
from bot.slack.directory.member_directory import Directory
from bot.slack.directory.time_zones import PeopleAvailability
from bot.store import Store, StoreError, open_database

STALE = timedelta(minutes=5)
"""After so long without a tick a bot that serves is stuck."""


class ReminderHealth(msgspec.Struct, frozen=True, kw_only=True):
    """The last check of the reminders, and the due times of those of a workspace that were not sent."""

    tenant: str
    at: datetime | None
    overdue: tuple[datetime, ...]


def check_reminders(settings: Settings, now: datetime) -> list[ReminderHealth]:
    """Return the state of the reminders of every workspace; raises StoreError."""
    store = open_database(settings.database_url, key=settings.key.reveal())
    try:
        return [
            _ticked(store, settings, tenant, now)
            for tenant in sorted({one.tenant for one in store.streams()})
        ]
    finally:
        store.close()


def reminder_findings(settings: Settings) -> Iterator[tuple[bool, str]]:
    """Yield whether the reminders of each workspace are sent in time, and a line about it."""
    now = datetime.now(UTC)
    try:
        found = check_reminders(settings, now)
    except StoreError:
        return  # reported with the database itself
    serves = serving_process(settings.database_file) is not None
    for one in found:
        yield _words(one, now, serves=serves)


def _words(one: ReminderHealth, now: datetime, *, serves: bool) -> tuple[bool, str]:
    looked = f"last checked {one.at:%Y-%m-%d %H:%M} UTC" if one.at else "not checked yet"
    overdue = "none is overdue"
    if one.overdue:
        overdue = f"{len(one.overdue)} overdue, the first since {min(one.overdue):%Y-%m-%d %H:%M} UTC"
    said = f"reminders of {one.tenant}: {looked}, {overdue}"
    stuck = serves and (one.at is None or now - one.at > STALE)
    if stuck:
        return False, f"{said}. The serving process does not respond; restart it."
    if one.overdue and not serves:
        return False, f"{said}. Start `threatmodel serve` to send them as delayed."
    return True, said


def _ticked(store: Store, settings: Settings, tenant: str, now: datetime) -> ReminderHealth:
    command_handler = CommandHandler(store)
    reminder_store = store.unit(tenant).reminders
    people = PeopleAvailability(
        Directory(store.unit(tenant)),
        hours=lambda person: command_handler.working_hours(tenant, person),
        holidays=lambda: settings.holidays | {*command_handler.settings.current(tenant).holidays},
    )
    planner = ReminderPlanner(
        command_handler, reminder_store, tenant=tenant, people=people, is_suspended=lambda _: False
    )
    try:
        overdue = overdue_reminders(store.work, planner, tenant, now)
    finally:
        command_handler.close()
    return ReminderHealth(tenant=tenant, at=store.housekeeping.last_reminder_check(), overdue=tuple(overdue))
