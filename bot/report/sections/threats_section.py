"""Threats in detail, worst first: description, score, origin, response."""

from collections.abc import Iterator

from bot.report.document_parts import Badge, Bullets, Fact, Facts, Meter, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.responses_section import response_facts
from bot.report.sections.scores_section import ranking_blocks, score_facts
from bot.report.sections.section_formatting import (
    band_badge,
    paragraphs,
    place_lines,
    quote,
    score_meter,
    state_badges,
    threat_section_id,
    web_link,
)
from bot.report.sections.threat_origins import origin_facts
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister
from domain.remediation.status import ThreatStatus
from domain.voting.scores import RankedThreat


def threats_section(source: ReportSource) -> Section:
    """Return the scores of all threats, then each threat in order."""
    known = source.register
    each = tuple(_threat(source, one) for one in known.ranked)
    return Section(
        "threat-details", "Threats in detail", tuple(ranking_blocks(known)), (*each, *_former(known))
    )


def _threat(source: ReportSource, one: RankedThreat) -> Section:
    known, threat = source.register, one.threat
    status = known.statuses[threat.id]
    facts = (
        *_place(source, one),
        *score_facts(one),
        *origin_facts(known, threat),
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


def _place(source: ReportSource, one: RankedThreat) -> Iterator[Fact]:
    known, threat = source.register, one.threat
    yield Fact("STRIDE", (line_of(", ".join(category.label for category in threat.stride)),))
    if places := place_lines(known, threat):
        yield Fact("Where", places)
    if threat.link:
        yield Fact("Reported in", (line_of(web_link("this message", threat.link)),))
    merged = [other.threat for other in known.merged if _home(known, other.into) == threat.id]
    if merged:
        yield Fact("Merged from", tuple(line_of(f"{other.title} ({other.id})") for other in merged))


def _home(known: ThreatRegister, threat: ThreatId) -> ThreatId:
    """Return the threat into which a threat was merged, also over several mergers."""
    into = {one.threat.id: one.into for one in known.merged}
    while threat in into:
        threat = into[threat]
    return threat


def _former(known: ThreatRegister) -> tuple[Section, ...]:
    if not known.withdrawn:
        return ()
    lines = tuple(line_of(f"{one.id} {quote(one.title)}") for one in known.withdrawn)
    return (Section("withdrawn", "Withdrawn threats", (Bullets(lines),)),)
