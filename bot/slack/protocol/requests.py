"""Requests from Slack, when their events happened, and the keys of the commands that they ask for."""

import re
from typing import Any, Literal, cast

import msgspec

from bot.commands.command_handler import command_digest
from bot.store import CommandKey, EventStore
from domain.commands import Command
from domain.kernel.elements import ChannelId, PersonId
from domain.working_hours import ChooseWorkingHours
from domain.workspace_settings import ChooseWorkspaceSettings

Json = dict[str, Any]
"""Unparsed JSON of Slack."""

RequestKind = Literal["slash", "click", "submission", "shortcut"]
"""Kinds of requests."""


def is_direct_message(channel: str | None) -> bool:
    """Return whether a conversation ID is a direct message, where there are no threat models."""
    return (channel or "").startswith("D")


def is_group_conversation(name: str) -> bool:
    """Return whether a conversation name is a group direct message, which the bot cannot see."""
    return name.startswith("mpdm-")


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Origin of a request, to which private answers go.

    A new message by `response_url` appears in the channel, even if the request came from a `thread`.
    """

    person: PersonId
    channel: ChannelId | None = None
    thread: str = ""
    response_url: str = ""


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Common fields of requests: person, workspaces, and means of answering."""

    person: PersonId
    teams: tuple[str, ...]
    """IDs of the person's workspace and of the request's workspace, without empty ones."""
    trigger_id: str = ""
    response_url: str = ""
    channel_name: str = ""
    """Name as Slack reports it: a channel's name, or a conversation type."""


class SlashCommand(_Asked, frozen=True, kw_only=True):
    """Slash command with its text and channel, or a mention with the same text in a thread."""

    channel: ChannelId
    text: str
    thread: str = ""

    @property
    def origin(self) -> Origin:
        """Origin, for its answer."""
        return Origin(
            person=self.person, channel=self.channel, thread=self.thread, response_url=self.response_url
        )


class BlockAction(_Asked, frozen=True, kw_only=True):
    """Click on a button or choice in a menu, in a message (`message_ts`) or a modal (`view`).

    `value` is the button's value or the chosen option's; `values` are those of all options chosen in a menu.
    """

    action_id: str
    block_id: str
    action_ts: str
    value: str
    values: tuple[str, ...] = ()
    channel: ChannelId | None = None
    message_ts: str = ""
    thread_ts: str = ""
    ephemeral: bool = False
    view: Json | None = None

    @property
    def view_id(self) -> str:
        """ID of the modal; empty for a message."""
        return str((self.view or {}).get("id", ""))

    @property
    def in_view(self) -> bool:
        """Whether it is in a modal; the Home tab counts as a message, because it opens modals like one."""
        return self.view is not None and self.view.get("type") != "home"

    @property
    def on_top(self) -> bool:
        """Whether it is in the third modal of a stack, on which Slack shows no other."""
        below = (self.view or {}).get("previous_view_id")
        return self.in_view and bool(below) and below != (self.view or {}).get("root_view_id")

    @property
    def origin(self) -> Origin:
        """The place for its answer; the first message of a thread is in the channel."""
        return Origin(
            person=self.person,
            channel=self.channel,
            thread="" if self.thread_ts == self.message_ts else self.thread_ts,
            response_url=self.response_url,
        )


class ViewSubmission(_Asked, frozen=True, kw_only=True):
    """Submitted modal with all entered values."""

    callback_id: str
    view_id: str
    view_hash: str
    view: Json

    @property
    def origin(self) -> Origin:
        """Origin, for its answer; a modal has no channel."""
        return Origin(person=self.person)


class ShortcutRequest(_Asked, frozen=True, kw_only=True):
    """Global or message shortcut; the latter with the message, its text and its thread.

    `files` are the IDs of the message's files.
    """

    callback_id: str
    channel: ChannelId | None = None
    message: str = ""
    thread: str = ""
    text: str = ""
    files: tuple[str, ...] = ()

    @property
    def origin(self) -> Origin:
        """The place for its answer; the first message of a thread is in the channel."""
        return Origin(
            person=self.person,
            channel=self.channel,
            thread="" if self.thread == self.message else self.thread,
            response_url=self.response_url,
        )

    @property
    def direct(self) -> bool:
        """Whether it was used in a direct or group message, where there are no models."""
        return is_direct_message(self.channel)


class SlackEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Event of the Events API."""

    type: str
    event: Json
    teams: tuple[str, ...]
    """IDs of the workspaces for which it was sent, without empty ones."""

    def text(self, name: str) -> str:
        """Return a field that is a text; empty if it is none."""
        value = self.event.get(name)
        return value if isinstance(value, str) else ""

    def record(self, name: str) -> Json:
        """Return a field that is an object; empty if it is none."""
        value = self.event.get(name)
        return cast("Json", value) if isinstance(value, dict) else {}

    @property
    def channel(self) -> ChannelId:
        """The channel that it is about, which some events describe and others name."""
        return ChannelId(self.text("channel") or str(self.record("channel").get("id", "")))

    @property
    def person(self) -> PersonId:
        """The person whom it is about."""
        return PersonId(self.text("user"))


Request = SlashCommand | BlockAction | ViewSubmission | ShortcutRequest


def event_time(event: Json) -> str:
    """Return the time of an event as text that sorts by time; empty if it has none."""
    return _sortable(event.get("event_ts"))


def account_change_time(reported: Json, event: Json | None = None) -> str:
    """Return the time of an account's last change; changes within a second are ordered by their events.

    The result of a look-up sorts before the events of the same second.
    """
    updated = _sortable(reported.get("updated")) or _sortable((event or {}).get("event_ts"))
    return f"{updated}/{event_time(event) if event else ''}" if updated else ""


def _sortable(moment: object) -> str:
    found = _MOMENT_OF_SLACK.fullmatch(str(moment or ""))
    return f"{int(found[1]):012d}.{(found[2] or '').ljust(6, '0')[:6]}" if found else ""


_MOMENT_OF_SLACK = re.compile(r"(\d{1,12})(?:\.(\d{1,12}))?")


def command_key(request: Request) -> CommandKey:
    """Return the key of the command that a request carries.

    Slack's own event ids are not enough: one message has been redelivered under different ones.
    """
    match request:
        case ViewSubmission():
            return CommandKey(f"view:{request.view_id}:{request.view_hash}")
        case BlockAction():
            where = request.message_ts or request.view_id
            what = f"{request.action_id}:{request.block_id}"
            return CommandKey(f"click:{where}:{what}:{request.person}:{request.action_ts}")
        case SlashCommand() | ShortcutRequest():
            return CommandKey(f"trigger:{request.trigger_id}")


def resubmission_key(
    store: EventStore, key: CommandKey, command: Command | ChooseWorkingHours | ChooseWorkspaceSettings
) -> CommandKey:
    """Return the key of a changed form that was submitted again under a used key."""
    # Keyed like the request itself: a plain digest would reveal a ballot to a reader of the file.
    return CommandKey(f"{key}:edited:{store.keyed(command_digest(command)).hex()}")
