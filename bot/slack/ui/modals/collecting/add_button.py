"""Button that opens the form for a new element."""

from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from domain.kernel.elements import SINGULAR, Kind
from domain.register import ThreatRegister


def add_element_button(
    stream: str, register: ThreatRegister, kind: Kind, *, back: str = "", names_kind: bool = False
) -> Block:
    """Return the button for a new element; it names its kind beside buttons for other kinds."""
    target = adding_target(stream, register, kind, back=back)
    spoken = f"Add {SINGULAR[kind]}"
    return button(
        spoken if names_kind else "Add", ButtonKind.OPEN, target, suffix=f"add-{kind}", spoken=spoken
    )


def adding_target(stream: str, register: ThreatRegister, kind: Kind, *, back: str = "") -> Target:
    """Return the form for a new element; flows are typed as lines until there are two components."""
    as_lines = kind is Kind.DATA_FLOW and len(register.items(Kind.COMPONENT)) < _ENDS
    return Target(name="flows" if as_lines else "element", stream=stream, kind=kind, back=back)


_ENDS = 2
"""Data flows are typed as lines until there are two components to choose from."""
