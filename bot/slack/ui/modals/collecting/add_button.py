"""Button that opens the form for a new element."""

from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from domain.kernel.elements import SINGULAR, Kind
from domain.register import ThreatRegister


def add_element_button(
    stream: str, register: ThreatRegister, kind: Kind, *, back: str = "", names_kind: bool = False
) -> Block:
    """Return the button for a new element, which names its kind where buttons for several kinds are together.

    Flows are typed as lines until there are two components.
    """
    form = "element"
    if kind is Kind.DATA_FLOW and len(register.items(Kind.COMPONENT)) < _ENDS:
        form = "flows"
    target = Target(name=form, stream=stream, kind=kind, back=back)
    spoken = f"Add {SINGULAR[kind]}"
    return button(
        spoken if names_kind else "Add", ButtonKind.OPEN, target, suffix=f"add-{kind}", spoken=spoken
    )


_ENDS = 2
"""Data flows are typed as lines until there are two components to choose from."""
