"""Inspector: the exchanges between the workspace and the bot, as JSON."""

import json
from collections.abc import Callable
from functools import partial
from html import escape
from typing import cast

from nicegui import ui
from nicegui.element import Element

from bot.sandbox.page.html_elements import (
    button,
    element,
    html,
    icon,
    open_dialog,
    text_box,
    tool_head,
)
from bot.sandbox.payload_delivery.delivery_record import Exchange
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace

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
        return _folding("[", "]", [json_html(item, depth=depth + 1) for item in items], depth)
    if isinstance(value, str):
        return f'<span class="js">{_string(value)}</span>'
    return f'<span class="jn">{escape(json.dumps(value, default=str))}</span>'


def json_text(value: object) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def copy(text: str) -> None:
    """Copy text to the clipboard and confirm it."""
    ui.run_javascript(f"copyText({json.dumps(text)})")
    ui.notify("Copied", position="bottom", timeout=1200)


def show_json(title: str, value: object) -> None:
    """Show a value in a dialog."""
    with open_dialog("card-dialog json-dialog", testid="json"):
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


SLOW_MS = 1000
"""Slow acknowledgments are marked; Slack's limit is three seconds."""

_DIRECTIONS = {
    "delivery": ("in", "To the bot", "Payload", "Acknowledgment"),
    "call": ("out", "From the bot", "The bot asked", "Slack answered"),
    "response_url": ("out", "From the bot", "The bot sent to a response_url", "Slack answered"),
}


def _draw_exchange(one: Exchange) -> Element:
    """Draw the row of one exchange, with its details when expanded."""
    css, direction, asked, answered = _DIRECTIONS[one.kind]
    slow = " slow" if one.kind == "delivery" and one.ms > SLOW_MS else ""

    def toggle() -> None:
        unfolded = not body.visible
        if not body.default_slot.children:
            with body:
                html(_explained(one), css="exchange-told")
                _part(asked, one.request)
                if one.answer is not None:
                    _part(answered, one.answer)
        body.set_visibility(unfolded)
        head.props["aria-expanded"] = "true" if unfolded else "false"

    css = f"exchange {css}{'' if one.ok else ' failed'}"
    with element("div", css=css, testid="exchange") as row:
        shown = (
            f'<span class="direction" title="{direction}">{icon("down", 13)}</span>'
            f'<span class="exchange-title">{escape(one.title)}</span>'
            f'<span class="exchange-outcome">{escape(_outcome(one))}</span>'
            f'<span class="exchange-ms{slow}">{_ms(one.ms)}</span>'
        )
        head = button(shown, css="exchange-head", press=toggle, aria_expanded="false")
        body = element("div", css="exchange-body")
    body.set_visibility(False)
    return row


def _part(title: str, value: object) -> None:
    with element("div", css="exchange-part"):
        html(f"<b>{escape(title)}</b>", tag="span")
        button(
            f"{icon('copy', 14)}Copy", css="chip", testid="copy-json", press=partial(copy, json_text(value))
        )
    html(json_html(value), css="json")


def _explained(one: Exchange) -> str:
    took = f"Duration: {_ms(one.ms)}."
    if one.kind == "delivery":
        said = "Slack delivered this payload to the bot, which must acknowledge it within three seconds."
        return f"{said} {took if one.ok else escape(one.outcome)}"
    if one.kind == "response_url":
        return f"A response_url accepts five responses within 30 minutes. {took}"
    return f"The bot called <b>{escape(one.title)}</b>. {took}" + (
        "" if one.ok else f" Slack refused: <b>{escape(one.outcome)}</b>."
    )


def _outcome(one: Exchange) -> str:
    # The duration of an acknowledgment has its own column.
    return "acked" if one.kind == "delivery" and one.ok else one.outcome


def _ms(ms: float) -> str:
    return f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms:.0f} ms"


MAX_SHOWN = 100
_VIEWS: dict[str, tuple[str, Callable[[Exchange], bool]]] = {
    "all": ("All", lambda _: True),
    "in": ("To the bot", lambda one: one.kind == "delivery"),
    "out": ("From the bot", lambda one: one.kind != "delivery"),
    "failed": ("Failed", lambda one: not one.ok),
}


class Inspector:
    """List of exchanges, newest first, each expandable."""

    def __init__(self, sandbox: SandboxWorkspace, *, close: Callable[[], object]) -> None:
        self._sandbox = sandbox
        self._lines: dict[int, Element] = {}
        self._view, self._words, self._since = "all", "", 0
        clear = self._clear
        tool_head("inspect", "Inspector", shown="Clear", testid="inspector-clear", press=clear, close=close)
        with element("div", css="tool-filter"):
            hints = {"type": "search", "placeholder": "Filter"}
            text_box(self._filter, label="Filter", testid="inspector-filter", **hints)
            with element("div", css="chips"):
                self._chips = {
                    key: button(label, css="chip", testid=f"inspector-{key}", press=partial(self._look, key))
                    for key, (label, _) in _VIEWS.items()
                }
        self._list = element("div", css="exchanges", testid="exchanges")
        self._empty = element("div", css="tool-empty")

    def show(self, here: str = "") -> None:
        """Draw new or newly selected exchanges of the bot, wherever they belong."""
        del here
        for key, chip in self._chips.items():
            chip.props["aria-pressed"] = "true" if key == self._view else "false"
        wanted = {one.number: one for one in self._wanted()}
        for number in [number for number in self._lines if number not in wanted]:
            self._lines.pop(number).delete()
        for number, one in wanted.items():
            if number not in self._lines:
                with self._list:
                    self._lines[number] = _draw_exchange(one)
                self._lines[number].move(self._list, target_index=0)
        self._say_why_empty(len(wanted))

    def _wanted(self) -> list[Exchange]:
        matches, words = _VIEWS[self._view][1], self._words.casefold()
        found = [
            one
            for one in self._sandbox.exchanges
            if one.number > self._since and matches(one) and (not words or words in _searched(one))
        ]
        return found[-MAX_SHOWN:]

    def _say_why_empty(self, shown: int) -> None:
        self._empty.set_visibility(not shown)
        if shown:
            return
        looking = self._words or self._view != "all"
        words = (
            "No matching entries."
            if looking
            else "Payloads to the bot, their acknowledgment times, and calls of the bot are listed "
            "here. Type a command or press a button to see some."
        )
        self._empty.clear()
        with self._empty:
            html(escape(words))

    def _filter(self, typed: str) -> None:
        self._words = typed.strip()
        self._anew()

    def _look(self, view: str) -> None:
        self._view = view
        self._anew()

    def _clear(self) -> None:
        seen = self._sandbox.exchanges
        self._since = seen[-1].number if seen else 0
        self._anew()

    def _anew(self) -> None:
        # Redrawn completely, because rows may reappear between others.
        self._lines.clear()
        self._list.clear()
        self.show()


def _searched(one: Exchange) -> str:
    return f"{one.title} {one.outcome} {json_text(one.request)} {json_text(one.answer)}".casefold()
