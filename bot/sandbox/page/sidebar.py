"""Sidebar with channels, direct messages and apps."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

from nicegui.element import Element

from bot.sandbox.page.deferred_removal import remove_content
from bot.sandbox.page.destinations import APPS, CHANNELS, DIRECT, WORKSPACES, Destination, destinations
from bot.sandbox.page.html_elements import button, html, replace_content
from bot.sandbox.page.icons import icon
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.workspace_state import Workspace


class Sidebar:
    """List of the conversations a user can open."""

    def __init__(
        self,
        frame: Element,
        spaces: Sequence[Workspace],
        *,
        go: Callable[[str], None],
        add: Callable[[], object],
        enter: Callable[[str], object],
        install: Callable[[], object],
    ) -> None:
        """`spaces` are all workspaces, which are listed if there are several."""
        self._frame, self._spaces = frame, spaces
        self._go, self._add, self._enter, self._install = go, add, enter, install
        self._drawn: dict[str, tuple[Destination, Element]] = {}
        self._outline: object = None
        self._here = ""

    def show(self, sandbox: SandboxWorkspace, person: SandboxPerson, here: str) -> None:
        """Draw the destinations, if any changed."""
        found = destinations(sandbox.workspace, person.account)
        installable = bool(sandbox.install_url) and not sandbox.workspace.app.installed
        outline = ([(one.id, one.group) for one in found], installable)
        if outline != self._outline:
            self._outline = outline
            self._draw(sandbox.workspace, found, installable=installable)
            self._here = ""
        for place in found:
            known, entry = self._drawn[place.id]
            if known != place or self._here != here:
                self._drawn[place.id] = (place, entry)
                _show_place(entry, place, here=place.id == here)
        self._here = here

    def _draw(self, workspace: Workspace, found: list[Destination], *, installable: bool) -> None:
        self._drawn.clear()
        remove_content(self._frame)
        with self._frame:
            if len(self._spaces) > 1:
                html(WORKSPACES, css="group-title")
                for one in self._spaces:
                    self._draw_workspace(one, here=one.team.id == workspace.team.id)
            for group in (CHANNELS, DIRECT, APPS):
                html(group, css="group-title")
                for place in found:
                    if place.group == group:
                        entry = button("", css="place", press=partial(self._go, place.id))
                        self._drawn[place.id] = (place, entry)
                if group == CHANNELS:
                    shown = f'<span class="hash">{icon("plus", 14)}</span><span>Add a channel</span>'
                    button(shown, css="place add-channel", testid="add-channel", press=self._add)
                if group == APPS and installable:
                    name = escape(workspace.app.name)
                    shown = f'<span class="hash">{icon("plus", 14)}</span><span>Add {name}</span>'
                    button(shown, css="place add-channel", testid="add-app", press=self._install)

    def _draw_workspace(self, workspace: Workspace, *, here: bool) -> None:
        name = f'<span class="place-name">{escape(workspace.team.name)}</span>'
        entry = button(
            f'<span class="hash">{icon("home")}</span>{name}',
            css="place here" if here else "place",
            testid=f"at-{workspace.team.domain}",
            press=partial(self._enter, workspace.team.id),
        )
        if here:
            entry.props["aria-current"] = "true"


def _show_place(entry: Element, place: Destination, *, here: bool) -> None:
    unread = place.unread if not here else 0
    css = "place" + (" here" if here else "") + (" unread" if unread else "")
    css += " faded" if place.faded else ""
    css += " gone" if place.faded in ("archived", "deactivated") else ""
    badge = f'<span class="badge{" calls" if place.calls else ""}">{min(unread, 99)}</span>' if unread else ""
    replace_content(
        entry, f'{place.mark}<span class="place-name">{escape(place.name)}</span>{place.more}{badge}'
    )
    entry.classes(replace=css)
    said = ", ".join(part for part in (place.name, place.faded, f"{unread} unread" if unread else "") if part)
    entry.props["data-testid"] = f"place-{place.name}"
    entry.props["aria-label"] = said
    entry.props["title"] = said
    if here:
        entry.props["aria-current"] = "page"
    else:
        entry.props.pop("aria-current", None)
