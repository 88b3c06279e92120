"""How much a team has to do for a scored, answered plan, and how much of what a reviewer finds comes up."""

import logging
import statistics
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import structlog
from rich import box
from rich.table import Table

from tests.bench.measurements import Say
from tests.effort.effort_run import (
    SYSTEMS,
    EffortRun,
    PlayedQuestions,
    findings_of_three_elements,
    run_effort,
    run_questions,
)
from tests.effort.review_play import ReviewEffort
from tests.effort.team_knowledge import UNKNOWN_SHARE, WRONG_SHARE

_Play = TypeVar("_Play")
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
    """Plays of all systems: whole ones, and the questions alone of an honest team and of others."""

    unknown_share: float = UNKNOWN_SHARE
    wrong_share: float = WRONG_SHARE
    systems: tuple[str, ...]
    rows: tuple[EffortRow, ...]
    runs: tuple[EffortRun, ...]
    honest: tuple[PlayedQuestions, ...]


def study(say: Say) -> EffortStudy:
    """Play each system to its plan, and its questions with other teams."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    say("a model of three elements")
    findings = findings_of_three_elements()
    runs: list[EffortRun] = []
    honest: list[PlayedQuestions] = []
    by_seed: list[Sequence[PlayedQuestions]] = []
    for name in SYSTEMS:
        say(f"{name}: from its start to the plan")
        runs.append(run_effort(name, SEED))
        say(f"{name}: questions of an honest team, and of {len(SEEDS)} others")
        honest.append(run_questions(name, None))
        by_seed.append([run_questions(name, seed) for seed in SEEDS])
    return EffortStudy(
        systems=tuple(run.found.system for run in runs),
        rows=(
            *_honest_rows(honest),
            *_rows(runs),
            *_review_rows(runs),
            _said("findings of three elements, nothing answered", [str(findings) for _ in runs], "0"),
            *_for_information(runs, by_seed, honest),
        ),
        runs=tuple(runs),
        honest=tuple(honest),
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
        "honest": done.honest,
    }
    return msgspec.json.format(msgspec.json.encode(kept)) + b"\n"


def _honest_rows(plays: Sequence[PlayedQuestions]) -> list[EffortRow]:
    """Return the measures of a team that says only what the description says."""
    return [
        _row(
            "honest team: “yes” about controls that nothing supports",
            "0",
            plays,
            lambda one: f"{len(one.support.unsupported)} of {one.support.recorded}",
            lambda one: not one.support.unsupported,
        ),
        _row(
            "honest team: decisions a system",
            "≤ 40 for 20 elements, ≤ 75 for 50",
            plays,
            lambda one: one.decisions,
            lambda one: one.decisions <= 40 + (one.elements - 20) * 35 / 30,
        ),
        _row(
            "honest team: threats without a control that come up",
            "≥ 92 %",
            plays,
            lambda one: _share(len(one.recall.came_up), len(one.recall.expert)),
            lambda one: _came_up(one) >= 0.92,
        ),
        _row(
            "honest team: expert threats that are touched",
            "≥ 97 %",
            plays,
            lambda one: _share(*_all_touched(one)),
            lambda one: _all_touched(one)[0] >= 0.97 * _all_touched(one)[1],
        ),
        _row(
            "honest team: suggested threats worth keeping",
            "≥ 95 %",
            plays,
            lambda one: _share(one.quality.kept, one.quality.suggested_threats),
            lambda one: _kept(one) >= 0.95,
        ),
        _row(
            "honest team: order by severity, NDCG (chance)",
            "≥ 0.92",
            plays,
            lambda one: f"{one.order.ndcg:.2f} ({one.order.chance:.2f})" if one.order else "",
            lambda one: one.order is None or one.order.ndcg >= 0.92,
        ),
    ]


def _rows(runs: Sequence[EffortRun]) -> list[EffortRow]:
    return [
        _row("questions decided, per element", "≤ 1.5", runs, _questions, lambda run: _questions(run) <= 1.5),
        _row("pages to a scored, answered plan, without ballots", "≤ 45", runs, lambda run: run.pages),
        _row(f"ballot pages a voter, for {USUAL} threats", "≤ 8", runs, _pages_of_ballots),
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
            lambda run: _share(len(run.found.recall.came_up), len(run.found.recall.expert)),
            lambda run: _came_up(run.found) >= 0.65,
        ),
        _row(
            "expert threats that are touched",
            "≥ 92 %",
            runs,
            lambda run: _share(len(run.found.recall.touched), len(run.found.recall.expert)),
            lambda run: _touched(run.found) >= 0.92,
        ),
        _row(
            "suggested threats worth keeping",
            "≥ 90 %",
            runs,
            lambda run: _share(run.found.quality.kept, run.found.quality.suggested_threats),
            lambda run: _kept(run.found) >= 0.9,
        ),
    ]


def _review_rows(runs: Sequence[EffortRun]) -> list[EffortRow]:
    """Return the measures of the review, for the system that is reviewed."""

    def row(what: str, most: int, value: Callable[[ReviewEffort], int]) -> EffortRow:
        values = [value(run.review) if run.review else None for run in runs]
        return EffortRow(
            what=f"review of five changed elements: {what}",
            target=f"≤ {most}",
            values=tuple("" if one is None else str(one) for one in values),
            met=tuple(None if one is None else one <= most for one in values),
        )

    return [
        row("pages of the team, without ballots", 12, lambda one: one.pages),
        row("ballot pages a voter", 2, lambda one: one.ballot_pages),
    ]


def _for_information(
    runs: Sequence[EffortRun],
    by_seed: Sequence[Sequence[PlayedQuestions]],
    honest: Sequence[PlayedQuestions],
) -> list[EffortRow]:
    usual = [run.found for run in runs]
    values = {
        "elements described / in the model": [f"{run.found.elements} / {run.model_elements}" for run in runs],
        "questions decided": [str(one.decisions) for one in usual],
        "exceptions chosen in questions about the whole system": [str(one.exceptions) for one in usual],
        "questions and exceptions, per element": [
            f"{(one.decisions + one.exceptions) / one.elements:.1f}" for one in usual
        ],
        "“yes” about controls that nothing supports": [
            _share(len(one.support.unsupported), one.support.recorded) for one in usual
        ],
        "honest team: decisions / with those chosen in lists, per element": [
            f"{one.decisions / one.elements:.1f} / {(one.decisions + one.exceptions) / one.elements:.1f}"
            for one in honest
        ],
        "honest team: all expert threats that come up": [
            _share(len(one.recall.came_up), len(one.recall.expert) + one.recall.controlled) for one in honest
        ],
        "answers that the description leaves open": [str(one.unstated) for one in usual],
        "follow-up ballots a voter: pages / numbers": [
            f"{run.follow_up_pages} / {run.follow_up_numbers}" for run in runs
        ],
        "threats voted on": [str(run.threats) for run in runs],
        "threats that may be kept, and come up": [
            _share(one.recall.may_keep_came_up, one.recall.may_keep) for one in usual
        ],
        f"mean of {len(SEEDS)} teams: come up / touched": [
            f"{_mean(found, _came_up):.0%} / {_mean(found, _touched):.0%}" for found in by_seed
        ],
        f"mean of {len(SEEDS)} teams: worth keeping": [f"{_mean(found, _kept):.0%}" for found in by_seed],
    }
    return [_said(what, told) for what, told in values.items()]


def _said(what: str, values: Sequence[str], target: str = "") -> EffortRow:
    """Return a row of values that are met if they are the target; without a target for information."""
    met = tuple(value == target if target else None for value in values)
    return EffortRow(what=what, target=target, values=tuple(values), met=met)


def _row(
    what: str,
    target: str,
    plays: Sequence[_Play],
    value: Callable[[_Play], float | str],
    met: Callable[[_Play], bool] | None = None,
) -> EffortRow:
    values = [value(play) for play in plays]
    limit = None if met else float(target.removeprefix("≤ "))
    return EffortRow(
        what=what,
        target=target,
        values=tuple(f"{one:.1f}" if isinstance(one, float) else str(one) for one in values),
        met=tuple(
            met(play) if met else limit is None or float(one) <= limit
            for play, one in zip(plays, values, strict=True)
        ),
    )


def _questions(run: EffortRun) -> float:
    return run.found.decisions / run.found.elements


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


def _mean(found: Sequence[PlayedQuestions], share: Callable[[PlayedQuestions], float]) -> float:
    return statistics.fmean(map(share, found))


def _came_up(found: PlayedQuestions) -> float:
    return len(found.recall.came_up) / len(found.recall.expert)


def _touched(found: PlayedQuestions) -> float:
    return len(found.recall.touched) / len(found.recall.expert)


def _all_touched(found: PlayedQuestions) -> tuple[int, int]:
    """Return how many of all expert threats are touched, whatever is known of their controls."""
    one = found.recall
    return len(one.touched) + one.controlled_touched, len(one.expert) + one.controlled


def _kept(found: PlayedQuestions) -> float:
    return found.quality.kept / max(1, found.quality.suggested_threats)
