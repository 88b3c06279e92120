"""Plain HTML elements, icons, pictures, times and dialogs of the page."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from html import escape
from typing import Any, TypeVar

from nicegui import ui
from nicegui.element import Element

from bot.sandbox.workspace import zone_offsets
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackAccount


class HtmlElement(Element):
    """An element with fixed HTML inside.

    NiceGUI's own `ui.html` is a component, and the browser renders every component of the page again with
    each change of it. A plain element is only compared.
    """

    def __init__(self, content: str, *, tag: str) -> None:
        """`content` is trusted HTML, in which all foreign text is escaped already."""
        super().__init__(tag)
        self.set_content(content)

    def set_content(self, content: str) -> None:
        """Replace the HTML."""
        self.props["innerHTML"] = content


def element(tag: str, *, css: str = "", testid: str = "", **props: object) -> Element:
    """Return an element to be filled as a context manager; `_` in the name of a property stands for `-`."""
    return _described(ui.element(tag), css, testid, props)


def html(content: str, *, css: str = "", tag: str = "div", testid: str = "", **props: object) -> HtmlElement:
    """Return an element with trusted HTML, in which all foreign text is escaped already."""
    return _described(HtmlElement(content, tag=tag), css, testid, props)


def button(
    shown: str,
    *,
    css: str,
    label: str = "",
    testid: str = "",
    press: Callable[..., Any] | None = None,
    **props: object,
) -> Element:
    """Return a button with trusted HTML; `label` is its accessible name if it shows no text."""
    named = {"aria_label": label, "title": label} if label else {}
    made = element("button", css=css, testid=testid, type="button", **named, **props)
    with made:
        html(shown, tag="span")
    if press is not None:
        made.on("click", press)
    return made


def text_box(
    take: Callable[[str], object], *, label: str, testid: str, css: str = "field", **props: object
) -> Element:
    """Return a single-line input that passes on each change."""
    box = element("input", css=css, testid=testid, aria_label=label, **props)
    box.on("input", lambda event: take(str(event.args)), js_handler=TYPED)
    return box


TYPED = "(event) => emit(event.target.value)"
CHECKED = "(event) => emit(event.target.checked)"
_Made = TypeVar("_Made", bound=Element)


def _described(made: _Made, css: str, testid: str, props: dict[str, object]) -> _Made:
    if css:
        made.classes(css)
    if testid:
        made.props["data-testid"] = testid
    for name, value in props.items():
        made.props[name.replace("_", "-")] = value
    return made


@contextmanager
def open_dialog(css: str, *, testid: str, closable: bool = True) -> Generator[ui.dialog]:
    """Open a dialog whose content is added in the block; it is removed when it is closed."""
    # Added to the page itself, because the element that opened it may be redrawn or removed.
    with ui.context.client.content, ui.dialog(value=True) as dialog:
        frame = element("div", css=css, testid=testid)
    dialog.on("hide", dialog.delete)
    with frame:
        if closable:
            button(icon("close", 18), css="panel-x dialog-x", label="Close", press=dialog.close)
        yield dialog


def dialog_button(dialog: ui.dialog, shown: str, act: Callable[[], Any], *, testid: str) -> None:
    """Draw a button that closes a dialog before it acts."""

    def press() -> Any:
        dialog.close()
        return act()

    button(shown, css="btn btn-default", testid=testid, press=press)


def tool_head(
    drawing: str,
    title: str,
    *,
    shown: str,
    testid: str,
    press: Callable[..., Any],
    close: Callable[[], object],
) -> None:
    """Draw the head of a tool: its title, a button with the text `shown`, and a button that closes it."""
    with element("div", css="tool-head"):
        html(f"{icon(drawing, 18)}<b>{title}</b>", css="tool-title")
        button(shown, css="chip", testid=testid, press=press)
        label = f"Close the {title.lower()}"
        button(icon("close", 18), css="panel-x", label=label, testid="close-tool", press=close)


def count_of(number: int, what: str, plural: str = "") -> str:
    """Return a number of things in words."""
    return f"{number} {what if number == 1 else plural or f'{what}s'}"


def replace_content(drawn: Element, shown: str) -> None:
    """Replace a button's HTML; the button itself stays, so that clicks on it still count."""
    for inner in drawn.default_slot.children:
        if isinstance(inner, HtmlElement):
            inner.set_content(shown)


_DRAWN = {
    "archive": '<path d="M3.5 5h17v4h-17zM5 9v10h14V9M9.5 13h5"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "bolt": '<path d="M13 2.5L5 13.5h6l-1 8 8-11h-6z"/>',
    "bubble": '<path d="M4 5h16v11H10l-4 4v-4H4z"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "close": '<path d="M5.5 5.5l13 13M18.5 5.5l-13 13"/>',
    "copy": '<path d="M9 9h11v11H9zM15 9V4H4v11h5"/>',
    "down": '<path d="M12 4v15M5.5 13l6.5 6.5 6.5-6.5"/>',
    "download": '<path d="M12 4v11M7 10.5l5 5 5-5M4.5 20h15"/>',
    "clip": '<path d="M19 11l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-8 8"/>'
    '<path d="M8.7 16.5a1.5 1.5 0 0 1-2.2-2.2L14 7.4"/>',
    "file": '<path d="M6 3h8l4.5 4.5V21H6zM14 3v5h4.5"/>',
    "hash": '<path d="M9.5 4L7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16"/>',
    "home": '<path d="M4 11l8-7 8 7v9.5H4zM10 20.5v-6h4v6"/>',
    "inspect": '<path d="M8.5 6L3 12l5.5 6M15.5 6l5.5 6-5.5 6"/>',
    "lock": '<path d="M5.5 11h13v9.5h-13zM8 11V8a4 4 0 0 1 8 0v3"/>',
    "menu": '<path d="M4 6.5h16M4 12h16M4 17.5h16"/>',
    "more": '<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3.4"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "shared": '<path d="M9 6.5l5.5 5.5L9 17.5 3.5 12zM15 6.5l5.5 5.5-5.5 5.5"/>',
    "storm": '<path d="M7 15.5a4 4 0 0 1 .4-8 5.2 5.2 0 0 1 10 1.4 3.4 3.4 0 0 1-.4 6.6"/>'
    '<path d="M12.5 12l-2.5 4h4l-2.5 4"/>',
    "tick": '<path d="M4.5 12.5l5 5 10-11"/>',
    "trash": '<path d="M4.5 6.5h15M9.5 6V3.5h5V6M6.5 6.5l1 14h9l1-14M10 10.5v6M14 10.5v6"/>',
    "warning": '<path d="M12 3.5l9.5 17h-19zM12 10v5M12 17.8v.01"/>',
}

