"""Slack's built-in slash commands that affect a bot."""

from bot.sandbox.admin.channel_admin import ChannelAdmin
from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.payload_delivery.delivery_record import Delivery, OutgoingPayload
from bot.sandbox.workspace.installed_app import AppCommand
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownPerson

BUILTIN_COMMANDS = (
    AppCommand(command="/invite", description="Invite someone to this channel", usage_hint="@someone"),
    AppCommand(command="/remove", description="Remove someone from this channel", usage_hint="@someone"),
)


def is_builtin_command(command: str) -> bool:
    """Return whether a slash command is built into Slack."""
    return any(one.command == command for one in BUILTIN_COMMANDS)


def run_builtin_command(
    client: SlackClient, person: SlackAccount, channel: SlackChannel, command: str, text: str
) -> Delivery:
    """Run a built-in command; the bot is notified only as of any other change."""
    done = Delivery(OutgoingPayload(kind="slash_commands", payload={"command": command, "text": text}))
    done.acked = True
    done.error = _refusal(client, person, channel, text) or _done(client, person, channel, command, text)
    if done.error:
        client.slackbot(person, channel, done.error)
    return done


def _refusal(client: SlackClient, person: SlackAccount, channel: SlackChannel, text: str) -> str | None:
    if channel.is_im:
        return "Direct messages have no members to invite or remove."
    if person.id not in channel.members:
        return f"Join #{channel.name} first: only members may do that."
    if not text.split():
        return "Name a person, such as @dee."
    for word in text.split():
        try:
            client.workspace.person(word)
        except UnknownPerson:
            return f"There is no user named {word}."
    return None


def _done(
    client: SlackClient, person: SlackAccount, channel: SlackChannel, command: str, text: str
) -> str | None:
    changes = ChannelAdmin(client)
    for word in text.split():
        who = client.workspace.person(word)
        inside = who.id in channel.members
        if command == "/invite" and inside:
            return f"{who.name} is already in this channel."
        if command == "/remove" and not inside:
            return f"{who.name} is not in this channel."
        if command == "/invite":
            changes.invite(who.id, channel.id, by=person.id)
        else:
            changes.remove(who.id, channel.id)
    return None
