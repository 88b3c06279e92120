"""The bar at the top: the workspace, and who you are."""

from collections.abc import Awaitable, Callable
from functools import partial
from html import escape

from nicegui import ui

from bot.sandbox.cast import TEAM_NAME
from bot.sandbox.desk import Desk
from bot.sandbox.page.html import element, html
from bot.sandbox.page.message_line import avatar_html
from bot.sandbox.people import SandboxPerson


def draw_top_bar(
    desk: Desk,
    person: SandboxPerson,
    *,
    become: Callable[[str], None],
    use_shortcut: Callable[[str], Awaitable[None]],
    menu: Callable[[], None],
) -> None:
    """Draw the workspace's name, the people one can be, and the app's global shortcuts."""
    with element("button", css="menu-button", testid="menu") as opener:
        html("☰", tag="span")
    opener.props["aria-label"] = "Channels and direct messages"
    opener.on("click", menu)
    html(f'<b>{escape(TEAM_NAME)}</b><span class="sandbox-word">sandbox</span>', css="workspace-name")
    with element("div", css="switcher", testid="switcher") as switcher:
        switcher.props["role"] = "group"
        switcher.props["aria-label"] = "You are"
        html("You are", css="switcher-title")
        for one in desk.workspace.people:
            if one.is_bot:
                continue
            mine = one.id == person.id
            with element("button", css="who" + (" me" if mine else ""), testid=f"be-{one.handle}") as who:
                html(f"{avatar_html(one, size='small')}<span>{escape(one.name)}</span>", tag="span")
            who.props["type"] = "button"
            who.props["aria-pressed"] = "true" if mine else "false"
            who.props["aria-label"] = f"Be {one.name}"
            who.on("click", partial(become, one.id))
    shortcuts = [one for one in desk.workspace.app.shortcuts if one.type == "global"]
    if shortcuts:
        with element("button", css="shortcuts", testid="shortcuts") as button:
            html("⚡", tag="span")
            with ui.menu().classes("slack-menu"):
                for one in shortcuts:
                    ui.menu_item(one.name, on_click=partial(use_shortcut, one.callback_id))
        button.props["aria-label"] = "Shortcuts"
        button.props["title"] = "Shortcuts"
