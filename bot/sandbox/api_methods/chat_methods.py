"""chat.*: messages, their responses outside the Web API, and previews of links."""

from collections.abc import Callable, Sequence
from typing import cast
from urllib.parse import urlsplit

from bot.sandbox.api_methods import SPECIAL, TIER_3, TIER_4, ApiMethod, MethodContext, visible_conversation
from bot.sandbox.api_methods.call_arguments import ApiArguments
from bot.sandbox.api_objects import event_objects
from bot.sandbox.api_objects.basic_objects import message_object, permalink
from bot.sandbox.block_kit.element_state import fill_in_ids
from bot.sandbox.block_kit.schemas import counting_length_by
from bot.sandbox.block_kit.validation import (
    LONGEST_MESSAGE,
    LONGEST_WHERE_LARGE_ONES_ARE_REFUSED,
    message_errors,
    message_is_too_long,
)
from bot.sandbox.slack_json import ApiError, Json, json_objects
from bot.sandbox.workspace.installed_app import APP_ID, BOT_ID, BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackChannel
from bot.sandbox.workspace.trigger_ids import ResponseTarget
from bot.sandbox.workspace.workspace_state import PostedMessage, UnknownConversation, UnknownPerson

LONGEST_TEXT = 40_000
"""Characters after which a new message is truncated."""
LONGEST_EDIT = 4_000
"""Characters after which an edit is refused."""
LONGEST_METADATA = 16_384


