"""Words about the numbers of a score."""

from domain.dread.metrics import Metric
from domain.dread.scoring import Tally
from domain.kernel.text_formatting import count_phrase
from domain.voting.scores import Score


def imported_score(score: Score) -> str:
    """Return a score that came with a file, without a vote here."""
    return f"Imported, not verified: {score.tally.band}, mean {score.tally.mean:.1f}"


def of_how_many(tally: Tally) -> str:
    """Return what follows the mean: the total of all five metrics, or how many metrics there were.

    Totals of different numbers of metrics do not compare: a critical quick ballot adds up to less than a
    medium full one.
    """
    if len(tally.medians) == len(Metric):
        return f", total {tally.total:g}"
    return f" of {count_phrase(len(tally.medians), 'metric')}"
