"""The data-flow diagram of a model: gathered, measured, laid out, drawn as SVG; pure functions."""

from bot.picture.diagram.drawing import diagram_png, diagram_svg
from bot.picture.diagram.engine import NoEngine, NotLaidOut
from bot.picture.diagram.gathering import diagram_of
from bot.picture.diagram.ink import Look
from bot.picture.diagram.layout import Layout, laid_out
from bot.picture.diagram.parts import Diagram
from bot.picture.diagram.words import FlowRow, flow_rows, headline, in_words

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
