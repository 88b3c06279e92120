"""The box people type into."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from html import escape

from msgspec import Struct
from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.sandbox.page.attaching import Attaching, Share
from bot.sandbox.page.html import button, element, html
from bot.sandbox.page.icons import PLANE, icon
from bot.sandbox.page.slack_commands import SLACK_COMMANDS
from bot.sandbox.page.suggestions import Suggestion, name_suggestions, suggestions
from bot.sandbox.place.installed_app import Shortcut
from bot.sandbox.place.workspace import Workspace

# Enter sends and empties the box at once, or takes the suggestion the arrows stand on; Shift+Enter makes a
# new line, as does Enter while composing. Tab takes the first suggestion; where there is none, or with Shift,
# it goes on to the next thing as ever.
_KEYS = """(event) => {
    const box = event.target, all = [...box.closest('.composer').querySelectorAll('.suggestion')];
    const at = all.findIndex((one) => one.classList.contains('picked'));
    const take = (one) => { event.preventDefault(); one.click(); };
    if (event.isComposing) return;
    if (event.key === 'Escape' && all.length) {
        event.stopPropagation();
        emit('escape', '');
    } else if (event.key === 'Tab' && !event.shiftKey && all.length) {
        take(all[Math.max(at, 0)]);
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && all.length) {
        event.preventDefault();
        const step = event.key === 'ArrowDown' ? 1 : -1;
        const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length;
        all.forEach((one, place) => one.classList.toggle('picked', place === next));
        all[next].scrollIntoView({block: 'nearest'});
    } else if (event.key === 'Enter' && !event.shiftKey) {
        if (at >= 0) return take(all[at]);
        event.preventDefault();
        const text = box.value;
        if (!text.trim()) return;
        box.value = '';
        // Whoever writes wants to see what comes of it.
        const pane = box.closest('.pane, .panel')?.querySelector('.messages');
        if (pane) { pane.dataset.away = ''; pane.scrollTop = pane.scrollHeight; }
        emit('enter', text);
    }
}"""
_TYPED = "(event) => emit(event.target.value)"


class Hands(Struct, frozen=True, kw_only=True):
    """What a composer hands over."""

    send: Callable[[str], Awaitable[None]]
    share: Share
    use_shortcut: Callable[[Shortcut], Awaitable[None]]


class Composer:
    """Draws the box with its suggestions, and hands over what is sent."""

    def __init__(self, workspace: Workspace, *, placeholder: str, testid: str, hands: Hands) -> None:
        self._workspace, self._hands = workspace, hands
        with element("div", css="composer"):
            self._suggestions = element("div", css="suggestions", testid=f"{testid}-suggestions")
            self._suggestions.set_visibility(False)
            with element("div", css="composer-frame"):
                self.box = element("textarea", css="composer-box", testid=testid)
                self.box.props["placeholder"] = placeholder
                self.box.props["aria-label"] = placeholder
                self.box.props["rows"] = "1"
                with element("div", css="composer-foot"):
                    Attaching(hands.share, testid=f"{testid}-attach")
                    self._shortcut_menu(f"{testid}-shortcuts")
                    html("<b>Enter</b> sends, <b>Shift+Enter</b> starts a new line", css="composer-hint")
                    sender = button(PLANE, css="send", label="Send", testid=f"{testid}-send")
        self.box.on("keydown", self._key, js_handler=_KEYS)
        self.box.on("input", self._typed, js_handler=_TYPED)
        sender.on(
            "click",
            self._sent,
            js_handler=f"""() => {{
            const box = getHtmlElement({self.box.id}), text = box.value;
            if (!text.trim()) return;
            box.value = '';
            emit(text);
        }}""",
        )

    def _shortcut_menu(self, testid: str) -> None:
        shortcuts = [one for one in self._workspace.app.shortcuts if one.type == "global"]
        if not shortcuts:
            return
        opener = button(icon("bolt", 18), css="composer-tool", label="Shortcuts", testid=testid)
        with opener, ui.menu().classes("slack-menu").props('anchor="top left" self="bottom left"'):
            html("Shortcuts", css="menu-title")
            for one in shortcuts:
                with ui.menu_item(on_click=partial(self._hands.use_shortcut, one)):
                    html(f"<b>{escape(one.name)}</b><span>{escape(one.description)}</span>", css="menu-words")

    async def _key(self, event: GenericEventArguments) -> None:
        key, text = event.args
        if key == "escape":
            self._offer([])
        else:
            await self._send(str(text))

    async def _sent(self, event: GenericEventArguments) -> None:
        await self._send(str(event.args))

    async def _send(self, typed: str) -> None:
        text = typed.strip()
        begun = self._commands_for(text)
        if begun and " " not in text and text != begun[0].text:
            # Half a command is finished rather than sent.
            self._take(begun[0])
            return
        self._offer([])
        await self._hands.send(text)

    def _typed(self, event: GenericEventArguments) -> None:
        typed = str(event.args)
        names = name_suggestions(self._workspace.people, self._workspace.channels, typed)
        self._offer(self._commands_for(typed) or names)

    def _commands_for(self, typed: str) -> list[Suggestion]:
        return suggestions((*self._workspace.app.commands, *SLACK_COMMANDS), typed)

    def _offer(self, offered: list[Suggestion]) -> None:
        self._suggestions.clear()
        self._suggestions.set_visibility(bool(offered))
        with self._suggestions:
            for one in offered:
                hint = f' <span class="suggestion-hint">{escape(one.hint)}</span>' if one.hint else ""
                drawn = button("", css="suggestion", testid="suggestion", press=partial(self._take, one))
                drawn.clear()
                with drawn:
                    html(f"<b>{escape(one.shown)}</b>{hint}", css="suggestion-text")
                    html(escape(one.description), css="suggestion-more")

    def _take(self, suggestion: Suggestion) -> None:
        text = json.dumps(suggestion.text + " ")
        ui.run_javascript(f"{{ const box = getHtmlElement({self.box.id}); box.value = {text}; box.focus() }}")
        self._offer(self._commands_for(suggestion.text + " "))
