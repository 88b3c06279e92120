"""What the parts of the scale benchmark record."""

import datetime as dt

import msgspec

from tests.bench.measurements import Row


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How the server runs one statement."""

    what: str
    plan: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Results of one part: comparisons with their targets, further observations, and plans of statements."""

    rows: list[Row] = []
    notes: list[str] = []
    plans: list[Plan] = []


class RecordedPart(Part, frozen=True, kw_only=True):
    """A part as it is recorded: when, with which average number of running processes, and what was met."""

    date: dt.date
    load: float
    met: list[bool]
