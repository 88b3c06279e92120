"""What sections share: cells, links, pictures, and the origins of threats."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from bot.picture.charts import Chart
from bot.picture.diagram import ThemeName
from bot.report.document_parts import (
    Badge,
    Column,
    Fact,
    Meter,
    Picture,
    ReportLine,
    ReportParagraph,
    ReportTable,
    Run,
    Style,
    Tone,
    line_of,
)
from domain.analysis.rule_findings import SuggestedThreat
from domain.analysis.suggested_threat_groups import shared_reasons
from domain.dread.scoring import Band
from domain.kernel.elements import DataFlow, ElementId
from domain.kernel.mitigation import MitigationState
from domain.kernel.standards import (
    ASVS_VERSION,
    ATLAS_TECHNIQUES,
    OWASP_LLM_RISKS,
    section_words,
    weakness_text,
)
from domain.kernel.text_formatting import Naming, join_list
from domain.kernel.threat import Threat, ThreatId, rule_of
from domain.model.element_labels import name_elements
from domain.register import ThreatRegister
from domain.remediation.status import PlaceStatus, ThreatState, ThreatStatus, TrackedMitigation
from domain.voting.scores import Score
from domain.wording.considered_prompts import thinking_text
from domain.wording.controls import former_controls

_Row = TypeVar("_Row")

Cell = tuple[ReportLine, ...]
"""A table cell: one line, or several."""

NOTHING: Cell = (line_of(Run("\N{EN DASH}", Style.QUIET)),)


def format_day(one: date | None) -> str:
    """Format a day: `6 March 2026`; empty for None."""
    return f"{one.day} {one:%B %Y}" if one else ""


def format_short_day(one: date | None) -> str:
    """Format a day for a narrow column: `6 Mar 2026`; empty for None."""
    return f"{one.day} {one:%b %Y}" if one else ""


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
    """Return user text line by line."""
    return tuple(line_of(line) for line in _lines(text))


def stated(*facts: tuple[str, Iterable[ReportLine]]) -> tuple[Fact, ...]:
    """Return the properties that have lines, by name."""
    return tuple(Fact(name, lines) for name, given in facts if (lines := tuple(given)))


def paragraph(*parts: str | Run | Badge | Meter) -> ReportParagraph:
    """Return a paragraph of one line."""
    return ReportParagraph(line_of(*parts))


def paragraphs(text: str) -> list[ReportParagraph]:
    """Return user text, one paragraph per line."""
    return [paragraph(line) for line in _lines(text)]


def table(columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]], caption: str = "") -> ReportTable:
    """Return a table without columns that are empty in all rows; the first one stays.

    A text is a cell of one line, and an empty cell is shown as a dash.
    """
    every = [[cell(one) if isinstance(one, str) else one or NOTHING for one in row] for row in rows]
    kept = [
        place for place in range(len(columns)) if not place or any(row[place] != NOTHING for row in every)
    ]
    return ReportTable(
        columns=tuple(columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in every),
        caption=caption,
    )


def listing(
    rows: Iterable[_Row], *columns: tuple[Column, Callable[[_Row], str | Cell]], caption: str = ""
) -> tuple[ReportTable, ...]:
    """Return the table of some things, with a cell of each for each column; nothing without any."""
    shown = [[cell_of(row) for _, cell_of in columns] for row in rows]
    return (table([column for column, _ in columns], shown, caption),) if shown else ()


def threat_section_id(threat: ThreatId) -> str:
    """Return the ID of a threat's section."""
    return threat.lower()


def linked_threat(known: ThreatRegister, threat: ThreatId, text: str = "") -> Run:
    """Return a threat by ID or another text, linked to its section if it has one."""
    return Run(text or threat, link=threat_section_id(threat) if threat in known.statuses else "")


def titled_threat(known: ThreatRegister, threat: Threat) -> Run:
    """Return a threat by ID and title, linked to its section."""
    return linked_threat(known, threat.id, f"{threat.id} {threat.title}")


def linked_threats(known: ThreatRegister, threats: Iterable[ThreatId]) -> Cell:
    """Return several threats in a line."""
    runs = [part for threat in threats for part in (", ", linked_threat(known, threat))]
    return cell(*runs[1:])


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
    places = [place for place in known.places.get(threat.id, ()) if place.place]
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
    return line_of(band_badge(score.tally.band), score_meter(score))


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
    return _badges(Badge(status.state.label, _STATES[status.state]), late=status.overdue)


def progress_badges(tracked: TrackedMitigation) -> tuple[Badge, ...]:
    """Return the state of a mitigation, and whether it is overdue."""
    state = tracked.mitigation.state
    return _badges(Badge(state.label, _PROGRESS[state]), late=tracked.overdue)


def _badges(state: Badge, *, late: bool) -> tuple[Badge, ...]:
    return (state, Badge("overdue", Tone.CRITICAL)) if late else (state,)


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


def controls_in_place(known: ThreatRegister) -> Iterator[ReportParagraph]:
    """Yield how many controls are in place on what basis, and how many answers were spot-checked."""
    if known.in_place.total:
        yield paragraph(f"{known.in_place.sentence}. {known.checks.sentence}.")


