"""Payloads of commands, interactions and events."""

from bot.sandbox.api_methods import MethodContext
from bot.sandbox.api_objects.basic_objects import message_object, message_state
from bot.sandbox.open_views import DisplayedView
from bot.sandbox.payload_delivery.delivery_record import FAREWELLS
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_USER_ID
from bot.sandbox.workspace.seed_data import (
    ENTERPRISE_NAME,
    PARTNER_TEAM_ID,
    SlackAccount,
    SlackChannel,
)
from bot.sandbox.workspace.workspace_state import PostedMessage, Workspace

VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105  (Slack still sends it; it proves nothing)


def slash_command(
    workspace: Workspace,
    *,
    person: SlackAccount,
    channel: SlackChannel,
    command: str,
    text: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return the form fields of a slash command."""
    enterprise = workspace.behavior.enterprise
    organization = {"enterprise_id": enterprise, "enterprise_name": ENTERPRISE_NAME}
    return {
        **(organization if enterprise else {}),
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team.id,
        "team_domain": workspace.team.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.handle,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "true" if workspace.app.is_org_wide else "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def message_click(
    parts: MethodContext,
    *,
    person: SlackAccount,
    channel: SlackChannel,
    message: PostedMessage,
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
        **_interaction("block_actions", person),
        "container": container,
        "trigger_id": trigger_id,
        **_installed_in(parts.workspace),
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "state": message_state(message, held),
        "response_url": response_url,
        "actions": [action],
    }
    # Slack does not include the content of an ephemeral message.
    if message.reader is None:
        payload["message"] = message_object(parts.workspace, message)
    return payload


def view_click(
    parts: MethodContext, *, person: SlackAccount, view: DisplayedView, action: Json, trigger_id: str
) -> Json:
    """Return the block_actions of an element in a modal or Home tab."""
    return {
        **_interaction("block_actions", person),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        **_opened_in(parts, person),
        "view": view.as_slack(),
        "actions": [action],
    }


def view_submission(
    parts: MethodContext, *, person: SlackAccount, view: DisplayedView, trigger_id: str
) -> Json:
    """Return the payload of a submitted modal."""
    return {
        **_interaction("view_submission", person),
        "trigger_id": trigger_id,
        "view": view.as_slack(),
        "response_urls": [],
        **_opened_in(parts, person),
    }


def view_closed(parts: MethodContext, *, person: SlackAccount, view: DisplayedView, is_cleared: bool) -> Json:
    """Return the payload of a closed modal."""
    return {
        **_interaction("view_closed", person),
        "view": view.as_slack(),
        "is_cleared": is_cleared,
        **_opened_in(parts, person),
    }


def global_shortcut(
    workspace: Workspace, *, person: SlackAccount, callback_id: str, action_ts: str, trigger_id: str
) -> Json:
    """Return the payload of a global shortcut."""
    return {
        **_interaction("shortcut", person),
        "action_ts": action_ts,
        **_installed_in(workspace),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }


def message_shortcut(
    parts: MethodContext,
    *,
    person: SlackAccount,
    channel: SlackChannel,
    message: PostedMessage,
    callback_id: str,
    action_ts: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return the payload of a message shortcut."""
    return {
        **_interaction("message_action", person),
        "action_ts": action_ts,
        **_installed_in(parts.workspace),
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "response_url": response_url,
        "message_ts": message.ts,
        "message": message_object(parts.workspace, message),
    }


def event_callback(
    workspace: Workspace, event: Json, *, event_id: str, at: float, is_ext_shared: bool = False
) -> Json:
    """Return an event in its envelope; in a shared channel the outer team may be another workspace."""
    behavior = workspace.behavior
    foreign = is_ext_shared and behavior.foreign_outer_team
    organization = {"enterprise_id": behavior.enterprise} if behavior.enterprise else {}
    wide = workspace.app.is_org_wide
    installed: Json = {
        "enterprise_id": behavior.enterprise,
        "team_id": None if wide else workspace.team.id,
        "user_id": BOT_USER_ID,
        "is_bot": True,
        "is_enterprise_install": wide,
    }
    team: Json = {"team_id": PARTNER_TEAM_ID if foreign else workspace.team.id}
    team["context_team_id"] = workspace.team.id
    if wide and event["type"] in FAREWELLS:
        # It concerns the organization as a whole, and none of its workspaces.
        team = {}
    return {
        "token": VERIFICATION_TOKEN,
        **team,
        **organization,
        "context_enterprise_id": behavior.enterprise,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(at),
        "authorizations": [installed] if behavior.authorizations_listed else [],
        "is_ext_shared_channel": is_ext_shared,
        "event_context": f"4-{event_id}",
    }


def channel_name(channel: SlackChannel) -> str:
    """Return a conversation's name as used in payloads."""
    if channel.is_im:
        return "directmessage"
    if channel.is_mpim:
        return channel.name
    return "privategroup" if channel.is_private else channel.name


def _interaction(kind: str, person: SlackAccount) -> Json:
    """Return the common fields of interactive payloads."""
    user = {"id": person.id, "username": person.handle, "name": person.handle, "team_id": person.team}
    return {"type": kind, "user": user, "api_app_id": APP_ID, "token": VERIFICATION_TOKEN}


def _installed_in(workspace: Workspace) -> Json:
    """Return the workspace of the installation as used in interactive payloads."""
    behavior = workspace.behavior
    team: Json = {"id": workspace.team.id, "domain": workspace.team.domain}
    enterprise: Json | None = None
    if behavior.enterprise:
        team |= {"enterprise_id": behavior.enterprise, "enterprise_name": ENTERPRISE_NAME}
        enterprise = {"id": behavior.enterprise, "name": ENTERPRISE_NAME}
    return {"team": team, "enterprise": enterprise, "is_enterprise_install": workspace.app.is_org_wide}


def _opened_in(parts: MethodContext, person: SlackAccount) -> Json:
    """Return the same for payloads of views: for members of a shared channel it may be the other workspace.

    The view itself then names the workspace of the installation. If the app is installed in a whole
    organization, only the user and the view name the workspace.
    """
    workspace = parts.workspace
    installed = _installed_in(workspace)
    if workspace.app.is_org_wide:
        return {**installed, "team": None}
    both = {person.id, BOT_USER_ID}
    shared = any(one.is_ext_shared and both <= one.members for one in workspace.channels)
    if shared and workspace.behavior.foreign_outer_team:
        installed["team"] = {"id": PARTNER_TEAM_ID, "domain": "partner"}
    return installed
