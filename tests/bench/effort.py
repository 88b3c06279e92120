"""How much a team has to do for a scored, answered plan, and how much of what a reviewer finds comes up."""

import logging
import statistics
from collections.abc import Callable, Sequence

import msgspec
import structlog
from rich import box
from rich.table import Table

from tests.bench.measurements import Say
from tests.effort.effort_run import (
    SYSTEMS,
    EffortRun,
    FoundBySeed,
    findings_of_three_elements,
    run_effort,
    run_questions,
)
from tests.effort.team_knowledge import UNKNOWN_SHARE, WRONG_SHARE

SEED = 1
SEEDS = range(1, 6)
"""Teams with other gaps and slips, of which the questions alone are played."""
USUAL = 38
"""Threats to which ballots and presses are scaled, since they depend on how many were found."""


class EffortRow(msgspec.Struct, frozen=True, kw_only=True):
    """A measure with its target and its value for each system; `met` is None where there is no target."""

    what: str
    target: str
    values: tuple[str, ...]
    met: tuple[bool | None, ...]


class EffortStudy(msgspec.Struct, frozen=True, kw_only=True):
    """Plays of all systems: whole ones, the questions of other teams, and those of a team that knows all."""

    unknown_share: float = UNKNOWN_SHARE
    wrong_share: float = WRONG_SHARE
    systems: tuple[str, ...]
    rows: tuple[EffortRow, ...]
    three_elements: int
    runs: tuple[EffortRun, ...]
    by_seed: dict[str, tuple[FoundBySeed, ...]]
    all_known: dict[str, FoundBySeed]


