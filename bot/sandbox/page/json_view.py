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
"""How deep in a value things are folded at first."""


def json_html(value: object, *, depth: int = 0) -> str:
    """Return a value as JSON in HTML, in which objects and lists fold and unfold."""
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
    """Put text into the clipboard and say so."""
    # Where the browser has no clipboard for pages like this one, a hidden box does.
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
    """Show a value in front of the page."""
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
