"""chat.unfurl: previews of links in posted messages."""

from typing import cast
from urllib.parse import urlsplit

from bot.sandbox.api_methods import ApiMethod, MethodContext
from bot.sandbox.api_methods.call_arguments import ApiArguments, ApiError
from bot.sandbox.block_kit.element_state import fill_in_ids
from bot.sandbox.block_kit.validation import message_errors
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_ID, BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownConversation


def unfurl(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer chat.unfurl for a posted message: its links to the app's domains get previews."""
    channel, ts = _channel(parts, arguments), arguments.text("ts")
    if ts is None:
        raise ApiError("missing_ts")
    message = parts.workspace.message(channel.id, ts)
    if message is None:
        raise ApiError("cannot_find_message")
    previews = arguments.data("unfurls", error="invalid_unfurls_format")
    if previews is None:
        raise ApiError("missing_unfurls")
    if not isinstance(previews, dict):
        raise ApiError("invalid_unfurls_format")
    shown = cast("Json", previews)
    if any(url not in message.text for url in shown):
        raise ApiError("cannot_unfurl_message")
    parts.workspace.unfurl(message, [_attachment(parts, *one) for one in shown.items()])
    return {}


def _channel(parts: MethodContext, arguments: ApiArguments) -> SlackChannel:
    named = arguments.text("channel")
    if named is None:
        raise ApiError("missing_channel")
    try:
        channel = parts.workspace.channel(named)
    except UnknownConversation as unknown:
        raise ApiError("cannot_find_channel") from unknown
    if BOT_USER_ID not in channel.members:
        raise ApiError("no_permission")
    return channel


def _attachment(parts: MethodContext, url: str, preview: object) -> Json:
    if not parts.workspace.app.unfurls(urlsplit(url).hostname or ""):
        raise ApiError("cannot_unfurl_url")
    blocks = cast("Json", preview).get("blocks") if isinstance(preview, dict) else None
    if not isinstance(blocks, list) or message_errors(blocks := cast("list[object]", blocks)):
        raise ApiError("cannot_parse_attachment")
    return {
        "id": 1,
        "from_url": url,
        "blocks": fill_in_ids(blocks, lambda: parts.workspace.new_id("b")),
        "bot_id": BOT_ID,
        "app_unfurl_url": url,
        "is_app_unfurl": True,
        "app_id": APP_ID,
    }


METHODS = {"chat.unfurl": ApiMethod(answer=unfurl, scopes=("links:write",))}
