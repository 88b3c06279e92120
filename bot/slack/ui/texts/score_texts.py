"""Words about a score: band, medians, reasons; without the voters of numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.slack.protocol import slack_limits
from bot.slack.protocol.escaping import clip_before, escape, one_line
from domain.dread.metrics import Metric
from domain.dread.scoring import Band, BandOverride, Tally
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister
from domain.voting.scores import RankedThreat, Score
from domain.wording.voting import ballots_range, of_how_many, withheld_text


def band_suffix(register: ThreatRegister, threat: ThreatId) -> str:
    """Return ` · Critical`, or nothing without a score."""
    ranked = next((one for one in register.ranked if one.threat.id == threat), None)
    return f" · {ranked.score.tally.band.capitalize()}" if ranked and ranked.score else ""


def severity_counts(ranked: Iterable[RankedThreat]) -> str:
    """Return how many threats have each severity, the worst first: `1 critical, 2 unscored`."""
    bands = Counter(threat.score.tally.band if threat.score else None for threat in ranked)
    counts = [f"{bands[band]} {band}" for band in reversed(Band) if bands[band]]
    return ", ".join([*counts, *([f"{bands[None]} unscored"] if bands[None] else [])])


def threat_option(register: ThreatRegister, id: ThreatId, title: str) -> str:
    """Return a threat as an option: the ID and the band stay readable beside the longest title."""
    return threat_label(id, title, band_suffix(register, id))


def threat_label(id: ThreatId, title: str, after: str = "") -> str:
    """Return a threat for an option; of a long title, the rule's name is clipped before that of the place."""
    rule, colon, place = one_line(title).rpartition(": ")
    before, end = f"{id} ", f"{colon}{place}{after}"
    room = slack_limits.OPTION - len(before)
    if not rule or len(end) > room - _RULE:
        return before + clip_before(title, after, room)
    return before + clip_before(rule, end, room)


_RULE = 20
"""Characters of a rule's name from which it tells something."""


def score_line(tally: Tally) -> str:
    """Return the band with its numbers."""
    return f"*{tally.band.capitalize()}* · mean {tally.mean:.1f}{of_how_many(tally)}"


def medians_line(tally: Tally) -> str:
    """Return the median of each metric, with the range if the numbers differ, then the derived numbers."""
    voted = " · ".join(_metric(metric, tally) for metric in Metric if metric in _asked(tally))
    derived = [f"{metric.label} {number}" for metric, number in tally.derived.items()]
    return f"{voted} · _derived: {', '.join(derived)}_" if derived else voted


def score_remarks(score: Score, *, revoted: bool) -> list[str]:
    """Return why a band differs from its mean, and where people disagreed."""
    tally, lines = score.tally, list[str]()
    match tally.held:
        case BandOverride.FLOOR:
            lines.append(f"Raised to {tally.band} because of the damage.")
        case BandOverride.CEILING:
            lines.append(f"Limited to {tally.band} because the damage is negligible.")
        case None:
            pass
    if individual := ballots_range(score):
        lines.append(individual)
    contested = [metric.label for metric in tally.contested]
    if contested:
        end = "voted on again" if revoted else "votes differ, the median counts"
        lines.append(f"⚠ *Contested:* {', '.join(contested)} ({end}).")
    if score.to_follow_up:
        lines.append(f"Voting is open on the other metrics: {', '.join(map(_label, score.to_follow_up))}.")
    return [*lines, *withheld_text(score)]


def vote_reasons(score: Score, *, most: int, rest: str = "") -> list[str]:
    """Return the reasons for numbers, without their authors.

    At most `most` lines; `rest` says where the others are.
    """
    explained = [f"• {one.metric.label}: “{escape(one_line(one.text), _REASON)}”" for one in score.explained]
    unnamed = [f"• “{escape(one_line(reason), _REASON)}”" for reason in score.reasons]
    lines = [*explained, *unnamed]
    more = [f"• and {len(lines) - most} more{rest}"] if len(lines) > most else []
    return [*lines[:most], *more]


def _label(metric: Metric) -> str:
    return metric.label


def _asked(tally: Tally) -> set[Metric]:
    return {*tally.medians, *tally.withheld}


def _metric(metric: Metric, tally: Tally) -> str:
    given: Mapping[Metric, tuple[int, ...]] = tally.numbers
    if metric not in tally.medians:
        return f"{metric.label}: sealed"
    middle = f"{metric.label} *{tally.medians[metric]:g}*"
    if metric not in given:
        return f"{middle} (fixed)"
    lowest, highest = given[metric][0], given[metric][-1]
    spread = f" ({lowest}\N{EN DASH}{highest})" if lowest != highest else ""
    return f"{middle}{spread}" + (" ⚠" if metric in tally.contested else "")


_REASON = 220
