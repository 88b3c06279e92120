"""The recorded run of the scripted team: its effort, and the expert threats found."""

from pathlib import Path
from typing import Final

import msgspec

from deploy.docs.generator.tables import table

_DOCS: Final = Path(__file__).resolve().parents[1]
_RECORDED: Final = "effort-now.json"


class MeasuredRow(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of `python -m tests.bench effort --json`, with a value for each system."""

    what: str
    target: str
    values: tuple[str, ...]
    met: tuple[bool | None, ...]


class RecordedRecall(msgspec.Struct, frozen=True, kw_only=True):
    """Expert threats without a control, and those that came up."""

    expert: tuple[str, ...]
    came_up: tuple[str, ...]


class RecordedQuality(msgspec.Struct, frozen=True, kw_only=True):
    """Suggested threats that are not worth keeping, and those that no reviewer has judged."""

    not_kept: tuple[str, ...]
    unreviewed: tuple[str, ...]


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


def recorded_effort() -> RecordedEffort:
    """Return the recorded run."""
    return msgspec.json.decode((_DOCS / _RECORDED).read_bytes(), type=RecordedEffort)


def effort() -> str:
    """Return the measures that have a target and differ by system."""
    run = recorded_effort()
    rows = [
        (
            row.what,
            row.target,
            *(
                f"{value.rpartition(', ')[2]}{' (missed)' if met is False else ''}"
                for value, met in zip(row.values, row.met, strict=True)
            ),
        )
        for row in run.rows
        if row.target and len({*row.values}) > 1
    ]
    return table(("Measure", "Target", *run.systems), rows)


def effort_figures() -> str:
    """Return how much of a reviewer's list comes up, and how much is worth keeping, over all systems."""
    rows = {row.what: row.values for row in recorded_effort().rows}
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
    """Return what the run did not find, and what is not worth keeping, by system."""
    return table(("System", "Not suggested", "Not worth keeping"), map(_details, recorded_effort().honest))


def _range(values: tuple[str, ...]) -> str:
    """Return the lowest and the highest of several values; a share without its counts."""
    short = sorted(
        (value.rpartition(", ")[2] for value in values if value),
        key=lambda one: float(one.rstrip("%").split()[0]),
    )
    return short[0] if short[0] == short[-1] else f"{short[0]} to {short[-1]}"


def _details(play: RecordedPlay) -> tuple[str, str, str]:
    found, judged = play.recall, play.quality
    missed = tuple(threat for threat in found.expert if threat not in found.came_up)
    return play.system, _listed(missed), _listed((*judged.not_kept, *judged.unreviewed))


def _listed(names: tuple[str, ...]) -> str:
    return "; ".join(names) or "none"
