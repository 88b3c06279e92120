"""All threats in one table, worst first, with the statement, the places, the score and the response."""

from collections.abc import Iterator
from datetime import date

from bot.report.document_parts import Column, ReportLine, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    Cell,
    format_short_day,
    listing,
    paragraph,
    place_name,
    quiet,
    score_cell,
    state_badges,
    titled_threat,
)
from domain.kernel.threat import Threat, places_of
from domain.register import ThreatRegister
from domain.remediation.status import ThreatStatus


def threat_list_section(source: ReportSource) -> Section:
    """Return every threat with what it means, where it is, and what is done about it."""
    known = source.register
    rows = listing(
        known.ranked,
        (
            Column("Threat", 5.6),
            lambda one: (line_of(titled_threat(known, one.threat)), *_meaning(known, one.threat)),
        ),
        (Column("Where", 1.4), lambda one: places_cell(known, one.threat)),
        (Column("Score", 1.0), lambda one: score_cell(one.score)),
        (Column("Response", 1.6), lambda one: tuple(_response(source, known.statuses[one.threat.id]))),
    )
    method = [paragraph(_METHOD)] if any(threat.score for threat in known.ranked) else []
    return Section("threats", "Threats", (*method, *rows))


def places_cell(known: ThreatRegister, threat: Threat) -> Cell:
    """Return the names of the elements that a threat is about; those beyond a few are counted."""
    places = places_of(threat)
    names = [line_of(place_name(known, place)) for place in places[:_PLACES]]
    if len(places) > _PLACES:
        names.append(line_of(quiet(f"and {len(places) - _PLACES} more")))
    return tuple(names)


def in_charge(source: ReportSource, status: ThreatStatus) -> str:
    """Return the person responsible and the due date; the earliest of several."""
    to_do = [mitigation.mitigation for mitigation in status.mitigations if mitigation.mitigation.state.to_do]
    if to_do and not status.state.unanswered:
        first = min(to_do, key=lambda one: one.due or date.max)
        who = source.naming(first.owner) if first.owner else "no owner"
        return f"{who}, due {format_short_day(first.due)}" if first.due else f"{who}, no due date"
    if status.proposal is not None:
        asked = status.proposal.asked
        return f"{source.naming(asked)} (approval)" if asked else "no approver named"
    response = status.response
    return source.naming(response.owner) if response and not status.state.unanswered else ""


def _meaning(known: ThreatRegister, threat: Threat) -> Iterator[ReportLine]:
    """Yield the threat statement; without one, the description."""
    statements = known.statements.get(threat.id, ())
    if words := statements[0] if statements else " ".join(threat.description.split()):
        yield line_of(quiet(words))


def _response(source: ReportSource, status: ThreatStatus) -> Iterator[ReportLine]:
    yield line_of(*state_badges(status))
    if who := in_charge(source, status):
        yield line_of(quiet(who))


_PLACES = 4
_METHOD = (
    "Highest risk first. A score is the mean of DREAD metrics from blind votes, from 1 to 10. "
    "The full report has each metric, its spread and the reasons given."
)
