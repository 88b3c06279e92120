"""Checks of a drawn diagram for overlapping and cut-off parts."""

from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree as ET

from bot.picture.diagram.geometry import Box
from bot.picture.diagram.layout import Layout
from bot.picture.diagram.svg_renderer import diagram_svg, frame_diagram
from bot.picture.font_metrics import text_width

SVG = "{http://www.w3.org/2000/svg}"
_TOUCH = 0.5
"""What lies over each other by less than this only touches."""


def layout_faults(layout: Layout) -> list[str]:
    """Everything that is wrong with a picture, in words; nothing where it is right."""
    return [*_overlaps(layout), *_outside(layout), *_cut(layout)]


def _overlaps(layout: Layout) -> Iterator[str]:
    """Components, labels and titles are apart from each other, and no boundary's line goes through one."""
    diagram = layout.diagram
    things = [
        *((one.id, box) for one, box in zip(diagram.nodes, layout.nodes, strict=True)),
        *((one.id, box) for one, box in zip(diagram.flows, layout.labels, strict=True)),
        *((f"title of {one.id}", box) for one, box in zip(diagram.zones, layout.titles, strict=True)),
    ]
    badges = [
        (f"badge of {one.id}", one.id, box)
        for one, box in zip(diagram.nodes, layout.badges, strict=True)
        if one.threats.number
    ]
    for (one, box), (other, second) in combinations(things, 2):
        if _over(box, second):
            yield f"{one} lies over {other}"
    for (one, _, box), (other, _, second) in combinations(badges, 2):
        if _over(box, second):
            yield f"{one} lies over {other}"
    for name, own, box in badges:
        yield from (
            f"{name} lies over {other}" for other, second in things if other != own and _over(box, second)
        )
    for zone, line in zip(diagram.zones, layout.zones, strict=True):
        for name, box in (*things, *((name, box) for name, _, box in badges)):
            if _over(box, line) and not _within(box, line):
                yield f"the line of {zone.id} goes through {name}"
    for (one, first), (other, second) in combinations(
        list(zip(range(len(layout.zones)), layout.zones, strict=True)), 2
    ):
        if _over(first, second) and not (_within(first, second) or _within(second, first)):
            yield f"the lines of {diagram.zones[one].id} and {diagram.zones[other].id} cross"


def _outside(layout: Layout) -> Iterator[str]:
    """Everything lies in the boundaries that it belongs to, and in no other one."""
    diagram = layout.diagram
    for place, (zone, line) in enumerate(zip(diagram.zones, layout.zones, strict=True)):
        inside = [place]
        for number, inner in enumerate(diagram.zones):
            if inner.parent in inside:
                inside.append(number)
        for node, box in zip(diagram.nodes, layout.nodes, strict=True):
            if (node.zone in inside) != _within(box, line):
                yield f"{node.id} and the line of {zone.id}: it does not show whether one is in the other"
        if not _within(layout.titles[place], line):
            yield f"the title of {zone.id} is not within it"


def _cut(layout: Layout) -> Iterator[str]:
    """All letters lie in the picture, and those of a part within it."""
    frame = frame_diagram(layout)
    tree = ET.fromstring(diagram_svg(layout))
    whole = Box.between(0, 0, frame.width, frame.height)
    inner = tree.find(f"{SVG}g")
    for text in tree.findall(f"{SVG}text"):
        if not _within(_box_of(text, 0, 0), whole):
            yield f"“{text.text}” is cut"
    assert inner is not None
    holders = [*layout.nodes, *layout.labels, *layout.titles, *layout.badges]
    for text in inner.iter(f"{SVG}text"):
        box = _box_of(text, 0, 0)
        if not any(_within(box, holder) for holder in holders):
            yield f"“{text.text}” leaves its part"
    room = Box.between(-frame.left, -frame.top, frame.width - frame.left, frame.legend_top - 8 - frame.top)
    for box in (*holders, *layout.zones):
        if not _within(box, room):
            yield f"{box} is cut"


def _box_of(text: ET.Element, right: float, down: float) -> Box:
    size = float(text.get("font-size", "0"))
    wide = text_width(text.text or "", size, "Bold" if text.get("font-weight") else "Regular")
    x, y = float(text.get("x", "0")) + right, float(text.get("y", "0")) + down
    left = x - wide / 2 if text.get("text-anchor") == "middle" else x
    return Box.between(left, y - size * 0.72, left + wide, y + size * 0.05)


def _over(one: Box, other: Box) -> bool:
    return (
        one.left < other.right - _TOUCH
        and other.left < one.right - _TOUCH
        and one.top < other.bottom - _TOUCH
        and other.top < one.bottom - _TOUCH
    )


def _within(inner: Box, outer: Box) -> bool:
    return (
        inner.left >= outer.left - _TOUCH
        and inner.right <= outer.right + _TOUCH
        and inner.top >= outer.top - _TOUCH
        and inner.bottom <= outer.bottom + _TOUCH
    )
