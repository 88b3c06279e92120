"""Directory of people and channels, read at each request without a call to Slack."""

from collections.abc import Iterable
from enum import Enum

import msgspec

from bot.store import UnitOfWork
from bot.store.repositories.workspace_directory import Channel, DirectoryRecords, Person
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


class Directory(msgspec.Struct, frozen=True, eq=False):
    """Stored members and people of one workspace; threads may share it.

    `enterprise` is the organization of several workspaces that this one belongs to, if it does. Every method
    raises StoreUnavailable when the database cannot be used.
    """

    unit: UnitOfWork
    enterprise: str = ""

    @property
    def records(self) -> DirectoryRecords:
        """The stored records, to be read and written."""
        return self.unit.directory

    def status(self, channel: ChannelId, person: PersonId, *teams: str) -> Membership:
        """Return a person's status in a channel; `teams` are the workspaces that the request names."""
        known = self.records.membership(channel, person)
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
        return self.records.person(person)

    def channel(self, channel: ChannelId) -> Channel | None:
        """Return the stored channel."""
        return self.records.channel(channel)

    def name_of(self, person: PersonId) -> str:
        """Return a person's name; “someone” for a person who has not been looked up yet."""
        if person == SYSTEM:
            return "The bot"
        known = self.person(person)
        return known.name if known else "someone"

    def channels(self, person: PersonId) -> frozenset[ChannelId]:
        """Return the channels in which a person may act."""
        channels = self.records.channels(person)
        return frozenset(channel for channel in channels if self.status(channel, person) is Membership.MEMBER)

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Move a channel's record, members and pending requests to its new ID."""
        with self.unit.transaction():
            self.records.change_channel_id(old, new)
            self.unit.pending.change_channel_id(old, new)

    def has_no_account(self, person: PersonId) -> bool:
        """Return whether it is known that a person has no account that may act."""
        return self.account(person) in (Membership.BOT, Membership.DEACTIVATED, Membership.FOREIGNER)

    def _account(self, known: Person | None, teams: Iterable[str]) -> Membership:
        homes = {"", self.unit.tenant, self.enterprise}
        if known is not None and not known.foreigner:
            homes |= {known.home, *known.teams}
        if not homes.issuperset(teams):
            # In an organization people may belong to other workspaces: Slack reports which.
            return Membership.UNKNOWN if known is None and self.enterprise else Membership.FOREIGNER
        if known is None:
            return Membership.UNKNOWN
        if known.bot:
            return Membership.BOT
        if known.deactivated:
            return Membership.DEACTIVATED
        return Membership.FOREIGNER if known.foreigner else Membership.MEMBER
