"""The box people type into."""

import json
import re
from collections.abc import Awaitable, Callable
from html import escape

from msgspec import Struct
from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.sandbox.installed_app import InstalledApp, SlashCommand
from bot.sandbox.page.html import element, html

MOST_SUGGESTIONS = 8

# Enter sends and empties the box at once; Shift+Enter makes a new line, as does Enter while composing.
_ENTER = """(event) => {
    if (event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const box = event.target, text = box.value;
    if (!text.trim()) return;
    box.value = '';
    emit(text);
}"""
_TYPED = "(event) => emit(event.target.value)"
# Tab takes the first suggestion; where there is none, or with Shift, it goes on to the next thing as ever.
_TAB = """(event) => {
    const first = event.target.closest('.composer').querySelector('.suggestion');
    if (event.shiftKey || !first) return;
    event.preventDefault();
    first.click();
}"""


class Suggestion(Struct, frozen=True, kw_only=True):
    """One way to go on with a slash command."""

    text: str
    hint: str
    description: str


class Composer:
    """Draws the box with its suggestions, and hands over what is sent."""

    def __init__(
        self, app: InstalledApp, *, placeholder: str, testid: str, send: Callable[[str], Awaitable[None]]
    ) -> None:
        self._app, self._send = app, send
        with element("div", css="composer"):
            self._suggestions = element("div", css="suggestions", testid=f"{testid}-suggestions")
            self._suggestions.set_visibility(False)
            with element("div", css="composer-frame"):
                self.box = element("textarea", css="composer-box", testid=testid)
                self.box.props["placeholder"] = placeholder
                self.box.props["aria-label"] = placeholder
                self.box.props["rows"] = "1"
                with element("div", css="composer-foot"):
                    html("<b>Enter</b> sends, <b>Shift+Enter</b> starts a new line", css="composer-hint")
                    with element("button", css="send", testid=f"{testid}-send") as send_button:
                        html(_PLANE, tag="span")
                    send_button.props["aria-label"] = "Send"
                    send_button.props["type"] = "button"
        self.box.on("keydown.enter", self._sent, js_handler=_ENTER)
        self.box.on("keydown.tab", js_handler=_TAB)
        self.box.on("input", self._typed, js_handler=_TYPED)
        send_button.on(
            "click",
            self._sent,
            js_handler=f"""() => {{
            const box = getHtmlElement({self.box.id}), text = box.value;
            if (!text.trim()) return;
            box.value = '';
            emit(text);
        }}""",
        )

    async def _sent(self, event: GenericEventArguments) -> None:
        text = str(event.args).strip()
        begun = suggestions(self._app.commands, text)
        if begun and " " not in text and text != begun[0].text:
            # Half a command is finished rather than sent.
            self._taking(begun[0])()
            return
        self._offer([])
        await self._send(text)

    def _typed(self, event: GenericEventArguments) -> None:
        self._offer(suggestions(self._app.commands, str(event.args)))

    def _offer(self, offered: list[Suggestion]) -> None:
        self._suggestions.clear()
        self._suggestions.set_visibility(bool(offered))
        with self._suggestions:
            for one in offered:
                with element("button", css="suggestion", testid="suggestion") as button:
                    hint = f' <span class="suggestion-hint">{escape(one.hint)}</span>' if one.hint else ""
                    html(f"<b>{escape(one.text)}</b>{hint}", css="suggestion-text")
                    html(escape(one.description), css="suggestion-more")
                button.props["type"] = "button"
                button.on("click", self._taking(one))

    def _taking(self, suggestion: Suggestion) -> Callable[[], None]:
        def take() -> None:
            text = json.dumps(suggestion.text + " ")
            ui.run_javascript(
                f"{{ const box = getHtmlElement({self.box.id}); box.value = {text}; box.focus() }}"
            )
            self._offer(suggestions(self._app.commands, suggestion.text + " "))

        return take


def suggestions(commands: tuple[SlashCommand, ...], typed: str) -> list[Suggestion]:
    """Return how a slash command that is being typed may go on, by the manifest's usage hints."""
    if not typed.startswith("/") or "\n" in typed:
        return []
    found: list[Suggestion] = []
    for command in commands:
        if command.command.startswith(typed):
            found.append(
                Suggestion(text=command.command, hint=command.usage_hint, description=command.description)
            )
        elif typed.startswith(f"{command.command} "):
            begun = typed.removeprefix(f"{command.command} ")
            found += [
                Suggestion(text=f"{command.command} {word}", hint="", description="")
                for word in hinted_words(command.usage_hint)
                if word.startswith(begun) and word != begun
            ]
    return found[:MOST_SUGGESTIONS]


def hinted_words(usage_hint: str) -> list[str]:
    """Return the subcommands in a hint such as `[start | status]`."""
    if "|" not in usage_hint:
        return []
    return [word for word in re.split(r"[\s|\[\]]+", usage_hint) if re.fullmatch(r"[a-z][a-z\-]*", word)]


_PLANE = (
    '<svg viewBox="0 0 24 24" width="16" height="16" fill="currentColor">'
    '<path d="M3 20.5v-6.7l8.4-1.8L3 10.2V3.5L21.5 12z"/></svg>'
)
