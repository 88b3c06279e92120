"""What Slack tells the bot: commands, interactions and events."""

from bot.sandbox.kit import Json
from bot.sandbox.methods import Parts
from bot.sandbox.people.views import OpenView
from bot.sandbox.place.cast import TEAM_DOMAIN, TEAM_ID, Channel, Person
from bot.sandbox.place.installed_app import APP_ID, BOT_USER_ID
from bot.sandbox.place.workspace import Message
from bot.sandbox.web.shapes import message_shape, message_state

VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105  (Slack still sends it; it proves nothing)
TEAM = {"id": TEAM_ID, "domain": TEAM_DOMAIN}


def slash_command(
    *, person: Person, channel: Channel, command: str, text: str, trigger_id: str, response_url: str
) -> Json:
    """Return the form fields of a slash command."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.handle,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def message_click(
    parts: Parts,
    *,
    person: Person,
    channel: Channel,
    message: Message,
    action: Json,
    held: dict[tuple[str, str], Json],
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return the block_actions of an element in a message."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.reader is not None,
    }
    if message.thread:
        container["thread_ts"] = message.thread
    payload: Json = {
        "type": "block_actions",
        "user": _user(person),
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "container": container,
        "trigger_id": trigger_id,
        "team": TEAM,
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "state": message_state(message, held),
        "response_url": response_url,
        "actions": [action],
    }
    # Slack does not repeat what an ephemeral message said.
    if message.reader is None:
        payload["message"] = message_shape(parts.workspace, message)
    return payload


def view_click(*, person: Person, view: OpenView, action: Json, trigger_id: str) -> Json:
    """Return the block_actions of an element in a modal or Home tab."""
    return {
        "type": "block_actions",
        "user": _user(person),
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "team": TEAM,
        "enterprise": None,
        "is_enterprise_install": False,
        "view": view.as_slack(),
        "actions": [action],
    }


def view_submission(*, person: Person, view: OpenView, trigger_id: str) -> Json:
    """Return what submitting a modal tells."""
    return {
        "type": "view_submission",
        "team": TEAM,
        "user": _user(person),
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "trigger_id": trigger_id,
        "view": view.as_slack(),
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }


def view_closed(*, person: Person, view: OpenView, is_cleared: bool) -> Json:
    """Return what closing a modal tells."""
    return {
        "type": "view_closed",
        "team": TEAM,
        "user": _user(person),
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "view": view.as_slack(),
        "is_cleared": is_cleared,
        "is_enterprise_install": False,
        "enterprise": None,
    }


def global_shortcut(*, person: Person, callback_id: str, action_ts: str, trigger_id: str) -> Json:
    """Return what a global shortcut tells."""
    return {
        "type": "shortcut",
        "token": VERIFICATION_TOKEN,
        "action_ts": action_ts,
        "team": TEAM,
        "user": _user(person),
        "api_app_id": APP_ID,
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }


def message_shortcut(
    parts: Parts,
    *,
    person: Person,
    channel: Channel,
    message: Message,
    callback_id: str,
    action_ts: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return what a message shortcut tells."""
    return {
        "type": "message_action",
        "token": VERIFICATION_TOKEN,
        "action_ts": action_ts,
        "team": TEAM,
        "user": _user(person),
        "api_app_id": APP_ID,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "response_url": response_url,
        "message_ts": message.ts,
        "message": message_shape(parts.workspace, message),
    }


def event_callback(event: Json, *, event_id: str, at: float, is_ext_shared: bool = False) -> Json:
    """Return an event in its envelope."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "context_team_id": TEAM_ID,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(at),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER_ID,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": is_ext_shared,
        "event_context": f"4-{event_id}",
    }


def channel_name(channel: Channel) -> str:
    """Return a conversation's name as payloads give it."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def _user(person: Person) -> Json:
    return {"id": person.id, "username": person.handle, "name": person.handle, "team_id": person.team}
