"""Availability of people: time zone, working hours, holidays, and active account."""

from collections.abc import Callable
from datetime import date

from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.directory.time_zones import time_zone_of
from domain.kernel.elements import ChannelId, PersonId
from domain.reminders import People, Reachability
from domain.working_hours import WorkingHours


class PeopleAvailability:
    """Availability of people in one workspace; `hours` returns working hours, `holidays` are everyone's."""

    def __init__(
        self,
        directory: Directory,
        *,
        hours: Callable[[PersonId], WorkingHours],
        holidays: Callable[[], frozenset[date]],
    ) -> None:
        self._directory = directory
        self._hours = hours
        self._holidays = holidays

    def __call__(self, channel: ChannelId) -> People:
        """Return a function from person to reachability for a channel; raises StoreUnavailable."""
        known, holidays = self._directory.channel(channel), self._holidays()
        # Where the bot is not inside it cannot be seen who left.
        seen = known is not None and known.bot_inside
        members = frozenset(self._directory.members(channel)) if seen else frozenset[PersonId]()

        def reach(person: PersonId) -> Reachability:
            account = self._directory.person(person)
            return Reachability(
                zone=time_zone_of(account.zone if account else "").rules,
                hours=self._hours(person),
                holidays=holidays,
                gone=self._has_no_account(person) or bool(members and person not in members),
            )

        return reach

    def _has_no_account(self, person: PersonId) -> bool:
        return self._directory.account(person) in (
            Membership.BOT,
            Membership.DEACTIVATED,
            Membership.FOREIGNER,
        )
