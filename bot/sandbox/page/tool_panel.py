"""The sandbox's own panel: inspector or faults."""

from collections.abc import Callable

from nicegui.element import Element

from bot.sandbox.page.fault_panel import FaultPanel
from bot.sandbox.page.inspector import Inspector
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace

INSPECTOR, FAULTS = "inspector", "faults"


class ToolPanel:
    """Panel that shows one tool, or nothing."""

    def __init__(
        self, frame: Element, app: Element, sandbox: SandboxWorkspace, *, close: Callable[[], object]
    ) -> None:
        self._frame, self._app, self._sandbox, self._close = frame, app, sandbox, close
        self._tool: Inspector | FaultPanel | None = None
        self.open = ""

    def toggle(self, name: str) -> None:
        """Show a tool, or hide it if it is shown."""
        self.open = "" if name == self.open else name
        self._frame.clear()
        self._tool = None
        self._app.classes(add="tools-open" if self.open else None, remove=None if self.open else "tools-open")
        if not self.open:
            return
        with self._frame:
            kind = Inspector if name == INSPECTOR else FaultPanel
            self._tool = kind(self._sandbox, close=self._close)

    def show(self, here: str) -> None:
        """Draw changes; `here` is the current conversation."""
        if isinstance(self._tool, FaultPanel):
            self._tool.show(here)
        elif self._tool is not None:
            self._tool.show()
