"""People, channels and members of a Slack workspace, as reported by Slack."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from domain.kernel.elements import ChannelId, PersonId

MEMBERSHIP = "membership"
ACCOUNT = "account"
FORGOTTEN = "forgotten"
"""The kind of the record that a person was erased."""

FORMER_PARTICIPANT = "former participant"
"""The name of everyone who was erased."""

JOINED, LEFT = "joined", "left"


class DirectoryChange(msgspec.Struct, frozen=True, kw_only=True):
    """Event about one person or channel; `moment` is empty if the event has no time.

    Moments are texts that sort by time; the part after a `/` distinguishes those of one second.
    """

    kind: str
    moment: str
    state: str = ""
    channel: ChannelId = ChannelId("")
    person: PersonId = PersonId("")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Account of a person; `home` is its workspace, `teams` are those that it may use.

    A `guest` is limited to certain channels, an `admin` administers the workspace. `changed` is the last
    known change of the account.
    """

    id: PersonId
    name: str
    zone: str = ""
    home: str = ""
    teams: tuple[str, ...] = ()
    bot: bool = False
    deactivated: bool = False
    foreigner: bool = False
    guest: bool = False
    admin: bool = False
    changed: str = ""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """Channel that the bot has looked up; `shared` means with other organizations.

    If these have only been invited so far, `invited` is true as well. Other workspaces of the same
    organization do not count as others.
    """

    id: ChannelId
    name: str
    bot_inside: bool = True
    shared: bool = False
    invited: bool = False
    archived: bool = False
    private: bool = False


class MembershipRecords(msgspec.Struct, frozen=True, kw_only=True):
    """Records of a person and of a channel, if there are any, and whether the person is in it."""

    person: Person | None
    channel: Channel | None
    is_member: bool


def forgotten_person(person: PersonId) -> Person:
    """Return the account of a person who was erased: no name, and no right to act."""
    return Person(id=person, name=FORMER_PARTICIPANT, deactivated=True)


class DirectoryRecords(Protocol):
    """Members and people of one workspace; raises StoreUnavailable like every store."""

    def person(self, person: PersonId) -> Person | None:
        """Return the record of a person; `changed` is left out.

        That of a person who was erased is `forgotten_person`, whatever Slack reports.
        """
        ...

    def forget_person(self, person: PersonId, at: datetime) -> bool:
        """Delete the record of a person for good; False if that was done before."""
        ...

    def is_forgotten(self, person: PersonId) -> bool:
        """Return whether a person was erased."""
        ...

    def channel(self, channel: ChannelId) -> Channel | None:
        """Return the record of a channel."""
        ...

    def is_member(self, channel: ChannelId, person: PersonId) -> bool:
        """Return whether a person is in a channel."""
        ...

    def membership(self, channel: ChannelId, person: PersonId) -> MembershipRecords:
        """Return the records of a person, of a channel, and of whether the person is in it."""
        ...

    def administrators(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return the administrators among a channel's members, by name."""
        ...

    def members(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return the members of a channel."""
        ...

    def channels(self, person: PersonId) -> tuple[ChannelId, ...]:
        """Return the channels that a person is in."""
        ...

    def unread_people(self, people: Iterable[PersonId], since: datetime) -> tuple[PersonId, ...]:
        """Return the people, of those given, who have not been looked up since a time."""
        ...

    def learn_channel(self, channel: Channel, at: datetime) -> None:
        """Store what Slack reports about a channel."""
        ...

    def learn_members(
        self, channel: ChannelId, members: Iterable[PersonId], since: datetime | None = None
    ) -> None:
        """Replace the members of a channel, without people who left `since` the look-up began."""
        ...

    def learn_person(self, person: Person, at: datetime, event: DirectoryChange | None = None) -> bool:
        """Store what Slack reports about a person, in an `event` or on request.

        False, without changes, if newer information is stored, or if the person was erased.
        """
        ...

    def is_expected(self, channel: ChannelId, person: PersonId) -> bool:
        """Return whether Slack reported that a person joined a channel, unconfirmed by a look-up so far."""
        ...

    def record_event(self, change: DirectoryChange, at: datetime) -> bool:
        """Record an event, which changes nothing yet; False if it is not newer than the last one."""
        ...

    def record_departure(self, change: DirectoryChange, at: datetime) -> bool:
        """Record that a person left a channel; False if newer information is stored."""
        ...

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Record that a channel has a new ID: its members and settings stay."""
        ...
