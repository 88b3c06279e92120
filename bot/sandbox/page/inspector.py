"""Inspector: the exchanges between the workspace and the bot."""

from collections.abc import Callable
from functools import partial
from html import escape

from nicegui.events import GenericEventArguments

from bot.sandbox.page.exchange_row import ExchangeRow
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.json_view import json_text
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.workspace.exchanges import Exchange

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
        self._lines: dict[int, ExchangeRow] = {}
        self._view, self._words, self._since = "all", "", 0
        with element("div", css="tool-head"):
            html(f"{icon('inspect', 18)}<b>Inspector</b>", css="tool-title")
            button("Clear", css="chip", testid="inspector-clear", press=self._clear)
            button(
                icon("close", 18),
                css="panel-x",
                label="Close the inspector",
                testid="close-tool",
                press=close,
            )
        with element("div", css="tool-filter"):
            box = element("input", css="field", testid="inspector-filter")
            box.props.update({"type": "search", "placeholder": "Filter", "aria-label": "Filter"})
            box.on("input", self._filter, js_handler="(event) => emit(event.target.value)")
            with element("div", css="chips"):
                self._chips = {
                    key: button(label, css="chip", testid=f"inspector-{key}", press=partial(self._look, key))
                    for key, (label, _) in _VIEWS.items()
                }
        self._list = element("div", css="exchanges", testid="exchanges")
        self._empty = element("div", css="tool-empty")

    def show(self) -> None:
        """Draw new or newly selected exchanges."""
        for key, chip in self._chips.items():
            chip.props["aria-pressed"] = "true" if key == self._view else "false"
        wanted = {one.number: one for one in self._wanted()}
        for number in [number for number in self._lines if number not in wanted]:
            self._lines.pop(number).delete()
        for number, one in wanted.items():
            if number not in self._lines:
                with self._list:
                    self._lines[number] = ExchangeRow(one)
                self._lines[number].to_top(self._list)
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

    def _filter(self, event: GenericEventArguments) -> None:
        self._words = str(event.args).strip()
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
