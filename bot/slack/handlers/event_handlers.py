"""Handlers of Slack's events."""

import re
import threading
from collections.abc import Callable, Sequence
from typing import cast

import msgspec

from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.handlers.handler_responses import (
    DirectMessage,
    EphemeralMessage,
    FollowUp,
    HandlerResponse,
    OpenView,
    PrivateMessage,
    PublishHome,
    ReadChannel,
    UnfurlLinks,
)
from bot.slack.protocol.block_builders import Block, Message
from bot.slack.protocol.requests import Json, RequestKind, SlackEvent, event_time
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.ui.messages.notices import open_button_message
from bot.store import StoreUnavailable
from bot.store.repositories.workspace_directory import JOINED, LEFT, MEMBERSHIP, DirectoryChange
from domain.kernel.elements import ChannelId, PersonId

After = tuple[FollowUp, ...]
"""What follows an event, in order."""


class RecentMessages:
    """Recently answered messages; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, None] = {}

    def is_new(self, message: str) -> bool:
        """Return whether a message is new, as far as it is remembered."""
        with self._lock:
            new = message not in self._messages
            self._messages[message] = None
            while len(self._messages) > _REMEMBERED:
                del self._messages[next(iter(self._messages))]
            return new

    def forget(self, message: str) -> None:
        """Forget a message that could not be answered, because Slack sends it again."""
        with self._lock:
            self._messages.pop(message, None)


_REMEMBERED = 5_000


class EventContext(msgspec.Struct, frozen=True, kw_only=True):
    """Dependencies of event handlers."""

    bot_user: PersonId
    lookup: DirectoryLookup
    suspensions: ChannelSuspensions
    answer: Callable[[RequestKind, Json], HandlerResponse]
    change_channel_id: Callable[[ChannelId, ChannelId], None]
    """Moves the models of a channel to its new ID."""
    stop_sending: Callable[[str], None]
    """Stops calls to Slack after it has revoked its permission."""
    preview_links: Callable[[ChannelId, Sequence[str]], dict[str, list[Block]]] = lambda _channel, _urls: {}
    """Returns the blocks of links, by URL, that everyone in the channel may see."""
    recent_messages: RecentMessages = msgspec.field(default_factory=RecentMessages)


def member_joined(context: EventContext, happening: SlackEvent) -> After:
    """Record that a person joined a channel; if it is the bot, read the channel and show its cards."""
    reported = _membership(happening, happening.person, JOINED)
    if happening.person == context.bot_user:
        # Only a look-up confirms it: of a private channel the directory may list former members.
        return (ReadChannel(channel=happening.channel),) if context.lookup.bot_joined(reported) else ()
    if not context.lookup.joined(reported):
        return ()
    return (ReadChannel(channel=happening.channel, only=happening.person),)


def member_left(context: EventContext, happening: SlackEvent) -> After:
    """Record that a person left a channel: its models leave their Home tab."""
    if not context.lookup.left(_membership(happening, happening.person, LEFT)):
        return ()
    return (PublishHome(person=happening.person),)


def bot_removed(context: EventContext, happening: SlackEvent) -> After:
    """Record that the bot was removed from a channel, or that the channel was deleted."""
    reported = _membership(happening, context.bot_user, LEFT)
    if context.lookup.learn_channel(happening.channel, reported, bot_inside=False):
        deleted = happening.type in ("channel_deleted", "group_deleted")
        context.suspensions.suspend(happening.channel, "channel_deleted" if deleted else "not_in_channel")
    return ()


def channel_archived(context: EventContext, happening: SlackEvent) -> After:
    """Suspend the cards of an archived channel."""
    reported = _change(happening, "archived")
    if context.lookup.learn_channel(happening.channel, reported, archived=True):
        context.suspensions.suspend(happening.channel, "is_archived")
    return ()


def channel_unarchived(context: EventContext, happening: SlackEvent) -> After:
    """Show the cards of an unarchived channel again."""
    reported = _change(happening, "archived")
    if not context.lookup.learn_channel(happening.channel, reported, archived=False):
        return ()
    context.suspensions.resume(happening.channel)
    return (ReadChannel(channel=happening.channel),)


def channel_sharing_changed(context: EventContext, happening: SlackEvent) -> After:
    """Record whether a channel is shared with other organizations, from which models stay hidden."""
    # One of several other organizations may leave while another one stays.
    opened = happening.type == "channel_shared" or bool(happening.event.get("is_ext_shared"))
    reported = _change(happening, "shared")
    if not context.lookup.learn_channel(happening.channel, reported, shared=opened, invited=False):
        return ()
    if not opened:
        context.suspensions.resume(happening.channel)
    # Slack sends the same event for a workspace of the same organization; only a look-up distinguishes them.
    # Until then nothing is shown, and no one is notified.
    return (ReadChannel(channel=happening.channel),)


def channel_renamed(context: EventContext, happening: SlackEvent) -> After:
    """Record the new name of a channel."""
    if described := happening.record("channel"):
        name = str(described.get("name", ""))
        context.lookup.learn_channel(happening.channel, _change(happening, "name"), name=name)
    return ()


def channel_id_changed(context: EventContext, happening: SlackEvent) -> After:
    """Move a channel to its new ID, such as that of a private channel after it was shared."""
    old, new = (ChannelId(happening.text(f"{which}_channel_id")) for which in ("old", "new"))
    if not old or not new:
        return ()
    context.change_channel_id(old, new)
    return (ReadChannel(channel=new),)


def user_changed(context: EventContext, happening: SlackEvent) -> After:
    """Record a change of a person's name, time zone or account."""
    if described := happening.record("user"):
        context.lookup.learn_person(described, happening.event)
    return ()


