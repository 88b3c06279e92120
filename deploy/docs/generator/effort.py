"""Recorded runs of the scripted team: its effort, and the expert threats found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from deploy.docs.generator.tables import table

_DOCS: Final = Path(__file__).resolve().parents[1]
_RECORDED: Final = {"Before": "effort-before.json", "Now": "effort-now.json"}


class MeasuredRow(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of `python -m tests.bench effort --json`, with a value for each system."""

    what: str
    target: str
    values: tuple[str, ...]
    met: tuple[bool | None, ...]


class RecordedRecall(msgspec.Struct, frozen=True, kw_only=True):
    """Expert threats without a control, those that came up, and those that were touched."""

    expert: tuple[str, ...]
    came_up: tuple[str, ...]
    touched: tuple[str, ...]


class RecordedQuality(msgspec.Struct, frozen=True, kw_only=True):
    """Suggested threats that are not worth keeping, and those that another reviewer may judge otherwise."""

    not_kept: tuple[str, ...]
    unreviewed: tuple[str, ...]
    doubtful: tuple[str, ...]
    loose: tuple[str, ...]


class RecordedPlay(msgspec.Struct, frozen=True, kw_only=True):
    """The questions of one system, played by the honest team."""

    system: str
    recall: RecordedRecall
    quality: RecordedQuality


class RecordedEffort(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded run of all systems."""

    systems: tuple[str, ...]
    rows: tuple[MeasuredRow, ...]
    honest: tuple[RecordedPlay, ...] = ()


def recorded_effort() -> dict[str, RecordedEffort]:
    """Return the recorded runs by their heading, the earliest first."""
    return {
        heading: msgspec.json.decode((_DOCS / file).read_bytes(), type=RecordedEffort)
        for heading, file in _RECORDED.items()
        if (_DOCS / file).exists()
    }


def effort() -> str:
    """Return each recorded run as a table."""
    return "\n\n".join(f"**{heading}**\n\n{_table(one)}" for heading, one in recorded_effort().items())


def effort_summary() -> str:
    """Return the measures that have a target, each with its range over the systems, for the latest run."""
    latest = list(recorded_effort().values())[-1]
    rows = [(row.what, _range(row.values), row.target) for row in latest.rows if row.target]
    return table(("Measure", "Measured", "Target"), rows)


def effort_figures() -> str:
    """Return how much of a reviewer's list comes up, and how much is worth keeping, over all systems."""
    rows = {row.what: row.values for row in list(recorded_effort().values())[-1].rows}
    return "\n".join(
        f"- **{_share_of_all(rows[measure])}** {meaning} (by system: {_range(rows[measure])})."
        for measure, meaning in _FIGURES.items()
    )


_FIGURES: Final = {
    "expert threats that come up": "threats of reviewers whose control is missing come up as suggestions",
    "suggested threats worth keeping": "suggested threats are worth keeping",
}
"""The measures of an ordinary team that the README states, with their meaning."""


def _share_of_all(values: tuple[str, ...]) -> str:
    """Return the share over all systems, from `25 of 30, 83%` for each."""
    counts = [value.partition(",")[0].split(" of ") for value in values]
    part, whole = (sum(int(count[place]) for count in counts) for place in (0, 1))
    return f"{part} of {whole} ({part / whole:.0%})"


def effort_details() -> str:
    """Return what the latest run did not find, and what is doubtful or not worth keeping."""
    latest = list(recorded_effort().values())[-1]
    return "\n\n".join("\n".join(_details(play)) for play in latest.honest)


def _table(run: RecordedEffort) -> str:
    rows = [
        (
            row.what,
            row.target,
            *(
                f"{value} (missed)" if met is False else value
                for value, met in zip(row.values, row.met, strict=True)
            ),
        )
        for row in run.rows
    ]
    return table(("Measure", "Target", *run.systems), rows)


def _range(values: tuple[str, ...]) -> str:
    """Return the lowest and the highest of several values; a share without its counts."""
    short = sorted(
        (value.rpartition(", ")[2] for value in values if value),
        key=lambda one: float(one.rstrip("%").split()[0]),
    )
    return short[0] if short[0] == short[-1] else f"{short[0]} to {short[-1]}"


def _details(play: RecordedPlay) -> Iterator[str]:
    found, judged = play.recall, play.quality
    yield f"**{play.system}**\n"
    yield f"- Expert threats without a control that were not suggested: {_without(found, found.came_up)}"
    yield f"- Of these, those that no question touched: {_without(found, found.touched)}"
    yield f"- Suggested threats that are not worth keeping: {_listed((*judged.not_kept, *judged.unreviewed))}"
    yield f"- Suggested threats that lead near an expert threat without stating it: {_listed(judged.loose)}"
    yield f"- Suggested threats that another reviewer may judge otherwise: {_listed(judged.doubtful)}"


def _without(found: RecordedRecall, named: tuple[str, ...]) -> str:
    return _listed(tuple(threat for threat in found.expert if threat not in named))


def _listed(names: tuple[str, ...]) -> str:
    return "; ".join(names) or "none"
