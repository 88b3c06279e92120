"""People and channels as Slack tells them: looked up, and recorded in the directory."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.protocol.payload_parsing import UnreadablePayload
from bot.slack.protocol.requests import Json, account_change_time
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from bot.store.repositories.workspace_directory import ACCOUNT, Channel, DirectoryChange, Person
from domain.kernel.elements import ChannelId, PersonId


class _Profile(msgspec.Struct):
    email: str | None = None


class _User(msgspec.Struct):
    profile: _Profile = msgspec.field(default_factory=_Profile)
    is_email_confirmed: bool = True
    deleted: bool = False


def email_address(api: SlackApi, person: PersonId) -> str:
    """Return the confirmed email address of a person; empty if Slack shows none.

    Slack shows addresses only with the permission `users:read.email`. Raises ApiRefused and ApiUnreachable.
    """
    try:
        answer = api.call("users.info", user=person)
    except ApiRefused as refused:
        if refused.code in ("user_not_found", "user_not_visible"):
            return ""
        raise
    try:
        user = msgspec.convert(answer.get("user"), _User)
    except msgspec.ValidationError:
        return ""
    return (user.profile.email or "") if user.is_email_confirmed and not user.deleted else ""


FRESH_FOR = timedelta(minutes=9)
"""Age at which a person's record is read again by the periodic round."""

REFUSED_FOR = timedelta(seconds=20)
"""Time before Slack is asked again about a person who was refused."""

MAX_LOOKS = 3
"""Looks at a channel of which Slack tells something new during each of them."""

ONE_BY_ONE = 25
"""Maximum number of single look-ups; for more people the whole workspace is read page by page."""

PAGE = 200

_OUTSIDE = ("channel_not_found", "not_in_channel", "method_not_supported_for_channel_type")


class _Everybody(msgspec.Struct, frozen=True, kw_only=True):
    """Snapshot of the workspace's people, with the number of events about each before it was read."""

    at: datetime
    people: dict[PersonId, Person]
    told_before: Counter[ChannelId | PersonId]


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    """One look at a channel and its members; `stored` unless Slack told of the channel meanwhile."""

    channel: Channel
    members: tuple[PersonId, ...]
    joins: int
    began: datetime
    stored: bool


