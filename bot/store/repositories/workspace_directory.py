"""People, channels and members of a Slack workspace, as reported by Slack."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from bot.store.sql.rows import WorkspaceRows
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


_IS_MEMBER = "SELECT 1 FROM slack_members WHERE tenant = ?1 AND channel = ?2 AND person = ?3"
_MEMBERS = "SELECT person FROM slack_members WHERE tenant = ?1 AND channel = ?2 ORDER BY person"
_CHANNELS_OF = "SELECT channel FROM slack_members WHERE tenant = ?1 AND person = ?2 ORDER BY channel"
_PERSON = """
    SELECT name, zone, home, teams, bot, deactivated, foreigner, guest, admin
    FROM slack_people WHERE tenant = ?1 AND person = ?2
"""
_FORGET_PERSON = "DELETE FROM slack_people WHERE tenant = ?1 AND person = ?2"
_IS_FORGOTTEN = """
    SELECT 1 FROM slack_observations WHERE tenant = ?1 AND kind = ?2 AND channel = '' AND person = ?3
"""
_READ_AT = "SELECT read_at FROM slack_people WHERE tenant = ?1 AND person = ?2"
_CHANNEL = """
    SELECT name, bot_inside, shared, invited, archived, private
    FROM slack_channels WHERE tenant = ?1 AND channel = ?2
"""
# The answer to each request of a person depends on all three.
_MEMBERSHIP = """
    SELECT EXISTS (SELECT 1 FROM slack_members WHERE tenant = ?1 AND channel = ?2 AND person = ?3),
        people.name, people.zone, people.home, people.teams,
        people.bot, people.deactivated, people.foreigner, people.guest, people.admin,
        channels.name, channels.bot_inside, channels.shared, channels.invited, channels.archived,
        channels.private
    FROM (SELECT 1) AS always
    LEFT JOIN slack_people AS people ON people.tenant = ?1 AND people.person = ?3
    LEFT JOIN slack_channels AS channels ON channels.tenant = ?1 AND channels.channel = ?2
"""
_PERSON_COLUMNS = 9
_ADMINISTRATORS = """
    SELECT person FROM slack_members JOIN slack_people USING (tenant, person)
    WHERE tenant = ?1 AND channel = ?2 AND admin = 1
    AND bot = 0 AND deactivated = 0 AND foreigner = 0
    ORDER BY name, person
"""
_FORGET_MEMBERS = "DELETE FROM slack_members WHERE tenant = ?1 AND channel = ?2"
_JOIN = """
    INSERT INTO slack_members (tenant, channel, person) VALUES (?1, ?2, ?3)
    ON CONFLICT (tenant, channel, person) DO NOTHING
"""
_LEAVE = "DELETE FROM slack_members WHERE tenant = ?1 AND channel = ?2 AND person = ?3"
_LEFT_SINCE = """
    DELETE FROM slack_members WHERE tenant = ?1 AND channel = ?2 AND person IN (
        SELECT person FROM slack_observations
        WHERE tenant = ?1 AND channel = ?2 AND kind = ?3 AND says = ?4 AND noted_at >= ?5
    )
"""
_LOOKED_FOR = """
    UPDATE slack_observations SET says = ''
    WHERE tenant = ?1 AND channel = ?2 AND kind = ?3 AND says = ?4 AND noted_at < ?5
