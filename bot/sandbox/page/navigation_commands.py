"""Slack's own slash commands that open, join or leave conversations."""

from bot.sandbox.users.builtin_commands import BUILTIN_COMMANDS
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.installed_app import AppCommand
from bot.sandbox.workspace.seed_data import SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownConversation

_HERE = (
    AppCommand(command="/join", usage_hint="#channel", description="Join a channel"),
    AppCommand(command="/leave", description="Leave this channel"),
    AppCommand(command="/archive", description="Archive this channel"),
)
NAVIGATION_COMMANDS = (*BUILTIN_COMMANDS, *_HERE)


def is_navigation_command(word: str) -> bool:
    """Return whether a command navigates the page."""
    return any(one.command == word for one in _HERE)


def is_slack_command(word: str) -> bool:
    """Return whether Slack itself, and not the app, answers a command."""
    return any(one.command == word for one in NAVIGATION_COMMANDS)


def run_navigation_command(
    sandbox: SandboxWorkspace, person: SandboxPerson, channel: SlackChannel, line: str
) -> str:
    """Run a command, and return the message for its author."""
    word, _, rest = line.strip().partition(" ")
    if word == "/join":
        return _join(person, rest.strip())
    if channel.is_im:
        return f"{word} works in channels only."
    if word == "/leave":
        person.leave(channel.id)
        return f"You left #{channel.name}."
    sandbox.change_channel(channel.id, is_archived=True)
    return f"You archived #{channel.name}."


def _join(person: SandboxPerson, name: str) -> str:
    try:
        channel = person.workspace.channel(name)
    except UnknownConversation:
        return f"There is no channel called {name}." if name else "Name a channel, such as #general."
    if channel.is_private and person.id not in channel.members:
        return f"There is no channel called {name}."
    person.join(channel.id)
    return f"You are in #{channel.name} now."
