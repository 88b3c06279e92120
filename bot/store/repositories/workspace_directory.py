"""People, channels and members of a Slack workspace, as reported by Slack."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from bot.store.sql.rows import Repository, Table
from bot.store.timestamps import format_timestamp
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


PEOPLE = Table("slack_people", Person, "id", more=("read_at",), without="changed")
CHANNELS = Table("slack_channels", Channel, "id", more=("read_at",))

_IS_MEMBER = """
    SELECT 1 FROM slack_members WHERE tenant = :tenant AND channel = :channel AND person = :person
"""
_MEMBERS = "SELECT person FROM slack_members WHERE tenant = :tenant AND channel = :channel ORDER BY person"
_CHANNELS_OF = """
    SELECT channel FROM slack_members WHERE tenant = :tenant AND person = :person ORDER BY channel
"""
_READ_AT = "SELECT read_at FROM slack_people WHERE tenant = :tenant AND id = :person"
_ADMINISTRATORS = """
    SELECT id FROM slack_members AS members
    JOIN slack_people AS people ON people.tenant = :tenant AND people.id = members.person
    WHERE members.tenant = :tenant AND channel = :channel AND admin = 1
    AND bot = 0 AND deactivated = 0 AND foreigner = 0
    ORDER BY name, id
"""
_FORGET_MEMBERS = "DELETE FROM slack_members WHERE tenant = :tenant AND channel = :channel"
_JOIN = """
    INSERT INTO slack_members (tenant, channel, person) VALUES (:tenant, :channel, :person)
    ON CONFLICT (tenant, channel, person) DO NOTHING
"""
_LEAVE = f"{_FORGET_MEMBERS} AND person = :person"
_LEFT_SINCE = f"""
    {_FORGET_MEMBERS} AND person IN (
        SELECT person FROM slack_observations
        WHERE tenant = :tenant AND channel = :channel AND kind = '{MEMBERSHIP}' AND state = '{LEFT}'
        AND noted_at >= :since
    )
"""  # noqa: S608  (our own constants)
_LOOKED_FOR = f"""
    UPDATE slack_observations SET state = ''
    WHERE tenant = :tenant AND channel = :channel AND kind = '{MEMBERSHIP}' AND state = '{JOINED}'
    AND noted_at < :since
"""  # noqa: S608  (our own constants)
_LAST_CHANGE = """
    SELECT moment, state FROM slack_observations
    WHERE tenant = :tenant AND kind = :kind AND channel = :channel AND person = :person
"""
_NOTE = """
    INSERT INTO slack_observations (tenant, kind, channel, person, moment, state, noted_at)
    VALUES (:tenant, :kind, :channel, :person, :moment, :state, :noted_at)
    ON CONFLICT (tenant, kind, channel, person) DO UPDATE
    SET moment = excluded.moment, state = excluded.state, noted_at = excluded.noted_at
    WHERE excluded.moment > slack_observations.moment
