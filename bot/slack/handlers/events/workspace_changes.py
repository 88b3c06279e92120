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
    """Recently answered messages; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, None] = {}

    def first(self, message: str) -> bool:
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
    silence: Callable[[str], None]
    """Stops calls to Slack after it has revoked its permission."""
    heard: RecentMessages = msgspec.field(default_factory=RecentMessages)


def member_joined(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Record that a person joined a channel; if it is the bot, read the channel and show its cards."""
    channel, person = _channel(happening), PersonId(str(happening.event.get("user", "")))
    if person == watch.bot_user:
        # Only a look-up confirms it: of a private channel the directory may list former members.
        reported = _membership(happening, person, JOINED)
        return (ReadChannel(channel=channel),) if watch.lookup.bot_joined(reported) else ()
    if not watch.lookup.joined(_membership(happening, person, JOINED)):
        return ()
    return (ReadChannel(channel=channel, only=person),)


def member_left(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Record that a person left a channel: its models leave their Home tab."""
    person = PersonId(str(happening.event.get("user", "")))
    if not watch.lookup.left(_membership(happening, person, LEFT)):
        return ()
    return (PublishHome(person=person),)


def bot_removed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Record that the bot was removed from a channel, or that the channel was deleted."""
    reported = _membership(happening, watch.bot_user, LEFT)
    if not watch.lookup.learn_channel(_channel(happening), reported, bot_inside=False):
        return ()
    deleted = happening.type in ("channel_deleted", "group_deleted")
    watch.suspensions.suspend(_channel(happening), "channel_deleted" if deleted else "not_in_channel")
    return ()


def channel_archived(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Suspend the cards of an archived channel."""
    if not watch.lookup.learn_channel(
        _channel(happening), _directory_change(happening, "archived"), archived=True
    ):
        return ()
    watch.suspensions.suspend(_channel(happening), "is_archived")
    return ()


def channel_unarchived(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Show the cards of an unarchived channel again."""
    if not watch.lookup.learn_channel(
        _channel(happening), _directory_change(happening, "archived"), archived=False
    ):
        return ()
    watch.suspensions.resume(_channel(happening))
    return (ReadChannel(channel=_channel(happening)),)


def channel_sharing_changed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Record whether a channel is shared with other organizations, from which models stay hidden."""
    # One of several other organizations may leave while another one stays.
    opened = happening.type == "channel_shared" or bool(happening.event.get("is_ext_shared"))
    reported = _directory_change(happening, "shared")
    if not watch.lookup.learn_channel(_channel(happening), reported, shared=opened, invited=False):
        return ()
    if not opened:
        watch.suspensions.resume(_channel(happening))
    # Slack sends the same event for a workspace of the same organization; only a look-up distinguishes them.
    # Until then nothing is shown, and no one is notified.
    return (ReadChannel(channel=_channel(happening)),)


def channel_renamed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Record the new name of a channel."""
    reported = happening.event.get("channel")
    if isinstance(reported, dict):
        renamed_to = str(reported.get("name", ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
        watch.lookup.learn_channel(_channel(happening), _directory_change(happening, "name"), name=renamed_to)
    return ()


def channel_id_changed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Move a channel to its new ID, such as that of a private channel after it was shared."""
    old, new = (ChannelId(str(happening.event.get(f"{which}_channel_id") or "")) for which in ("old", "new"))
    if not old or not new:
        return ()
    watch.change_channel_id(old, new)
    return (ReadChannel(channel=new),)


def user_changed(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Record a change of a person's name, time zone or account."""
    reported = happening.event.get("user")
    if isinstance(reported, dict):
        watch.lookup.learn_person(reported, happening.event)  # pyright: ignore[reportUnknownArgumentType]  (JSON)
    return ()


def app_uninstalled(watch: EventContext, happening: SlackEvent) -> tuple[FollowUp, ...]:
    """Stop calling Slack: the app was uninstalled or its token revoked; stored data stays."""
    tokens = happening.event.get("tokens")
    if isinstance(tokens, dict):
        named = tokens.get("bot")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  (JSON)
        if not (isinstance(named, list) and watch.bot_user in named):
            return ()  # a user token, which the bot does not use
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
    """The Home tab as it was shown when it was opened; none before the first publication."""

    hash: str = ""


def _membership(happening: SlackEvent, person: PersonId, says: str) -> DirectoryChange:
    return DirectoryChange(
        kind=MEMBERSHIP,
        channel=_channel(happening),
        person=person,
        moment=event_time(happening.event),
        state=says,
    )


def _directory_change(happening: SlackEvent, kind: str) -> DirectoryChange:
    return DirectoryChange(kind=kind, channel=_channel(happening), moment=event_time(happening.event))


def _channel(happening: SlackEvent) -> ChannelId:
    reported = happening.event.get("channel")
    if isinstance(reported, dict):
        return ChannelId(str(reported.get("id", "")))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
    return ChannelId(str(reported or ""))
