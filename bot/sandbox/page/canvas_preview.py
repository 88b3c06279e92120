"""Previews of canvases that a message links to."""

import json
import re
from html import escape, unescape

from bot.sandbox.page.html_elements import element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.markdown_html import markdown_html
from bot.sandbox.workspace.workspace_canvases import Canvas
from bot.sandbox.workspace.workspace_state import PostedMessage, Workspace

_ADDRESS = re.compile(r"https://[^\s<>|\"]+/docs/[^\s<>|\"]+")


def canvases_of(workspace: Workspace, message: PostedMessage) -> tuple[Canvas, ...]:
    """Return the current canvases that a message links to."""
    addresses = dict.fromkeys(_ADDRESS.findall(unescape(f"{message.text} {json.dumps(message.blocks)}")))
    found = (workspace.canvases.linked(one) for one in addresses)
    return tuple({one.id: one for one in found if one is not None}.values())


def draw_canvases(canvases: tuple[Canvas, ...]) -> None:
    """Draw each canvas as an expandable box."""
    for one in canvases:
        with element("div", css="canvas", testid="canvas"):
            html(
                f"<details><summary>{icon('file', 18)} <b>{escape(one.title)}</b>"
                f'<span class="soft small">Canvas</span></summary>'
                f'<div class="canvas-words">{markdown_html(one.markdown)}</div></details>'
            )
