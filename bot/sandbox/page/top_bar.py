"""Top bar: the workspace, the current user, the sandbox's tools."""

from collections.abc import Callable
from functools import partial
from html import escape

from nicegui.element import Element

from bot.sandbox.page.avatar import avatar_html
from bot.sandbox.page.deferred_removal import remove_content
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.tool_panel import FAULTS, INSPECTOR
from bot.sandbox.workspace.seed_data import SlackAccount
from bot.sandbox.workspace.workspace_state import Workspace

_TOOLS = ((INSPECTOR, "Inspector", "inspect"), (FAULTS, "Faults", "storm"))


class TopBar:
    """Top bar, redrawn when an account changes."""

    def __init__(
        self,
        frame: Element,
        workspace: Workspace,
        *,
        become: Callable[[str], None],
        menu: Callable[[], None],
        toggle: Callable[[str], None],
    ) -> None:
        self._workspace, self._become = workspace, become
        self._drawn: object = None
        with frame:
            button(
                icon("menu", 20),
                css="menu-button",
                label="Channels and direct messages",
                testid="menu",
                press=menu,
            )
            html(
                f'<b>{escape(workspace.team.name)}</b><span class="sandbox-word">sandbox</span>',
                css="workspace-name",
            )
            self._switcher = element("div", css="switcher", testid="switcher")
            self._switcher.props["role"] = "group"
            self._switcher.props["aria-label"] = "Act as"
            with element("div", css="tool-buttons"):
                self._tools = {
                    name: button(
                        f"{icon(drawing, 17)}<span>{label}</span>",
                        css="tool-button",
                        label=label,
                        testid=f"open-{name}",
                        press=partial(toggle, name),
                    )
                    for name, label, drawing in _TOOLS
                }

    def show(self, me: str, tool: str) -> None:
        """Draw the available accounts, and the current tool."""
        for name, drawn in self._tools.items():
            drawn.props["aria-pressed"] = "true" if name == tool else "false"
        people = [one for one in self._workspace.people if not one.is_bot]
        if self._drawn == (people, me):
            return
        self._drawn = (people, me)
        remove_content(self._switcher)
        with self._switcher:
            html("Act as", css="switcher-title")
            for one in people:
                self._who(one, mine=one.id == me)

    def _who(self, one: SlackAccount, *, mine: bool) -> None:
        css = "who" + (" me" if mine else "") + (" gone" if one.deleted else "")
        who = button(
            f'{avatar_html(one, size="small")}<span class="who-name">{escape(one.name)}</span>',
            css=css,
            label=f"Act as {one.name}" + (" (deactivated)" if one.deleted else ""),
            testid=f"be-{one.handle}",
            press=partial(self._become, one.id),
        )
        who.props["aria-pressed"] = "true" if mine else "false"
