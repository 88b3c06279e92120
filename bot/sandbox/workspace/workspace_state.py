"""State of one workspace: accounts, conversations and messages."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID, InstalledApp
from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.seed_data import (
    CHANNELS,
    FIRST_TEAM,
    PEOPLE,
    SLACKBOT,
    SLACKBOT_ID,
    SlackAccount,
    SlackChannel,
    Team,
)
from bot.sandbox.workspace.uploaded_files import Canvases, UploadedFiles
from bot.sandbox.workspace.workspace_behavior import Behavior
from bot.sandbox.workspace.workspace_clock import IdGenerator, WorkspaceClock


class ChangeNotifier:
    """A lock, a counter of changes, and listeners."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.revision = 0
        """The number of changes, by which a view knows when to redraw."""
        self._changed = threading.Condition(self.lock)
        self._listeners: list[Callable[[], None]] = []

    def notify_changed(self) -> None:
        """Notify listeners and waiting threads of a change."""
        with self.lock:
            self.revision += 1
            self._changed.notify_all()
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Register a listener for every change, called from any thread; return a function that removes it."""
        with self.lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def wait_until(self, predicate: Callable[[], bool], seconds: float) -> bool:
        """Wait for a predicate over the state; return whether it held in time."""
        # Real time, because a moved clock must not change how long a test waits.
        ends = time.monotonic() + seconds
        while not predicate():
            left = ends - time.monotonic()
            if left <= 0:
                return False
            with self.lock:
                # A predicate may use data outside the state, so it is evaluated again periodically.
                self._changed.wait(min(left, 0.02))
        return True


_BOT = SlackAccount(id=BOT_USER_ID, handle="", name="", colour="#3f0e40", is_bot=True)


class UnknownConversation(Exception):
    """Error: no conversation has that ID or name."""


class UnknownPerson(Exception):
    """Error: no person has that ID, handle or name."""


TOMBSTONE = "tombstone"
"""The subtype of the placeholder for a deleted message with replies."""


class PostedMessage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message in its current state."""

    channel: str
    ts: str
    author: str
    text: str
    blocks: tuple[Json, ...] = ()
    thread: str | None = None
    broadcast: bool = False
    reader: str | None = None
    """The only person who sees it, for an ephemeral message."""
    edited: str | None = None
    metadata: Json | None = None
    subtype: str | None = None
    files: tuple[str, ...] = ()
    """IDs of the attached files."""
    attachments: tuple[Json, ...] = ()
    """Previews of its links."""
    locked: bool = False
    """Whether an administrator has locked its thread."""


