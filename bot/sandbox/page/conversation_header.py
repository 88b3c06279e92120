"""Header and introduction of a conversation."""

from collections.abc import Callable
from html import escape

from bot.sandbox.page.avatar import avatar_html
from bot.sandbox.page.composer import SendingRefused
from bot.sandbox.page.destinations import channel_mark, shared_mark
from bot.sandbox.page.local_times import clock_time
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownConversation, Workspace

FACES = 4


class ConversationHeader:
    """A conversation as displayed to one person."""

    def __init__(self, workspace: Workspace, channel: SlackChannel, person: SandboxPerson) -> None:
        self._workspace, self._channel, self._person = workspace, channel, person

    @property
    def name(self) -> str:
        """Its name: #channel, or the other person's name."""
        return self.other.name if self._channel.is_im else f"#{self._channel.name}"

    @property
    def other(self) -> SlackAccount:
        """The other person in direct messages, possibly oneself."""
        return self._workspace.person(next(iter(self._channel.members - {self._person.id}), self._person.id))

    def closed(self, shown: Callable[[str], str] = str) -> str:
        """Return why this person cannot write here, with displayed names; empty if they can."""
        if self._person.account.deleted:
            return f"{shown(self._person.name)}'s account is deactivated."
        if self._channel.is_archived:
            return f"{shown(self.name)} is archived."
        if self._person.id not in self._channel.members:
            return f"You are not a member of {shown(self.name)}."
        return ""

    def title_html(self) -> str:
        """Return the title."""
        if self._channel.is_im:
            other = self.other
            time = f"{clock_time(self._workspace.clock.now(), other)} local time"
            gone = "Deactivated" if other.deleted else "" if other.is_bot else time
            name = f"{avatar_html(other, size='small')}<b>{escape(other.name)}</b>"
            return f'{name}<span class="topic">{gone}</span>'
        channel = self._channel
        marks = shared_mark(channel)
        if channel.is_archived:
            marks += '<span class="state-badge">Archived</span>'
        topic = f'<span class="topic">{escape(channel.topic)}</span>' if channel.topic else ""
        return f"{channel_mark(channel, 18)}<b>{escape(channel.name)}</b>{marks}{topic}"

    def members_html(self) -> str:
        """Return the first avatars and the number of a channel's members; nothing for direct messages."""
        if self._channel.is_im:
            return ""
        inside = [one for one in self._workspace.people if one.id in self._channel.members]
        faces = "".join(avatar_html(one, size="tiny") for one in inside[:FACES])
        return f"{faces}<span>{len(inside)}</span>"

    def beginning_html(self) -> str:
        """Return the introduction above the first message."""
        if self._channel.is_im:
            other = self.other
            you = " This is your own space." if other.id == self._person.id else ""
            return (
                f"{avatar_html(other, size='large')}"
                f"<p>This is the beginning of your messages with {bold(other.name)}.{you}</p>"
            )
        commands = self._workspace.app.offered_commands
        hint = ""
        if commands:
            first = commands[0].command + (" start" if "start" in commands[0].usage_hint else "")
            hint = f'<p class="first-hint">Type <code>{escape(first)}</code> to begin.</p>'
        purpose = f"{escape(self._channel.purpose)}. " if self._channel.purpose else ""
        return (
            f"<h2>{channel_mark(self._channel, 24)} {escape(self._channel.name)}</h2>"
            f"<p>{purpose}Select a person at the top to act as them. "
            f"Use a second tab to act as two people.</p>{hint}"
        )


def require_open(workspace: Workspace, channel: SlackChannel, person: SandboxPerson) -> None:
    """Raise SendingRefused if the person can no longer write here."""
    try:
        now = workspace.channel(channel.id)
    except UnknownConversation:
        raise SendingRefused("This conversation no longer exists.") from None
    if why := ConversationHeader(workspace, now, person).closed():
        raise SendingRefused(why)


def bold(name: str) -> str:
    """Return a name in bold."""
    return f"<b>{escape(name)}</b>"
