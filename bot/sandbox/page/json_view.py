"""JSON viewer of the page."""

import json
from functools import partial
from html import escape
from typing import cast

from nicegui import ui

from bot.sandbox.page.dialogs import open_dialog
from bot.sandbox.page.html_elements import button, html
from bot.sandbox.page.icons import icon

FOLDED_FROM = 4
"""Depth from which values are initially collapsed."""


def json_html(value: object, *, depth: int = 0) -> str:
    """Return a value as JSON in HTML, with collapsible objects and lists."""
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        lines = [
            f'<span class="jk">{_string(key)}</span>: {json_html(one, depth=depth + 1)}' for key, one in pairs
        ]
        return _folding("{", "}", lines, depth)
    if isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        return _folding("[", "]", [json_html(one, depth=depth + 1) for one in items], depth)
    if isinstance(value, str):
        return f'<span class="js">{_string(value)}</span>'
    return f'<span class="jn">{escape(json.dumps(value, default=str))}</span>'


def json_text(value: object) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def copy(text: str) -> None:
    """Copy text to the clipboard and confirm it."""
    # If the browser denies the clipboard to pages like this one, a hidden text box is used.
    ui.run_javascript(
        f"""{{ const text = {json.dumps(text)};
        const byHand = () => {{
            const box = Object.assign(document.createElement('textarea'), {{value: text}});
            document.body.append(box); box.select(); document.execCommand('copy'); box.remove();
        }};
        navigator.clipboard ? navigator.clipboard.writeText(text).catch(byHand) : byHand() }}"""
    )
    ui.notify("Copied", position="bottom", timeout=1200)


def show_json(title: str, value: object) -> None:
    """Show a value in a dialog."""
    with open_dialog("card-dialog json-dialog", testid="json") as dialog:
        button(icon("close", 18), css="panel-x dialog-x", label="Close", press=dialog.close)
        html(escape(title), css="about-name", tag="h2")
        html(json_html(value), css="json")
        button(f"{icon('copy')} Copy", css="btn btn-default", press=partial(copy, json_text(value)))


def _folding(opens: str, closes: str, lines: list[str], depth: int) -> str:
    if not lines:
        return opens + closes
    inner = ",".join(f'<div class="jl">{line}</div>' for line in lines).replace("</div>,", ",</div>")
    count = f'<span class="jc">{len(lines)}</span>'
    unfolded = "" if depth >= FOLDED_FROM else " open"
    return f'<details class="jo"{unfolded}><summary>{opens}{count}</summary>{inner}</details>{closes}'


def _string(text: str) -> str:
    return escape(json.dumps(text, ensure_ascii=False), quote=True)
