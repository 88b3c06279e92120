"""Directory of people and channels, read at each request without a call to Slack."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from bot.store import UnitOfWork
from bot.store.repositories.workspace_directory import Channel, DirectoryChange, Person
from domain.kernel.elements import SYSTEM, ChannelId, PersonId


class Membership(Enum):
    """Status of a person in a channel; each refusal has a sentence."""

    MEMBER = ""
    UNKNOWN = "?"
    UNSEEN = "??"
    """Private channel without the bot: its members are unknown."""
    STRANGER = "Only members of this model's channel can see it or answer. Join the channel, then try again."
    BOT = "Bots cannot answer in a threat model."
    DEACTIVATED = "This account is deactivated and can no longer answer."
    FOREIGNER = "People from other organizations cannot see this threat model or answer in it."


class Directory:
    """Stored members and people of one workspace; threads may share it.

    Every method raises StoreUnavailable when the database cannot be used.
    """

    def __init__(self, unit: UnitOfWork, *, enterprise: str = "") -> None:
        """`enterprise` is the organization of several workspaces that this one belongs to, if it does."""
        self._unit = unit
        self._records = unit.directory
        self._tenant = unit.tenant
        self._enterprise = enterprise

    def status(self, channel: ChannelId, person: PersonId, *teams: str) -> Membership:
        """Return a person's status in a channel; `teams` are the workspaces that the request names."""
        known = self._records.membership(channel, person)
        account = self._account(known.person, teams)
        if account is not Membership.MEMBER:
            return account
        where = known.channel
        if where is not None and where.private and not where.bot_inside:
            return Membership.UNSEEN
        if where is not None and known.is_member:
            return Membership.MEMBER
        # They may have joined a moment ago: only a look-up turns this into a refusal.
        return Membership.UNKNOWN

    def account(self, person: PersonId, *teams: str) -> Membership:
        """Return whether a person may act at all: MEMBER, except for their channel."""
        return self._account(self.person(person), teams)

    def person(self, person: PersonId) -> Person | None:
        """Return the stored account of a person."""
        return self._records.person(person)

    def channel(self, channel: ChannelId) -> Channel | None:
        """Return the stored channel."""
        return self._records.channel(channel)

    def administrators(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return the members of a channel who are administrators of the workspace."""
        return self._records.administrators(channel)

    def name_of(self, person: PersonId) -> str:
        """Return a person's name; “someone” for a person who has not been looked up yet."""
        if person == SYSTEM:
            return "The bot"
        known = self.person(person)
        return known.name if known else "someone"

    def members(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return the members of a channel."""
        return self._records.members(channel)

    def channels(self, person: PersonId) -> frozenset[ChannelId]:
        """Return the channels in which a person may act."""
        channels = self._records.channels(person)
        return frozenset(one for one in channels if self.status(one, person) is Membership.MEMBER)

    def memberships(self, person: PersonId) -> tuple[ChannelId, ...]:
        """Return the channels that a person is in, whether they may act there or not."""
        return self._records.channels(person)

    def unread_people(self, people: Iterable[PersonId], since: datetime) -> tuple[PersonId, ...]:
        """Return those of some people who have not been looked up since a moment."""
        return self._records.unread_people(people, since)

    def learn_channel(self, channel: Channel, at: datetime) -> None:
        """Store Slack's record of a channel."""
        self._records.learn_channel(channel, at)

    def learn_members(
        self, channel: ChannelId, members: Iterable[PersonId], since: datetime | None = None
    ) -> None:
        """Replace the members of a channel; people who left `since` the look-up began stay out."""
        self._records.learn_members(channel, members, since)

    def learn_person(self, person: Person, at: datetime, event: DirectoryChange | None = None) -> bool:
        """Store Slack's record of a person, from an `event` or a look-up.

        Return False and change nothing if a newer record is stored.
        """
        return self._records.learn_person(person, at, event)

    def is_expected(self, channel: ChannelId, person: PersonId) -> bool:
        """Return whether Slack reported a join that no look-up has confirmed yet."""
        return self._records.is_expected(channel, person)

    def record_event(self, change: DirectoryChange, at: datetime) -> bool:
        """Record an event without effect; return False unless it is newer than the last one."""
        return self._records.record_event(change, at)

    def record_departure(self, change: DirectoryChange, at: datetime) -> bool:
        """Record that a person left a channel; return False if newer information is stored."""
        return self._records.record_departure(change, at)

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Move a channel's record, members and pending requests to its new ID."""
        with self._unit.transaction():
            self._records.change_channel_id(old, new)
            self._unit.pending.change_channel_id(old, new)

    def _account(self, known: Person | None, teams: Iterable[str]) -> Membership:
        homes = {"", self._tenant, self._enterprise}
        if known is not None and not known.foreigner:
            homes |= {known.home, *known.teams}
        if not homes.issuperset(teams):
            # In an organization people may belong to other workspaces: Slack reports which.
            return Membership.UNKNOWN if known is None and self._enterprise else Membership.FOREIGNER
        if known is None:
            return Membership.UNKNOWN
        if known.bot:
            return Membership.BOT
        if known.deactivated:
            return Membership.DEACTIVATED
        return Membership.FOREIGNER if known.foreigner else Membership.MEMBER
