"""Banner that lists the active faults."""

from html import escape

from nicegui import run
from nicegui.element import Element

from bot.sandbox.page.active_faults import active_faults, clear_faults
from bot.sandbox.page.html_elements import button, html
from bot.sandbox.page.icons import icon
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace


class FaultBanner:
    """Banner shown while a fault is active."""

    def __init__(self, frame: Element, sandbox: SandboxWorkspace) -> None:
        self._frame, self._sandbox = frame, sandbox
        self._drawn: list[str] = []
        frame.props["role"] = "status"
        frame.set_visibility(False)
        with frame:
            html(icon("warning", 18), css="banner-mark")
            self._words = html("", css="banner-words")
            button("Clear all faults", css="btn btn-default", testid="all-well", press=self._mend)

    def show(self) -> None:
        """Draw the active faults, if they changed."""
        said = [one.sentence for one in active_faults(self._sandbox)]
        if said == self._drawn:
            return
        self._drawn = said
        self._frame.set_visibility(bool(said))
        self._words.set_content("Active faults: " + " ".join(escape(one) for one in said))

    async def _mend(self) -> None:
        await run.io_bound(clear_faults, self._sandbox)
