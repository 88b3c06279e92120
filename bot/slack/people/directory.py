"""Who is who and who is where, as far as the bot knows; asked at every click, without a call to Slack."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

import msgspec

from bot.slack.people.moments import ACCOUNT, JOINED, LEFT, MEMBERSHIP, Told, is_news, is_older
from bot.store import Connections
from domain.elements import SYSTEM, ChannelId, PersonId


class Standing(Enum):
    """Whether somebody may act in a channel; everything but MEMBER and the two that ask on has a sentence."""

    MEMBER = ""
    UNKNOWN = "?"
    UNSEEN = "??"
    """A private channel that the bot is not in: nobody can say who its members are now."""
    STRANGER = "Only members of this model's channel can see it or answer. Join the channel, then try again."
    BOT = "Bots cannot answer in a threat model."
    DEACTIVATED = "This account is deactivated, so it cannot answer any more."
    FOREIGNER = "People from other organisations cannot see this threat model or answer in it."


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an account; `home` is the workspace that it belongs to, `teams` are those it may use.

    A `guest` is let into single channels only, an `admin` runs the workspace. `changed` is when the account
    last did, as far as whoever told of it knew.
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
    """A channel that the bot has looked at; `shared` means with other organisations.

    Where they are only invited so far it is `invited` too; other workspaces of one's own organisation are
    nobody else.
    """

    id: ChannelId
    name: str
    bot_inside: bool = True
    shared: bool = False
    invited: bool = False
    archived: bool = False
    private: bool = False


class Directory:
    """The stored members and people of one workspace; threads may share it.

    Every method raises StoreUnavailable when the database cannot be used.
    """

    def __init__(self, database: Connections, tenant: str, *, enterprise: str = "") -> None:
        """`enterprise` is the organization of several workspaces that this one belongs to, if it does."""
        self._database = database
        self._tenant = tenant
        self._enterprise = enterprise

    def standing(self, channel: ChannelId, person: PersonId, *teams: str) -> Standing:
        """How somebody stands in a channel; `teams` are the workspaces that the request names."""
        account = self.account(person, *teams)
        if account is not Standing.MEMBER:
            return account
        where = self.channel(channel)
        if where is not None and where.private and not where.bot_inside:
            return Standing.UNSEEN
        if where is not None and self._one(_IS_MEMBER, channel, person):
            return Standing.MEMBER
        # They may have joined a moment ago: only a look at Slack turns this into a refusal.
        return Standing.UNKNOWN

    def account(self, person: PersonId, *teams: str) -> Standing:
        """Whether somebody may act at all: MEMBER, but for their channel."""
        known = self.person(person)
        homes = {"", self._tenant, self._enterprise}
        if known is not None and not known.foreigner:
            homes |= {known.home, *known.teams}
        if not homes.issuperset(teams):
            # In an organization people come from workspaces beside this one: Slack says whose they are.
            return Standing.UNKNOWN if known is None and self._enterprise else Standing.FOREIGNER
        if known is None:
            return Standing.UNKNOWN
        if known.bot:
            return Standing.BOT
        if known.deactivated:
            return Standing.DEACTIVATED
        return Standing.FOREIGNER if known.foreigner else Standing.MEMBER

    def person(self, person: PersonId) -> Person | None:
        """What is known of a person."""
        row = self._one(_PERSON, person)
        if row is None:
            return None
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

    def channel(self, channel: ChannelId) -> Channel | None:
        """What is known of a channel."""
        row = self._one(_CHANNEL, channel)
        if row is None:
            return None
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

    def administrators(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Who of a channel's members runs the workspace."""
        with self._database.explained():
            rows = self._database.here().execute(_ADMINISTRATORS, (self._tenant, channel)).fetchall()
        return tuple(PersonId(row[0]) for row in rows)

    def name_of(self, person: PersonId) -> str:
        """What people call somebody; “somebody” for one whom nobody has looked up yet."""
        if person == SYSTEM:
            return "The bot"
        known = self.person(person)
        return known.name if known else "somebody"

    def members(self, channel: ChannelId) -> tuple[PersonId, ...]:
        """Who is in a channel."""
        with self._database.explained():
            rows = self._database.here().execute(_MEMBERS, (self._tenant, channel)).fetchall()
        return tuple(PersonId(row[0]) for row in rows)

    def channels(self, person: PersonId) -> frozenset[ChannelId]:
        """The channels in which somebody may act."""
        with self._database.explained():
            rows = self._database.here().execute(_CHANNELS_OF, (self._tenant, person)).fetchall()
        channels = (ChannelId(row[0]) for row in rows)
        return frozenset(one for one in channels if self.standing(one, person) is Standing.MEMBER)

    def unread_people(self, people: Iterable[PersonId], since: datetime) -> tuple[PersonId, ...]:
        """Those of some people who have not been looked up since a moment."""
        stamp = since.isoformat()
        return tuple(one for one in people if not (row := self._one(_READ_AT, one)) or row[0] < stamp)

    def learn_channel(self, channel: Channel, at: datetime) -> None:
        """Keep what Slack says of a channel."""
        flags = (channel.bot_inside, channel.shared, channel.invited, channel.archived, channel.private)
        self._write(_LEARN_CHANNEL, (self._tenant, channel.id, channel.name, *flags, at.isoformat()))

    def learn_members(
        self, channel: ChannelId, members: Iterable[PersonId], since: datetime | None = None
    ) -> None:
        """Keep who is in a channel and forget who is not; who left `since` a look began stays outside."""
        with self._database.writing() as connection:
            connection.execute(_FORGET_MEMBERS, (self._tenant, channel))
            connection.executemany(_JOIN, [(self._tenant, channel, one) for one in members])
            if since is not None:
                left = (self._tenant, channel, MEMBERSHIP, LEFT, since.isoformat())
                connection.execute(_LEFT_SINCE, left)
                # Of whoever was told to have come before the look, the look is what counts.
                looked = (self._tenant, channel, MEMBERSHIP, JOINED, since.isoformat())
                connection.execute(_LOOKED_FOR, looked)

    def learn_person(self, person: Person, at: datetime, event: Told | None = None) -> bool:
        """Keep what Slack says of a person, by itself in an `event` or because it was asked.

        False where something newer is known, to which nothing is changed.
        """
        flags = (person.bot, person.deactivated, person.foreigner, person.guest, person.admin)
        kept = (person.name, person.zone, person.home, " ".join(person.teams), *flags, at.isoformat())
        seen = Told(kind=ACCOUNT, person=person.id, moment=person.changed)
        with self._database.writing() as connection:
            if event is None and is_older(connection, self._tenant, seen):
                return False
            if not is_news(connection, self._tenant, event or seen, at) and event is not None:
                return False
            connection.execute(_LEARN_PERSON, (self._tenant, person.id, *kept))
        return True

    def is_expected(self, channel: ChannelId, person: PersonId) -> bool:
        """Whether Slack told that somebody came into a channel, and no look has confirmed it yet."""
        return self._one(_SAYS, MEMBERSHIP, channel, person) == (JOINED,)

    def hear(self, told: Told, at: datetime) -> bool:
        """Note an event, which changes nothing yet; False for one that is not newer than the last one."""
        with self._database.writing() as connection:
            return is_news(connection, self._tenant, told, at)

    def leave(self, told: Told, at: datetime) -> bool:
        """Somebody left a channel; False where something newer is known of them."""
        with self._database.writing() as connection:
            if not is_news(connection, self._tenant, told, at):
                return False
            connection.execute(_LEAVE, (self._tenant, told.channel, told.person))
        return True

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """A channel has another id: who is in it and what is known of it stays."""
        with self._database.writing() as connection:
            for table in ("slack_channels", "slack_members", "slack_pending", "slack_told"):
                connection.execute(
                    f"UPDATE OR REPLACE {table} SET channel = ? WHERE tenant = ? AND channel = ?",  # noqa: S608  (our own table names)
                    (new, self._tenant, old),
                )

    def _one(self, sql: str, *values: str) -> tuple[str, ...] | None:
        with self._database.explained():
            return self._database.here().execute(sql, (self._tenant, *values)).fetchone()

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        with self._database.writing() as connection:
            connection.execute(sql, values)


