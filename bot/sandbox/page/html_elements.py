"""Plain HTML elements for the page."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.element import Element


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


def element(tag: str, *, css: str = "", testid: str = "") -> Element:
    """Return an element to be filled as a context manager."""
    made = ui.element(tag)
    if css:
        made.classes(css)
    if testid:
        made.props["data-testid"] = testid
    return made


def html(content: str, *, css: str = "", tag: str = "div", testid: str = "") -> HtmlElement:
    """Return an element with trusted HTML, in which all foreign text is escaped already."""
    made = HtmlElement(content, tag=tag)
    if css:
        made.classes(css)
    if testid:
        made.props["data-testid"] = testid
    return made


def button(
    shown: str, *, css: str, label: str = "", testid: str = "", press: Callable[..., Any] | None = None
) -> Element:
    """Return a button with trusted HTML; `label` is its accessible name if it shows no text."""
    made = element("button", css=css, testid=testid)
    with made:
        html(shown, tag="span")
    made.props["type"] = "button"
    if label:
        made.props["aria-label"] = label
        made.props["title"] = label
    if press is not None:
        made.on("click", press)
    return made


def replace_content(drawn: Element, shown: str) -> None:
    """Replace a button's HTML; the button itself stays, so that clicks on it still count."""
    for inner in drawn.default_slot.children:
        if isinstance(inner, HtmlElement):
            inner.set_content(shown)
