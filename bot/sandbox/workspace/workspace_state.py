"""Messages of the workspace, in its conversations."""

import json
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.id_generator import IdGenerator
from bot.sandbox.workspace.installed_app import InstalledApp
from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.roster import Roster, UnknownConversation, UnknownPerson
from bot.sandbox.workspace.seed_data import CHANNELS, FIRST_TEAM, SLACKBOT_ID, SlackChannel, Team
from bot.sandbox.workspace.uploaded_files import UploadedFiles
from bot.sandbox.workspace.workspace_behavior import Behavior
from bot.sandbox.workspace.workspace_canvases import Canvases
from bot.sandbox.workspace.workspace_clock import WorkspaceClock

__all__ = ["PostedMessage", "UnknownConversation", "UnknownPerson", "Workspace"]

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


class Workspace(Roster):
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
        super().__init__(app, clock, kept, team=team, numbers=numbers, channels=channels)
        self.behavior = behavior or Behavior()
        """The points on which real workspaces differ; can be replaced at any time."""
        self.files = UploadedFiles(self.clock, self.numbers, self.kept, team.id)
        self.canvases = Canvases(self.numbers, self.kept, team)
        self._messages: dict[str, dict[str, PostedMessage]] = {}
        for message in self.kept.read_all("message", PostedMessage).values():
            self._messages.setdefault(message.channel, {})[message.ts] = message
        self._read = self.kept.read_all("read", str)

    @property
    def place(self) -> str:
        """The ID for which the bot's token is issued: the workspace's, or that of its whole organization."""
        enterprise = self.behavior.enterprise
        return enterprise if enterprise and self.app.is_org_wide else self.team.id

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

    def delete_channel(self, channel: SlackChannel) -> None:
        """Delete a conversation and its messages permanently."""
        with self.lock:
            for message in self._messages.pop(channel.id, {}).values():
                self.kept.drop("message", _key(message))
            super().delete_channel(channel)

    def give_new_id(self, channel: SlackChannel) -> SlackChannel:
        """Change the ID of a conversation, which otherwise stays the same."""
        with self.lock:
            moved = replace(channel, id=self.new_id("C"))
            messages = self._messages.pop(channel.id, {})
            super().delete_channel(channel)
            self.change_channel(moved)
            for message in messages.values():
                self.kept.drop("message", _key(message))
                self._put(replace(message, channel=moved.id))
            return moved

    def messages(self, channel: str, reader: str | None) -> list[PostedMessage]:
        """Return a conversation's messages in order as one person sees them; None sees no ephemeral ones."""
        with self.lock:
            everything = list(self._messages.get(channel, {}).values())
        return [one for one in everything if one.reader is None or one.reader == reader]

    def thread(self, channel: str, ts: str, reader: str | None) -> list[PostedMessage]:
        """Return a thread, including its first message, as one person sees it."""
        return [one for one in self.messages(channel, reader) if ts in (one.ts, one.thread)]

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
