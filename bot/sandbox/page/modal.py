"""The modal in front of a person."""

from collections.abc import Callable

from nicegui.element import Element

from bot.sandbox.desk import Desk
from bot.sandbox.installed_app import BOT_USER_ID
from bot.sandbox.kit import words
from bot.sandbox.mrkdwn import plain_to_html
from bot.sandbox.page.html import element, html
from bot.sandbox.page.kit_blocks import draw_blocks
from bot.sandbox.page.message_line import avatar_html
from bot.sandbox.page.surface import Act, ViewSurface
from bot.sandbox.people import SandboxPerson
from bot.sandbox.views import OpenView


class Modal:
    """Draws the view on top of a person's stack, anew whenever the bot changed it."""

    def __init__(self, layer: Element, desk: Desk, person: SandboxPerson, act: Act) -> None:
        self._layer, self._desk, self._person, self._act = layer, desk, person, act
        self._shown: tuple[str, str, tuple[tuple[str, str], ...]] | None = None
        self._trouble: Element | None = None
        self._body: Element | None = None

    def show(self) -> None:
        """Draw the view in front, if it is not on the page already."""
        view = self._desk.parts.views.top(self._person.id)
        now = (view.id, view.hash, tuple(view.errors.items())) if view else None
        if now == self._shown:
            return
        self._shown = now
        self._layer.clear()
        self._layer.set_visibility(view is not None)
        if view is not None:
            with self._layer:
                self._draw(view)
            # A form that comes up empty for another one is begun at its first field too.
            self._focus(first=not view.errors)
        else:
            self._layer.client.run_javascript(_BACK_TO_THE_COMPOSER)

    def tell(self, sentence: str) -> bool:
        """Show a sentence at the foot of the modal; say whether one is open to show it in."""
        if self._shown is None or self._trouble is None or self._trouble.is_deleted:
            return False
        self._trouble.clear()
        with self._trouble:
            html(plain_to_html(sentence))
        return True

    def _draw(self, view: OpenView) -> None:
        surface = ViewSurface(self._desk, self._person, view, self._act)
        with element("div", css="modal", testid="modal") as modal:
            modal.props["role"] = "dialog"
            modal.props["aria-modal"] = "true"
            modal.props["aria-label"] = words(view.body.get("title"))
            modal.on("keydown.esc", lambda: self._act(lambda: self._desk.close(self._person.account, view)))
            with element("div", css="modal-head"):
                html(avatar_html(self._desk.workspace.person(BOT_USER_ID)), css="modal-app")
                html(plain_to_html(words(view.body.get("title"))), css="modal-title", tag="h2")
                self._closer("modal-x", "Close", view, all_of_them=True, shown="✕")
            with element("div", css="modal-body") as self._body:
                draw_blocks(list(view.body.get("blocks", [])), surface)
            with element("div", css="modal-foot"):
                self._trouble = element("div", css="modal-trouble", testid="modal-trouble")
                submit = words(view.body.get("submit"))
                close = words(view.body.get("close")) or ("Cancel" if submit else "Close")
                self._closer("btn btn-default", close, view, all_of_them=False, shown=close)
                if submit:
                    self._submit(submit, view)

    def _submit(self, shown: str, view: OpenView) -> None:
        with element("button", css="btn btn-primary", testid="modal-submit") as button:
            html(plain_to_html(shown), tag="span")
        button.props["type"] = "button"

        async def submit() -> None:
            button.classes(add="busy")
            await self._act(lambda: self._desk.submit(self._person.account, view))
            if not button.is_deleted:
                button.classes(remove="busy")

        button.on("click", submit)
        if self._body is not None:
            # As in Slack, Enter in a field of one line submits; by a click, so that it happens in one place.
            self._body.on(
                "keydown.enter",
                js_handler=f"""(event) => {{
                    if (event.target.tagName !== 'INPUT' || event.isComposing) return;
                    event.preventDefault();
                    getHtmlElement({button.id}).click();
                }}""",
            )

    def _closer(self, css: str, label: str, view: OpenView, *, all_of_them: bool, shown: str) -> None:
        with element("button", css=css, testid="modal-close" if not all_of_them else "modal-x") as button:
            html(plain_to_html(shown), tag="span")
        button.props["type"] = "button"
        button.props["aria-label"] = label
        close: Callable[[], object] = lambda: self._act(  # noqa: E731  (one line, used once below)
            lambda: self._desk.close(self._person.account, view, all_of_them=all_of_them)
        )
        button.on("click", close)

    def _focus(self, *, first: bool) -> None:
        wanted = (
            ".modal-body :is(input,textarea,select)"
            if first
            else ".modal-body .wrong :is(input,textarea,select)"
        )
        self._layer.client.run_javascript(
            # Whoever is faster and types already is not torn away.
            "setTimeout(() => { if (!document.activeElement?.closest('.modal-body')) "
            f"document.querySelector({wanted!r})?.focus() }}, 60)"
        )


# Not on a phone, where the keyboard would cover half of what was just saved.
_BACK_TO_THE_COMPOSER = """
    if (matchMedia('(min-width: 641px)').matches) document.querySelector('.pane-foot .composer-box')?.focus()
"""
