"""Buttons about one model."""

from typing import Literal, TypedDict, Unpack

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.targets import Action, ButtonKind, Target


class ButtonLooks(TypedDict, total=False):
    """What a button may have besides its label and its target."""

    suffix: str
    style: Literal["primary", "danger"] | None
    primary: bool
    spoken: str
    confirm: Block | None


class ModelButtons(msgspec.Struct, frozen=True):
    """Maker of the buttons about a model; its forms lead back to the page `back`.

    A form, a page or an action is given by its name, or as a target that says more.
    """

    stream: str
    back: str = ""

    def opens(self, label: str, form: str | Target, element: str = "", **looks: Unpack[ButtonLooks]) -> Block:
        """Return a button that opens a form."""
        target = self._target(form, element)
        return button(label, ButtonKind.OPEN, replace(target, back=self.back or target.back), **looks)

    def shows(self, label: str, page: str | Target, element: str = "", **looks: Unpack[ButtonLooks]) -> Block:
        """Return a button that shows a page."""
        return button(label, ButtonKind.SHOW, self._target(page, element), **looks)

    def turns(self, label: str, page: str | Target, element: str = "", **looks: Unpack[ButtonLooks]) -> Block:
        """Return a button that shows a form or page in place of the one with the button."""
        return button(label, ButtonKind.TURN, self._target(page, element), **looks)

    def does(
        self, label: str, action: Action | Target, element: str = "", **looks: Unpack[ButtonLooks]
    ) -> Block:
        """Return a button that executes an action."""
        return button(label, ButtonKind.DO, self._target(action, element), **looks)

    def runs(self, label: str, word: str | Target, **looks: Unpack[ButtonLooks]) -> Block:
        """Return a button that runs a slash command."""
        return button(label, ButtonKind.WORD, self._target(word, ""), **looks)

    def _target(self, name: str | Target, element: str) -> Target:
        if isinstance(name, Target):
            return replace(name, stream=self.stream)
        return Target(name=name, stream=self.stream, element=element)
