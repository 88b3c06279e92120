"""Formatting of days, quantities, people, states, lines and cells."""

from collections.abc import Iterable, Sequence
from datetime import date

from bot.report.document_parts import (
    Badge,
    Column,
    Meter,
    ReportLine,
    ReportParagraph,
    ReportTable,
    Run,
    Style,
    Tone,
    line_of,
)
from domain.dread.scoring import Band
from domain.kernel.elements import DataFlow, ElementId
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import Threat, ThreatId
from domain.register import ThreatRegister
from domain.remediation.place_status import PlaceStatus
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.voting.scores import Score

Cell = tuple[ReportLine, ...]
"""A table cell: one line, or several."""

NOTHING: Cell = (line_of(Run("\N{EN DASH}", Style.QUIET)),)


def format_day(one: date) -> str:
    """Format a day: `6 March 2026`."""
    return f"{one.day} {one:%B %Y}"


def format_short_day(one: date) -> str:
    """Format a day for a narrow column: `6 Mar 2026`."""
    return f"{one.day} {one:%b %Y}"


def capitalize_first(sentence: str) -> str:
    """Return the sentence with its first letter capitalized."""
    return f"{sentence[:1].upper()}{sentence[1:]}"


def quote(text: str) -> str:
    """Return user text on one line, in quotes."""
    return f"“{' '.join(text.split())}”"


def strong(text: str) -> Run:
    """Return emphasized text."""
    return Run(text, Style.STRONG)


def quiet(text: str) -> Run:
    """Return subdued text."""
    return Run(text, Style.QUIET)


def cell(*parts: str | Run | Badge | Meter) -> Cell:
    """Return one line of a cell; a dash if it is empty."""
    return (line_of(*parts),) if any(parts) else NOTHING


def statement_lines(text: str) -> Cell:
    """Return user text line by line; a dash if it is empty."""
    return tuple(line_of(one) for one in _lines(text)) or NOTHING


def paragraphs(text: str) -> list[ReportParagraph]:
    """Return user text, one paragraph per line."""
    return [ReportParagraph(line_of(one)) for one in _lines(text)]


def table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], caption: str = "") -> ReportTable:
    """Return a table without columns that are empty in all rows; the first one stays."""
    every = [tuple(row) for row in rows]
    kept = [
        place
        for place in range(len(columns))
        if not place or any(row[place] not in (NOTHING, ()) for row in every)
    ]
    return ReportTable(
        columns=tuple(columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in every),
        caption=caption,
    )


def threat_section_id(threat: ThreatId) -> str:
    """Return the ID of a threat's section."""
    return threat.lower()


def linked_threat(known: ThreatRegister, threat: ThreatId, text: str = "") -> Run:
    """Return a threat by ID or another text, linked to its section if it has one."""
    return Run(text or threat, link=threat_section_id(threat) if threat in known.statuses else "")


def web_link(text: str, address: str) -> Run:
    """Return text linked to a web page; the address itself if it is not safe to follow."""
    return Run(text, link=address) if address.startswith("https://") else Run(address)


def ticket_links(one: TrackedMitigation) -> tuple[Run, ...]:
    """Return the issue of a mitigation and its ticket, unless both are the same, as links."""
    issue = one.issue.issue if one.issue else None
    ticket = one.mitigation.ticket
    same = issue is not None and ticket in (issue.key, issue.url)
    return (
        *((web_link(" ".join(issue.key.split()), issue.url),) if issue else ()),
        *((web_link("ticket", ticket),) if ticket and not same else ()),
    )


def element_name(known: ThreatRegister, id: ElementId | None) -> str:
    """Return name and ID: `Front door (EP-1)`, marked if it was removed."""
    item = known.item(id) if id else None
    if item is None:
        return id or ""
    return f"{item.name} ({item.id}{', removed' if item.removed else ''})"


def place_name(known: ThreatRegister, id: ElementId) -> str:
    """Return the name of an element; of a flow without a name its ends, without what it carries."""
    item = known.item(id)
    if item is not None and isinstance(item.element, DataFlow) and not item.element.name:
        return f"{known.name_of(item.element.source)} → {known.name_of(item.element.target)}"
    return known.name_of(id)


def place_lines(known: ThreatRegister, threat: Threat) -> tuple[ReportLine, ...]:
    """Return the places of a threat with their states, and how many more there are."""
    places = [one for one in known.places.get(threat.id, ()) if one.place]
    if len(places) == 1 and threat.element:
        return (line_of(element_name(known, threat.element)),)
    shown = places if len(places) <= MAX_PLACES + 1 else places[:MAX_PLACES]
    lines = [line_of(_place(one), quiet(f", {one.state.label}" if one.state.label else "")) for one in shown]
    more = [line_of(quiet(f"and {len(places) - len(shown)} more places"))] if len(shown) < len(places) else []
    return (*lines, *more)


def _place(one: PlaceStatus) -> str:
    return f"{one.name} ({', '.join(one.elements)})"


MAX_PLACES = 12
"""The number of places of a threat that are listed."""


def band_badge(band: Band) -> Badge:
    """Return the severity of a threat, in its color."""
    return Badge(band.value, Tone(band.value))


def score_text(score: Score | None) -> ReportLine:
    """Return a score in a line: the band and the mean; or that there is none."""
    if score is None:
        return line_of(quiet("not scored"))
    tally = score.tally
    return line_of(band_badge(tally.band), score_meter(score))


def score_cell(score: Score | None) -> Cell:
    """Return a score for a narrow column: the band and the mean, without a bar."""
    if score is None:
        return cell(quiet("not scored"))
    return cell(band_badge(score.tally.band), f" {score.tally.mean:.1f}")


def score_meter(score: Score) -> Meter:
    """Return the mean of a score as a bar."""
    tally = score.tally
    return Meter(tally.mean, f"{tally.mean:.1f}", Tone(tally.band.value))


def state_badges(status: ThreatStatus) -> tuple[Badge, ...]:
    """Return the status of a threat, and whether part of it is overdue."""
    late = (Badge("overdue", Tone.CRITICAL),) if status.overdue else ()
    return (Badge(status.state.label, _STATES[status.state]), *late)


def progress_badges(tracked: TrackedMitigation) -> tuple[Badge, ...]:
    """Return the state of a mitigation, and whether it is overdue."""
    state = tracked.mitigation.state
    late = (Badge("overdue", Tone.CRITICAL),) if tracked.overdue else ()
    return (Badge(state.label, _PROGRESS[state]), *late)


def _lines(text: str) -> list[str]:
    return [one for row in text.splitlines() if (one := row.strip())]


_STATES = {
    ThreatState.OPEN: Tone.WAITING,
    ThreatState.PROPOSED: Tone.WAITING,
    ThreatState.RESPONDED: Tone.WAITING,
    ThreatState.IN_PROGRESS: Tone.WAITING,
    ThreatState.MITIGATED: Tone.GOOD,
    ThreatState.ACCEPTED: Tone.NEUTRAL,
    ThreatState.EXPIRED: Tone.HIGH,
    ThreatState.TRANSFERRED: Tone.NEUTRAL,
    ThreatState.AVOIDED: Tone.GOOD,
}
_PROGRESS = {
    MitigationState.PLANNED: Tone.WAITING,
    MitigationState.STARTED: Tone.WAITING,
    MitigationState.IMPLEMENTED: Tone.WAITING,
    MitigationState.VERIFIED: Tone.GOOD,
    MitigationState.DROPPED: Tone.NEUTRAL,
}
