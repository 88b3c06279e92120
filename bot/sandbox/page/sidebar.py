"""Sidebar with channels, direct messages and apps."""

from collections.abc import Callable
from functools import partial
from html import escape

from nicegui.element import Element

from bot.sandbox.page.deferred_removal import remove_content
from bot.sandbox.page.destinations import APPS, CHANNELS, DIRECT, Destination, destinations
from bot.sandbox.page.html_elements import button, html, replace_content
from bot.sandbox.page.icons import icon
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.workspace_state import Workspace


class Sidebar:
    """List of the conversations a user can open."""

    def __init__(self, frame: Element, *, go: Callable[[str], None], add: Callable[[], object]) -> None:
        self._frame, self._go, self._add = frame, go, add
        self._drawn: dict[str, tuple[Destination, Element]] = {}
        self._here = ""

    def show(self, workspace: Workspace, person: SandboxPerson, here: str) -> None:
        """Draw the destinations, if any changed."""
        found = destinations(workspace, person.account)
        if [(one.id, one.group) for one in found] != [(one.id, one.group) for one, _ in self._drawn.values()]:
            self._draw(found)
            self._here = ""
        for place in found:
            known, entry = self._drawn[place.id]
            if known != place or self._here != here:
                self._drawn[place.id] = (place, entry)
                _show_place(entry, place, here=place.id == here)
        self._here = here

    def _draw(self, found: list[Destination]) -> None:
        self._drawn.clear()
        remove_content(self._frame)
        with self._frame:
            for group in (CHANNELS, DIRECT, APPS):
                html(group, css="group-title")
                for place in found:
                    if place.group == group:
                        entry = button("", css="place", press=partial(self._go, place.id))
                        self._drawn[place.id] = (place, entry)
                if group == CHANNELS:
                    shown = f'<span class="hash">{icon("plus", 14)}</span><span>Add a channel</span>'
                    button(shown, css="place add-channel", testid="add-channel", press=self._add)


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
