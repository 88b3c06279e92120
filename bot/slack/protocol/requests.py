"""Requests of people, as small structs."""

from typing import Any, Literal

import msgspec

from domain.kernel.elements import ChannelId, PersonId

Json = dict[str, Any]
"""Slack's JSON as it comes."""

RequestKind = Literal["slash", "click", "submission", "shortcut"]
"""The kinds of request that a person makes."""


def is_direct_message(channel: str | None) -> bool:
    """Return whether a conversation is a direct message of two, by its id: no threat model lives there."""
    return (channel or "").startswith("D")


def is_group_conversation(name: str) -> bool:
    """Return whether a conversation is a group direct message, by its name; the bot cannot see it."""
    return name.startswith("mpdm-")


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The place that a request came from, where a private answer to it belongs.

    A new message by `response_url` appears in the channel, even where the request came from a `thread`.
    """

    person: PersonId
    channel: ChannelId | None = None
    thread: str = ""
    response_url: str = ""


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What every request of a person has: who, from which workspaces, and the means of answering."""

    person: PersonId
    teams: tuple[str, ...]
    """The person's own, and the one where it happened; empty ones are not told."""
    trigger_id: str = ""
    response_url: str = ""
    channel_name: str = ""
    """As Slack tells it: a channel's own, or what kind of conversation it is."""


class SlashCommand(_Asked, frozen=True, kw_only=True):
    """A slash command: where it was typed, and what; in a thread it is a mention that says the same."""

    channel: ChannelId
    text: str
    thread: str = ""

    @property
    def origin(self) -> Origin:
        """The place for its answer."""
        return Origin(
            person=self.person, channel=self.channel, thread=self.thread, response_url=self.response_url
        )


class BlockAction(_Asked, frozen=True, kw_only=True):
    """A press of a button or a choice in a menu, in a message (`message_ts`) or a modal (`view`).

    `value` is the button's value or the chosen option's.
    """

    action_id: str
    block_id: str
    action_ts: str
    value: str
    channel: ChannelId | None = None
    message_ts: str = ""
    thread_ts: str = ""
    ephemeral: bool = False
    view: Json | None = None

    @property
    def view_id(self) -> str:
        """The modal it was pressed in; empty for a message."""
        return str((self.view or {}).get("id", ""))

    @property
    def in_view(self) -> bool:
        """Whether it was pressed in a modal; from the Home tab a modal opens as from a message."""
        return self.view is not None and self.view.get("type") != "home"

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
    """A modal handed in, with everything that was entered."""

    callback_id: str
    view_id: str
    view_hash: str
    view: Json

    @property
    def origin(self) -> Origin:
        """The place for its answer: a modal is in no channel."""
        return Origin(person=self.person)


class ShortcutRequest(_Asked, frozen=True, kw_only=True):
    """A global or message shortcut; the latter with the message, its words, and the thread it stands in.

    `files` are the ids of those that hang on the message.
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
        """Whether it was used where people are among themselves, and no model can live."""
        return is_direct_message(self.channel)


class SlackEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in the workspace, as the Events API tells it."""

    type: str
    event: Json
    teams: tuple[str, ...]
    """The workspaces for which it was sent; empty ones are not told."""


Request = SlashCommand | BlockAction | ViewSubmission | ShortcutRequest
