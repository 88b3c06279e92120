"""Counts of ballots by number, without the voters, and their description in words."""

import msgspec

from domain.kernel.text_formatting import count_phrase

VALUES = range(1, 11)
"""The possible numbers of a ballot."""


class MetricBallots(msgspec.Struct, frozen=True, kw_only=True):
    """Ballots of one metric of a threat: the count of each number from 1 to 10, and the result.

    `note` is additional information, for example that the number was fixed.
    """

    name: str
    counts: tuple[int, ...]
    median: float | None
    abstained: int = 0
    contested: bool = False
    note: str = ""

    @property
    def spread(self) -> tuple[int, int] | None:
        """The lowest and the highest number."""
        taken = [value for value, count in zip(VALUES, self.counts, strict=True) if count]
        return (taken[0], taken[-1]) if taken else None


class ThreatBallots(msgspec.Struct, frozen=True, kw_only=True):
    """Ballots of one threat of a closed round; `outcome` summarizes its score in a few words."""

    id: str
    title: str
    outcome: str
    ballots: int
    metrics: tuple[MetricBallots, ...]


def describe_ballots(threat: ThreatBallots) -> str:
    """Describe the picture in words, as its alternative text."""
    return f"{heading(threat)}: {'; '.join(_metric_in_words(one) for one in threat.metrics)}."


def heading(threat: ThreatBallots) -> str:
    """Return the number of voters and the result."""
    voted = count_phrase(threat.ballots, "ballot")
    return f"{threat.id}, {voted}, {threat.outcome}" if threat.outcome else f"{threat.id}, {voted}"


def format_number(value: float) -> str:
    """Format a median: 8 or 6.5."""
    return f"{value:g}"


def format_span(metric: MetricBallots) -> str:
    """Return the lowest and highest number of a metric, such as 3 to 9; empty if there are not two."""
    if metric.spread is None or sum(metric.counts) < 2:
        return ""
    low, high = metric.spread
    return "all agree" if low == high else f"{low}\u2013{high}"


def _metric_in_words(metric: MetricBallots) -> str:
    if metric.median is None or metric.spread is None:
        said = [metric.name, metric.note or "no numbers"]
    else:
        low, high = metric.spread
        lay = f"all on {low}" if low == high else f"from {low} to {high}"
        said = [f"{metric.name} {format_number(metric.median)}", lay, metric.note]
    said.append("contested" if metric.contested else "")
    said.append(f"{metric.abstained} abstained" if metric.abstained else "")
    return ", ".join(one for one in said if one)
