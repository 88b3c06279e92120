"""Responses outside the Web API: in a command's acknowledgment or through a response URL."""

from bot.sandbox.api_methods import MethodContext
from bot.sandbox.api_methods.call_arguments import ApiError
from bot.sandbox.api_methods.chat_methods import checked_message
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.trigger_ids import ResponseTarget
from bot.sandbox.workspace.workspace_state import PostedMessage


def apply_response(parts: MethodContext, reply_to: ResponseTarget, sent: Json) -> None:
    """Apply a response: post it, or replace or delete the original message; raises ApiError."""
    # The app cannot change a message that was selected by a shortcut, but it can reply to it.
    changes = sent.get("delete_original") or sent.get("replace_original")
    original = _original(parts, reply_to) if changes else None
    if sent.get("delete_original"):
        if original is not None:
            parts.workspace.delete(original)
        return
    text, blocks = checked_message(parts, str(sent.get("text") or ""), sent.get("blocks"))
    if sent.get("replace_original") and original is not None:
        parts.workspace.edit(original, text=text, blocks=blocks)
        return
    in_channel = sent.get("response_type") == "in_channel"
    reaches = parts.workspace.behavior.response_url_reaches_thread
    thread = sent.get("thread_ts") or (reply_to.thread if reaches else None)
    parts.workspace.post(
        channel=reply_to.channel,
        author=BOT_USER_ID,
        text=text,
        blocks=blocks,
        thread=str(thread) if thread else None,
        reader=None if in_channel else reply_to.person,
    )


def has_message(sent: Json) -> bool:
    """Return whether the acknowledgment of a command contains a message."""
    return bool(sent.get("text") or sent.get("blocks"))


def _original(parts: MethodContext, reply_to: ResponseTarget) -> PostedMessage | None:
    if reply_to.message_ts is None:
        return None
    original = parts.workspace.message(reply_to.channel, reply_to.message_ts)
    if original is not None and original.author != BOT_USER_ID:
        raise ApiError("cant_update_message")
    return original
