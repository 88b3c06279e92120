"""canvases.*: documents shown as tabs of a channel, created and replaced as a whole."""

import re

from bot.sandbox.api_methods import TIER_2, TIER_3, ApiMethod, MethodContext, find_conversation
from bot.sandbox.api_methods.call_arguments import ApiArguments, ApiError
from bot.sandbox.slack_json import Json, json_objects
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.workspace_canvases import UnknownCanvas

LARGEST = 1_048_576
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
    try:
        parts.workspace.canvases.write(canvas_id, markdown)
    except UnknownCanvas as unknown:
        raise ApiError("canvas_not_found") from unknown
    parts.workspace.notify_changed()
    return {}


def delete(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer canvases.delete."""
    try:
        parts.workspace.canvases.delete(arguments.required("canvas_id"))
    except UnknownCanvas as unknown:
        raise ApiError("canvas_not_found") from unknown
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
    if len(markdown) > LARGEST:
        return f"'content' error: longer than {LARGEST} characters"
    for number, line in enumerate(markdown.split("\n"), start=1):
        if _QUOTED_LIST.match(line):
            return f"'content' error: line {number}: Unsupported block type (List) within block quote"
    return ""


_WRITES = ("canvases:write",)
METHODS = {
    "canvases.create": ApiMethod(answer=create, scopes=_WRITES, per_minute=TIER_2),
    "canvases.edit": ApiMethod(answer=edit, scopes=_WRITES, per_minute=TIER_3),
    "canvases.delete": ApiMethod(answer=delete, scopes=_WRITES, per_minute=TIER_3),
}
