"""Dialogs of the page."""

from collections.abc import Generator
from contextlib import contextmanager

from nicegui import ui

from bot.sandbox.page.block_html import text_html
from bot.sandbox.page.html_elements import element, html
from bot.sandbox.slack_json import Json, text_of
from bot.sandbox.users.mrkdwn import Name


@contextmanager
def open_dialog(css: str, *, testid: str) -> Generator[ui.dialog]:
    """Open a dialog whose content is added in the block; it is removed when it is closed."""
    # Added to the page itself, because the element that opened it may be redrawn or removed.
    with ui.context.client.content, ui.dialog(value=True) as dialog:
        frame = element("div", css=css, testid=testid)
    dialog.on("hide", dialog.delete)
    with frame:
        yield dialog


async def ask_for_confirmation(asked: Json, name: Name) -> bool:
    """Show an element's confirm object, and return whether the person agreed."""
    with ui.context.client.content, ui.dialog() as dialog, element("div", css="confirm", testid="confirm"):
        html(text_html(asked.get("title"), name), css="confirm-title")
        html(text_html(asked.get("text"), name), css="confirm-text")
        with element("div", css="confirm-buttons"):
            no = element("button", css="btn btn-default")
            no.on("click", lambda: dialog.submit("no"))
            with no:
                html(text_html(asked.get("deny"), name) or "Cancel", tag="span")
            yes = element(
                "button", css=f"btn btn-{'danger' if asked.get('style') == 'danger' else 'primary'}"
            )
            yes.on("click", lambda: dialog.submit("yes"))
            with yes:
                html(text_html(asked.get("confirm"), name) or text_of(asked.get("title")), tag="span")
    answer: object = await dialog
    dialog.delete()
    return answer == "yes"
