"""Accounts and conversations of the workspace."""

from collections.abc import Iterable

from msgspec.structs import replace

from bot.sandbox.workspace.change_notifier import ChangeNotifier
from bot.sandbox.workspace.id_generator import IdGenerator
from bot.sandbox.workspace.installed_app import BOT_USER_ID, InstalledApp
from bot.sandbox.workspace.record_storage import NullStorage, RecordStorage
from bot.sandbox.workspace.seed_data import (
    CHANNELS,
    FIRST_TEAM,
    PEOPLE,
    SLACKBOT,
    SlackAccount,
    SlackChannel,
    Team,
)
from bot.sandbox.workspace.workspace_clock import WorkspaceClock

_BOT = SlackAccount(id=BOT_USER_ID, handle="", name="", colour="#3f0e40", is_bot=True)


class UnknownConversation(Exception):
    """Error: no conversation has that ID or name."""


class UnknownPerson(Exception):
    """Error: no person has that ID, handle or name."""


class Roster(ChangeNotifier):
    """People and conversations, and the generator of IDs and timestamps.

    Every public method may be called from any thread.
    """

    def __init__(
        self,
        app: InstalledApp,
        clock: WorkspaceClock | None = None,
        kept: RecordStorage | None = None,
        *,
        team: Team = FIRST_TEAM,
        numbers: IdGenerator | None = None,
        channels: Iterable[SlackChannel] = CHANNELS,
    ) -> None:
        """`numbers` makes IDs that differ between workspaces; `channels` are those of a new workspace."""
        super().__init__()
        self.team = team
        self.app = app
        self.clock = clock or WorkspaceClock()
        self.kept = kept or NullStorage()
        self.numbers = numbers or IdGenerator(self.clock, self.kept)
        self.clock.on_move(self.notify_changed)
        bot = replace(_BOT, handle=app.name.lower(), name=app.name, team=team.id)
        members = {person.id: replace(person, team=team.id) for person in (*PEOPLE, SLACKBOT)}
        people = members | self.kept.read_all("person", SlackAccount)
        # The bot's name always follows its current manifest.
        self._people = {**people, bot.id: bot}
        begun = {channel.id: channel for channel in channels}
        present = begun | self.kept.read_all("channel", SlackChannel)
        gone = self.kept.read_all("gone", str)
        self._channels = {key: channel for key, channel in present.items() if key not in gone}

    # People

    @property
    def people(self) -> tuple[SlackAccount, ...]:
        """All accounts, including the bot's."""
        return tuple(self._people.values())

    def person(self, who: str) -> SlackAccount:
        """Return the person with that ID, handle or name, with or without an @; raises UnknownPerson."""
        wanted = who.removeprefix("@").casefold()
        for person in self.people:
            if wanted in (person.id.casefold(), person.handle.casefold(), person.name.casefold()):
                return person
        raise UnknownPerson(who)

    def change_person(self, person: SlackAccount) -> None:
        """Replace the person with the same ID, or add a new one."""
        with self.lock:
            self._people[person.id] = person
            self.kept.save("person", person.id, person)
            self.notify_changed()

    # Conversations

    @property
    def channels(self) -> tuple[SlackChannel, ...]:
        """All channels, without direct messages."""
        return tuple(channel for channel in self._everywhere() if not channel.is_im)

    def channel(self, where: str) -> SlackChannel:
        """Return the conversation with that ID or name, with or without a #; raises UnknownConversation."""
        if where in self._channels:
            return self._channels[where]
        name = where.removeprefix("#")
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise UnknownConversation(where)

    def change_channel(self, channel: SlackChannel) -> None:
        """Replace the conversation with the same ID, or add a new one."""
        with self.lock:
            self._channels[channel.id] = channel
            self.kept.save("channel", channel.id, channel)
            self.notify_changed()

    def delete_channel(self, channel: SlackChannel) -> None:
        """Delete a conversation permanently."""
        with self.lock:
            self._channels.pop(channel.id, None)
            self.kept.save("gone", channel.id, channel.name)
            self.notify_changed()

    def direct(self, person_id: str, other_id: str = BOT_USER_ID) -> SlackChannel:
        """Return the direct messages of two people, opened if necessary."""
        both = frozenset({person_id, other_id})
        with self.lock:
            for channel in self._everywhere():
                if channel.is_im and channel.members == both:
                    return channel
            opened = SlackChannel(
                id=self.new_id("D"), name="", members=both, is_im=True, created=int(self.clock.now())
            )
            self.change_channel(opened)
            return opened

    def group(self, people: Iterable[str]) -> SlackChannel:
        """Return the direct messages of several people, opened if necessary."""
        members = frozenset(people)
        with self.lock:
            for channel in self._everywhere():
                if channel.is_mpim and channel.members == members:
                    return channel
            handles = "--".join(sorted(self.person(one).handle for one in members))
            opened = SlackChannel(
                id=self.new_id("G"),
                name=f"mpdm-{handles}-1",
                members=members,
                is_mpim=True,
                is_private=True,
                created=int(self.clock.now()),
            )
            self.change_channel(opened)
            return opened

    def direct_of(self, person_id: str) -> tuple[SlackChannel, ...]:
        """Return all direct conversations of a person."""
        return tuple(
            channel for channel in self._everywhere() if channel.is_im and person_id in channel.members
        )

    def join(self, channel_id: str, person_id: str) -> bool:
        """Add a person to a channel; return whether they are a new member."""
        with self.lock:
            channel = self._channels[channel_id]
            if person_id in channel.members:
                return False
            self.change_channel(replace(channel, members=channel.members | {person_id}))
            return True

    def leave(self, channel_id: str, person_id: str) -> bool:
        """Remove a person from a channel; return whether they were a member."""
        with self.lock:
            channel = self._channels[channel_id]
            if person_id not in channel.members:
                return False
            self.change_channel(replace(channel, members=channel.members - {person_id}))
            return True

    def _everywhere(self) -> tuple[SlackChannel, ...]:
        # Copied in one step, because another thread may open direct messages meanwhile.
        return tuple(self._channels.values())

    # IDs and timestamps

    def new_ts(self) -> str:
        """Return a timestamp later than every one before it."""
        return self.numbers.new_ts()

    def new_id(self, letter: str) -> str:
        """Return a new id in Slack's shape, such as V0000000A7."""
        return self.numbers.new_id(letter)
