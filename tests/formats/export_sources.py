"""Models to be written: the two examples, and random ones with names that nobody would choose."""

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache

import pytest

from bot.demo import STORIES
from bot.demo.story_runner import PEOPLE
from bot.formats import FORMATS, ExportSource
from bot.store import codec
from domain.events import RecordedEvent
from domain.kernel.elements import ChannelId
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.drawing.random_models import random_model
from tests.examples import story_events

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)

SEEDS = range(int(os.environ.get("THREATMODEL_FORMATS", "3")))
"""How many random models are written: a few, or as many as one has time for."""

KINDS = [*STORIES, *(pytest.param(seed, id=f"random {seed}") for seed in SEEDS)]
"""The models by which every format is tried."""


@cache
def example_events(name: str) -> tuple[RecordedEvent, ...]:
    """The events of an example."""
    return tuple(story_events(STORIES[name](ChannelId("CHOUSE"), PEOPLE)))


@cache
def export_source_named(which: str | int) -> ExportSource:
    """An example by its name, or a random model by its seed."""
    return (
        export_source_of(example_events(which))
        if isinstance(which, str)
        else export_source_of_model(random_model(which, 60))
    )


def export_source_of(past: tuple[RecordedEvent, ...]) -> ExportSource:
    """What is exported of a past."""
    return export_source_of_model(replay(past), past)


def export_source_of_model(model: ThreatModel, past: tuple[RecordedEvent, ...] = ()) -> ExportSource:
    """What is exported of a model."""
    return ExportSource(register=register(model, now=NOW), day=DAY, events=past, write=codec.encode)


def export_all_formats(past: Sequence[RecordedEvent]) -> dict[str, bytes]:
    """A past as a file of every format."""
    told = export_source_of(tuple(past))
    return {name: one.write(told) for name, one in FORMATS.items()}
