"""Directory of people and channels in memory."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.workspace_directory import (
    ACCOUNT,
    FORGOTTEN,
    JOINED,
    LEFT,
    MEMBERSHIP,
    Channel,
    DirectoryChange,
    MembershipRecords,
    Person,
    forgotten_person,
)
from domain.kernel.elements import ChannelId, PersonId


class _Member(msgspec.Struct, frozen=True, kw_only=True):
    channel: ChannelId
    person: PersonId


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    person: Person
    read_at: datetime


class _Noted(msgspec.Struct, frozen=True, kw_only=True):
    change: DirectoryChange
    at: datetime


class MemoryDirectory:
    """Directory records in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._channels = Table(database, tenant, "channels", Channel)
        self._members = Table(database, tenant, "members", _Member)
        self._people = Table(database, tenant, "people", _Known)
        self._told = Table(database, tenant, "told", _Noted)

    def person(self, person: PersonId) -> Person | None:
        """Return what is known of a person; `changed` is left out."""
        stored = self._people.get(person)
        if stored is None:
            return forgotten_person(person) if self.is_forgotten(person) else None
        return stored.person

    def forget_person(self, person: PersonId, at: datetime) -> bool:
        """Delete what is known of a person for good; False if that was done before."""
        with self._database.writing():
            if self.is_forgotten(person):
                return False
            self.record_event(DirectoryChange(kind=FORGOTTEN, person=person, moment=at.isoformat()), at)
            self._people.delete(person)
            return True

    def is_forgotten(self, person: PersonId) -> bool:
        """Return whether a person was erased."""
        return self._told.get(FORGOTTEN, ChannelId(""), person) is not None

    def channel(self, channel: ChannelId) -> Channel | None:
        """Return what is known of a channel."""
        return self._channels.get(channel)

    def is_member(self, channel: ChannelId, person: PersonId) -> bool:
        """Return whether a person is in a channel."""
        return self._members.get(channel, person) is not None

    def membership(self, channel: ChannelId, person: PersonId) -> MembershipRecords:
        """Return what is known of a person, of a channel, and whether the person is in it."""
        return MembershipRecords(
            person=self.person(person),
            channel=self.channel(channel),
            is_member=self.is_member(channel, person),
        )

    def administrators(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return who of a channel's members runs the workspace, by name."""
        people = [stored for one in self.members(channel) if (stored := self.person(one)) is not None]
        able = [one for one in people if one.admin and not (one.bot or one.deactivated or one.foreigner)]
        return tuple(one.id for one in sorted(able, key=lambda one: (one.name, one.id)))

    def members(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return who is in a channel."""
        return tuple(one.person for one in self._members.all(channel))

    def channels(self, person: PersonId) -> tuple[ChannelId, ...]:
        """Return the channels that a person is in."""
        return tuple(one.channel for one in self._members.all() if one.person == person)

    def unread_people(self, people: Iterable[PersonId], since: datetime) -> tuple[PersonId, ...]:
        """Return those of some people who have not been looked up since a moment."""
        stored = {one.person.id: one.read_at for one in self._people.all()}
        return tuple(
            one for one in people if (stored[one] < since if one in stored else not self.is_forgotten(one))
        )

    def learn_channel(self, channel: Channel, at: datetime) -> None:
        """Keep what Slack says of a channel."""
        del at  # the time of reading is never queried
        self._channels.put(channel, channel.id)

    def learn_members(
        self, channel: ChannelId, members: Iterable[PersonId], since: datetime | None = None
    ) -> None:
        """Keep who is in a channel and forget who is not; who left `since` a look began stays outside."""
        with self._database.writing():
            self._members.delete_all(channel)
            for one in members:
                self._members.put(_Member(channel=channel, person=one), channel, one)
            if since is None:
                return
            for noted in self._told.all(MEMBERSHIP, channel):
                if noted.change.state == LEFT and noted.at >= since:
                    self._members.delete(channel, noted.change.person)
                # For people reported to have joined before the look-up, its result counts.
                if noted.change.state == JOINED and noted.at < since:
                    self._note(replace(noted, change=replace(noted.change, state="")))

    def learn_person(self, person: Person, at: datetime, event: DirectoryChange | None = None) -> bool:
        """Keep what Slack says of a person; False where something newer is known."""
        seen = DirectoryChange(kind=ACCOUNT, person=person.id, moment=person.changed)
        with self._database.writing():
            if self.is_forgotten(person.id) or (event is None and self._is_older(seen)):
                return False
            if not self.record_event(event or seen, at) and event is not None:
                return False
            self._people.put(_Known(person=replace(person, changed=""), read_at=at), person.id)
        return True

    def is_expected(self, channel: ChannelId, person: PersonId) -> bool:
        """Return whether Slack reported that a person joined a channel, unconfirmed by a look-up so far."""
        noted = self._told.get(MEMBERSHIP, channel, person)
        return noted is not None and noted.change.state == JOINED

    def record_event(self, change: DirectoryChange, at: datetime) -> bool:
        """Record an event, which changes nothing yet; False if it is not newer than the last one."""
        if not change.moment:
            return True
        with self._database.writing():
            noted = self._told.get(change.kind, change.channel, change.person)
            if noted is not None and change.moment <= noted.change.moment:
                return False
            self._note(_Noted(change=change, at=at))
            return True

    def record_departure(self, change: DirectoryChange, at: datetime) -> bool:
        """Record that a person left a channel; False if newer information is stored."""
        with self._database.writing():
            if not self.record_event(change, at):
                return False
            self._members.delete(change.channel, change.person)
            return True

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Record that a channel has a new ID: its members and settings stay."""
        with self._database.writing():
            if (stored := self._channels.get(old)) is not None:
                self._channels.delete(old)
                self._channels.put(replace(stored, id=new), new)
            for one in self._members.all(old):
                self._members.delete(old, one.person)
                self._members.put(replace(one, channel=new), new, one.person)
            for noted in self._told.all():
                if noted.change.channel == old:
                    self._told.delete(noted.change.kind, old, noted.change.person)
                    self._note(replace(noted, change=replace(noted.change, channel=new)))

    def _note(self, noted: _Noted) -> None:
        change = noted.change
        self._told.put(noted, change.kind, change.channel, change.person)

    def _is_older(self, change: DirectoryChange) -> bool:
        """Return whether looked-up information is older than an event about it."""
        noted = self._told.get(change.kind, change.channel, change.person)
        return (
            bool(change.moment)
            and noted is not None
            and _second(change.moment) < _second(noted.change.moment)
        )


def _second(moment: str) -> str:
    return moment.partition("/")[0]
