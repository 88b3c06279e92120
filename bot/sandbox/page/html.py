"""Plain HTML elements for the page."""

from nicegui import ui
from nicegui.element import Element


def element(tag: str, *, css: str = "", testid: str = "") -> Element:
    """Return an element to be filled as a context manager."""
    made = ui.element(tag)
    if css:
        made.classes(css)
    if testid:
        made.props["data-testid"] = testid
    return made


def html(content: str, *, css: str = "", tag: str = "div", testid: str = "") -> Element:
    """Return an element holding HTML of our own making, in which all foreign text is escaped already."""
    made = ui.html(content, sanitize=False, tag=tag)
    if css:
        made.classes(css)
    if testid:
        made.props["data-testid"] = testid
    return made
