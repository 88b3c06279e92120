"""Threats in detail: scores, responses, dismissed suggested threats."""

from collections.abc import Iterator, Sequence
from functools import partial

from bot.picture.charts import draw_ranking
from bot.report.document_parts import (
    Badge,
    Block,
    Bullets,
    Column,
    Fact,
    Facts,
    Meter,
    ReportLine,
    Run,
    Section,
    Style,
    line_of,
)
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    Cell,
    band_badge,
    cell,
    chart_picture,
    format_day,
    format_short_day,
    listing,
    origin_facts,
    paragraph,
    paragraphs,
    place_lines,
    progress_badges,
    quiet,
    quote,
    score_cell,
    score_meter,
    score_text,
    state_badges,
    stated,
    threat_section_id,
    ticket_links,
    titled_threat,
    web_link,
)
from domain.analysis.suggested_threats import DismissalState, DismissedSuggestedThreat
from domain.dread.metrics import HIGHEST, LOWEST, Metric
from domain.dread.scoring import BANDS_FROM, CEILING_DAMAGE, FLOOR_DAMAGE, BandOverride, Tally
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import Dismissal, Response, ResponseKind, Threat, ThreatId
from domain.kernel.voting_round import RoundEndCause
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.voting.scores import RankedThreat, Score
from domain.voting.turnout import SMALLEST_PANEL
from domain.wording.voting import ballots_range, imported_score, of_how_many, sealed_text, withheld_text


def ranking_blocks(known: ThreatRegister) -> Iterator[Block]:
    """Yield the method of scoring, then all scores as a picture and a table."""
    if not any(threat.score for threat in known.ranked):
        return
    yield paragraph(_method())
    yield chart_picture("threats-by-score", "Threats by score", lambda look: draw_ranking(known, look))
    yield from listing(
        known.ranked,
        (Column("Threat", 3.6), lambda one: cell(titled_threat(known, one.threat))),
        (Column("Score", 1.9), lambda one: (score_text(one.score),)),
        *((Column(metric.label[0], 0.6, numbers=True), partial(_number, metric)) for metric in Metric),
        caption=_CAPTION,
    )


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
        yield Fact("Residual score", tuple(_lines(one.residual)))
    if one.sealed is not None:
        yield Fact("Latest vote", (line_of(quiet(sealed_text(one.sealed))),))
    reasons = [
        *(line_of(f"{given.metric.label}: {quote(given.text)}") for given in one.score.explained),
        *(line_of(quote(given)) for given in one.score.reasons),
    ]
    if reasons:
        yield Fact("Reasons given", tuple(reasons))


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


def _number(metric: Metric, one: RankedThreat) -> str:
    """Return the median of a metric, or its derived number in parentheses."""
    if one.score is None:
        return ""
    tally = one.score.tally
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
    if individual := ballots_range(score):
        yield individual
    if tally.contested:
        again = "a second vote is open" if score.to_vote_again else "the median stands"
        yield f"Contested: {_metric_names(tally.contested)}; {again}."
    for words, metrics in (
        ("Voted on a second time after disagreement", score.voted_again),
        ("Voted on in a follow-up", score.followed_up),
        ("Being voted on in a follow-up", score.to_follow_up),
    ):
        if metrics:
            yield f"{words}: {_metric_names(metrics)}."
    yield from withheld_text(score)
    if score.cause is RoundEndCause.SETTLED:
        yield "The quorum was missed, and the facilitator accepted the ballots cast."


def _metric_names(metrics: tuple[Metric, ...]) -> str:
    return join_list([metric.label for metric in metrics])


_CAPTION = f"All threats, highest risk first, with the scores of {join_list([one.label for one in Metric])}"


