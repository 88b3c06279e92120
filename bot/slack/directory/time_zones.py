"""Time zones of people, and whether they are at work."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from bot.slack.directory.member_directory import Directory
from domain.kernel.due_dates import Zones, day_after, local_day, moment_in_utc
from domain.kernel.elements import ChannelId, PersonId
from domain.reminders import People, Reachability
from domain.working_hours import WorkingHours


class TimeZone(msgspec.Struct, frozen=True, kw_only=True):
    """Time zone of a person; UTC with `known` false if it is unknown."""

    name: str
    known: bool = True

    def end_of(self, day: date) -> datetime:
        """Return the last instant of a day."""
        return self.start_of(day_after(day)) - timedelta(microseconds=1)

    def start_of(self, day: date) -> datetime:
        """Return the first instant of a day."""
        return moment_in_utc(day, time(), self.rules)

    def day_of(self, moment: datetime) -> date:
        """Return the day that a moment falls on."""
        return local_day(moment, self.rules)

    def ahead(self, moment: datetime) -> timedelta:
        """Return the offset from UTC at a moment."""
        return moment.astimezone(self.rules).utcoffset() or timedelta(0)

    @property
    def rules(self) -> tzinfo:
        """Time zone rules for date arithmetic."""
        return ZoneInfo(self.name) if self.known else UTC


def time_zone_of(name: str) -> TimeZone:
    """Return the zone of that name, or UTC where there is no such name."""
    try:
        return TimeZone(name=ZoneInfo(name).key)
    except (KeyError, OSError, ValueError):  # for no name, a folder, and a way out of the folder of zones
        return TimeZone(name="UTC", known=False)


def zones_of(directory: Directory) -> Zones:
    """Return the function that looks up the rules of a person's time zone in their Slack profile."""

    def zone(person: PersonId) -> tzinfo:
        known = directory.person(person)
        return time_zone_of(known.zone if known else "").rules

    return zone


class PeopleAvailability(msgspec.Struct, frozen=True, eq=False):
    """Availability of people in one workspace; `hours` returns working hours, `holidays` are everyone's."""

    directory: Directory
    hours: Callable[[PersonId], WorkingHours]
    holidays: Callable[[], frozenset[date]]

    def __call__(self, channel: ChannelId) -> People:
        """Return a function from person to reachability for a channel; raises StoreUnavailable."""
        known, holidays = self.directory.channel(channel), self.holidays()
        # Where the bot is not inside it cannot be seen who left.
        seen = known is not None and known.bot_inside
        members = frozenset(self.directory.records.members(channel)) if seen else frozenset[PersonId]()

        def reach(person: PersonId) -> Reachability:
            account = self.directory.person(person)
            return Reachability(
                zone=time_zone_of(account.zone if account else "").rules,
                hours=self.hours(person),
                holidays=holidays,
                gone=self.directory.has_no_account(person) or bool(members and person not in members),
            )

        return reach