_IS_MEMBER = "SELECT 1 FROM slack_members WHERE tenant = ? AND channel = ? AND person = ?"
_MEMBERS = "SELECT person FROM slack_members WHERE tenant = ? AND channel = ? ORDER BY person"
_CHANNELS_OF = "SELECT channel FROM slack_members WHERE tenant = ? AND person = ?"
_PERSON = """
    SELECT name, zone, home, teams, bot, deactivated, foreigner, guest, admin
    FROM slack_people WHERE tenant = ? AND person = ?
"""
_READ_AT = "SELECT read_at FROM slack_people WHERE tenant = ? AND person = ?"
_CHANNEL = """
    SELECT name, bot_inside, shared, invited, archived, private
    FROM slack_channels WHERE tenant = ? AND channel = ?
"""
_ADMINISTRATORS = """
    SELECT person FROM slack_members JOIN slack_people USING (tenant, person)
    WHERE tenant = ? AND channel = ? AND admin AND NOT (bot OR deactivated OR foreigner) ORDER BY name
"""
_FORGET_MEMBERS = "DELETE FROM slack_members WHERE tenant = ? AND channel = ?"
_JOIN = "INSERT OR IGNORE INTO slack_members (tenant, channel, person) VALUES (?, ?, ?)"
_LEAVE = "DELETE FROM slack_members WHERE tenant = ? AND channel = ? AND person = ?"
_LEFT_SINCE = """
    DELETE FROM slack_members WHERE tenant = ?1 AND channel = ?2 AND person IN (
        SELECT person FROM slack_told
        WHERE tenant = ?1 AND channel = ?2 AND kind = ?3 AND says = ?4 AND noted_at >= ?5
    )
"""
_LOOKED_FOR = """
    UPDATE slack_told SET says = ''
    WHERE tenant = ?1 AND channel = ?2 AND kind = ?3 AND says = ?4 AND noted_at < ?5
"""
_SAYS = "SELECT says FROM slack_told WHERE tenant = ? AND kind = ? AND channel = ? AND person = ?"
_LEARN_CHANNEL = """
    INSERT OR REPLACE INTO slack_channels
        (tenant, channel, name, bot_inside, shared, invited, archived, private, read_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LEARN_PERSON = """
    INSERT OR REPLACE INTO slack_people
        (tenant, person, name, zone, home, teams, bot, deactivated, foreigner, guest, admin, read_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
