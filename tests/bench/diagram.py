"""What a diagram costs: laid out, drawn and made PNG, for the House and for models of 150 elements."""

from datetime import date
from pathlib import Path

from bot.demo import STORIES
from bot.demo.story_runner import PEOPLE
from bot.picture.diagram import Diagram, build_diagram, diagram_png, lay_out
from domain.kernel.elements import ChannelId
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.bench.measurements import Row, Say, at_most, medians
from tests.bench.rules import busy
from tests.drawing.random_models import random_model
from tests.examples import story_events

DAY = date(2026, 3, 2)
ROUNDS = 9
ALLOWED = {"the House": 200, "the web shop": 1_000, "150 elements": 1_000, "150 elements, many flows": 1_000}
"""Milliseconds."""

MANY_FLOWS = 28
"""The seed of a random model in which most elements are flows, between few components in many boundaries."""


def run(directory: Path, say: Say) -> list[Row]:
    """Compare the time of each picture, from the diagram to the PNG, with what is allowed."""
    del directory
    diagrams = {
        "the House": _seen(_story("house")),
        "the web shop": _seen(_story("web-shop")),
        "150 elements": _seen(busy(150)),
        "150 elements, many flows": _seen(random_model(MANY_FLOWS)),
    }
    say(f"drawing {', '.join(diagrams)} {ROUNDS} times in turns")
    contenders = {name: lambda one=one: diagram_png(lay_out(one)) for name, one in diagrams.items()}
    times = medians(contenders, rounds=ROUNDS, warm_up=2)
    return [
        at_most(f"diagram of {name} as PNG ÷ allowed", time / 1000, ALLOWED[name], "ms", aim=1)
        for name, time in times.items()
    ]


def _story(name: str) -> ThreatModel:
    return replay(story_events(STORIES[name](ChannelId("CHOUSE"), PEOPLE)))


def _seen(model: ThreatModel) -> Diagram:
    return build_diagram(register(model), DAY)