def app_uninstalled(context: EventContext, happening: SlackEvent) -> After:
    """Stop calling Slack: the app was uninstalled or its token revoked; stored data stays."""
    tokens = happening.record("tokens")
    named = tokens.get("bot")
    if tokens and not (isinstance(named, list) and context.bot_user in named):
        return ()  # a user token, which the bot does not use
    context.stop_sending(happening.type)
    return ()


def app_home_opened(context: EventContext, happening: SlackEvent) -> After:
    """Publish the Home tab that a person has opened; its view has a hash once it was published."""
    del context
    if happening.event.get("tab") != "home":
        return ()
    shown = happening.record("view").get("hash", "")
    version = shown if isinstance(shown, str) else None
    return (PublishHome(person=happening.person, version=version),)


def _membership(happening: SlackEvent, person: PersonId, says: str) -> DirectoryChange:
    return msgspec.structs.replace(_change(happening, MEMBERSHIP), person=person, state=says)


def _change(happening: SlackEvent, kind: str) -> DirectoryChange:
    return DirectoryChange(kind=kind, channel=happening.channel, moment=event_time(happening.event))


def app_mentioned(context: EventContext, happening: SlackEvent) -> After:
    """Answer like the slash command, visible to the author only."""

    def whisper(message: Message) -> EphemeralMessage:
        return EphemeralMessage(
            channel=happening.channel,
            person=happening.person,
            thread=happening.text("thread_ts"),
            message=message,
            fallback=DirectMessage(person=happening.person, message=message),
        )

    return _answered(context, happening, whisper, otherwise="status")


def direct_message_received(context: EventContext, happening: SlackEvent) -> After:
    """Answer a direct message to the bot; edits and deletions are ignored."""
    if happening.event.get("subtype") or happening.event.get("hidden"):
        return ()
    person, thread = happening.person, happening.text("thread_ts")
    return _answered(
        context,
        happening,
        lambda message: DirectMessage(person=person, message=message, thread=thread),
        otherwise="help",
    )


def _answered(
    context: EventContext, happening: SlackEvent, say: Callable[[Message], PrivateMessage], *, otherwise: str
) -> After:
    """Return the answer to a message, once for each message; none for bots."""
    event = happening.event
    if event.get("bot_id") or event.get("subtype") == "bot_message" or happening.person == context.bot_user:
        return ()
    written = f"mention:{event.get('channel')}:{event.get('ts')}"
    if not context.recent_messages.is_new(written):
        return ()
    body = {
        "user_id": event.get("user", ""),
        # Authors without a workspace are looked up: in shared channels the outer workspace may differ.
        "team_id": event.get("user_team") or event.get("team") or "",
        "channel_id": event.get("channel", ""),
        "thread_ts": happening.text("thread_ts"),
        "text": _MENTION.sub("", happening.text("text")).strip() or otherwise,
        "trigger_id": written,
    }
    try:
        answer = context.answer("slash", body)
    except StoreUnavailable:
        context.recent_messages.forget(written)
        raise
    after = [say(_offered(one)) if isinstance(one, OpenView) else one for one in answer.after]
    if answer.ack.get("text"):
        after.insert(0, say(Message(text=answer.ack["text"], blocks=answer.ack["blocks"])))
    return tuple(after)


def _offered(opened: OpenView) -> Message:
    """Return a button that opens the form, because events cannot open modals."""
    title = str(opened.view["title"]["text"])
    if opened.reopen is None:
        raise ValueError(f"nothing opens “{title}” again")
    return open_button_message(title, opened.reopen)


_MENTION = re.compile(r"<@[^<>]*>")


def links_shared(context: EventContext, happening: SlackEvent) -> After:
    """Show a preview of the links to models of the channel in which they were posted."""
    channel, ts = happening.channel, happening.text("message_ts")
    # In the composer, Slack names neither the channel nor a message.
    if happening.event.get("source", _POSTED) != _POSTED or not channel or not ts:
        return ()
    links = happening.event.get("links")
    listed = cast("list[object]", links) if isinstance(links, list) else []
    urls = [str(cast("Json", link).get("url") or "") for link in listed if isinstance(link, dict)]
    previews = context.preview_links(channel, urls)
    return (UnfurlLinks(channel=channel, ts=ts, previews=previews),) if previews else ()


_POSTED = "conversations_history"
