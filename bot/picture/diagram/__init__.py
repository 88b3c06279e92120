"""The data-flow diagram of a model: gathered, measured, laid out, drawn as SVG; pure functions."""

from bot.picture.diagram.color_themes import Look
from bot.picture.diagram.diagram_builder import diagram_of
from bot.picture.diagram.diagram_parts import Diagram
from bot.picture.diagram.diagram_text import FlowRow, flow_rows, headline, in_words
from bot.picture.diagram.graphviz import NoEngine, NotLaidOut
from bot.picture.diagram.layout import Layout, laid_out
from bot.picture.diagram.svg_renderer import diagram_png, diagram_svg

__all__ = [
    "Diagram",
    "FlowRow",
    "Layout",
    "Look",
    "NoEngine",
    "NotLaidOut",
    "diagram_of",
    "diagram_png",
    "diagram_svg",
    "flow_rows",
    "headline",
    "in_words",
    "laid_out",
]