PLANE = (
    '<svg class="icon" viewBox="0 0 24 24" width="16" height="16" fill="currentColor" aria-hidden="true">'
    '<path d="M3 20.5v-6.7l8.4-1.8L3 10.2V3.5L21.5 12z"/></svg>'
)


def icon(name: str, size: int = 16) -> str:
    """Return a line icon in the color of the surrounding text, `size` pixels wide."""
    return (
        f'<svg class="icon" viewBox="0 0 24 24" width="{size}" height="{size}" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" '
        f'aria-hidden="true">{_DRAWN[name]}</svg>'
    )


def avatar_html(person: SlackAccount, *, size: str = "") -> str:
    """Return a person's picture: their initial on their color, gray if the account is deactivated."""
    if person.id == BOT_USER_ID:
        return f'<span class="avatar avatar-bot {size}" aria-hidden="true">{_SHIELD}</span>'
    css = f"avatar {size}" + (" gone" if person.deleted else " bright" if _is_bright(person.colour) else "")
    return (
        f'<span class="{css}" aria-hidden="true" style="--tint:{escape(person.colour, quote=True)}">'
        f"{escape(person.name[:1].upper())}</span>"
    )


def _is_bright(colour: str) -> bool:
    """Return whether a color such as #2b7a78 is too bright for white letters."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return sum(weight * part for weight, part in zip((0.299, 0.587, 0.114), parts, strict=True)) > 140


_SHIELD = (
    '<svg viewBox="0 0 24 24" width="60%" height="60%" fill="none" stroke="#fff" stroke-width="2" '
    'stroke-linejoin="round" stroke-linecap="round">'
    '<path d="M12 3l7.5 2.8v5.4c0 4.6-3.1 8-7.5 9.8-4.4-1.8-7.5-5.2-7.5-9.8V5.8z"/>'
    '<path d="M8.8 11.9l2.3 2.3 4.2-4.6"/></svg>'
)


def clock_time(ts: str | float, person: SlackAccount) -> str:
    """Return the local time of day of a moment (seconds since 1970) for a person."""
    return _there(ts, person).strftime("%H:%M")


def day_label(ts: str | float, person: SlackAccount, now: float) -> str:
    """Return the local day of a moment in words."""
    day, today = _there(ts, person).date(), _there(now, person).date()
    near = {0: "Today", -1: "Yesterday", 1: "Tomorrow"}.get((day - today).days)
    return near or f"{day:%A}, {day:%B} {day.day}{f', {day.year}' if day.year != today.year else ''}"


def exact_time(ts: str | float, person: SlackAccount) -> str:
    """Return a moment to the second in a person's local time."""
    there = _there(ts, person)
    return f"{there:%A}, {there:%B} {there.day}, {there.year} at {there:%H:%M:%S}"


def short_time(ts: str | float, person: SlackAccount, now: float) -> str:
    """Return a moment in short, such as `at 09:30` today or `Monday, November 2 at 09:30`."""
    day = day_label(ts, person, now)
    return f"{'' if day == 'Today' else f'{day} '}at {clock_time(ts, person)}"


def zone_name(person: SlackAccount, now: float) -> str:
    """Return the current name of a person's time zone."""
    return zone_offsets.label(person.tz, now)


def _there(ts: str | float, person: SlackAccount) -> datetime:
    return zone_offsets.local_time(person.tz, float(ts))


LINGER_SECONDS = 10.0
"""Seconds for which presses on removed content are still accepted, on a busy machine."""


def remove_content(holder: Element) -> None:
    """Remove an element's content before redrawing; clicks on the old content are accepted for a while.

    The server removes elements immediately, but the browser only a moment later: clicks in between would
    otherwise be lost.
    """
    gone = list(holder.default_slot.children)
    if not gone:
        return
    holder.default_slot.children.clear()
    holder.update()
    asyncio.get_running_loop().call_later(LINGER_SECONDS, _forget, gone)


def was_removed(drawn: Element) -> bool:
    """Return whether an element was removed, which the browser may not have received yet."""
    while (slot := drawn.parent_slot) is not None:
        if drawn not in slot.children:
            return True
        drawn = slot.parent
    return False


def _forget(gone: list[Element]) -> None:
    client = gone[0].client
    if not client.is_deleted:  # as after the tab was closed
        client.remove_elements(inner for drawn in gone for inner in drawn.descendants(include_self=True))