class Workspace(ChangeNotifier):
    """State of one workspace, shared by the Web API, the people and the page.

    Every public method may be called from any thread.
    """

    def __init__(
        self,
        app: InstalledApp,
        clock: WorkspaceClock | None = None,
        kept: RecordStorage | None = None,
        behavior: Behavior | None = None,
        *,
        team: Team = FIRST_TEAM,
        numbers: IdGenerator | None = None,
        channels: Iterable[SlackChannel] = CHANNELS,
    ) -> None:
        """`numbers` makes IDs that differ between workspaces; `channels` are those of a new workspace."""
        super().__init__()
        self.app, self.team = app, team
        self.clock = clock or WorkspaceClock()
        self.clock.on_move(self.notify_changed)
        self.kept = kept or RecordStorage()
        self.behavior = behavior or Behavior()
        """The points on which real workspaces differ; can be replaced at any time."""
        numbers = numbers or IdGenerator(self.clock, self.kept)
        self.new_ts, self.new_id = numbers.new_ts, numbers.new_id
        self.files = UploadedFiles(self.clock, numbers, self.kept, team.id)
        self.canvases = Canvases(numbers, self.kept, team)
        bot = replace(_BOT, handle=app.name.lower(), name=app.name, team=team.id)
        members = {person.id: replace(person, team=team.id) for person in (*PEOPLE, SLACKBOT)}
        # The bot's name always follows its current manifest.
        self._people = {**members, **self.kept.read_all("person", SlackAccount), bot.id: bot}
        begun = {channel.id: channel for channel in channels}
        gone = self.kept.read_all("gone", str)
        present = begun | self.kept.read_all("channel", SlackChannel)
        self._channels = {key: channel for key, channel in present.items() if key not in gone}
        self._messages: dict[str, dict[str, PostedMessage]] = {}
        for message in self.kept.read_all("message", PostedMessage).values():
            self._messages.setdefault(message.channel, {})[message.ts] = message
        self._read = self.kept.read_all("read", str)

    @property
    def place(self) -> str:
        """The ID for which the bot's token is issued: the workspace's, or that of its whole organization."""
        enterprise = self.behavior.enterprise
        return enterprise if enterprise and self.app.is_org_wide else self.team.id

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
        """Delete a conversation and its messages permanently."""
        with self.lock:
            for message in self._messages.pop(channel.id, {}).values():
                self.kept.drop("message", _key(message))
            self._channels.pop(channel.id, None)
            self.kept.save("gone", channel.id, channel.name)
            self.notify_changed()

    def direct(self, person_id: str, other_id: str = BOT_USER_ID) -> SlackChannel:
        """Return the direct messages of two people, opened if necessary."""
        return self._opened(
            SlackChannel(id="D", name="", members=frozenset({person_id, other_id}), is_im=True)
        )

    def group(self, people: Iterable[str]) -> SlackChannel:
        """Return the direct messages of several people, opened if necessary."""
        members = frozenset(people)
        handles = "--".join(sorted(self.person(member).handle for member in members))
        return self._opened(
            SlackChannel(id="G", name=f"mpdm-{handles}-1", members=members, is_mpim=True, is_private=True)
        )

    def _opened(self, wanted: SlackChannel) -> SlackChannel:
        """Return the same conversation, or open it; the given ID is the letter of its new one."""
        with self.lock:
            for channel in self._everywhere():
                if (channel.is_im, channel.is_mpim, channel.members) == (
                    wanted.is_im,
                    wanted.is_mpim,
                    wanted.members,
                ):
                    return channel
            opened = replace(wanted, id=self.new_id(wanted.id), created=int(self.clock.now()))
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

    # Messages

    def post(
        self,
        *,
        channel: str,
        author: str,
        text: str,
        blocks: Sequence[Json] = (),
        thread: str | None = None,
        broadcast: bool = False,
        reader: str | None = None,
        metadata: Json | None = None,
        subtype: str | None = None,
        files: Sequence[str] = (),
    ) -> PostedMessage:
        """Post a message into a conversation by ID; with a reader, only that person sees it."""
        with self.lock:
            message = PostedMessage(
                channel=channel,
                ts=self.new_ts(),
                author=author,
                text=text,
                blocks=tuple(blocks),
                thread=thread,
                broadcast=broadcast,
                reader=reader,
                metadata=metadata,
                subtype=subtype,
                files=tuple(files),
            )
            return self._put(message)

    def message(self, channel: str, ts: str) -> PostedMessage | None:
        """Return the current state of a message, or None if it does not exist or was deleted."""
        found = self._messages.get(channel, {}).get(ts)
        return None if found is None or found.subtype == TOMBSTONE else found

    def edit(
        self,
        message: PostedMessage,
        *,
        text: str,
        blocks: Sequence[Json],
        metadata: Json | None = None,
    ) -> PostedMessage:
        """Replace the content of a message."""
        with self.lock:
            changed = replace(
                message,
                text=text,
                blocks=tuple(blocks),
                edited=f"{self.clock.now():.6f}",
                metadata=metadata or (message.metadata if self.behavior.metadata_survives_edit else None),
            )
            return self._put(changed)

    def unfurl(self, message: PostedMessage, attachments: Sequence[Json]) -> None:
        """Replace the previews of a message's links."""
        with self.lock:
            self._put(replace(message, attachments=tuple(attachments)))

    def lock_thread(self, message: PostedMessage, *, locked: bool) -> None:
        """Lock or unlock a message's thread."""
        with self.lock:
            self._put(replace(message, locked=locked))

    def delete(self, message: PostedMessage) -> None:
        """Delete a message; if it has replies, a placeholder remains."""
        with self.lock:
            replies = [one for one in self.thread(message.channel, message.ts, None) if one.thread]
            if message.thread is None and replies:
                text = "This message was deleted."
                left = PostedMessage(
                    channel=message.channel, ts=message.ts, author=SLACKBOT_ID, text=text, subtype=TOMBSTONE
                )
                self._put(left)
                return
            self._messages.get(message.channel, {}).pop(message.ts, None)
            self.kept.drop("message", _key(message))
            self.notify_changed()

    def give_new_id(self, channel: SlackChannel) -> SlackChannel:
        """Change the ID of a conversation, which otherwise stays the same."""
        with self.lock:
            moved = replace(channel, id=self.new_id("C"))
            messages = self._messages.get(channel.id, {})
            self.delete_channel(channel)
            self.change_channel(moved)
            for message in messages.values():
                self._put(replace(message, channel=moved.id))
            return moved

    def messages(self, channel: str, reader: str | None) -> list[PostedMessage]:
        """Return a conversation's messages in order as one person sees them; None sees no ephemeral ones."""
        with self.lock:
            everything = list(self._messages.get(channel, {}).values())
        return [one for one in everything if one.reader is None or one.reader == reader]

    def thread(self, channel: str, ts: str, reader: str | None) -> list[PostedMessage]:
        """Return a thread, including its first message, as one person sees it."""
        return [message for message in self.messages(channel, reader) if ts in (message.ts, message.thread)]

    def where_shared(self, file_id: str) -> list[SlackChannel]:
        """Return the conversations into which a file was shared."""
        with self.lock:
            return [
                self.channel(where)
                for where, messages in self._messages.items()
                if any(file_id in message.files for message in messages.values())
            ]

    # Unread messages

    def unread(self, person_id: str, channel_id: str) -> int:
        """Return the number of others' messages unread by a person in a conversation, without threads."""
        return len(self._unread(person_id, channel_id))

    def mentions(self, person_id: str, channel_id: str) -> int:
        """Return the number of unread messages that mention a person, or that are direct messages."""
        unread = self._unread(person_id, channel_id)
        if self.channel(channel_id).is_im:
            return len(unread)
        return sum(_speaks_to(person_id, message) for message in unread)

    def mark_read(self, person_id: str, channel_id: str) -> None:
        """Mark everything in a conversation as read by a person."""
        with self.lock:
            messages = self.messages(channel_id, person_id)
            key = f"{person_id}/{channel_id}"
            if not messages or self._read.get(key) == messages[-1].ts:
                return
            self._read[key] = messages[-1].ts
            self.kept.save("read", key, messages[-1].ts)
            self.notify_changed()

    def _unread(self, person_id: str, channel_id: str) -> list[PostedMessage]:
        seen = self._read.get(f"{person_id}/{channel_id}", "")
        return [
            message
            for message in self.messages(channel_id, person_id)
            if message.ts > seen
            and message.author != person_id
            and (message.thread is None or message.broadcast)
        ]

    def _put(self, message: PostedMessage) -> PostedMessage:
        self._messages.setdefault(message.channel, {})[message.ts] = message
        # As in Slack, ephemeral messages do not survive a restart.
        if message.reader is None:
            self.kept.save("message", _key(message), message)
        self.notify_changed()
        return message


def _key(message: PostedMessage) -> str:
    return f"{message.channel}/{message.ts}"


def _speaks_to(person_id: str, message: PostedMessage) -> bool:
    messages = message.text + json.dumps(message.blocks)
    return any(
        mark in messages for mark in (f"<@{person_id}>", f'"user_id": "{person_id}"', "<!channel>", "<!here>")
    )
