"""files.* and canvases.*: uploads in three steps, and documents shown as tabs of a channel."""

import re

from bot.sandbox.api_methods import TIER_2, TIER_3, TIER_4, ApiMethod, MethodContext, find_conversation
from bot.sandbox.api_methods.call_arguments import ApiArguments
from bot.sandbox.api_methods.chat_methods import checked_message
from bot.sandbox.api_objects.basic_objects import file_object
from bot.sandbox.slack_json import ApiError, Json, json_objects
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackChannel
from bot.sandbox.workspace.uploaded_files import LARGEST, UploadedFile

LONGEST_ALT_TEXT = 1000
LARGEST_SNIPPET = 1_000_000
MAX_CHANNELS = 100


def get_upload_url(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer files.getUploadURLExternal, the first step."""
    name, length = arguments.required("filename"), arguments.required("length")
    size = int(length) if length.isdecimal() else 0
    alt_text = arguments.text("alt_txt") or ""
    if size <= 0:
        raise ApiError("invalid_arguments", ("[ERROR] `length` must be more than 0",))
    if size > LARGEST:
        raise ApiError("file_upload_size_restricted")
    if size > LARGEST_SNIPPET and arguments.text("snippet_type"):
        raise ApiError("snippet_too_large")
    if len(alt_text) > LONGEST_ALT_TEXT:
        raise ApiError("alt_txt_too_large")
    file, address = parts.workspace.files.announce(
        name=name,
        size=size,
        owner=BOT_USER_ID,
        alt_text=alt_text,
        snippet_type=arguments.text("snippet_type") or "",
    )
    return {"upload_url": address, "file_id": file.id}


def complete_upload(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer files.completeUploadExternal, the last step, which can also share the files."""
    wanted = json_objects(arguments.data("files", error="invalid_arguments"))
    if not wanted:
        raise ApiError("invalid_arguments", ("[ERROR] missing required field: files",))
    named = arguments.text("channel_id") or arguments.text("channels") or ""
    channels = _channels(parts, named)
    blocks = arguments.data("blocks", error="invalid_blocks")
    text, said = arguments.text("initial_comment") or "", []
    if blocks is not None:
        text, said = checked_message(parts, text, blocks)
    completed = [
        parts.workspace.files.complete(str(one.get("id")), str(one.get("title") or "") or None)
        for one in wanted
    ]
    shared = [file.id for file in completed if not _never_shared(parts, file)]
    after = parts.workspace.behavior.files_appear_after

    def appear() -> None:
        for channel in channels:
            parts.workspace.post(
                channel=channel.id,
                author=BOT_USER_ID,
                text=text,
                blocks=said,
                thread=arguments.text("thread_ts"),
                files=shared,
            )

    if after and shared:
        parts.workspace.clock.call_later(after, appear)
    elif after is not None and shared:
        appear()
    # Slack computes the other fields later; files.info returns them.
    return {"files": [{"id": file.id, "title": file.title} for file in completed]}


def info(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer files.info."""
    files, file = parts.workspace.files, _file(parts, arguments)
    if not _sees(parts, file):
        raise ApiError("file_not_found")
    answer: Json = {
        "file": file_object(parts.workspace, file),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }
    return {**answer, "content": files.text(file.id)} if file.is_text else answer


def delete(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer files.delete."""
    files, file = parts.workspace.files, _file(parts, arguments)
    if file.owner != BOT_USER_ID:
        raise ApiError("cant_delete_file")
    files.delete(file.id)
    return {}


def _file(parts: MethodContext, arguments: ApiArguments) -> UploadedFile:
    return parts.workspace.files.file(arguments.required("file"))


def _channels(parts: MethodContext, named: str) -> list[SlackChannel]:
    ids = [one.strip() for one in named.split(",") if one.strip()]
    if len(ids) > MAX_CHANNELS:
        raise ApiError("channels_limit_exceeded")
    channels = [find_conversation(parts, id) for id in ids]
    if any(BOT_USER_ID not in channel.members for channel in channels):
        raise ApiError("not_in_channel")
    return channels


def _never_shared(parts: MethodContext, file: UploadedFile) -> bool:
    behavior = parts.workspace.behavior
    picture = file.is_image and file.mimetype != "image/svg+xml"
    if behavior.alt_text_hides_files and file.alt_text and not picture:
        return True
    kind = file.name.rpartition(".")[2].lower()
    return (f"{kind}+alt_txt" if file.alt_text else kind) in behavior.hidden_files


def _sees(parts: MethodContext, file: UploadedFile) -> bool:
    if file.owner == BOT_USER_ID or file.in_form:
        return True
    return any(BOT_USER_ID in channel.members for channel in parts.workspace.where_shared(file.id))


LARGEST_CANVAS = 1_048_576
"""Maximum characters of Markdown."""

_QUOTED_LIST = re.compile(r"\s*>\s*(?:[-*+]|\d+[.)])\s")


def create(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer canvases.create."""
    named, channel = arguments.text("channel_id"), ""
    if named:
        found = find_conversation(parts, named)
        if BOT_USER_ID not in found.members:
            raise ApiError("no_permission")
        channel = found.id
    content = arguments.data("document_content", error="invalid_arguments")
    markdown = _markdown(content) if content else ""
    fault = _fault(markdown)
    if fault:
        raise ApiError("canvas_creation_failed", detail=fault)
    canvas = parts.workspace.canvases.create(
        title=arguments.text("title") or "Untitled", markdown=markdown, channel=channel
    )
    parts.workspace.notify_changed()
    return {"canvas_id": canvas.id}


def edit(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer canvases.edit; only the operation that replaces everything is supported."""
    canvas_id = arguments.required("canvas_id")
    changes = json_objects(arguments.data("changes", error="invalid_arguments"))
    if len(changes) != 1 or changes[0].get("operation") != "replace" or changes[0].get("section_id"):
        raise ApiError("invalid_arguments", ("[ERROR] only one `replace` of everything is offered here",))
    markdown = _markdown(changes[0].get("document_content"))
    fault = _fault(markdown)
    if fault:
        raise ApiError("canvas_editing_failed", detail=fault)
    parts.workspace.canvases.write(canvas_id, markdown)
    parts.workspace.notify_changed()
    return {}


def delete_canvas(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer canvases.delete."""
    parts.workspace.canvases.delete(arguments.required("canvas_id"))
    parts.workspace.notify_changed()
    return {}


def _markdown(content: object) -> str:
    (document,) = json_objects([content]) or ({},)
    markdown = document.get("markdown")
    if document.get("type") != "markdown" or not isinstance(markdown, str):
        raise ApiError("invalid_arguments", ("[ERROR] document_content must be of type markdown",))
    return markdown


def _fault(markdown: str) -> str:
    """Return why Slack would reject a canvas; None if it would not."""
    if len(markdown) > LARGEST_CANVAS:
        return f"'content' error: longer than {LARGEST_CANVAS} characters"
    for number, line in enumerate(markdown.split("\n"), start=1):
        if _QUOTED_LIST.match(line):
            return f"'content' error: line {number}: Unsupported block type (List) within block quote"
    return ""


METHODS = {
    "files.getUploadURLExternal": ApiMethod(get_upload_url, TIER_4, "files:write"),
    "files.completeUploadExternal": ApiMethod(complete_upload, TIER_4, "files:write"),
    "files.delete": ApiMethod(delete, TIER_3, "files:write"),
    "files.info": ApiMethod(info, TIER_4, "files:read"),
    "canvases.create": ApiMethod(create, TIER_2, "canvases:write"),
    "canvases.edit": ApiMethod(edit, TIER_3, "canvases:write"),
    "canvases.delete": ApiMethod(delete_canvas, TIER_3, "canvases:write"),
}
