"""Styles of shapes in Threat Dragon: outlines, red for open threats, and labels."""

from math import ceil
from typing import Final

from bot.formats.exporters.export_source import Plain
from bot.formats.exporters.threat_dragon_layout import LETTERS, LINE, lines_within, name_lines, name_width
from bot.picture.font_metrics import visible_text
from domain.kernel.elements import ComponentKind

_LABEL_ROOM, _LABEL_LINES = 140.0, 4

_CALM: Final[Plain] = {"stroke": "#333333", "strokeWidth": 1.5, "strokeDasharray": None}
_OPEN: Final[Plain] = {"stroke": "red", "strokeWidth": 2.5, "strokeDasharray": None}


def line_style(*, is_open: bool) -> Plain:
    """Return the style of an outline or a flow: red if a threat is open, as in Threat Dragon."""
    return dict(_OPEN if is_open else _CALM)


def node_attrs(name: str, sort: ComponentKind | None, *, is_open: bool) -> Plain:
    """Return the style of a component: its name on lines that fit into the shape, and its outline.

    When a user selects the shape, Threat Dragon puts the name on one line; `textWrap` breaks it at the width.
    """
    look, lines = line_style(is_open=is_open), name_lines(name, sort)
    wrapped = {"width": ceil(max(map(name_width, lines))) + 4, "height": LINE * (2 * len(lines) + 2)}
    text: Plain = {"text": {"text": "\n".join(lines), "textWrap": wrapped}}
    if sort is ComponentKind.DATA_STORE:
        return {**text, "topLine": look, "bottomLine": dict(look)}
    return {**text, "body": look}


def boundary_attrs(name: str) -> Plain:
    """Return the style of a boundary: its name on one line, clipped to the width."""
    return {"label": {"text": name, "textWrap": {"width": "80%", "height": LINE, "ellipsis": True}}}


def flow_label(name: str, at: float) -> Plain:
    """Return the label of a flow: its shapes, and its name on a few lines.

    Without those shapes the name is not displayed: the drawing library's own shapes have other names.
    """
    words = visible_text(name)
    room = max(_LABEL_ROOM, name_width(words) / (_LABEL_LINES - 1))
    return {
        "markup": [
            {"tagName": "rect", "selector": "labelBody"},
            {"tagName": "text", "selector": "labelText"},
        ],
        "attrs": {
            "labelText": {
                "text": "\n".join(lines_within(words, room)),
                "textAnchor": "middle",
                "textVerticalAnchor": "middle",
                "fontSize": LETTERS,
                "fill": "#000000",
            },
            "labelBody": {
                "ref": "labelText",
                "refX": -3,
                "refY": -2,
                "refWidth": "100%",
                "refHeight": "100%",
                "refWidth2": 6,
                "refHeight2": 4,
                "fill": "#ffffff",
                "strokeWidth": 0,
            },
        },
        "position": at,
    }
