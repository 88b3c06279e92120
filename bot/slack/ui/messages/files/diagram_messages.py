"""Messages about a diagram: its preparation, its content, and its flows if it cannot be drawn."""

from collections.abc import Iterator, Sequence

from bot.picture.diagram import Diagram, FlowRow, flow_rows
from bot.slack.protocol.block_builders import Message, json_size, message, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.slack_limits import MESSAGE_CHARACTERS, SECTION
from bot.slack.ui.messages.notices import in_preparation
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister


def diagram_coming(register: ThreatRegister, permalink: str) -> Message:
    """Return the message that the diagram is being drawn, and where it will appear."""
    said = (
        f"The diagram of *{escape_name(register.name)}* · {register.key} will appear in the card's thread "
        "shortly. It replaces the previous one and is redrawn at each change of phase."
    )
    return in_preparation(
        f"The diagram of {escape_name(register.name)} will appear in the thread.", said, permalink
    )


def diagram_comment(diagram: Diagram) -> str:
    """Return the comment above the diagram."""
    crossing = sum(one.crosses for one in diagram.flows)
    return (
        f"Data-flow diagram, version {diagram.version}: {count_phrase(len(diagram.nodes), 'component')}, "
        f"{count_phrase(len(diagram.flows), 'data flow')}, {crossing} of them crossing a trust boundary "
        "or trust level."
    )


def flows_message(diagram: Diagram, why: str) -> Message:
    """Return the data flows as text, and why there is no diagram; those beyond Slack's limits are counted."""
    lines = [_line(row) for row in flow_rows(diagram)]
    heading = f"{escape(why, _WHY)}\n*Data flows of {escape_name(diagram.name)}* · {diagram.key}"
    blocks = [section(heading)]
    shown_lines = 0
    for some in _sections(lines):
        further = section("\n".join(some))
        if json_size([*blocks, further]) > MESSAGE_CHARACTERS - _RESERVED:
            break
        blocks.append(further)
        shown_lines += len(some)
    if shown_lines < len(lines):
        blocks.append(section(f"…and {count_phrase(len(lines) - shown_lines, 'more flow')}."))
    return message(f"Data flows of {escape_name(diagram.name)}", blocks)


def _sections(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield groups of lines that fit into a section."""
    some: list[str] = []
    for line in lines:
        if some and sum(len(one) + 1 for one in (*some, line)) > SECTION:
            yield some
            some = []
        some.append(line)
    if some:
        yield some


def _line(row: FlowRow) -> str:
    through = ", ".join(escape_name(one, _NAME) for one in (row.name, row.entry_point) if one)
    arrow = "↔" if row.two_way else "→"
    ends = f"{escape_name(row.source, _NAME)} {arrow} {escape_name(row.target, _NAME)}"
    said = [
        f"*{escape_name(row.number)}* {ends}",
        f" through {through}" if through else "",
        f": {escape_name(row.assets, _ASSETS)}" if row.assets else "",
        " · *crosses*" if row.crosses else "",
        f" · {row.threats}" if row.threats else "",
    ]
    return "".join(said)


_NAME, _ASSETS, _WHY = 60, 120, 500
_RESERVED = 200
"""Characters of JSON reserved for the line about omitted flows."""