class DirectoryLookup(msgspec.Struct, eq=False):
    """Look-ups in Slack that fill the directory; slow, so never called before an ack.

    `renamed` is called when a person's name changes or becomes known. `enterprise` is the organization of the
    workspace, if it has several workspaces.
    """

    directory: Directory
    api: SlackApi
    tenant: str
    now: Callable[[], datetime]
    renamed: Callable[[], None]
    enterprise: str = ""
    _of_channels: list[Callable[[Channel], None]] = []
    _of_members: list[Callable[[ChannelId], None]] = []
    _of_changes: list[Callable[[ChannelId], None]] = []
    _refused: dict[tuple[ChannelId, PersonId], tuple[datetime, Membership]] = {}
    _reading_everybody: threading.Lock = msgspec.field(default_factory=threading.Lock)
    _everybody: _Everybody | None = None
    _turns: dict[ChannelId, threading.Lock] = {}
    _told: Counter[ChannelId | PersonId] = msgspec.field(default_factory=Counter)
    _storing: threading.Lock = msgspec.field(default_factory=threading.Lock)
    _told_of_joins: Counter[ChannelId] = msgspec.field(default_factory=Counter)
    _confirmed: Counter[ChannelId] = msgspec.field(default_factory=Counter)

    def on_channel_read(self, listener: Callable[[Channel], None]) -> None:
        """Call a listener with each channel that was read, as it is then."""
        self._of_channels.append(listener)

    def on_members_changed(self, listener: Callable[[ChannelId], None]) -> None:
        """Call a listener with each channel whose members may have left it or lost their accounts."""
        self._of_members.append(listener)

    def on_people_changed(self, listener: Callable[[ChannelId], None]) -> None:
        """Call a listener with each channel in which other people can act than before."""
        self._of_changes.append(listener)

    def recently_refused(self, channel: ChannelId, person: PersonId) -> Membership | None:
        """Return the status of a person whom a look-up refused a moment ago in a channel; None for others."""
        at, status = self._refused.get((channel, person), (None, None))
        return status if at is not None and self.now() - at < REFUSED_FOR else None

    def joined(self, change: DirectoryChange) -> bool:
        """Record a join event; it grants no access until a look-up confirms it.

        An earlier refusal no longer counts, so requests in the meantime wait for that look-up. False for an
        event that is older than what is known.
        """
        if not self.directory.records.record_event(change, self.now()):
            return False
        self._refused.pop((change.channel, change.person), None)
        self._told_of_joins[change.channel] += 1
        return True

    def bot_joined(self, change: DirectoryChange) -> bool:
        """Record that the bot joined a channel, so that people refused before may be looked up again."""
        if not self.directory.records.record_event(change, self.now()):
            return False
        self._told[change.channel] += 1
        self._refused = {about: said for about, said in self._refused.items() if about[0] != change.channel}
        return True

    def left(self, change: DirectoryChange) -> bool:
        """Record a leave event and revoke access; return False for an outdated event."""
        if not self.directory.records.record_departure(change, self.now()):
            return False
        self._members_changed(change.channel)
        self._people_changed(change.channel)
        return True

    def confirm(self, channel: ChannelId, person: PersonId) -> None:
        """Look up whether a person who joined is a member; concurrent joins share one look-up."""
        if self._confirmed[channel] < self._told_of_joins[channel]:
            self.read_channel(channel)
        self.read_people([person])

    def check(self, channel: ChannelId, person: PersonId) -> Membership:
        """Look up a person's status in a channel in Slack; raises ApiRefused and ApiUnreachable."""
        told_before = self._told[channel]
        self.read_channel(channel)
        self.read_people([person])
        status = self.directory.status(channel, person)
        if status is Membership.UNKNOWN:
            status = Membership.STRANGER
        # What Slack told meanwhile, such as that the bot was invited, is newer than this look.
        if status is not Membership.MEMBER and self._told[channel] == told_before:
            now = self.now()
            self._refused = {one: at for one, at in self._refused.items() if now - at[0] < REFUSED_FOR}
            self._refused[(channel, person)] = now, status
        return status

    def read_channel(self, channel: ChannelId) -> None:
        """Read a channel, its members, and new members' records; raises ApiRefused and ApiUnreachable."""
        with self._turns.setdefault(channel, threading.Lock()):
            look = self._look_at(channel)
            for _ in range(MAX_LOOKS - 1):
                if look is None or look.stored:
                    break
                look = self._look_at(channel)
            if look is None:
                return
            before = {*self.directory.records.members(channel)}
            self.directory.records.learn_members(channel, look.members, since=look.began)
            self._confirmed[channel] = look.joins
        self._channel_read(look.channel)
        self.read_people(self.directory.records.unread_people(look.members, self.now() - FRESH_FOR))
        self._members_changed(channel)
        if before != {*look.members}:
            self._people_changed(channel)

    def _look_at(self, channel: ChannelId) -> _Look | None:
        """Read a channel, and store it unless Slack told of it meanwhile; None if the bot is not in it."""
        told_before, joins, began = self._told[channel], self._told_of_joins[channel], self.now()
        try:
            change = self.api.call("conversations.info", channel=channel)["channel"]
            members = tuple(self._members(channel))
        except ApiRefused as refused:
            if refused.code not in _OUTSIDE:
                raise
            # What Slack told meanwhile is newer than what this look saw, and brings its own look.
            if self._told[channel] == told_before:
                self._lose_sight(channel, hidden=refused.code == "channel_not_found")
            return None
        seen = _channel(channel, change)
        with self._storing:
            known = self.directory.channel(channel)
            # What Slack told meanwhile is newer, such as that the channel is shared now.
            newer = known if self._told[channel] != told_before else None
            if newer is None:
                self.directory.records.learn_channel(seen, self.now())
        return _Look(channel=newer or seen, members=members, joins=joins, began=began, stored=newer is None)

    def read_people(self, people: Iterable[PersonId]) -> None:
        """Read the records of people; raises ApiRefused and ApiUnreachable."""
        wanted = set(people)
        if len(wanted) > ONE_BY_ONE:
            wanted -= self._read_among_everybody(wanted)
        told_before = self._told.copy()
        # People missing from the workspace's list belong to another one: a few of them at each round.
        for person in sorted(wanted)[:ONE_BY_ONE]:
            try:
                change = self.api.call("users.info", user=person)["user"]
                self._learn_seen(_person(change, self.tenant, self.enterprise), told_before, self.now())
            except ApiRefused as refused:
                if refused.code not in ("user_not_found", "user_not_visible"):
                    raise
                # A member whom the bot may not see belongs to another organization.
                hidden = Person(id=person, name="someone", foreigner=True)
                self.directory.records.learn_person(hidden, self.now())

    def read_if_unknown(self, person: PersonId) -> None:
        """Read the record of a person whom the directory does not have; raises as `read_people`."""
        if self.directory.person(person) is None:
            self.read_people([person])

    def _read_among_everybody(self, wanted: set[PersonId]) -> set[PersonId]:
        """Read people from one listing of the workspace, shared by channels; return those in it.

        Slack lets a bot list people twenty times a minute, and a large workspace has many pages.
        """
        with self._reading_everybody:
            if self._everybody is None or self.now() - self._everybody.at > FRESH_FOR:
                told_before, at = self._told.copy(), self.now()
                people = {
                    (person := _person(change, self.tenant, self.enterprise)).id: person
                    for page in self._pages("users.list")
                    for change in page["members"]
                }
                self._everybody = _Everybody(at=at, people=people, told_before=told_before)
            seen = self._everybody
        there = wanted & seen.people.keys()
        for one in there:
            self._learn_seen(seen.people[one], seen.told_before, seen.at)
        return there

    def learn_person(self, change: Json, event: Json | None = None) -> bool:
        """Store a person's record from an event; return False if a newer one is stored."""
        person = _person(change, self.tenant, self.enterprise)
        about = DirectoryChange(kind=ACCOUNT, person=person.id, moment=account_change_time(change, event))
        if not self._keep(person, self.now(), about):
            return False
        self._told[person.id] += 1
        return True

    def learn_channel(
        self, channel: ChannelId, change: DirectoryChange | None = None, **changes: bool | str
    ) -> bool:
        """Store a change of a known channel; the names and types are those of Channel.

        False for an event that is older than what is known.
        """
        if change is not None and not self.directory.records.record_event(change, self.now()):
            return False
        with self._storing:
            self._told[channel] += 1
            known = self.directory.channel(channel)
            if known is not None:
                changed = msgspec.convert({**msgspec.structs.asdict(known), **changes}, Channel)
                self.directory.records.learn_channel(changed, self.now())
        if changes.get("bot_inside"):
            # People who were refused because no look-up was possible may be looked up now.
            self._refused = {about: said for about, said in self._refused.items() if about[0] != channel}
        return True

    def learn_refusal(self, channel: ChannelId, why: str) -> None:
        """Store what Slack's refusal to post says about a channel."""
        if why == "is_archived":
            self.learn_channel(channel, archived=True)
        elif why == "not_in_channel":
            self.learn_channel(channel, bot_inside=False)

    def _learn_seen(self, person: Person, told_before: Counter[ChannelId | PersonId], at: datetime) -> None:
        """Store a person's record from a look-up, unless an event arrived meanwhile, which is newer."""
        if self._told[person.id] == told_before[person.id]:
            self._keep(person, at)

    def _keep(self, person: Person, at: datetime, event: DirectoryChange | None = None) -> bool:
        known = self.directory.person(person.id)
        if not self.directory.records.learn_person(person, at, event):
            return False
        if known is None or known.name != person.name:
            self.renamed()
        if known is not None and _may_act(known) and not _may_act(person):
            for channel in self.directory.records.channels(person.id):
                self._members_changed(channel)
        if known is not None and _may_act(known) != _may_act(person):
            for channel in self.directory.records.channels(person.id):
                self._people_changed(channel)
        return True

    def _channel_read(self, channel: Channel) -> None:
        for listener in self._of_channels:
            listener(channel)

    def _members_changed(self, channel: ChannelId) -> None:
        for listener in self._of_members:
            listener(channel)

    def _people_changed(self, channel: ChannelId) -> None:
        for listener in self._of_changes:
            listener(channel)

    def _lose_sight(self, channel: ChannelId, *, hidden: bool) -> None:
        """Record that the bot is not in a channel; Slack hides a private one entirely."""
        known = self.directory.channel(channel) or Channel(id=channel, name="")
        lost = msgspec.structs.replace(known, bot_inside=False, private=known.private or hidden)
        self.directory.records.learn_channel(lost, self.now())
        self._channel_read(lost)

    def _members(self, channel: ChannelId) -> Iterator[PersonId]:
        for page in self._pages("conversations.members", channel=channel):
            yield from (PersonId(one) for one in page["members"])

    def _pages(self, method: str, **arguments: str) -> Iterator[Json]:
        cursor = ""
        while True:
            page = self.api.call(method, limit=PAGE, cursor=cursor or None, **arguments)
            yield page
            cursor = str(page.get("response_metadata", {}).get("next_cursor", ""))
            if not cursor:
                return


