"""Changes in the workspace: members, channels, accounts, the app itself."""

import threading
from collections.abc import Callable

import msgspec

from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.handlers.handler_responses import FollowUp, HandlerResponse, PublishHome, ReadChannel
from bot.slack.protocol.event_times import event_time
from bot.slack.protocol.requests import Json, RequestKind, SlackEvent
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.store.repositories.workspace_directory import JOINED, LEFT, MEMBERSHIP, DirectoryChange
from domain.kernel.elements import ChannelId, PersonId


class RecentMessages:
    """Messages that were answered lately; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, None] = {}

    def first(self, message: str) -> bool:
        """Say whether a message is heard for the first time, as far as is remembered."""
        with self._lock:
            new = message not in self._messages
            self._messages[message] = None
            while len(self._messages) > _REMEMBERED:
                del self._messages[next(iter(self._messages))]
            return new

    def forget(self, message: str) -> None:
        """Let a message count as new: it could not be answered, so Slack brings it again."""
        with self._lock:
            self._messages.pop(message, None)


_REMEMBERED = 5_000


class EventContext(msgspec.Struct, frozen=True, kw_only=True):
    """What event handlers use."""

    bot_user: PersonId
    lookup: DirectoryLookup
    suspensions: ChannelSuspensions
    answer: Callable[[RequestKind, Json], HandlerResponse]
    follow: Callable[[ChannelId, ChannelId], None]
    """Let the models of one channel live on under another id of it."""
    silence: Callable[[str], None]
    """Stop speaking to Slack: it has withdrawn its permission."""
    heard: RecentMessages = msgspec.field(default_factory=RecentMessages)


def member_joined(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Note that a person joined a channel; if it is the bot, look the channel up and show its cards."""
    channel, person = _channel(happening), PersonId(str(happening.event.get("user", "")))
    if person == watch.bot_user:
        # Only a look shows whether it still is inside: of a private channel it may know former members.
        told = _membership(happening, person, JOINED)
        return (ReadChannel(channel=channel),) if watch.lookup.bot_joined(told) else ()
    if not watch.lookup.joined(_membership(happening, person, JOINED)):
        return ()
    return (ReadChannel(channel=channel, only=person),)


def member_left(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Note that a person left a channel: its models leave their Home tab."""
    person = PersonId(str(happening.event.get("user", "")))
    if not watch.lookup.left(_membership(happening, person, LEFT)):
        return ()
    return (PublishHome(person=person),)


def bot_removed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Note that the bot was removed from a channel, or that the channel was deleted."""
    told = _membership(happening, watch.bot_user, LEFT)
    if not watch.lookup.learn_channel(_channel(happening), told, bot_inside=False):
        return ()
    deleted = happening.type in ("channel_deleted", "group_deleted")
    watch.suspensions.suspend(_channel(happening), "channel_deleted" if deleted else "not_in_channel")
    return ()


def channel_archived(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Suspend the cards of a channel that was archived."""
    if not watch.lookup.learn_channel(
        _channel(happening), _directory_change(happening, "archived"), archived=True
    ):
        return ()
    watch.suspensions.suspend(_channel(happening), "is_archived")
    return ()


def channel_unarchived(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Show the cards of a channel again that was unarchived."""
    if not watch.lookup.learn_channel(
        _channel(happening), _directory_change(happening, "archived"), archived=False
    ):
        return ()
    watch.suspensions.resume(_channel(happening))
    return (ReadChannel(channel=_channel(happening)),)


def channel_sharing_changed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Note that a channel was shared with other organizations, or no longer is: they see no model unasked."""
    # Of several other organisations one may leave while another one stays.
    opened = happening.type == "channel_shared" or bool(happening.event.get("is_ext_shared"))
    told = _directory_change(happening, "shared")
    if not watch.lookup.learn_channel(_channel(happening), told, shared=opened, invited=False):
        return ()
    if not opened:
        watch.suspensions.resume(_channel(happening))
    # Slack tells the same of a workspace of one's own organisation: only a look tells them apart. Until then
    # nothing is shown, and nobody is told.
    return (ReadChannel(channel=_channel(happening)),)


def channel_renamed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Note the new name of a channel."""
    told = happening.event.get("channel")
    if isinstance(told, dict):
        renamed_to = str(told.get("name", ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
        watch.lookup.learn_channel(_channel(happening), _directory_change(happening, "name"), name=renamed_to)
    return ()


def channel_id_changed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Follow a channel to its new id, as a private one gets when it is shared with another organization."""
    old, new = (ChannelId(str(happening.event.get(f"{which}_channel_id") or "")) for which in ("old", "new"))
    if not old or not new:
        return ()
    watch.follow(old, new)
    return (ReadChannel(channel=new),)


def user_changed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Note that a person's name, time zone or account changed."""
    told = happening.event.get("user")
    if isinstance(told, dict):
        watch.lookup.learn_person(told, happening.event)  # pyright: ignore[reportUnknownArgumentType]  (JSON)
    return ()


def app_uninstalled(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Stop calling Slack: the app was uninstalled or its token revoked; stored data stays."""
    tokens = happening.event.get("tokens")
    if isinstance(tokens, dict):
        named = tokens.get("bot")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  (JSON)
        if not (isinstance(named, list) and watch.bot_user in named):
            return ()  # it was a person's own token, which the bot does not use
    watch.silence(happening.type)
    return ()


def app_home_opened(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Publish the Home tab that a person has opened."""
    del watch
    if happening.event.get("tab") != "home":
        return ()
    person = PersonId(str(happening.event.get("user", "")))
    try:
        shown = msgspec.convert(happening.event.get("view") or {}, _ShownView)
    except msgspec.ValidationError:
        return (PublishHome(person=person),)
    return (PublishHome(person=person, version=shown.hash),)


class _ShownView(msgspec.Struct):
    """The Home tab as it was when it was opened; there is none before the first one was published."""

    hash: str = ""


def _membership(happening: SlackEvent, person: PersonId, says: str) -> DirectoryChange:
    return DirectoryChange(
        kind=MEMBERSHIP,
        channel=_channel(happening),
        person=person,
        moment=event_time(happening.event),
        says=says,
    )


def _directory_change(happening: SlackEvent, kind: str) -> DirectoryChange:
    return DirectoryChange(kind=kind, channel=_channel(happening), moment=event_time(happening.event))


def _channel(happening: SlackEvent) -> ChannelId:
    told = happening.event.get("channel")
    if isinstance(told, dict):
        return ChannelId(str(told.get("id", "")))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
    return ChannelId(str(told or ""))
