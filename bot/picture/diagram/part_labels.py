"""Labels of a diagram's parts, shortened to fit, and the sizes they need."""

from collections.abc import Sequence
from math import ceil, hypot
from typing import Final

import msgspec

from bot.picture.diagram.diagram_parts import BoundaryZone, Flow, Node, ThreatCount, TrustPosition
from bot.picture.font_metrics import ELLIPSIS, Weight, clip_text, drawable_text, text_width, wrap_text
from domain.kernel.elements import ComponentKind

NAME, SMALL, HEADING, TITLE = 14.0, 11.5, 12.5, 14.0
"""Font sizes: of a component, of the text below it, of a flow's heading, of a boundary."""

DISC = 9.0
"""Diameter of the disc behind a flow's number."""
BADGE = 11.0
"""Diameter of the badge with the number of open threats."""

_NODE_ROOM, _FLOW_ROOM, _TITLE_ROOM = 112.0, 124.0, 190.0
_BADGE_SPACE = 2 * BADGE + 5


class TextLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of text."""

    text: str
    size: float
    weight: Weight = "Regular"

    @property
    def width(self) -> float:
        """Its drawn width."""
        return text_width(self.text, self.size, self.weight)

    @property
    def height(self) -> float:
        """The distance to the next line."""
        return round(self.size * 1.3, 1)


class LabeledPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part with its lines and its size; `indent` is the space to the left of the first `beside` lines."""

    lines: tuple[TextLine, ...]
    width: float
    height: float
    indent: float = 0.0
    beside: int = 0


def label_node(node: Node) -> LabeledPart:
    """Return a component: its name, and its trust level below."""
    written = [
        *(
            TextLine(text=one, size=NAME, weight="Bold")
            for one in _lines(_named(node), NAME, _NODE_ROOM, "Bold")
        ),
        *_small(_named(node.trust) if node.trust else "", _NODE_ROOM, most=1),
    ]
    wide = max(line.width for line in written)
    high = sum(line.height for line in written)
    if node.sort is ComponentKind.PROCESS:
        across = max(84.0, ceil(_across(written)) + 12.0)
        return LabeledPart(lines=tuple(written), width=across, height=across)
    return LabeledPart(lines=tuple(written), width=max(92.0, ceil(wide) + 24.0), height=ceil(high) + 22.0)


def label_flow(flow: Flow) -> LabeledPart:
    """Return a flow: its number, its name or entry point, and below it what it carries."""
    number = number_width(flow)
    badge = _BADGE_SPACE if flow.threats.number else 0.0
    heading = [drawable_text(one) for one in (flow.name, flow.entry_point)]
    first = next((one for one in heading if one), "")
    room = _FLOW_ROOM - number - badge
    beside = [TextLine(text=one, size=HEADING, weight="Bold") for one in _lines(first, HEADING, room, "Bold")]
    below = _small(f"via {heading[1]}", _FLOW_ROOM, most=1) if all(heading) else []
    below += _carried(flow.carried, _FLOW_ROOM if beside else room)
    if not beside:
        beside, below = below, []
    wide = max((line.width for line in beside), default=-5.0) + number + badge
    wide = max([wide, *(line.width for line in below)])
    high = max(sum(line.height for line in beside), 2 * DISC) + sum(line.height for line in below)
    return LabeledPart(
        lines=(*beside, *below),
        width=ceil(wide) + 14.0,
        height=ceil(high) + 8.0,
        indent=number,
        beside=len(beside),
    )


def label_zone(zone: BoundaryZone) -> LabeledPart:
    """Return the text on the upper edge of a boundary: its name, its trust badge, its open threats."""
    name = clip_text(_named(zone), TITLE, _TITLE_ROOM, "Bold")
    written = [TextLine(text=name, size=TITLE, weight="Bold")]
    wide = written[0].width
    if zone.trust is not None:
        written.append(TextLine(text=_between(zone.trust), size=SMALL, weight="Bold"))
        wide += 8 + written[1].width + 16
    wide += _BADGE_SPACE if zone.threats.number else 0.0
    return LabeledPart(lines=tuple(written), width=ceil(wide) + 4.0, height=26.0)


def number_width(flow: Flow) -> float:
    """Return the width of a flow's number with its disc, and the space after it."""
    return disc_width(flow.number) + 5


def disc_width(number: str) -> float:
    """Return the width of the disc behind a number: a circle, wider for long numbers."""
    return max(2 * DISC, text_width(drawable_text(number), SMALL, "Bold") + 9)


def threat_count_text(threats: ThreatCount) -> str:
    """Return the number on a badge."""
    return f"{threats.number}" if threats.number < 100 else "99+"


NO_NAME: Final = "?"


def _named(one: Node | BoundaryZone | TrustPosition) -> str:
    """Return the name, or the ID if the font lacks its characters."""
    return drawable_text(one.name) or drawable_text(one.id) or NO_NAME


def _between(trust: tuple[TrustPosition, TrustPosition]) -> str:
    low, high = trust
    names = [clip_text(_named(one), SMALL, 100, "Bold") for one in (low, high)]
    return names[0] if low == high else f"{names[0]}\u2013{names[1]}"


def _carried(assets: Sequence[str], room: float) -> list[TextLine]:
    """Return a flow's assets on two lines, with the number of omitted ones."""
    named = [one for one in map(drawable_text, assets) if one]
    for shown in range(len(named), 0, -1):
        more = f" +{len(named) - shown}" if shown < len(named) else ""
        written = _small(", ".join(named[:shown]) + more, room, most=2)
        if not written[-1].text.endswith(ELLIPSIS):
            return written
    return _small(", ".join(named), room, most=2)


def _small(text: str, room: float, *, most: int) -> list[TextLine]:
    return [TextLine(text=one, size=SMALL) for one in wrap_text(drawable_text(text), SMALL, room, most=most)]


def _lines(text: str, size: float, room: float, weight: Weight) -> list[str]:
    return wrap_text(text, size, room, weight)


def _across(written: Sequence[TextLine]) -> float:
    """Return the diameter of a circle that contains all lines."""
    top = -sum(line.height for line in written) / 2
    across = 0.0
    for line in written:
        far = max(abs(top), abs(top + line.height))
        across = max(across, 2 * hypot(line.width / 2, far))
        top += line.height
    return across