def _may_act(person: Person) -> bool:
    return not (person.bot or person.deactivated or person.foreigner)


def _channel(channel: ChannelId, change: Json) -> Channel:
    # Shared with other workspaces of the same organization (`is_org_shared`) is not shared with others.
    invited = bool(change.get("is_pending_ext_shared") or change.get("pending_shared"))
    return Channel(
        id=channel,
        name=str(change.get("name") or ""),
        bot_inside=bool(change.get("is_member", True)),
        shared=bool(change.get("is_ext_shared")) or invited,
        invited=invited and not change.get("is_ext_shared"),
        archived=bool(change.get("is_archived")),
        private=bool(change.get("is_private")),
    )


def _person(change: Json, tenant: str, enterprise: str) -> Person:
    try:
        person = PersonId(msgspec.convert(change["id"], str))
        profile = msgspec.convert(change.get("profile") or {}, Json)
        employed = msgspec.convert(change.get("enterprise_user") or {}, Json)
    except (KeyError, msgspec.ValidationError) as fault:
        raise UnreadablePayload("a person without an id") from fault
    names = (
        profile.get("display_name"),
        profile.get("real_name"),
        change.get("real_name"),
        change.get("name"),
    )
    home = str(change.get("team_id") or tenant)
    teams = tuple(one for one in _listed(employed.get("teams")) if one)
    ours = home in (tenant, enterprise) or tenant in teams
    ours = ours or (bool(enterprise) and employed.get("enterprise_id") == enterprise)
    return Person(
        id=person,
        name=str(next((name for name in names if name), "someone")),
        zone=str(change.get("tz") or ""),
        home=home,
        teams=teams,
        bot=bool(change.get("is_bot")) or person == "USLACKBOT",
        deactivated=bool(change.get("deleted")),
        foreigner=bool(change.get("is_stranger")) or not ours,
        guest=bool(change.get("is_restricted") or change.get("is_ultra_restricted")),
        admin=bool(change.get("is_admin") or change.get("is_owner") or change.get("is_primary_owner")),
        changed=account_change_time(change),
    )


def _listed(teams: object) -> list[str]:
    try:
        return msgspec.convert(teams or [], list[str])
    except msgspec.ValidationError as fault:
        raise UnreadablePayload("a person's workspaces are no list") from fault
