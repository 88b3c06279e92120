"""Chart of one threat's ballots as SVG, without names: a strip for each metric, a dot for each ballot."""

from collections.abc import Iterator

import msgspec

from bot.picture.charts import WIDTH
from bot.picture.font_metrics import FAMILY, Weight, clip_text, drawable_text, escape_xml, wrap_text
from domain.dread.metrics import HIGHEST, Metric
from domain.dread.scoring import Tally
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Threat
from domain.voting.scores import Score

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
    return f"{heading(threat)}: {'; '.join(_metric_in_words(metric) for metric in threat.metrics)}."


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
        words = [metric.name, metric.note or "no numbers"]
    else:
        low, high = metric.spread
        lay = f"all on {low}" if low == high else f"from {low} to {high}"
        words = [f"{metric.name} {format_number(metric.median)}", lay, metric.note]
    words.append("contested" if metric.contested else "")
    words.append(f"{metric.abstained} abstained" if metric.abstained else "")
    return ", ".join(word for word in words if word)


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
        note=_count_note(metric, score),
    )


def _count_note(metric: Metric, score: Score) -> str:
    if metric in score.stands:
        return "latest vote sealed"
    if metric in score.tally.withheld:
        return "sealed, too few ballots"
    if metric not in score.tally.numbers:
        return f"fixed at {HIGHEST}"
    if metric in score.voted_again:
        return "voted twice"
    if metric in score.ended_early:
        return "first vote stands"
    if metric in score.sealed_again:
        return "second vote sealed"
    return "second vote open" if metric in score.to_vote_again else ""


_MARGIN = 18
_ROW = 62
_NAMES = 128  # width of the column of names
_STRIP = (162, 398)  # positions of the numbers 1 and 10
_MEDIANS = 438  # middle of the column of medians

# Distinguishable by everyone, also in gray: after Okabe and Ito, "Color Universal Design" (2008).
_INK, _FAINT, _RULE, _PAPER = "#1d1c1d", "#595959", "#dcdcdc", "#ffffff"
_DOT, _SPAN, _CONTESTED, _TINT = "#0072b2", "#cfe3f1", "#a84300", "#fff3e6"

_STACK = 4
"""Maximum dots drawn on top of each other; if a number has more ballots, all are drawn as bars."""


def draw_ballots(threat: ThreatBallots) -> str:
    """Return the picture of one threat; equal ballots produce equal pictures."""
    title = wrap_text(
        f"{threat.id} · {drawable_text(threat.title)}".rstrip(" ·"), 21, WIDTH - 2 * _MARGIN, "Bold"
    )
    top = 16 + 27 * len(title) + 34
    bottom = top + _ROW * len(threat.metrics)
    height = bottom + 56
    stacked = max((count for metric in threat.metrics for count in metric.counts), default=0) <= _STACK
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="{FAMILY}">',
        f'<rect width="{WIDTH}" height="{height}" fill="{_PAPER}"/>',
        *(_text(line, _MARGIN, 38 + 27 * place, 21, weight="Bold") for place, line in enumerate(title)),
        _text(_outcome(threat), _MARGIN, 36 + 27 * len(title), 15, fill=_FAINT),
    ]
    for place, metric in enumerate(threat.metrics):
        parts += _row(metric, top + _ROW * place, stacked=stacked)
    parts += [*_axis(bottom), *_legend(height - 14, stacked=stacked), "</svg>"]
    return "".join(parts)


def _outcome(threat: ThreatBallots) -> str:
    voted = count_phrase(threat.ballots, "ballot")
    words = drawable_text(f"{threat.outcome} · {voted}" if threat.outcome else voted)
    return clip_text(words, 15, WIDTH - 2 * _MARGIN)


def _row(metric: MetricBallots, top: int, *, stacked: bool) -> Iterator[str]:
    if metric.contested:
        yield f'<rect y="{top}" width="{WIDTH}" height="{_ROW}" fill="{_TINT}"/>'
        yield f'<rect y="{top}" width="6" height="{_ROW}" fill="{_CONTESTED}"/>'
    yield f'<path d="M{_MARGIN} {top}H{WIDTH - _MARGIN}" stroke="{_RULE}"/>'
    yield from _named(metric, top)
    yield from _strip(metric, top, stacked=stacked)
    if metric.median is None:
        yield _text("\u2013", _MEDIANS, top + 31, 21, fill=_FAINT, anchor="middle")
        return
    yield _text(format_number(metric.median), _MEDIANS, top + 31, 23, weight="Bold", anchor="middle")
    yield _text(format_span(metric), _MEDIANS, top + 49, 12, fill=_FAINT, anchor="middle")


