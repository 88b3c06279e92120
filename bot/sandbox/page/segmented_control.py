"""Control with a few values, one of them selected."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Generic, TypeVar

from nicegui import run

from bot.sandbox.page.html_elements import button, element, html

T = TypeVar("T")
OFF_ON = (("Off", False), ("On", True))
NO_YES = (("No", False), ("Yes", True))


class SegmentedControl(Generic[T]):
    """Label with its values, the current one marked."""

    def __init__(
        self,
        label: str,
        offered: Sequence[tuple[str, T]],
        *,
        get: Callable[[], T],
        put: Callable[[T], object],
        testid: str,
        hint: str = "",
    ) -> None:
        self._offered, self._get, self._put = offered, get, put
        with element("div", css="choice", testid=testid) as row:
            row.props["role"] = "group"
            row.props["aria-label"] = label
            with element("div", css="choice-words"):
                html(escape(label), css="choice-label")
                if hint:
                    html(escape(hint), css="choice-told")
            with element("div", css="chips"):
                self._chips = [
                    button(shown, css="chip", press=partial(self._choose, value)) for shown, value in offered
                ]
        self.show()

    def show(self) -> None:
        """Mark the current value."""
        holds = self._get()
        for (_, value), chip in zip(self._offered, self._chips, strict=True):
            chip.props["aria-pressed"] = "true" if value == holds else "false"

    async def _choose(self, value: T) -> None:
        # In the background, because some changes send the bot an event and wait for it.
        await run.io_bound(self._put, value)
        self.show()
