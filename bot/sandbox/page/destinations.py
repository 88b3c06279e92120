"""Conversations a user can open, as the sidebar lists them."""

from msgspec import Struct

from bot.sandbox.page.avatar import avatar_html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.local_times import clock_time
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import Workspace

WORKSPACES, CHANNELS, DIRECT, APPS = "Workspaces", "Channels", "Direct messages", "Apps"


class Destination(Struct, frozen=True, kw_only=True):
    """One entry of the sidebar."""

    id: str
    """A conversation's ID, or @ and a person's ID if there is no conversation with them yet."""
    name: str
    group: str
    mark: str
    """HTML before the name."""
    unread: int = 0
    calls: bool = False
    """Whether unread messages concern this person: mentions, or direct messages."""
    more: str = ""
    """HTML after the name."""
    faded: str = ""
    """Why it is displayed faded, if it is."""


def destinations(workspace: Workspace, person: SlackAccount) -> list[Destination]:
    """Return every destination of a person, in the order of the sidebar."""
    mine = [one for one in workspace.channels if not one.is_private or person.id in one.members]
    ordered = sorted(mine, key=lambda one: one.is_archived)
    return [*(_channel(workspace, person, one) for one in ordered), *_direct(workspace, person)]


def channel_mark(channel: SlackChannel, size: int = 16) -> str:
    """Return the icon before a channel's name: a box if archived, a lock if private, else #."""
    name = "archive" if channel.is_archived else "lock" if channel.is_private else "hash"
    return icon(name, size)


def shared_mark(channel: SlackChannel) -> str:
    """Return the icon after the name of a channel shared with another organization."""
    if not channel.is_ext_shared:
        return ""
    return f'<span class="shared-mark" title="Shared with another organization">{icon("shared", 14)}</span>'


def _channel(workspace: Workspace, person: SlackAccount, channel: SlackChannel) -> Destination:
    member = person.id in channel.members
    return Destination(
        id=channel.id,
        name=channel.name,
        group=CHANNELS,
        mark=f'<span class="hash">{channel_mark(channel)}</span>',
        unread=workspace.unread(person.id, channel.id) if member else 0,
        calls=member and workspace.mentions(person.id, channel.id) > 0,
        more=shared_mark(channel),
        faded="archived" if channel.is_archived else "" if member else "not a member",
    )


def _direct(workspace: Workspace, person: SlackAccount) -> list[Destination]:
    now = workspace.clock.now()
    opened = {
        next(iter(one.members - {person.id}), person.id): one.id for one in workspace.direct_of(person.id)
    }
    installed = workspace.app.installed
    if installed:
        opened[BOT_USER_ID] = workspace.direct(person.id).id
    found: list[Destination] = []
    for one in workspace.people:
        if one.id == person.id or (one.is_bot and one.id not in opened):
            continue
        where = opened.get(one.id)
        unread = workspace.unread(person.id, where) if where else 0
        found.append(
            Destination(
                id=where or f"@{one.id}",
                name=one.name,
                group=APPS if one.is_bot else DIRECT,
                mark=avatar_html(one, size="tiny"),
                unread=unread,
                calls=unread > 0,
                more="" if one.is_bot else f'<span class="their-time">{clock_time(now, one)}</span>',
                faded=_fading(one, installed=installed),
            )
        )
    return sorted(found, key=lambda one: one.group == APPS)


def _fading(one: SlackAccount, *, installed: bool) -> str:
    if one.id == BOT_USER_ID and not installed:
        return "not installed"
    return "deactivated" if one.deleted else ""
