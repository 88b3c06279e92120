"""The last recorded run of `python -m tests.bench scale`, part by part."""

import datetime as dt
from pathlib import Path
from typing import Final

import msgspec

from deploy.docs.generator.tables import table

RECORDED: Final = Path(__file__).resolve().parents[1] / "scale.json"


class ScaleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison with its target."""

    what: str
    ours: float
    theirs: float
    unit: str
    ratio: float
    aim: float
    at_least: bool


class ScalePart(msgspec.Struct, frozen=True, kw_only=True):
    """One part: `load` is the average number of running processes of the machine at its end."""

    rows: list[ScaleRow]
    notes: list[str]
    date: dt.date
    load: float
    met: list[bool]


def recorded_parts() -> dict[str, ScalePart]:
    """Return the parts of the recorded run by name."""
    return msgspec.json.decode(RECORDED.read_bytes(), type=dict[str, ScalePart])


def appends() -> str:
    """Return the comparison of appends."""
    return _part("appends")


def idle() -> str:
    """Return the comparison of many idle workspaces with few; its statements stand in the recorded file."""
    return _part("idle")


def load() -> str:
    """Return the figures under load."""
    return _part("load")


def _part(name: str) -> str:
    part = recorded_parts()[name]
    rows = [
        (
            one.what,
            f"{one.ratio:.2f}{'' if met else ' (missed)'}",
            f"{'≥' if one.at_least else '≤'} {one.aim:g}",
            _amount(one.ours, one.unit),
        )
        for one, met in zip(part.rows, part.met, strict=True)
    ]
    told = "\n".join(f"- {note}" for note in part.notes if "`" not in note)
    when = (
        f"Recorded on {part.date.day} {part.date:%B %Y}; average number of running processes: {part.load:g}."
    )
    figures = table(("What", "Ratio", "Target", "The bot"), rows)
    return "\n\n".join(block for block in (figures, told, when) if block)


def _amount(value: float, unit: str) -> str:
    return (
        f"{value:,.0f} {unit}".strip()
        if value >= 10 or value == int(value)
        else f"{value:,.2f} {unit}".strip()
    )