"""
# What is stored of the new ID makes room for the same row of the old one.
_FOLLOW = (
    """
    DELETE FROM slack_channels WHERE tenant = :tenant AND id = :new
    AND EXISTS (SELECT 1 FROM slack_channels WHERE tenant = :tenant AND id = :old)
    """,
    "UPDATE slack_channels SET id = :new WHERE tenant = :tenant AND id = :old",
    """
    DELETE FROM slack_members WHERE tenant = :tenant AND channel = :new AND person IN (
        SELECT person FROM slack_members WHERE tenant = :tenant AND channel = :old
    )
    """,
    "UPDATE slack_members SET channel = :new WHERE tenant = :tenant AND channel = :old",
    """
    DELETE FROM slack_observations WHERE tenant = :tenant AND channel = :new AND EXISTS (
        SELECT 1 FROM slack_observations AS old WHERE old.tenant = :tenant AND old.channel = :old
        AND old.kind = slack_observations.kind AND old.person = slack_observations.person
    )
    """,
    "UPDATE slack_observations SET channel = :new WHERE tenant = :tenant AND channel = :old",
)


class DirectoryRecords(Repository):
    """Members and people of one workspace."""

    def person(self, person: PersonId) -> Person | None:
        """Return the record of a person; `changed` is left out.

        That of a person who was erased is `forgotten_person`, whatever Slack reports.
        """
        found = self._rows.find(PEOPLE, id=person)
        return forgotten_person(person) if found is None and self.is_forgotten(person) else found

    def forget_person(self, person: PersonId, at: datetime) -> bool:
        """Delete the record of a person for good; False if that was done before."""
        with self._rows.together():
            if self.is_forgotten(person):
                return False
            self.record_event(DirectoryChange(kind=FORGOTTEN, person=person, moment=at.isoformat()), at)
            self._rows.delete(PEOPLE, id=person)
        return True

    def is_forgotten(self, person: PersonId) -> bool:
        """Return whether a person was erased."""
        return self._last_change(FORGOTTEN, ChannelId(""), person) is not None

    def channel(self, channel: ChannelId) -> Channel | None:
        """Return the record of a channel."""
        return self._rows.find(CHANNELS, id=channel)

    def is_member(self, channel: ChannelId, person: PersonId) -> bool:
        """Return whether a person is in a channel."""
        return self._rows.one(_IS_MEMBER, channel=channel, person=person) is not None

    def membership(self, channel: ChannelId, person: PersonId) -> MembershipRecords:
        """Return the records of a person, of a channel, and of whether the person is in it."""
        return MembershipRecords(
            person=self.person(person),
            channel=self.channel(channel),
            is_member=self.is_member(channel, person),
        )

    def administrators(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return the administrators among a channel's members, by name."""
        return tuple(PersonId(person) for (person,) in self._rows.all(_ADMINISTRATORS, channel=channel))

    def members(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Return the members of a channel."""
        return tuple(PersonId(person) for (person,) in self._rows.all(_MEMBERS, channel=channel))

    def channels(self, person: PersonId) -> tuple[ChannelId, ...]:
        """Return the channels that a person is in."""
        return tuple(ChannelId(channel) for (channel,) in self._rows.all(_CHANNELS_OF, person=person))

    def unread_people(self, people: Iterable[PersonId], since: datetime) -> tuple[PersonId, ...]:
        """Return the people, of those given, who have not been looked up since a time."""
        return tuple(person for person in people if self._is_unread(person, since))

    def learn_channel(self, channel: Channel, at: datetime) -> None:
        """Store what Slack reports about a channel."""
        self._rows.put(CHANNELS, channel, read_at=at)

    def learn_members(
        self, channel: ChannelId, members: Iterable[PersonId], since: datetime | None = None
    ) -> None:
        """Replace the members of a channel, without people who left `since` the look-up began."""
        with self._rows.together():
            self._rows.write(_FORGET_MEMBERS, channel=channel)
            self._rows.write_each(_JOIN, [{"channel": channel, "person": person} for person in members])
            if since is not None:
                self._rows.write(_LEFT_SINCE, channel=channel, since=since)
                # For people reported to have joined before the look-up, its result counts.
                self._rows.write(_LOOKED_FOR, channel=channel, since=since)

    def learn_person(self, person: Person, at: datetime, event: DirectoryChange | None = None) -> bool:
        """Store what Slack reports about a person, in an `event` or on request.

        False, without changes, if newer information is stored, or if the person was erased.
        """
        seen = DirectoryChange(kind=ACCOUNT, person=person.id, moment=person.changed)
        with self._rows.together():
            if self.is_forgotten(person.id) or (event is None and self._is_older(seen)):
                return False
            if not self.record_event(event or seen, at) and event is not None:
                return False
            self._rows.put(PEOPLE, person, read_at=at)
        return True

    def is_expected(self, channel: ChannelId, person: PersonId) -> bool:
        """Return whether Slack reported that a person joined a channel, unconfirmed by a look-up so far."""
        change = self._last_change(MEMBERSHIP, channel, person)
        return change is not None and change[1] == JOINED

    def record_event(self, change: DirectoryChange, at: datetime) -> bool:
        """Record an event, which changes nothing yet; False if it is not newer than the last one."""
        if not change.moment:
            return True
        return self._rows.write(_NOTE, **msgspec.structs.asdict(change), noted_at=at) > 0

    def record_departure(self, change: DirectoryChange, at: datetime) -> bool:
        """Record that a person left a channel; False if newer information is stored."""
        with self._rows.together():
            if not self.record_event(change, at):
                return False
            self._rows.write(_LEAVE, channel=change.channel, person=change.person)
        return True

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Record that a channel has a new ID: its members and settings stay."""
        with self._rows.together():
            for statement in _FOLLOW:
                self._rows.write(statement, old=old, new=new)

    def _last_change(self, kind: str, channel: ChannelId, person: PersonId) -> tuple[str, str] | None:
        return self._rows.one(_LAST_CHANGE, kind=kind, channel=channel, person=person)

    def _is_unread(self, person: PersonId, since: datetime) -> bool:
        row = self._rows.one(_READ_AT, person=person)
        return not self.is_forgotten(person) if row is None else row[0] < format_timestamp(since)

    def _is_older(self, change: DirectoryChange) -> bool:
        """Return whether looked-up information is older than an event about it."""
        last = self._last_change(change.kind, change.channel, change.person)
        return bool(change.moment) and last is not None and _second(change.moment) < _second(last[0])


def _second(moment: str) -> str:
    return moment.partition("/")[0]
