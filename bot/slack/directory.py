"""Who is who and who is where, as far as the bot knows; asked at every click, without a call to Slack."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

import msgspec

from bot.store import Connections
from domain.elements import ChannelId, PersonId


class Standing(Enum):
    """Whether somebody may act in a channel; everything but MEMBER and UNKNOWN has a sentence."""

    MEMBER = ""
    UNKNOWN = "?"
    STRANGER = "Only members of this model's channel can see it or answer. Join the channel, then try again."
    BOT = "Bots cannot answer in a threat model."
    DEACTIVATED = "This account is deactivated, so it cannot answer any more."
    FOREIGNER = "People from other organisations cannot see this threat model or answer in it."


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an account."""

    id: PersonId
    name: str
    zone: str = ""
    bot: bool = False
    deactivated: bool = False
    foreigner: bool = False


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that the bot has looked at; `shared` means with other organisations."""

    id: ChannelId
    name: str
    bot_inside: bool = True
    shared: bool = False
    archived: bool = False


class Directory:
    """The stored members and people of one workspace; threads may share it.

    Every method raises StoreUnavailable when the database cannot be used.
    """

    def __init__(self, database: Connections, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

    def standing(self, channel: ChannelId, person: PersonId, *, team: str = "") -> Standing:
        """How somebody stands in a channel; `team` is the organisation that the request came from."""
        if team and team != self._tenant:
            return Standing.FOREIGNER
        known = self.person(person)
        if known is None:
            return Standing.UNKNOWN
        if known.bot:
            return Standing.BOT
        if known.deactivated:
            return Standing.DEACTIVATED
        if known.foreigner:
            return Standing.FOREIGNER
        if self._one(_IS_MEMBER, channel, person):
            return Standing.MEMBER
        # They may have joined a moment ago: only a look at Slack turns this into a refusal.
        return Standing.UNKNOWN

    def person(self, person: PersonId) -> Person | None:
        """What is known of a person."""
        row = self._one(_PERSON, person)
        if row is None:
            return None
        name, zone, bot, deactivated, foreigner = row
        return Person(
            id=person,
            name=name,
            zone=zone,
            bot=bool(bot),
            deactivated=bool(deactivated),
            foreigner=bool(foreigner),
        )

    def channel(self, channel: ChannelId) -> Channel | None:
        """What is known of a channel."""
        row = self._one(_CHANNEL, channel)
        if row is None:
            return None
        name, inside, shared, archived = row
        return Channel(
            id=channel, name=name, bot_inside=bool(inside), shared=bool(shared), archived=bool(archived)
        )

    def name_of(self, person: PersonId) -> str:
        """What people call somebody; “somebody” for one whom nobody has looked up yet."""
        known = self.person(person)
        return known.name if known else "somebody"

    def members(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Who is in a channel."""
        with self._database.explained():
            rows = self._database.here().execute(_MEMBERS, (self._tenant, channel)).fetchall()
        return tuple(PersonId(row[0]) for row in rows)

    def channels(self, person: PersonId) -> frozenset[ChannelId]:
        """The channels that somebody is in."""
        with self._database.explained():
            rows = self._database.here().execute(_CHANNELS_OF, (self._tenant, person)).fetchall()
        return frozenset(ChannelId(row[0]) for row in rows)

    def unread_people(self, people: Iterable[PersonId], since: datetime) -> tuple[PersonId, ...]:
        """Those of some people who have not been looked up since a moment."""
        stamp = since.isoformat()
        return tuple(one for one in people if not (row := self._one(_READ_AT, one)) or row[0] < stamp)

    def learn_channel(self, channel: Channel, at: datetime) -> None:
        """Keep what Slack says of a channel."""
        fields = (channel.name, channel.bot_inside, channel.shared, channel.archived, at.isoformat())
        self._write(_LEARN_CHANNEL, (self._tenant, channel.id, *fields))

    def learn_members(self, channel: ChannelId, members: Iterable[PersonId]) -> None:
        """Keep who is in a channel, and forget who is not."""
        with self._database.writing() as connection:
            connection.execute(_FORGET_MEMBERS, (self._tenant, channel))
            connection.executemany(_JOIN, [(self._tenant, channel, one) for one in members])

    def learn_person(self, person: Person, at: datetime) -> None:
        """Keep what Slack says of a person."""
        flags = (person.bot, person.deactivated, person.foreigner, at.isoformat())
        self._write(_LEARN_PERSON, (self._tenant, person.id, person.name, person.zone, *flags))

    def join(self, channel: ChannelId, person: PersonId) -> None:
        """Somebody came into a channel."""
        self._write(_JOIN, (self._tenant, channel, person))

    def leave(self, channel: ChannelId, person: PersonId) -> None:
        """Somebody left a channel."""
        self._write(_LEAVE, (self._tenant, channel, person))

    def _one(self, sql: str, *values: str) -> tuple[str, ...] | None:
        with self._database.explained():
            return self._database.here().execute(sql, (self._tenant, *values)).fetchone()

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        with self._database.writing() as connection:
            connection.execute(sql, values)


_IS_MEMBER = "SELECT 1 FROM slack_members WHERE tenant = ? AND channel = ? AND person = ?"
_MEMBERS = "SELECT person FROM slack_members WHERE tenant = ? AND channel = ? ORDER BY person"
_CHANNELS_OF = "SELECT channel FROM slack_members WHERE tenant = ? AND person = ?"
_PERSON = "SELECT name, zone, bot, deactivated, foreigner FROM slack_people WHERE tenant = ? AND person = ?"
_READ_AT = "SELECT read_at FROM slack_people WHERE tenant = ? AND person = ?"
_CHANNEL = "SELECT name, bot_inside, shared, archived FROM slack_channels WHERE tenant = ? AND channel = ?"
_FORGET_MEMBERS = "DELETE FROM slack_members WHERE tenant = ? AND channel = ?"
_JOIN = "INSERT OR IGNORE INTO slack_members (tenant, channel, person) VALUES (?, ?, ?)"
_LEAVE = "DELETE FROM slack_members WHERE tenant = ? AND channel = ? AND person = ?"
_LEARN_CHANNEL = """
    INSERT OR REPLACE INTO slack_channels (tenant, channel, name, bot_inside, shared, archived, read_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_LEARN_PERSON = """
    INSERT OR REPLACE INTO slack_people
        (tenant, person, name, zone, bot, deactivated, foreigner, read_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