"""
_SAYS = "SELECT says FROM slack_observations WHERE tenant = ?1 AND kind = ?2 AND channel = ?3 AND person = ?4"
_LEARN_CHANNEL = """
    INSERT INTO slack_channels
        (tenant, channel, name, bot_inside, shared, invited, archived, private, read_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT (tenant, channel) DO UPDATE SET name = excluded.name, bot_inside = excluded.bot_inside,
        shared = excluded.shared, invited = excluded.invited, archived = excluded.archived,
        private = excluded.private, read_at = excluded.read_at
"""
_LEARN_PERSON = """
    INSERT INTO slack_people
        (tenant, person, name, zone, home, teams, bot, deactivated, foreigner, guest, admin, read_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (tenant, person) DO UPDATE SET name = excluded.name, zone = excluded.zone,
        home = excluded.home, teams = excluded.teams, bot = excluded.bot, deactivated = excluded.deactivated,
        foreigner = excluded.foreigner, guest = excluded.guest, admin = excluded.admin,
        read_at = excluded.read_at
"""
_NOTE = """
    INSERT INTO slack_observations (tenant, kind, channel, person, moment, says, noted_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (tenant, kind, channel, person) DO UPDATE
    SET moment = excluded.moment, says = excluded.says, noted_at = excluded.noted_at
    WHERE excluded.moment > slack_observations.moment
"""
_MOMENT = (
    "SELECT moment FROM slack_observations WHERE tenant = ?1 AND kind = ?2 AND channel = ?3 AND person = ?4"
)
# What is stored of the new ID makes room for the same row of the old one.
_FOLLOW = (
    """
    DELETE FROM slack_channels WHERE tenant = ?1 AND channel = ?3
    AND EXISTS (SELECT 1 FROM slack_channels WHERE tenant = ?1 AND channel = ?2)
    """,
    "UPDATE slack_channels SET channel = ?3 WHERE tenant = ?1 AND channel = ?2",
    """
    DELETE FROM slack_members WHERE tenant = ?1 AND channel = ?3 AND person IN (
        SELECT person FROM slack_members WHERE tenant = ?1 AND channel = ?2
    )
    """,
    "UPDATE slack_members SET channel = ?3 WHERE tenant = ?1 AND channel = ?2",
    """
    DELETE FROM slack_observations WHERE tenant = ?1 AND channel = ?3 AND EXISTS (
        SELECT 1 FROM slack_observations AS old WHERE old.tenant = ?1 AND old.channel = ?2
        AND old.kind = slack_observations.kind AND old.person = slack_observations.person
    )
    """,
    "UPDATE slack_observations SET channel = ?3 WHERE tenant = ?1 AND channel = ?2",
)


class DirectoryRecords:
    """Members and people of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def person(self, person: PersonId) -> Person | None:
        """Return the record of a person; `changed` is left out.

        That of a person who was erased is `forgotten_person`, whatever Slack reports.
        """
        return self._person(person, self._rows.one(_PERSON, person))

    def forget_person(self, person: PersonId, at: datetime) -> bool:
        """Delete the record of a person for good; False if that was done before."""
        with self._rows.together():
            if self.is_forgotten(person):
                return False
            self.record_event(DirectoryChange(kind=FORGOTTEN, person=person, moment=at.isoformat()), at)
            self._rows.write(_FORGET_PERSON, person)
        return True

    def is_forgotten(self, person: PersonId) -> bool:
        """Return whether a person was erased."""
        return self._rows.one(_IS_FORGOTTEN, FORGOTTEN, person) is not None

    def channel(self, channel: ChannelId) -> Channel | None:
        """Return the record of a channel."""
        row = self._rows.one(_CHANNEL, channel)
        return None if row is None else _channel(channel, row)

    def is_member(self, channel: ChannelId, person: PersonId) -> bool:
        """Return whether a person is in a channel."""
        return self._rows.one(_IS_MEMBER, channel, person) is not None

    def membership(self, channel: ChannelId, person: PersonId) -> MembershipRecords:
        """Return the records of a person, of a channel, and of whether the person is in it."""
        is_member, *row = self._rows.one(_MEMBERSHIP, channel, person)
        of_person, of_channel = row[:_PERSON_COLUMNS], row[_PERSON_COLUMNS:]
        return MembershipRecords(
            person=self._person(person, None if of_person[0] is None else of_person),
            channel=None if of_channel[0] is None else _channel(channel, of_channel),
            is_member=bool(is_member),
        )

    def administrators(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return the administrators among a channel's members, by name."""
        return tuple(PersonId(row[0]) for row in self._rows.all(_ADMINISTRATORS, channel))

    def members(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return the members of a channel."""
        return tuple(PersonId(row[0]) for row in self._rows.all(_MEMBERS, channel))

    def channels(self, person: PersonId) -> tuple[ChannelId, ...]:
        """Return the channels that a person is in."""
        return tuple(ChannelId(row[0]) for row in self._rows.all(_CHANNELS_OF, person))

    def unread_people(self, people: Iterable[PersonId], since: datetime) -> tuple[PersonId, ...]:
        """Return the people, of those given, who have not been looked up since a time."""
        stamp = since.isoformat()
        return tuple(one for one in people if self._is_unread(one, stamp))

    def learn_channel(self, channel: Channel, at: datetime) -> None:
        """Store what Slack reports about a channel."""
        flags = (channel.bot_inside, channel.shared, channel.invited, channel.archived, channel.private)
        self._rows.write(_LEARN_CHANNEL, channel.id, channel.name, *flags, at.isoformat())

    def learn_members(
        self, channel: ChannelId, members: Iterable[PersonId], since: datetime | None = None
    ) -> None:
        """Replace the members of a channel, without people who left `since` the look-up began."""
        with self._rows.together():
            self._rows.write(_FORGET_MEMBERS, channel)
            self._rows.write_each(_JOIN, ((channel, one) for one in members))
            if since is not None:
                self._rows.write(_LEFT_SINCE, channel, MEMBERSHIP, LEFT, since.isoformat())
                # For people reported to have joined before the look-up, its result counts.
                self._rows.write(_LOOKED_FOR, channel, MEMBERSHIP, JOINED, since.isoformat())

    def learn_person(self, person: Person, at: datetime, event: DirectoryChange | None = None) -> bool:
        """Store what Slack reports about a person, in an `event` or on request.

        False, without changes, if newer information is stored, or if the person was erased.
        """
        flags = (person.bot, person.deactivated, person.foreigner, person.guest, person.admin)
        columns = (person.name, person.zone, person.home, " ".join(person.teams), *flags, at.isoformat())
        seen = DirectoryChange(kind=ACCOUNT, person=person.id, moment=person.changed)
        with self._rows.together():
            if self.is_forgotten(person.id) or (event is None and self._is_older(seen)):
                return False
            if not self.record_event(event or seen, at) and event is not None:
                return False
            self._rows.write(_LEARN_PERSON, person.id, *columns)
        return True

    def is_expected(self, channel: ChannelId, person: PersonId) -> bool:
        """Return whether Slack reported that a person joined a channel, unconfirmed by a look-up so far."""
        return self._rows.one(_SAYS, MEMBERSHIP, channel, person) == (JOINED,)

    def record_event(self, change: DirectoryChange, at: datetime) -> bool:
        """Record an event, which changes nothing yet; False if it is not newer than the last one."""
        if not change.moment:
            return True
        about = (change.kind, change.channel, change.person)
        return self._rows.write(_NOTE, *about, change.moment, change.state, at.isoformat()) > 0

    def record_departure(self, change: DirectoryChange, at: datetime) -> bool:
        """Record that a person left a channel; False if newer information is stored."""
        with self._rows.together():
            if not self.record_event(change, at):
                return False
            self._rows.write(_LEAVE, change.channel, change.person)
        return True

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Record that a channel has a new ID: its members and settings stay."""
        with self._rows.together():
            for statement in _FOLLOW:
                self._rows.write(statement, old, new)

    def _person(self, person: PersonId, row: Sequence[Any] | None) -> Person | None:
        if row is None:
            return forgotten_person(person) if self.is_forgotten(person) else None
        name, zone, home, teams, *flags = row
        bot, deactivated, foreigner, guest, admin = map(bool, flags)
        return Person(
            id=person,
            name=name,
            zone=zone,
            home=home,
            teams=tuple(teams.split()),
            bot=bot,
            deactivated=deactivated,
            foreigner=foreigner,
            guest=guest,
            admin=admin,
        )

    def _is_unread(self, person: PersonId, stamp: str) -> bool:
        row = self._rows.one(_READ_AT, person)
        return not self.is_forgotten(person) if row is None else row[0] < stamp

    def _is_older(self, change: DirectoryChange) -> bool:
        """Return whether looked-up information is older than an event about it."""
        row = self._rows.one(_MOMENT, change.kind, change.channel, change.person)
        return bool(change.moment) and row is not None and _second(change.moment) < _second(row[0])


def _channel(channel: ChannelId, row: Sequence[Any]) -> Channel:
    name, *flags = row
    inside, shared, invited, archived, private = map(bool, flags)
    return Channel(
        id=channel,
        name=name,
        bot_inside=inside,
        shared=shared,
        invited=invited,
        archived=archived,
        private=private,
    )


def _second(moment: str) -> str:
    return moment.partition("/")[0]
