"""Data-flow diagram of a model: collected, measured, laid out, drawn as SVG; pure functions."""

from bot.picture.diagram.color_themes import ThemeName
from bot.picture.diagram.diagram_parts import Diagram, build_diagram
from bot.picture.diagram.diagram_text import FlowRow, describe_diagram, flow_rows, headline
from bot.picture.diagram.graphviz import GraphvizUnavailable, LayoutFailed
from bot.picture.diagram.layout import Layout, lay_out
from bot.picture.diagram.svg_renderer import diagram_png, diagram_svg

__all__ = [
    "Diagram",
    "FlowRow",
    "GraphvizUnavailable",
    "Layout",
    "LayoutFailed",
    "ThemeName",
    "build_diagram",
    "describe_diagram",
    "diagram_png",
    "diagram_svg",
    "flow_rows",
    "headline",
    "lay_out",
]
