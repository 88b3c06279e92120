"""Scores in words: medians, spread, reasons, without names."""

from collections.abc import Iterator

from bot.picture.charts import draw_ranking
from bot.report.document_parts import Block, Column, Fact, ReportLine, ReportParagraph, line_of
from bot.report.sections.chart_pictures import chart_picture
from bot.report.sections.section_formatting import (
    Cell,
    band_badge,
    cell,
    linked_threat,
    quiet,
    quote,
    score_meter,
    score_text,
    table,
)
from domain.dread.metrics import HIGHEST, LOWEST, Metric
from domain.dread.scoring import BANDS_FROM, CEILING_DAMAGE, FLOOR_DAMAGE, BandOverride, Tally
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.voting_round import RoundEndCause
from domain.register import ThreatRegister
from domain.voting.scores import RankedThreat, Score
from domain.voting.turnout import SMALLEST_PANEL
from domain.wording.score_numbers import imported_score, of_how_many
from domain.wording.sealed_results import sealed_text, withheld_text


def ranking_blocks(known: ThreatRegister) -> Iterator[Block]:
    """Yield the method of scoring, then all scores as a picture and a table."""
    if not any(one.score for one in known.ranked):
        return
    yield ReportParagraph(line_of(_method()))
    yield chart_picture("threats-by-score", "Threats by score", lambda look: draw_ranking(known, look))
    yield table(_COLUMNS, (_row(known, one) for one in known.ranked), _CAPTION)


def score_facts(one: RankedThreat) -> Iterator[Fact]:
    """Yield the parts of a threat's score, and the voters' reasons."""
    if one.score is None:
        if one.imported is not None:
            yield Fact("Imported score", (line_of(quiet(imported_score(one.imported))),))
        none = sealed_text(one.sealed) if one.sealed else "Not voted on yet."
        yield Fact("Score", (line_of(quiet(none)),))
        return
    yield Fact("Score", tuple(_lines(one.score)))
    if one.residual is not None:
        remains = tuple(_lines(one.residual))
        yield Fact("Residual score", remains)
    if one.sealed is not None:
        yield Fact("Latest vote", (line_of(quiet(sealed_text(one.sealed))),))
    said = [
        *(line_of(f"{given.metric.label}: {quote(given.text)}") for given in one.score.explained),
        *(line_of(quote(given)) for given in one.score.reasons),
    ]
    if said:
        yield Fact("Reasons given", tuple(said))


def _method() -> str:
    medium, high, critical = BANDS_FROM
    return (
        f"Scores come from blind votes. Each voter rated metrics from {LOWEST} to {HIGHEST} without seeing "
        "other ballots. The score of a metric is the median of its ballots, and the score of a threat is the "
        f"mean of its metrics: low below {medium}, medium below {high}, high below {critical}, critical from "
        f"{critical}. A threat with Damage of {FLOOR_DAMAGE} or more is at least high; with Damage of "
        f"{CEILING_DAMAGE} or less it is at most medium. A metric counts if {SMALLEST_PANEL} people, or "
        "all of a smaller panel, rated it. A quick ballot rates only Damage and Exploitability, and its "
        "score is their mean. The other metrics are derived from the model, are shown in parentheses, and "
        "only order threats that are otherwise equal."
    )


def _row(known: ThreatRegister, one: RankedThreat) -> tuple[Cell, ...]:
    title = linked_threat(known, one.threat.id, f"{one.threat.id} {one.threat.title}")
    if one.score is None:
        return (cell(title), (score_text(None),), *(cell("") for _ in Metric))
    tally = one.score.tally
    medians = (cell(_number(tally, one)) for one in Metric)
    return (cell(title), (score_text(one.score),), *medians)


def _lines(score: Score) -> Iterator[ReportLine]:
    tally = score.tally
    ballots = count_phrase(tally.ballots, "ballot")
    total = of_how_many(tally).replace(" of ", ", mean of ")
    yield line_of(band_badge(tally.band), score_meter(score), f"of {HIGHEST}{total}, {ballots}")
    yield line_of(", ".join(_metrics(tally)))
    yield from (line_of(remark) for remark in _remarks(score))


def _metrics(tally: Tally) -> Iterator[str]:
    for metric in Metric:
        if metric in tally.medians:
            yield f"{metric.label} {tally.medians[metric]:g}{_spread(metric, tally)}"
        elif metric in tally.derived:
            yield f"{metric.label} {tally.derived[metric]} (derived)"


def _number(tally: Tally, metric: Metric) -> str:
    """Return the median of a metric, or its derived number in parentheses."""
    if metric in tally.medians:
        return f"{tally.medians[metric]:g}"
    return f"({tally.derived[metric]})" if metric in tally.derived else ""


def _spread(metric: Metric, tally: Tally) -> str:
    given = tally.numbers.get(metric)
    if given is None:
        return " (fixed)"
    return f" ({given[0]} to {given[-1]})" if given and given[0] != given[-1] else ""


def _remarks(score: Score) -> Iterator[str]:
    tally = score.tally
    match tally.held:
        case BandOverride.FLOOR:
            yield f"At least {tally.band}, because Damage is {FLOOR_DAMAGE} or more."
        case BandOverride.CEILING:
            yield f"At most {tally.band}, because Damage is {CEILING_DAMAGE} or less."
        case None:
            pass
    if tally.lowest and tally.highest:
        yield f"Individual ballots range from {tally.lowest} to {tally.highest}."
    if tally.contested:
        again = "a second vote is open" if score.to_vote_again else "the median stands"
        yield f"Contested: {_metric_names(tally.contested)}; {again}."
    if score.voted_again:
        yield f"Voted on a second time after disagreement: {_metric_names(score.voted_again)}."
    if score.followed_up:
        yield f"Voted on in a follow-up: {_metric_names(score.followed_up)}."
    if score.to_follow_up:
        yield f"Being voted on in a follow-up: {_metric_names(score.to_follow_up)}."
    yield from withheld_text(score)
    if score.cause is RoundEndCause.SETTLED:
        yield "The quorum was missed, and the facilitator accepted the ballots cast."


def _metric_names(metrics: tuple[Metric, ...]) -> str:
    return join_list([one.label for one in metrics])


_CAPTION = f"All threats, highest risk first, with the scores of {join_list([one.label for one in Metric])}"
_COLUMNS = (
    Column("Threat", 3.6),
    Column("Score", 1.9),
    *(Column(metric.label[0], 0.6, numbers=True) for metric in Metric),
)