def response_facts(source: ReportSource, threat: Threat, status: ThreatStatus) -> Iterator[Fact]:
    """Return a threat's response with owner and due date, its mitigations, and typical controls."""
    response, proposal = status.response, status.proposal
    lines = list(_response(source, status, response)) if response else []
    if proposal is not None:
        lines += _proposal(source, proposal)
    yield Fact("Response", tuple(lines) or (line_of(quiet("No response yet.")),))
    if status.mitigations:
        yield Fact("Mitigations", tuple(_mitigation(source, mitigation) for mitigation in status.mitigations))
    if not status.live_mitigations and not status.state.over:
        controls = source.register.suggestions[threat.id].controls
        usual = (f"{control.title} ({control.control})" for control in controls)
        yield Fact("Suggested controls", tuple(line_of(one) for one in usual))


def accepted_risks_section(source: ReportSource) -> Section:
    """Return the accepted risks with approver, reason and expiry, including proposals."""
    known = source.register
    decided = [
        (threat, status, status.proposal or status.response)
        for threat in known.ranked
        if (status := known.statuses[threat.threat.id]).state in (ThreatState.ACCEPTED, ThreatState.EXPIRED)
        or status.proposal is not None
    ]
    rows = listing(
        [(ranked, status, response) for ranked, status, response in decided if response is not None],
        (Column("Threat", 2.6), lambda one: cell(titled_threat(known, one[0].threat))),
        (Column("Score", 1.2), lambda one: score_cell(one[0].score)),
        (Column("State", 1.4), lambda one: cell(*state_badges(one[1]))),
        (Column("Until", 1.4), lambda one: format_short_day(one[2].expires)),
        (Column("Approved by", 1.3), lambda one: source.naming(one[2].approver) if one[2].approver else ""),
        (Column("Proposed by", 1.3), lambda one: source.naming(one[2].by)),
        (Column("Reason", 2.6), lambda one: quote(one[2].reason) if one[2].reason else ""),
    )
    return Section("accepted", "Accepted risks", rows)


def _response(source: ReportSource, status: ThreatStatus, one: Response) -> Iterator[ReportLine]:
    owner, due = source.naming(one.owner), f", due {format_day(one.due)}" if one.due else ""
    match one.kind:
        case ResponseKind.MITIGATE:
            yield line_of(f"Mitigate. Owner: {owner}{due}.")
        case ResponseKind.AVOID:
            yield line_of(f"Avoid: remove the feature or do not build it. Owner: {owner}{due}.")
        case ResponseKind.TRANSFER:
            to = " ".join(one.transferred_to.split())
            yield line_of(f"Transfer to {to}. Owner: {owner}{due}.")
        case ResponseKind.ACCEPT:
            verb = "was" if status.state is ThreatState.EXPIRED else "is"
            until = f" until {format_day(one.expires)}" if one.expires else ""
            approved = f", approved by {source.naming(one.approver)}" if one.approver else ""
            by = f"Proposed by {source.naming(one.by)}{approved}."
            yield line_of(f"The risk {verb} accepted{until}. {by}")
    if one.reason:
        yield line_of(f"Reason: {quote(one.reason)}")


def _proposal(source: ReportSource, one: Response) -> Iterator[ReportLine]:
    until = f" until {format_day(one.expires)}" if one.expires else ""
    waits = f"Waiting for {source.naming(one.asked)} to approve." if one.asked else "Not approved yet."
    yield line_of(f"{source.naming(one.by)} proposed to accept the risk{until}. {waits}")
    if one.reason:
        yield line_of(f"Reason: {quote(one.reason)}")


def _mitigation(source: ReportSource, one: TrackedMitigation) -> ReportLine:
    mitigation = one.mitigation
    who = source.naming(mitigation.owner) if mitigation.owner else "no owner"
    due = f"due {format_day(mitigation.due)}" if mitigation.due else "no due date"
    where = f", at {one.at}" if one.at else ""
    words = f"{mitigation.id} {mitigation.title} ({mitigation.control}){where}: {who}, {due}"
    return line_of(words, *progress_badges(one), *ticket_links(one))


