"""The message composer."""

from collections.abc import Awaitable, Callable
from functools import partial
from html import escape
from typing import Any

from msgspec import Struct
from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.sandbox.page.autocomplete import Suggestion, name_suggestions, suggestions
from bot.sandbox.page.composer_drafts import TAKE_UP, put_text, restore_text
from bot.sandbox.page.deferred_removal import was_removed
from bot.sandbox.page.file_upload import FileUploader, Share
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.icons import PLANE, icon
from bot.sandbox.page.navigation_commands import NAVIGATION_COMMANDS
from bot.sandbox.workspace.installed_app import AppShortcut
from bot.sandbox.workspace.workspace_state import Workspace

# Enter sends and empties the box, or takes the selected suggestion; Shift+Enter makes a new line,
# as does Enter during IME composition. Tab takes the first suggestion; without one, or with Shift,
# it moves the focus as usual.
_KEYS = """(event) => {
    const box = event.target, all = [...box.closest('.composer').querySelectorAll('.suggestion')];
    const at = all.findIndex((one) => one.classList.contains('picked'));
    // By its text: the server may be about to replace the suggestions by those for the last letter.
    const take = (one) => { event.preventDefault(); emit('take', one.dataset.text); };
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
        const text = takeText(box);
        if (text) emit('enter', text);
    }
}"""
_TYPED = "(event) => emit(event.target.value)"


class SendingRefused(Exception):
    """Error: the conversation does not accept messages; the text is the reason."""


class ComposerCallbacks(Struct, frozen=True, kw_only=True):
    """Callbacks of a composer."""

    send: Callable[[str], Awaitable[None]]
    """Raises SendingRefused."""
    share: Share
    use_shortcut: Callable[[AppShortcut], Awaitable[None]]


class Composer:
    """Message box with completions."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        placeholder: str,
        place: str,
        draft: str,
        testid: str,
        hands: ComposerCallbacks,
    ) -> None:
        """`place` names the recipient; `draft` identifies the draft by user and conversation."""
        self._workspace, self._hands = workspace, hands
        self._place, self._draft = place, draft
        self._client = ui.context.client
        with element("div", css="composer"):
            self._suggestions = element("div", css="suggestions", testid=f"{testid}-suggestions")
            self._suggestions.set_visibility(False)
            with element("div", css="composer-frame"):
                self.box = element("textarea", css="composer-box", testid=testid)
                self.box.props["data-draft"] = draft
                self.box.props["rows"] = "1"
                with element("div", css="composer-foot"):
                    FileUploader(hands.share, testid=f"{testid}-attach")
                    self._shortcut_menu(f"{testid}-shortcuts")
                    html("<b>Enter</b> sends, <b>Shift+Enter</b> starts a new line", css="composer-hint")
                    sender = button(PLANE, css="send", label="Send", testid=f"{testid}-send")
        self.call(placeholder, place)
        self.box.on("vnode-mounted", js_handler=TAKE_UP)
        self.box.on("keydown", self._key, js_handler=_KEYS)
        self.box.on("input", self._typed, js_handler=_TYPED)
        sender.on(
            "click",
            self._sent,
            js_handler=f"""() => {{
            const text = takeText(getHtmlElement({self.box.id}));
            if (text) emit(text);
        }}""",
        )

    def call(self, placeholder: str, place: str) -> None:
        """Change the displayed name of the place, without changing the typed text."""
        self._place = place
        self.box.props["placeholder"] = placeholder
        self.box.props["aria-label"] = placeholder

    def _shortcut_menu(self, testid: str) -> None:
        shortcuts = [one for one in self._workspace.app.offered_shortcuts if one.type == "global"]
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
        elif key == "take":
            self._take(str(text))
        else:
            await self._send(str(text))

    async def _sent(self, event: GenericEventArguments) -> None:
        await self._send(str(event.args))

    async def _send(self, typed: str) -> None:
        text = typed.strip()
        begun = self._commands_for(text)
        if begun and " " not in text and text != begun[0].text:
            # An incomplete command is completed instead of sent.
            self._take(begun[0].text)
            return
        self._offer([])
        left = was_removed(self.box)
        try:
            await self._hands.send(text)
        except SendingRefused as refused:
            self._give_back(text, str(refused))
        except Exception:
            self._give_back(text, "The message was not sent. See the terminal for the reason.")
            raise
        else:
            if left:
                # The page shows another place already, so nothing of it is visible.
                self._tell(f"Sent to {self._place}, where you typed it.")

    def _give_back(self, text: str, sentence: str) -> None:
        self._client.run_javascript(restore_text(self._draft, text))
        self._tell(sentence, type="negative")

    def _tell(self, sentence: str, **how: Any) -> None:
        with self._client:
            ui.notify(sentence, position="top", **how)

    def _typed(self, event: GenericEventArguments) -> None:
        typed = str(event.args)
        names = name_suggestions(self._workspace.people, self._workspace.channels, typed)
        self._offer(self._commands_for(typed) or names)

    def _commands_for(self, typed: str) -> list[Suggestion]:
        return suggestions((*self._workspace.app.offered_commands, *NAVIGATION_COMMANDS), typed)

    def _offer(self, offered: list[Suggestion]) -> None:
        self._suggestions.clear()
        self._suggestions.set_visibility(bool(offered))
        with self._suggestions:
            for one in offered:
                hint = f' <span class="suggestion-hint">{escape(one.hint)}</span>' if one.hint else ""
                drawn = button("", css="suggestion", testid="suggestion", press=partial(self._take, one.text))
                drawn.props["data-text"] = one.text
                drawn.clear()
                with drawn:
                    html(f"<b>{escape(one.shown)}</b>{hint}", css="suggestion-text")
                    html(escape(one.description), css="suggestion-more")

    def _take(self, text: str) -> None:
        self._client.run_javascript(put_text(self._draft, f"{text} "))
        self._offer(self._commands_for(f"{text} "))
