"""The ⋯ menu of a message."""

from collections.abc import Callable
from functools import partial
from html import escape

from nicegui import ui

from bot.sandbox.api_objects.basic_objects import message_object, permalink
from bot.sandbox.page.avatar import avatar_html
from bot.sandbox.page.element_interactions import Act
from bot.sandbox.page.html_elements import html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.json_view import copy, show_json
from bot.sandbox.users.block_text import blocks_text
from bot.sandbox.users.mrkdwn import mrkdwn_to_text
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.workspace_state import PostedMessage


def open_message_menu(
    sandbox: SandboxWorkspace,
    person: SandboxPerson,
    message: PostedMessage,
    act: Act,
    *,
    reply: Callable[[], object] | None,
) -> None:
    """Open a menu with the app's message shortcuts, at the current element."""
    app = sandbox.workspace.person(BOT_USER_ID)
    with ui.menu(value=True).classes("slack-menu").props("no-parent-event") as menu:
        if reply is not None:
            _entry("bubble", "Reply in thread", reply)
        for shortcut in sandbox.workspace.app.offered_shortcuts:
            if shortcut.type != "message":
                continue
            use = partial(sandbox.client.message_shortcut, person.account, message, shortcut.callback_id)
            with ui.menu_item(on_click=partial(act, use)):
                face = avatar_html(app, size="tiny")
                words = f"<b>{escape(shortcut.name)}</b><span>{escape(app.name)}</span>"
                html(f'{face}<span class="menu-words">{words}</span>', css="menu-entry")
        ui.separator()
        _entry("copy", "Copy text", partial(copy, _words(person, message)))
        _entry("copy", "Copy link", partial(copy, permalink(sandbox.workspace, message.channel, message)))
        _entry(
            "inspect",
            "Show as JSON",
            partial(show_json, "Message payload", message_object(sandbox.workspace, message)),
        )
        ui.separator()
        delete = partial(sandbox.delete_message, message.channel, message.ts)
        _entry("trash", "Delete message", delete, css="danger")
    menu.on("hide", menu.delete)


def _entry(drawing: str, words: str, use: Callable[[], object], *, css: str = "") -> None:
    with ui.menu_item(on_click=use).classes(css):
        html(f'{icon(drawing)}<span class="menu-words">{escape(words)}</span>', css="menu-entry")


def _words(person: SandboxPerson, message: PostedMessage) -> str:
    if message.blocks:
        return blocks_text(list(message.blocks), person.name_of)
    return mrkdwn_to_text(message.text, person.name_of)
