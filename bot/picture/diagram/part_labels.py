"""Labels of a diagram's parts, wrapped and then shrunk to fit, and the sizes they need."""

from collections.abc import Sequence
from math import ceil, hypot
from typing import Final

import msgspec

from bot.picture.diagram.diagram_parts import BoundaryZone, Flow, Node, ThreatCount, TrustPosition
from bot.picture.font_metrics import Weight, drawable_text, fit_text, text_width
from domain.kernel.elements import ComponentKind

SMALL = 11.5
"""Font size of a flow's number."""

DISC = 9.0
"""Diameter of the disc behind a flow's number."""
BADGE = 11.0
"""Diameter of the badge with the number of open threats."""

_NAME = ((14.0, 2), (13.0, 3), (11.5, 4), (10.0, 5))
_HEADING = ((12.5, 2), (11.5, 3), (10.0, 4))
_TITLE = ((14.0, 1), (12.5, 1), (11.5, 3))
_BELOW = ((11.5, 1), (10.5, 1), (10.5, 3))
_CARRIED = ((11.5, 2), (10.5, 3))
"""Font sizes, each with its maximum lines: of a component, of a flow, of a boundary, of the text below."""

_NODE_ROOM, _FLOW_ROOM, _TITLE_ROOM, _TRUST_ROOM = 112.0, 124.0, 190.0, 220.0
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


def shown_names(parts: Sequence[Node] | Sequence[BoundaryZone]) -> list[str]:
    """Return the drawn name of each part, with its ID if different names would look the same."""
    drawn = [_named(part) for part in parts]
    names: dict[str, set[str]] = {}
    for one, name in zip(parts, drawn, strict=True):
        names.setdefault(name, set()).add(one.name)
    return [
        f"{name} ({drawable_text(one.id)})" if len(names[name]) > 1 else name
        for one, name in zip(parts, drawn, strict=True)
    ]


def label_node(node: Node, name: str) -> LabeledPart:
    """Return a component: its name, and its trust level below."""
    written = [
        *_fitted(name, _NAME, _NODE_ROOM, "Bold"),
        *_fitted(_named(node.trust) if node.trust else "", _BELOW, _NODE_ROOM),
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
    beside = _fitted(first, _HEADING, room, "Bold")
    below = _fitted(f"via {heading[1]}", _CARRIED, _FLOW_ROOM) if all(heading) else []
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


def label_zone(zone: BoundaryZone, name: str) -> LabeledPart:
    """Return the text on the upper edge of a boundary: its name, its trust badge, its open threats.

    The first `beside` lines are the name, the others the trust.
    """
    written = _fitted(name, _TITLE, _TITLE_ROOM, "Bold")
    trust = _fitted(_between(zone.trust), _BELOW, _TRUST_ROOM, "Bold") if zone.trust is not None else []
    wide = max(line.width for line in written)
    if trust:
        wide += 8 + max(line.width for line in trust) + 16
    wide += _BADGE_SPACE if zone.threats.number else 0.0
    high = max(sum(line.height for line in lines) for lines in (written, trust))
    return LabeledPart(
        lines=(*written, *trust), width=ceil(wide) + 4.0, height=max(26.0, high + 4.0), beside=len(written)
    )


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
    low, high = (_named(one) for one in trust)
    return low if trust[0] == trust[1] else f"{low}\u2013{high}"


def _carried(assets: Sequence[str], room: float) -> list[TextLine]:
    """Return a flow's assets on two lines, with the number of omitted ones; the first is always whole."""
    named = [one for one in map(drawable_text, assets) if one]
    written: list[TextLine] = []
    for shown in range(len(named), 0, -1):
        more = f" +{len(named) - shown}" if shown < len(named) else ""
        written = _fitted(", ".join(named[:shown]).replace(", |", " |") + more, _CARRIED, room)
        if len(written) <= 2 and written[0].size == _CARRIED[0][0]:
            break
    return written


def _fitted(
    text: str, sizes: Sequence[tuple[float, int]], room: float, weight: Weight = "Regular"
) -> list[TextLine]:
    size, lines = fit_text(drawable_text(text), sizes, room, weight)
    return [TextLine(text=line, size=size, weight=weight) for line in lines]


def _across(written: Sequence[TextLine]) -> float:
    """Return the diameter of a circle that contains all lines."""
    top = -sum(line.height for line in written) / 2
    across = 0.0
    for line in written:
        far = max(abs(top), abs(top + line.height))
        across = max(across, 2 * hypot(line.width / 2, far))
        top += line.height
    return across
