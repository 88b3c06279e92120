"""The modal shown to a user."""

from functools import partial

from nicegui.element import Element

from bot.sandbox.open_views import DisplayedView
from bot.sandbox.page.block_rendering import draw_blocks
from bot.sandbox.page.element_rendering import Surface, UserContext
from bot.sandbox.page.html_elements import avatar_html, button, element, html, icon, remove_content
from bot.sandbox.slack_json import text_of
from bot.sandbox.users.mrkdwn import plain_to_html
from bot.sandbox.workspace.installed_app import BOT_USER_ID


class Modal:
    """View on top of a user's stack, redrawn when the bot changes it."""

    def __init__(self, layer: Element, user: UserContext) -> None:
        self._layer, self._user = layer, user
        self._client, self._person = user.sandbox.client, user.person
        self._shown: tuple[str, str, tuple[tuple[str, str], ...]] | None = None
        self._trouble: Element | None = None
        self._body: Element | None = None

    def show(self) -> None:
        """Draw the top view, if the page does not show it already."""
        view = self._client.parts.views.top(self._person.id)
        now = (view.id, view.hash, tuple(view.errors.items())) if view else None
        if now == self._shown:
            return
        self._shown = now
        remove_content(self._layer)
        self._layer.set_visibility(view is not None)
        if view is not None:
            with self._layer:
                self._draw(view)
            # A form reopened for another element starts at its first field, too.
            script = f"focusModal({'false' if view.errors else 'true'})"
            self._layer.client.run_javascript(script)
        else:
            self._layer.client.run_javascript("focusComposer()")

    def tell(self, sentence: str) -> bool:
        """Show a message at the bottom of the modal; return whether one is open."""
        if self._shown is None or self._trouble is None or self._trouble.is_deleted:
            return False
        self._trouble.clear()
        with self._trouble:
            html(plain_to_html(sentence))
        return True

    def _draw(self, view: DisplayedView) -> None:
        surface = Surface(self._user, view)
        depth = len(self._client.parts.views.stack(self._person.id))
        title, close = text_of(view.body.get("title")), partial(self._close, view)
        described = {"role": "dialog", "aria_modal": "true", "aria_label": title}
        with element("div", css=f"modal depth-{depth}", testid="modal", **described) as modal:
            # The page behind it also handles Escape, and must not receive this one.
            modal.on("keydown.esc.stop", close, js_handler="(event) => escapeModal(event, emit)")
            modal.on("keydown.tab", js_handler="stayInside")
            with element("div", css="modal-head"):
                if depth > 1:
                    back = icon("back", 20)
                    button(back, css="modal-x", label="Back", testid="modal-back", press=close)
                else:
                    html(avatar_html(self._client.workspace.person(BOT_USER_ID)), css="modal-app")
                html(plain_to_html(title), css="modal-title", tag="h2")
                whole = partial(self._close, view, all_of_them=True)
                button(icon("close", 20), css="modal-x", label="Close", testid="modal-x", press=whole)
            with element("div", css="modal-body") as self._body:
                draw_blocks(list(view.body.get("blocks", [])), surface)
            with element("div", css="modal-foot"):
                self._trouble = element("div", css="modal-trouble", testid="modal-trouble")
                submit = text_of(view.body.get("submit"))
                words = plain_to_html(text_of(view.body.get("close")) or ("Cancel" if submit else "Close"))
                button(words, css="btn btn-default", testid="modal-close", press=close)
                if submit:
                    self._submit(submit, view)

    async def _close(self, view: DisplayedView, *, all_of_them: bool = False) -> None:
        await self._user.act(lambda: self._client.close(self._person.account, view, all_of_them=all_of_them))

    def _submit(self, shown: str, view: DisplayedView) -> None:
        pressed = button(plain_to_html(shown), css="btn btn-primary", testid="modal-submit")

        async def submit() -> None:
            pressed.classes(add="busy")
            await self._user.act(lambda: self._client.submit(self._person.account, view))
            if not pressed.is_deleted:
                pressed.classes(remove="busy")

        pressed.on("click", submit)
        if self._body is not None:
            # As in Slack, Enter in a single-line field submits; by a click, so that there is one code path.
            click = f"(event) => clickOnEnter(event, getHtmlElement({pressed.id}))"
            self._body.on("keydown.enter", js_handler=click)