def study(say: Say) -> EffortStudy:
    """Play each system to its plan, and its questions with other teams."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    say("a model of three elements")
    findings = findings_of_three_elements()
    runs: list[EffortRun] = []
    by_seed: dict[str, tuple[FoundBySeed, ...]] = {}
    all_known: dict[str, FoundBySeed] = {}
    for name in SYSTEMS:
        say(f"{name}: from its start to the plan")
        runs.append(run_effort(name, SEED))
        say(f"{name}: questions of {len(SEEDS)} teams, and of one that knows all")
        by_seed[name] = tuple(run_questions(name, seed) for seed in SEEDS)
        all_known[name] = run_questions(name, SEED, unknown_share=0, wrong_share=0)
    return EffortStudy(
        systems=tuple(run.system for run in runs),
        rows=tuple(_rows(runs, list(by_seed.values()), list(all_known.values()), findings)),
        three_elements=findings,
        runs=tuple(runs),
        by_seed=by_seed,
        all_known=all_known,
    )


def table_of(done: EffortStudy) -> Table:
    """Return the measures, one column for each system."""
    table = Table(title="Effort of a team of four, and threats found", box=box.MARKDOWN)
    for heading in ("Measure", "Target", *done.systems):
        table.add_column(heading, justify="left" if heading in ("Measure", "Target") else "right")
    for row in done.rows:
        marked = [
            f"{value} (missed)" if met is False else value
            for value, met in zip(row.values, row.met, strict=True)
        ]
        table.add_row(row.what, row.target, *marked)
    return table


def as_json(done: EffortStudy) -> bytes:
    """Return the measures and the whole plays, as the documentation keeps them."""
    kept = {
        "unknown_share": done.unknown_share,
        "wrong_share": done.wrong_share,
        "systems": done.systems,
        "rows": done.rows,
        "runs": done.runs,
    }
    return msgspec.json.format(msgspec.json.encode(kept)) + b"\n"


def _rows(
    runs: Sequence[EffortRun],
    by_seed: Sequence[Sequence[FoundBySeed]],
    all_known: Sequence[FoundBySeed],
    findings: int,
) -> list[EffortRow]:
    return [
        _row("questions decided, per element", "≤ 1.5", runs, _questions, lambda run: _questions(run) <= 1.5),
        _row("pages to a scored, answered plan, without ballots", "≤ 45", runs, lambda run: run.pages),
        _row(
            f"ballot pages a voter, for {USUAL} threats",
            "≤ 8",
            runs,
            _pages_of_ballots,
        ),
        _row(
            f"ballot numbers a voter, for {USUAL} threats",
            "≤ 80",
            runs,
            lambda run: _scaled(run, run.ballot_numbers),
        ),
        _row("rounds opened", "≤ 1", runs, lambda run: run.rounds),
        _row(
            f"presses for responses, for {USUAL} threats",
            "≤ 60",
            runs,
            lambda run: _scaled(run, run.response_presses),
        ),
        _row(
            "all questions, first and last",
            "the same",
            runs,
            lambda run: f"{run.counter_first} → {run.counter_last}",
            lambda run: run.counter_first == run.counter_last,
        ),
        _row(
            "expert threats that come up",
            "≥ 65 %",
            runs,
            lambda run: _share(len(run.recall.came_up), run.recall.expert),
            lambda run: len(run.recall.came_up) >= 0.65 * run.recall.expert,
        ),
        _row(
            "expert threats that are touched",
            "≥ 92 %",
            runs,
            lambda run: _share(len(run.recall.touched), run.recall.expert),
            lambda run: len(run.recall.touched) >= 0.92 * run.recall.expert,
        ),
        _row(
            "candidates worth keeping",
            "≥ 90 %",
            runs,
            lambda run: _share(run.quality.kept, run.quality.candidates),
            lambda run: run.quality.kept >= 0.9 * run.quality.candidates,
        ),
        EffortRow(
            what="findings of three elements, nothing answered",
            target="0",
            values=tuple(str(findings) for _ in runs),
            met=tuple(not findings for _ in runs),
        ),
        *_for_information(runs, by_seed, all_known),
    ]


def _for_information(
    runs: Sequence[EffortRun], by_seed: Sequence[Sequence[FoundBySeed]], all_known: Sequence[FoundBySeed]
) -> list[EffortRow]:
    values = {
        "elements described / in the model": [f"{run.elements} / {run.model_elements}" for run in runs],
        "questions decided": [str(run.questions) for run in runs],
        "exceptions chosen in questions about the whole system": [str(run.exceptions) for run in runs],
        "questions and exceptions, per element": [
            f"{(run.questions + run.exceptions) / run.elements:.1f}" for run in runs
        ],
        "answers that the description leaves open": [str(run.unstated) for run in runs],
        "follow-up ballots a voter: pages / numbers": [
            f"{run.follow_up_pages} / {run.follow_up_numbers}" for run in runs
        ],
        "threats voted on": [str(run.threats) for run in runs],
        "threats that may be kept, and come up": [
            _share(run.recall.may_keep_came_up, run.recall.may_keep) for run in runs
        ],
        f"mean of {len(SEEDS)} teams: come up / touched": [
            f"{_mean(found, _came_up):.0%} / {_mean(found, _touched):.0%}" for found in by_seed
        ],
        f"mean of {len(SEEDS)} teams: worth keeping": [f"{_mean(found, _kept):.0%}" for found in by_seed],
        "a team that knows all: come up / touched": [
            f"{_came_up(one):.0%} / {_touched(one):.0%}" for one in all_known
        ],
        "a team that knows all: worth keeping": [f"{_kept(one):.0%}" for one in all_known],
    }
    return [
        EffortRow(what=what, target="", values=tuple(told), met=(None,) * len(runs))
        for what, told in values.items()
    ]


def _row(
    what: str,
    target: str,
    runs: Sequence[EffortRun],
    value: Callable[[EffortRun], float | str],
    met: Callable[[EffortRun], bool] | None = None,
) -> EffortRow:
    values = [value(run) for run in runs]
    limit = None if met else float(target.removeprefix("≤ "))
    return EffortRow(
        what=what,
        target=target,
        values=tuple(f"{one:.1f}" if isinstance(one, float) else str(one) for one in values),
        met=tuple(
            met(run) if met else limit is None or float(one) <= limit
            for run, one in zip(runs, values, strict=True)
        ),
    )


def _questions(run: EffortRun) -> float:
    return run.questions / run.elements


def _scaled(run: EffortRun, count: int) -> int:
    return round(count * USUAL / run.threats) if run.threats else 0


def _pages_of_ballots(run: EffortRun) -> int:
    """Return the pages for `USUAL` ballots, as full pages: scaling would count a part of a page as well."""
    if not run.ballot_pages:
        return 0
    on_a_page = -(-run.threats // run.ballot_pages)
    return -(-USUAL // on_a_page)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}, {part / whole:.0%}" if whole else "none"


def _mean(found: Sequence[FoundBySeed], share: Callable[[FoundBySeed], float]) -> float:
    return statistics.fmean(map(share, found))


def _came_up(found: FoundBySeed) -> float:
    return len(found.recall.came_up) / found.recall.expert


def _touched(found: FoundBySeed) -> float:
    return len(found.recall.touched) / found.recall.expert


def _kept(found: FoundBySeed) -> float:
    return found.quality.kept / max(1, found.quality.candidates)
