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


def no_previews(channel: ChannelId, urls: Sequence[str]) -> dict[str, list[Block]]:
    """Return none: the bot has no public URL."""
    del channel, urls
    return {}


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
    preview_links: Callable[[ChannelId, Sequence[str]], dict[str, list[Block]]] = no_previews
    """Returns the blocks of links, by URL, that everyone in the channel may see."""
    recent_messages: RecentMessages = msgspec.field(default_factory=RecentMessages)


def member_joined(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Record that a person joined a channel; if it is the bot, read the channel and show its cards."""
    channel, person = _channel(slack_event), PersonId(str(slack_event.event.get("user", "")))
    if person == context.bot_user:
        # Only a look-up confirms it: of a private channel the directory may list former members.
        reported = _membership(slack_event, person, JOINED)
        return (ReadChannel(channel=channel),) if context.lookup.bot_joined(reported) else ()
    if not context.lookup.joined(_membership(slack_event, person, JOINED)):
        return ()
    return (ReadChannel(channel=channel, only=person),)


def member_left(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Record that a person left a channel: its models leave their Home tab."""
    person = PersonId(str(slack_event.event.get("user", "")))
    if not context.lookup.left(_membership(slack_event, person, LEFT)):
        return ()
    return (PublishHome(person=person),)


def bot_removed(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Record that the bot was removed from a channel, or that the channel was deleted."""
    reported = _membership(slack_event, context.bot_user, LEFT)
    if not context.lookup.learn_channel(_channel(slack_event), reported, bot_inside=False):
        return ()
    deleted = slack_event.type in ("channel_deleted", "group_deleted")
    context.suspensions.suspend(_channel(slack_event), "channel_deleted" if deleted else "not_in_channel")
    return ()


def channel_archived(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Suspend the cards of an archived channel."""
    if not context.lookup.learn_channel(
        _channel(slack_event), _directory_change(slack_event, "archived"), archived=True
    ):
        return ()
    context.suspensions.suspend(_channel(slack_event), "is_archived")
    return ()


def channel_unarchived(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Show the cards of an unarchived channel again."""
    if not context.lookup.learn_channel(
        _channel(slack_event), _directory_change(slack_event, "archived"), archived=False
    ):
        return ()
    context.suspensions.resume(_channel(slack_event))
    return (ReadChannel(channel=_channel(slack_event)),)


def channel_sharing_changed(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Record whether a channel is shared with other organizations, from which models stay hidden."""
    # One of several other organizations may leave while another one stays.
    opened = slack_event.type == "channel_shared" or bool(slack_event.event.get("is_ext_shared"))
    reported = _directory_change(slack_event, "shared")
    if not context.lookup.learn_channel(_channel(slack_event), reported, shared=opened, invited=False):
        return ()
    if not opened:
        context.suspensions.resume(_channel(slack_event))
    # Slack sends the same event for a workspace of the same organization; only a look-up distinguishes them.
    # Until then nothing is shown, and no one is notified.
    return (ReadChannel(channel=_channel(slack_event)),)


def channel_renamed(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Record the new name of a channel."""
    reported = slack_event.event.get("channel")
    if isinstance(reported, dict):
        renamed_to = str(reported.get("name", ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
        context.lookup.learn_channel(
            _channel(slack_event), _directory_change(slack_event, "name"), name=renamed_to
        )
    return ()


def channel_id_changed(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Move a channel to its new ID, such as that of a private channel after it was shared."""
    old, new = (
        ChannelId(str(slack_event.event.get(f"{which}_channel_id") or "")) for which in ("old", "new")
    )
    if not old or not new:
        return ()
    context.change_channel_id(old, new)
    return (ReadChannel(channel=new),)


def user_changed(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Record a change of a person's name, time zone or account."""
    reported = slack_event.event.get("user")
    if isinstance(reported, dict):
        context.lookup.learn_person(reported, slack_event.event)  # pyright: ignore[reportUnknownArgumentType]  (JSON)
    return ()


def app_uninstalled(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Stop calling Slack: the app was uninstalled or its token revoked; stored data stays."""
    tokens = slack_event.event.get("tokens")
    if isinstance(tokens, dict):
        named = tokens.get("bot")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  (JSON)
        if not (isinstance(named, list) and context.bot_user in named):
            return ()  # a user token, which the bot does not use
    context.stop_sending(slack_event.type)
    return ()


def app_home_opened(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Publish the Home tab that a person has opened."""
    del context
    if slack_event.event.get("tab") != "home":
        return ()
    person = PersonId(str(slack_event.event.get("user", "")))
    try:
        shown = msgspec.convert(slack_event.event.get("view") or {}, _ShownView)
    except msgspec.ValidationError:
        return (PublishHome(person=person),)
    return (PublishHome(person=person, version=shown.hash),)


class _ShownView(msgspec.Struct):
    """The Home tab as it was shown when it was opened; none before the first publication."""

    hash: str = ""


def _membership(slack_event: SlackEvent, person: PersonId, says: str) -> DirectoryChange:
    return DirectoryChange(
        kind=MEMBERSHIP,
        channel=_channel(slack_event),
        person=person,
        moment=event_time(slack_event.event),
        state=says,
    )


def _directory_change(slack_event: SlackEvent, kind: str) -> DirectoryChange:
    return DirectoryChange(kind=kind, channel=_channel(slack_event), moment=event_time(slack_event.event))


def _channel(slack_event: SlackEvent) -> ChannelId:
    reported = slack_event.event.get("channel")
    if isinstance(reported, dict):
        return ChannelId(str(reported.get("id", "")))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
    return ChannelId(str(reported or ""))


def app_mentioned(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Answer like the slash command, visible to the author only."""
    event = slack_event.event
    channel, person = ChannelId(str(event.get("channel", ""))), PersonId(str(event.get("user", "")))
    thread = str(event.get("thread_ts") or "")

    def whisper(message: Message) -> EphemeralMessage:
        directly = DirectMessage(person=person, message=message)
        return EphemeralMessage(
            channel=channel, person=person, thread=thread, message=message, fallback=directly
        )

    return _answered(context, slack_event, whisper, otherwise="status")


def direct_message_received(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Answer a direct message to the bot; edits and deletions are ignored."""
    event = slack_event.event
    if event.get("subtype") or event.get("hidden"):
        return ()
    person, thread = PersonId(str(event.get("user", ""))), str(event.get("thread_ts") or "")
    return _answered(
        context,
        slack_event,
        lambda message: DirectMessage(person=person, message=message, thread=thread),
        otherwise="help",
    )


def _answered(
    context: EventContext,
    slack_event: SlackEvent,
    say: Callable[[Message], PrivateMessage],
    *,
    otherwise: str,
) -> tuple[FollowUp, ...]:
    """Return the answer to a message, once for each message; none for bots."""
    event = slack_event.event
    if event.get("bot_id") or event.get("subtype") == "bot_message" or event.get("user") == context.bot_user:
        return ()
    written = f"mention:{event.get('channel')}:{event.get('ts')}"
    if not context.recent_messages.is_new(written):
        return ()
    body = {
        "user_id": event.get("user", ""),
        # Authors without a workspace are looked up: in shared channels the outer workspace may differ.
        "team_id": event.get("user_team") or event.get("team") or "",
        "channel_id": event.get("channel", ""),
        "thread_ts": str(event.get("thread_ts") or ""),
        "text": _MENTION.sub("", str(event.get("text", ""))).strip() or otherwise,
        "trigger_id": written,
    }
    try:
        answer = context.answer("slash", body)
    except StoreUnavailable:
        context.recent_messages.forget(written)
        raise
    after = [say(_offered(one)) if isinstance(one, OpenView) else one for one in answer.after]
    if not answer.ack.get("text"):
        return tuple(after)
    return (say(Message(text=answer.ack["text"], blocks=answer.ack["blocks"])), *after)


def _offered(opened: OpenView) -> Message:
    """Return a button that opens the form, because events cannot open modals."""
    title = str(opened.view["title"]["text"])
    if opened.reopen is None:
        raise ValueError(f"nothing opens “{title}” again")
    return open_button_message(title, opened.reopen)


_MENTION = re.compile(r"<@[^<>]*>")


def links_shared(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Show a preview of the links to models of the channel in which they were posted."""
    event = slack_event.event
    channel, ts = ChannelId(str(event.get("channel") or "")), str(event.get("message_ts") or "")
    # In the composer, Slack names neither the channel nor a message.
    if event.get("source", _POSTED) != _POSTED or not channel or not ts:
        return ()
    links = cast("list[object]", event.get("links") if isinstance(event.get("links"), list) else [])
    urls = [str(cast("Json", one).get("url") or "") for one in links if isinstance(one, dict)]
    previews = context.preview_links(channel, urls)
    return (UnfurlLinks(channel=channel, ts=ts, previews=previews),) if previews else ()


_POSTED = "conversations_history"
