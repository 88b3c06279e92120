"""Counting of a score's ballots for its chart, without names or reasons."""

from bot.picture.ballot_counts import VALUES, MetricBallots, ThreatBallots
from domain.dread.metrics import HIGHEST, Metric
from domain.dread.scoring import Tally
from domain.kernel.threat import Threat
from domain.voting.scores import Score


def count_ballots(threat: Threat, score: Score, place: str = "") -> ThreatBallots:
    """Count a threat's ballots; `place` is its rank, such as “number 1 of 6”."""
    tally = score.tally
    return ThreatBallots(
        id=threat.id,
        title=threat.title,
        outcome=" · ".join(one for one in (_band(tally), place) if one),
        ballots=tally.ballots,
        metrics=tuple(
            _metric(metric, score) for metric in Metric if metric in {*tally.medians, *tally.withheld}
        ),
    )


def _band(tally: Tally) -> str:
    held = ", set by Damage" if tally.held else ""
    return f"{tally.band.capitalize()}{held} (mean {tally.mean:.1f})"


def _metric(metric: Metric, score: Score) -> MetricBallots:
    tally = score.tally
    given = tally.numbers.get(metric)
    return MetricBallots(
        name=metric.label,
        counts=tuple((given or ()).count(value) for value in VALUES),
        median=tally.medians.get(metric),
        abstained=tally.abstained.get(metric, 0),
        contested=metric in tally.contested,
        note=_note(metric, score),
    )


def _note(metric: Metric, score: Score) -> str:
    if metric in score.stands:
        return "latest vote sealed"
    if metric in score.tally.withheld:
        return "sealed, too few ballots"
    if metric not in score.tally.numbers:
        return f"fixed at {HIGHEST}"
    if metric in score.voted_again:
        return "voted twice"
    if metric in score.sealed_again:
        return "second vote sealed"
    return "second vote open" if metric in score.to_vote_again else ""