def threats_section(source: ReportSource) -> Section:
    """Return the scores of all threats, then each threat in order."""
    known = source.register
    each = tuple(_threat(source, threat) for threat in known.ranked)
    return Section(
        "threat-details", "Threats in detail", tuple(ranking_blocks(known)), (*each, *_former(known))
    )


def _threat(source: ReportSource, one: RankedThreat) -> Section:
    known, threat = source.register, one.threat
    status = known.statuses[threat.id]
    facts = (
        *_place(known, threat),
        *score_facts(one),
        *origin_facts(known, threat, source.naming),
        *response_facts(source, threat, status),
    )
    return Section(
        threat_section_id(threat.id),
        f"{threat.id} {threat.title}",
        (*paragraphs(threat.description), Facts(facts)),
        badges=tuple(_badges(one, status)),
    )


def _badges(one: RankedThreat, status: ThreatStatus) -> Iterator[Badge | Meter]:
    if one.score is not None:
        yield band_badge(one.score.tally.band)
        yield score_meter(one.score)
    yield from state_badges(status)


def _place(known: ThreatRegister, threat: Threat) -> tuple[Fact, ...]:
    link = [line_of(web_link("this message", threat.link))] if threat.link else []
    merged = [other.threat for other in known.merged if _home(known, other.into) == threat.id]
    return stated(
        ("STRIDE", [line_of(", ".join(category.label for category in threat.stride))]),
        ("Where", place_lines(known, threat)),
        ("Reported in", link),
        ("Merged from", (line_of(f"{other.title} ({other.id})") for other in merged)),
    )


def _home(known: ThreatRegister, threat: ThreatId) -> ThreatId:
    """Return the threat into which a threat was merged, also over several mergers."""
    into = {one.threat.id: one.into for one in known.merged}
    while threat in into:
        threat = into[threat]
    return threat


def _former(known: ThreatRegister) -> tuple[Section, ...]:
    lines = tuple(line_of(f"{one.id} {quote(one.title)}") for one in known.withdrawn)
    return (Section("withdrawn", "Withdrawn threats", (Bullets(lines),)),) if lines else ()


def dismissed_section(source: ReportSource) -> Section:
    """Return the dismissed suggested threats, latest first."""
    together: dict[tuple[object, ...], list[DismissedSuggestedThreat]] = {}
    for one in source.register.dismissed:
        given = one.dismissal
        decision = (one.title, given.reason, given.by, given.at, one.state, one.rule_changed)
        together.setdefault(decision, []).append(one)
    rows = listing(
        together.values(),
        (Column("Suggested threat", 2.2), _dismissed),
        (Column("Where", 1.6), lambda some: tuple(line_of(each.element_name) for each in some)),
        (Column("Reason", 3.0), lambda some: quote(some[0].dismissal.reason)),
        (Column("By", 1.6), lambda some: _dismissed_by(source, some[0].dismissal)),
        (Column("Since then", 1.6), _since),
    )
    return Section("dismissed", "Dismissed suggested threats", rows)


def _dismissed(some: Sequence[DismissedSuggestedThreat]) -> Cell:
    return (
        line_of(some[0].title),
        *(line_of(Run(each.dismissal.suggested_threat, Style.CODE)) for each in some),
    )


def _dismissed_by(source: ReportSource, one: Dismissal) -> str:
    return f"{source.naming(one.by)}, {format_day(source.day_of(one.at))}"


def _since(some: Sequence[DismissedSuggestedThreat]) -> Cell:
    changed = "The rule has a newer version" if some[0].rule_changed else ""
    return tuple(line_of(words) for words in (_FATES[some[0].state], changed) if words)


_FATES = {
    DismissalState.HOLDS: "",
    DismissalState.RETURNED: "Reopened: a related answer changed",
    DismissalState.SILENT: "The rule no longer suggests it",
    DismissalState.ORPHAN: "Its element was removed",
}