def post_message(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer chat.postMessage."""
    channel = _where_to_write(parts, arguments)
    check_posting(parts, channel, arguments.text("thread_ts"))
    text, blocks = _said(parts, arguments)
    message = parts.workspace.post(
        channel=channel.id,
        author=BOT_USER_ID,
        text=text,
        blocks=blocks,
        thread=_thread(parts, arguments, channel),
        broadcast=arguments.flag("reply_broadcast"),
        metadata=_metadata(arguments),
    )
    _tell(parts, channel, lambda: event_objects.message_posted(parts.workspace, channel, message))
    return {"channel": channel.id, "ts": message.ts, "message": message_object(parts.workspace, message)}


def post_ephemeral(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer chat.postEphemeral."""
    channel = _where_to_write(parts, arguments)
    try:
        reader = parts.workspace.person(arguments.required("user"))
    except UnknownPerson as unknown:
        raise ApiError("user_not_in_channel") from unknown
    if reader.id not in channel.members:
        raise ApiError("user_not_in_channel")
    text, blocks = _said(parts, arguments)
    thread = _thread(parts, arguments, channel)
    message = parts.workspace.post(
        channel=channel.id,
        author=BOT_USER_ID,
        text=text,
        blocks=blocks,
        thread=thread if parts.workspace.behavior.ephemeral_reaches_thread else None,
        reader=reader.id,
    )
    return {"message_ts": message.ts}


def update(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer chat.update."""
    channel = visible_conversation(parts, arguments)
    message = _own_message(parts, arguments, channel, otherwise="cant_update_message")
    if channel.is_archived:
        raise ApiError("is_inactive")
    counting = parts.workspace.behavior.edits_counting
    if counting.length(arguments.text("text") or "") > LONGEST_EDIT:
        raise ApiError("msg_too_long")
    replaces_blocks = arguments.values.get("blocks") not in (None, "")
    text, blocks = _said(parts, arguments)
    if not replaces_blocks and arguments.text("text") is None:
        text, blocks = message.text, list(message.blocks)
    changed = parts.workspace.edit(message, text=text, blocks=blocks, metadata=_metadata(arguments))
    _tell(parts, channel, lambda: event_objects.message_replaced(parts.workspace, channel, message, changed))
    return {
        "channel": channel.id,
        "ts": changed.ts,
        "text": changed.text,
        "message": message_object(parts.workspace, changed),
    }


def delete(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer chat.delete."""
    channel = visible_conversation(parts, arguments)
    message = _own_message(parts, arguments, channel, otherwise="cant_delete_message")
    parts.workspace.delete(message)
    _tell(parts, channel, lambda: event_objects.message_replaced(parts.workspace, channel, message))
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer chat.getPermalink."""
    channel = visible_conversation(parts, arguments)
    message = parts.workspace.message(channel.id, arguments.required("message_ts"))
    if message is None or message.reader is not None:
        raise ApiError("message_not_found")
    return {"channel": channel.id, "permalink": permalink(parts.workspace, channel.id, message)}


def checked_message(parts: MethodContext, text: str, raw_blocks: object) -> tuple[str, list[Json]]:
    """Return a message's text, and its blocks with IDs; raises ApiError with Slack's code and paths."""
    if not isinstance(raw_blocks, list | None):
        raise ApiError("invalid_blocks_format")
    raw_blocks = cast("list[object] | None", raw_blocks)
    behavior = parts.workspace.behavior
    with counting_length_by(behavior.blocks_counting.length):
        faults = message_errors(raw_blocks)
    if faults:
        raise ApiError("invalid_blocks", tuple(f"[ERROR] {fault}" for fault in faults), errors=list(faults))
    most = LONGEST_MESSAGE if behavior.large_messages_taken else LONGEST_WHERE_LARGE_ONES_ARE_REFUSED
    if message_is_too_long(raw_blocks, most):
        raise ApiError("msg_blocks_too_long")
    blocks = fill_in_ids(raw_blocks, lambda: parts.workspace.new_id("b"))
    if not text and not blocks:
        raise ApiError("no_text")
    return text[:LONGEST_TEXT], blocks


def check_posting(parts: MethodContext, channel: SlackChannel, thread: str | None) -> None:
    """Raise ApiError if a channel's rules or a thread lock forbid a message."""
    if channel.is_read_only:
        raise ApiError("restricted_action_read_only_channel")
    if thread is None:
        if channel.is_thread_only:
            raise ApiError("restricted_action_thread_only_channel")
        return
    if channel.is_non_threadable:
        raise ApiError("restricted_action_non_threadable_channel")
    first = parts.workspace.message(channel.id, thread)
    if first is not None and first.locked:
        raise ApiError("restricted_action_thread_locked")


def _said(parts: MethodContext, arguments: ApiArguments) -> tuple[str, list[Json]]:
    markdown = arguments.text("markdown_text")
    if markdown is not None and (arguments.text("text") or arguments.text("blocks")):
        raise ApiError("markdown_text_conflict")
    text = arguments.text("text") or markdown or ""
    return checked_message(parts, text, arguments.data("blocks", error="invalid_blocks_format"))


def _where_to_write(parts: MethodContext, arguments: ApiArguments) -> SlackChannel:
    channel = visible_conversation(parts, arguments)
    if channel.is_archived:
        raise ApiError("is_archived")
    open_to_all = not channel.is_private and parts.workspace.app.may("chat:write.public")
    if BOT_USER_ID not in channel.members and not open_to_all:
        raise ApiError("not_in_channel")
    return channel


def _thread(parts: MethodContext, arguments: ApiArguments, channel: SlackChannel) -> str | None:
    ts = arguments.text("thread_ts")
    if ts is None:
        return None
    first = parts.workspace.message(channel.id, ts)
    # Slack accepts replies to an unknown or deleted message, under that timestamp.
    return first.thread or ts if first is not None else ts


def _tell(parts: MethodContext, channel: SlackChannel, event: Callable[[], Json]) -> None:
    # Bots receive their own messages, too; most do not subscribe to that, so it is not recorded.
    name = event_objects.message_subscription(channel)
    if parts.workspace.app.hears(name):
        parts.tell(name, event())


def _own_message(
    parts: MethodContext, arguments: ApiArguments, channel: SlackChannel, *, otherwise: str
) -> PostedMessage:
    message = parts.workspace.message(channel.id, arguments.required("ts"))
    if message is None or message.reader is not None:
        raise ApiError("message_not_found")
    if message.author != BOT_USER_ID:
        raise ApiError(otherwise)
    return message


def _metadata(arguments: ApiArguments) -> Json | None:
    read: Sequence[Json] = json_objects([arguments.data("metadata", error="invalid_metadata_format")])
    if not read:
        return None
    metadata = read[0]
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    if len(str(metadata)) > LONGEST_METADATA:
        raise ApiError("metadata_too_large")
    return metadata


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


def apply_response(parts: MethodContext, reply_to: ResponseTarget, sent: Json) -> None:
    """Apply a response: post it, or replace or delete the original message; raises ApiError."""
    # The app cannot change a message that was selected by a shortcut, but it can reply to it.
    replaces = sent.get("replace_original") and parts.workspace.behavior.response_url_replaces
    changes = sent.get("delete_original") or replaces
    original = _original(parts, reply_to) if changes else None
    if sent.get("delete_original"):
        if original is not None:
            parts.workspace.delete(original)
        return
    text, blocks = checked_message(parts, str(sent.get("text") or ""), sent.get("blocks"))
    if original is not None:
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


METHODS = {
    "chat.postMessage": ApiMethod(post_message, SPECIAL, "chat:write"),
    "chat.postEphemeral": ApiMethod(post_ephemeral, TIER_4, "chat:write"),
    "chat.update": ApiMethod(update, TIER_3, "chat:write"),
    "chat.delete": ApiMethod(delete, TIER_3, "chat:write"),
    "chat.getPermalink": ApiMethod(get_permalink, SPECIAL),
    "chat.unfurl": ApiMethod(unfurl, TIER_3, "links:write"),
}
