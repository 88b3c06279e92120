"""Tables of scored threats and open rounds."""

from collections.abc import Iterable

from rich.table import Table

from bot.cli.local_moments import format_moment
from bot.cli.output.text_grid import add_row, text_grid
from domain.dread.metrics import Metric
from domain.dread.scoring import Tally
from domain.kernel.person_names import Naming
from domain.voting.scores import RankedThreat, Score
from domain.voting.turnout import Turnout
from domain.wording.score_numbers import imported_score
from domain.wording.sealed_results import sealed_text, withheld_text


def threats_table(threats: Iterable[RankedThreat]) -> Table:
    """Return the threats, worst first, without the names of voters."""
    table = text_grid(
        "Rank", "Id", "Threat", "Band", "Mean", "Total", *(one.label for one in Metric), "Ballots", "Remarks"
    )
    for one in threats:
        rank = str(one.rank) if one.rank else ""
        add_row(table, rank, one.threat.id, one.threat.title, *_scored(one))
    return table


def rounds_table(rounds: Iterable[Turnout], naming: Naming) -> Table:
    """Return the open rounds: who has voted, never what."""
    table = text_grid("Id", "About", "Deadline", "Quorum", "Voted", "Waits for")
    for one in rounds:
        add_row(
            table,
            one.round,
            ", ".join(ask.threat for ask in one.asks),
            format_moment(one.deadline),
            str(one.quorum),
            f"{one.cast} of {len(one.voters)}",
            missing_voters(one, naming),
        )
    return table


def missing_voters(one: Turnout, naming: Naming) -> str:
    """Return the names of missing voters; for a second vote only their number."""
    return ", ".join(naming(person) for person in one.waits_for) or (str(one.missing) if one.missing else "")


def _scored(one: RankedThreat) -> tuple[str, ...]:
    score = one.score
    sealed = [f"{one.sealed.round}: {sealed_text(one.sealed)}"] if one.sealed else []
    if score is None:
        return (
            "",
            "",
            "",
            *("" for _ in Metric),
            "",
            *(sealed or [imported_score(one.imported) if one.imported else "no score yet"]),
        )
    tally = score.tally
    medians = (_number(tally, one) for one in Metric)
    return (
        tally.band,
        f"{tally.mean:.1f}",
        f"{tally.total:g}",
        *medians,
        str(tally.ballots),
        "; ".join([*_remarks(score, one.residual), *sealed]),
    )


def _number(tally: Tally, metric: Metric) -> str:
    """Return the median of a metric, or its derived number in parentheses."""
    if metric in tally.medians:
        return f"{tally.medians[metric]:g}"
    return f"({tally.derived[metric]})" if metric in tally.derived else "?"


def _remarks(score: Score, residual: Score | None) -> Iterable[str]:
    tally = score.tally
    if tally.contested:
        again = ", being voted on again" if score.to_vote_again else ""
        yield f"contested{again}: {', '.join(one.label for one in tally.contested)}"
    if tally.lowest and tally.highest:
        yield f"single ballots from {tally.lowest} to {tally.highest}"
    if tally.derived:
        yield f"derived, not voted: {', '.join(one.label for one in tally.derived)}"
    if score.to_follow_up:
        yield f"being voted on: {', '.join(one.label for one in score.to_follow_up)}"
    if tally.held:
        yield f"held at {tally.band} by its damage"
    yield from (line.rstrip(".") for line in withheld_text(score))
    if residual:
        yield f"remains {residual.tally.band} ({residual.tally.mean:.1f})"
