"""What happens in the workspace: people come and go, channels are renamed, shared and archived."""

from collections.abc import Callable

import msgspec

from bot.slack.answers import After, ReadChannel
from bot.slack.looking_up import Lookup
from bot.slack.requests import Happening
from bot.slack.surfaces import Keeper
from domain.elements import ChannelId, PersonId


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept true when something happens."""

    bot_user: PersonId
    lookup: Lookup
    keeper: Keeper
    silence: Callable[[str], None]
    """Stop speaking to Slack: it has withdrawn its permission."""


def joined(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """Somebody came into a channel; if it is the bot itself, it looks round and shows its cards."""
    channel, person = _channel(happening), PersonId(str(happening.event.get("user", "")))
    if person == watch.bot_user:
        watch.lookup.learn_channel(channel, bot_inside=True)
        watch.keeper.wake(channel)
        return (ReadChannel(channel=channel),)
    watch.lookup.join(channel, person)
    return (ReadChannel(channel=channel, only=person),)


def left(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """Somebody left a channel."""
    watch.lookup.leave(_channel(happening), PersonId(str(happening.event.get("user", ""))))
    return ()


def bot_left(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """The bot was taken out of a channel."""
    watch.lookup.learn_channel(_channel(happening), bot_inside=False)
    watch.keeper.retry(_channel(happening))
    return ()


def archived(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """A channel was archived."""
    watch.lookup.learn_channel(_channel(happening), archived=True)
    watch.keeper.retry(_channel(happening))
    return ()


def unarchived(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """A channel is in use again."""
    watch.lookup.learn_channel(_channel(happening), archived=False)
    watch.keeper.wake(_channel(happening))
    return (ReadChannel(channel=_channel(happening)),)


def shared(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """A channel was opened to, or closed for, other organisations."""
    watch.lookup.learn_channel(_channel(happening), shared=happening.type == "channel_shared")
    return ()


def renamed(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """A channel has another name."""
    told = happening.event.get("channel")
    if isinstance(told, dict):
        renamed_to = str(told.get("name", ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
        watch.lookup.learn_channel(_channel(happening), name=renamed_to)
    return ()


def person_changed(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """Somebody has another name or zone, or their account was deactivated."""
    told = happening.event.get("user")
    if isinstance(told, dict):
        watch.lookup.learn_person(told)  # pyright: ignore[reportUnknownArgumentType]  (JSON)
    return ()


def uninstalled(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """The app was removed from the workspace; what it knows stays."""
    watch.silence(happening.type)
    return ()


def ignored(watch: Watch, happening: Happening) -> tuple[After, ...]:
    """Heard of, and of no consequence."""
    del watch, happening
    return ()


def _channel(happening: Happening) -> ChannelId:
    told = happening.event.get("channel")
    if isinstance(told, dict):
        return ChannelId(str(told.get("id", "")))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (JSON)
    return ChannelId(str(told or ""))