def _named(metric: MetricBallots, top: int) -> Iterator[str]:
    fill, weight = (_CONTESTED, "Bold") if metric.contested else (_FAINT, "Regular")
    notes = wrap_text(drawable_text(_note(metric)), 12.5, _NAMES, weight)
    y = top + 36 - 8 * len(notes)
    yield _text(clip_text(drawable_text(metric.name), 15, _NAMES, "Bold"), _MARGIN, y, 15, weight="Bold")
    for place, note in enumerate(notes):
        yield _text(note, _MARGIN, y + 17 + 15 * place, 12.5, fill=fill, weight=weight)


def _note(metric: MetricBallots) -> str:
    words = ["contested" if metric.contested else "", metric.note]
    words.append(f"{metric.abstained} abstained" if metric.abstained else "")
    return ", ".join(word for word in words if word)


def _strip(metric: MetricBallots, top: int, *, stacked: bool) -> Iterator[str]:
    floor = top + _ROW - 17
    for value in VALUES:
        yield f'<path d="M{_x(value)} {top + 7}V{floor + 2}" stroke="{_RULE}"/>'
    if metric.spread is not None:
        low, high = (_x(value) for value in metric.spread)
        wide = high - low + 16
        yield f'<rect x="{low - 8:g}" y="{floor - 2}" width="{wide:g}" height="5" rx="2.5" fill="{_SPAN}"/>'
    if metric.median is not None:
        x = _x(metric.median)
        if x not in [_x(value) for value, count in zip(VALUES, metric.counts, strict=True) if count]:
            yield f'<path d="M{x} {top + 7}V{floor + 4}" stroke="{_INK}" stroke-width="2"/>'
        yield f'<path d="M{x - 7:g} {floor + 14}h14l-7 -9z" fill="{_INK}"/>'
    most = max(metric.counts, default=0)
    for value, count in zip(VALUES, metric.counts, strict=True):
        if count and stacked:
            yield from _dots(_x(value), floor, count)
        elif count:
            yield from _bar(_x(value), floor, count, most)


def _dots(x: float, floor: float, count: int) -> Iterator[str]:
    for place in range(count):
        y = floor - 5 - 9.4 * place
        yield f'<circle cx="{x}" cy="{y:g}" r="5.4" fill="{_DOT}" stroke="{_PAPER}" stroke-width="1.4"/>'


def _bar(x: float, floor: float, count: int, most: int) -> Iterator[str]:
    tall = max(4.0, 27.0 * count / most)
    yield (
        f'<rect x="{x - 7}" y="{floor - tall:g}" width="14" height="{tall:g}" rx="3" fill="{_DOT}"'
        f' stroke="{_PAPER}" stroke-width="1.4"/>'
    )
    yield _text(f"{count}", x, floor - tall - 3, 11, anchor="middle", halo=True)


def _axis(bottom: int) -> Iterator[str]:
    yield f'<path d="M{_MARGIN} {bottom}H{WIDTH - _MARGIN}" stroke="{_RULE}"/>'
    for value in VALUES:
        yield _text(f"{value}", _x(value), bottom + 17, 13, fill=_FAINT, anchor="middle")
    yield _text("median", _MEDIANS, bottom + 17, 12.5, fill=_FAINT, anchor="middle")


def _legend(y: int, *, stacked: bool) -> Iterator[str]:
    if stacked:
        yield f'<circle cx="{_MARGIN + 5}" cy="{y - 4}" r="5.4" fill="{_DOT}"/>'
        words = "one ballot"
    else:
        yield f'<rect x="{_MARGIN}" y="{y - 10}" width="11" height="11" rx="3" fill="{_DOT}"/>'
        words = "ballots"
    yield _text(words, _MARGIN + 18, y, 12.5, fill=_FAINT)
    yield f'<path d="M{_STRIP[0]} {y}h14l-7 -9z" fill="{_INK}"/>'
    yield _text("median", _STRIP[0] + 21, y, 12.5, fill=_FAINT)
    yield f'<rect x="{_STRIP[0] + 92}" y="{y - 7}" width="24" height="5" rx="2.5" fill="{_SPAN}"/>'
    yield _text("lowest to highest", _STRIP[0] + 123, y, 12.5, fill=_FAINT)


def _x(value: float) -> float:
    first, last = _STRIP
    return round(first + (last - first) * (value - 1) / 9, 2)


def _text(
    words: str,
    x: float,
    y: float,
    size: float,
    *,
    fill: str = _INK,
    weight: Weight = "Regular",
    anchor: str = "start",
    halo: bool = False,
) -> str:
    place = f'x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}"'
    bold = ' font-weight="700"' if weight == "Bold" else ""
    at = f' text-anchor="{anchor}"' if anchor != "start" else ""
    round_it = f' stroke="{_PAPER}" stroke-width="3" paint-order="stroke"' if halo else ""
    return f"<text {place}{bold}{at}{round_it}>{escape_xml(words)}</text>"