def prompts_considered(known: ThreatRegister) -> Iterator[ReportParagraph]:
    """Yield how many prompts to think further were considered, without who did."""
    if thought := thinking_text(known.considered_prompts, None):
        yield paragraph(f"Think further: {thought}.")


def chart_picture(id: str, title: str, drawn: Callable[[ThemeName], Chart]) -> Picture:
    """Return a chart in light and dark; the table after it has the same content."""
    chart = drawn("light")
    return Picture(
        id=id,
        title=title,
        svg=chart.svg,
        width=chart.width,
        height=chart.height,
        alt_text=chart.alt_text,
        dark=drawn("dark").svg,
        described_by_table=True,
    )


def origin_facts(known: ThreatRegister, threat: Threat, naming: Naming) -> tuple[Fact, ...]:
    """Return a threat's statement, the rules that found it with their evidence, and its references."""
    still = {one.id: one for one in known.confirmed}
    places: dict[str, list[SuggestedThreat | None]] = {}
    for suggested_threat in threat.suggested_threats:
        places.setdefault(rule_of(suggested_threat), []).append(still.get(suggested_threat))
    lines = [line for id, found in places.items() for line in _origin(known, threat, id, found, naming)]
    rules = [rule for id in places if (rule := known.catalog.rules_by_id.get(id))]
    sections = dict.fromkeys(section for rule in rules for section in rule.asvs)
    weaknesses = dict.fromkeys((*threat.cwe, *(number for rule in rules for number in rule.cwe)))
    techniques = dict.fromkeys(technique for rule in rules for technique in rule.atlas)
    risks = dict.fromkeys(risk for rule in rules for risk in rule.owasp_llm)
    privacy = dict.fromkeys(rule.linddun for rule in rules if rule.linddun)
    return stated(
        ("Threat statement", (line_of(statement) for statement in known.statements.get(threat.id, ()))),
        ("Found by", lines or [line_of("A participant, not a rule.")]),
        (f"OWASP ASVS {ASVS_VERSION}", (line_of(section_words(one)) for one in sections)),
        ("Weaknesses", (line_of(weakness_link(weakness)) for weakness in weaknesses)),
        ("LINDDUN", (line_of(capitalize_first(one)) for one in privacy)),
        ("MITRE ATLAS", (line_of(f"{one} {ATLAS_TECHNIQUES[one]}") for one in techniques)),
        ("OWASP LLM Top 10", (line_of(f"{one} {OWASP_LLM_RISKS[one]}") for one in risks)),
    )


def suggested_threat_evidence(known: ThreatRegister, one: SuggestedThreat, naming: Naming) -> Iterator[str]:
    """Yield the evidence: properties of the model, answers, and controls that were in place before."""
    for seen in one.observed:
        yield f"{seen.statement}{_whose(known, one, seen.element)}"
    for fact in one.facts:
        answer = fact.answer.replace("_", " ")
        yield f"“{fact.statement}”: {answer}{_whose(known, one, fact.element)}"
    yield from former_controls(one.facts, naming)


def shared_evidence(known: ThreatRegister, every: Sequence[SuggestedThreat], naming: Naming) -> Iterator[str]:
    """Yield the evidence of suggested threats of one rule, each once, with the elements it is true of."""
    if len(every) == 1:
        yield from suggested_threat_evidence(known, every[0], naming)
        return
    for one in shared_reasons(every):
        words = f"“{one.statement}”: {one.answer.replace('_', ' ')}" if one.answer else one.statement
        yield f"{words} ({name_elements(one.elements, known.name_of)})" if one.elements else words
    yield from dict.fromkeys(former_controls((fact for one in every for fact in one.facts), naming))


def weakness_link(number: int, *, named: bool = True) -> Run:
    """Return a weakness linked to its page at MITRE, by number only if it is not to be `named`."""
    words = weakness_text(number) if named else f"CWE-{number}"
    return Run(words, link=f"https://cwe.mitre.org/data/definitions/{number}.html")


def _origin(
    known: ThreatRegister, threat: Threat, id: str, places: Sequence[SuggestedThreat | None], naming: Naming
) -> Iterator[ReportLine]:
    """Yield a rule, and what it is based on at all of its places."""
    rule = known.catalog.rules_by_id.get(id)
    why = f" {rule.explanation}" if rule and rule.explanation != threat.description else ""
    yield line_of(
        f"Rule {id}: {rule.title}.{why}" if rule else f"Rule {id}, which is no longer in the catalog."
    )
    still = [place for place in places if place is not None]
    if not still:
        yield line_of(quiet("The rule no longer suggests it, because related answers have changed."))
        return
    found = list(shared_evidence(known, still, naming))
    if found:
        more = len(found) - _EVIDENCE
        shown = found if more <= 1 else [*found[:_EVIDENCE], f"{more} more answers"]
        yield line_of(f"Based on: {join_list(shown)}.")
    if gone := len(places) - len(still):
        words = f"The rule no longer suggests it at {gone} of {len(places)} places, because related answers "
        yield line_of(quiet(f"{words}have changed."))


_EVIDENCE = 6


def _whose(known: ThreatRegister, one: SuggestedThreat, about: ElementId) -> str:
    item = known.item(about)
    return "" if about == one.element or item is None else f" ({item.name})"
