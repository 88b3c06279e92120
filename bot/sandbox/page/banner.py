"""The strip that says what is broken on purpose."""

from html import escape

from nicegui import run
from nicegui.element import Element

from bot.sandbox.page.html import button, element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.troubles import mend_all, troubles
from bot.sandbox.sandbox import Sandbox


class Banner:
    """Draws the strip while something is on."""

    def __init__(self, frame: Element, sandbox: Sandbox) -> None:
        self._frame, self._sandbox = frame, sandbox
        self._drawn: list[str] = []
        frame.props["role"] = "status"
        frame.set_visibility(False)

    def show(self) -> None:
        """Draw what is on, if that changed."""
        said = [one.sentence for one in troubles(self._sandbox)]
        if said == self._drawn:
            return
        self._drawn = said
        self._frame.clear()
        self._frame.set_visibility(bool(said))
        if not said:
            return
        with self._frame:
            html(icon("warning", 18), css="banner-mark")
            with element("div", css="banner-words"):
                html("On purpose: " + " ".join(escape(one) for one in said))
            button("All well again", css="btn btn-default", testid="all-well", press=self._mend)

    async def _mend(self) -> None:
        await run.io_bound(mend_all, self._sandbox)
