"""Registers of a model: elements, answers, changes, the retrospective."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby

from bot.report.document_parts import (
    Block,
    Bullets,
    Column,
    Fact,
    Facts,
    ReportLine,
    ReportTable,
    Run,
    Section,
    line_of,
)
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    Cell,
    capitalize_first,
    cell,
    format_day,
    linked_threat,
    listing,
    paragraph,
    quiet,
    quote,
    statement_lines,
    table,
)
from domain.catalog import Catalog
from domain.changes import Change, ChangeGroup
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind
from domain.kernel.closing import RetrospectiveQuestion
from domain.kernel.elements import (
    PLURAL,
    Asset,
    AssumedFact,
    Component,
    DataFlow,
    ElementId,
    ElementLink,
    EntryPoint,
    ExternalDependency,
    Kind,
    TrustBoundary,
    TrustLevel,
    references,
)
from domain.kernel.text_formatting import with_names
from domain.kernel.threat import ThreatId
from domain.register import AssumedItem, RegisterItem, RegisterList, ThreatRegister


def register_sections(source: ReportSource) -> Section:
    """Return a section for each kind of element present, and one for removed elements."""
    known = source.register
    inner = [_register(source, one) for one in known.lists.values() if one.items]
    removed = tuple(line_of(f"{item.name} ({item.id})") for item in known.removed)
    gone = Section("removed", "Removed elements", (Bullets(removed),) if removed else ())
    return Section("registers", "Registers", (), (*inner, _links(known), gone))


def _links(known: ThreatRegister) -> Section:
    """Return which external dependencies are components of the flows, with the answers that differ."""
    rows = listing(
        known.links,
        (Column("External dependency", 1.6), lambda one: _called(known, one.dependency)),
        (Column("Component", 1.6), lambda one: _called(known, one.component)),
        (Column("The same thing", 0.8), lambda one: "yes" if one.same else "no"),
        (Column("Answers that differ", 3.0), lambda one: statement_lines(_differing(known, one))),
    )
    return Section("links", "External dependencies in the flows", rows)


def _called(known: ThreatRegister, id: ElementId) -> str:
    return f"{known.name_of(id)} ({id})"


def _differing(known: ThreatRegister, link: ElementLink) -> str:
    return "\n".join(
        f"{one.subject} Dependency: {one.of_dependency}. Component: {one.of_component}."
        for one in (known.differing.get((link.dependency, link.component), ()) if link.same else ())
    )


def _register(source: ReportSource, one: RegisterList) -> Section:
    title = capitalize_first(PLURAL[one.kind])
    return Section(one.kind.replace("_", "-"), title, tuple(_blocks(source, one)))


def _blocks(source: ReportSource, one: RegisterList) -> Iterator[Block]:
    remarks = ["The team marked this list as complete."] if one.complete else []
    remarks += ["Sorted from the least to the most trusted."] if one.kind is Kind.TRUST_LEVEL else []
    if remarks:
        yield paragraph(" ".join(remarks))
    if one.kind is Kind.DATA_FLOW:
        where = Run("Data flows", link="diagram")
        yield paragraph("Sources, receivers and assets are listed under ", where, ".")
        if not any(_says_more(item) for item in one.items):
            return
    rows = [_cells(source, item) for item in one.items]
    columns = [Column(title, _SHARES.get(title, 1.2)) for title in rows[0]]
    yield table(columns, (list(row.values()) for row in rows))


def _cells(source: ReportSource, item: RegisterItem) -> Mapping[str, str | Cell]:
    """Return an element's cells by column."""
    return {
        "ID": item.id,
        "Name": f"{item.name}{_same_as(source.register, item)}",
        "Description": statement_lines(item.element.description),
        **_attributes(source, item),
        "Source": statement_lines("\n".join(dict.fromkeys(origin.place.text for origin in item.origins))),
    }


def _same_as(known: ThreatRegister, item: RegisterItem) -> str:
    """Return which elements of another kind are the same thing; empty if none are."""
    pairs = ((link.dependency, link.component) for link in known.links if link.same)
    others = [pair[1] if item.id == pair[0] else pair[0] for pair in pairs if item.id in pair]
    return f" (same as {', '.join(others)})" if others else ""


def _attributes(source: ReportSource, item: RegisterItem) -> dict[str, str]:
    known = source.register
    match item.element:
        case ExternalDependency() as one:
            return {
                "Type": one.sort,
                "Technology": known.catalog.technology_name(one.technology),
                "Owner": one.owner,
                "Effect of an outage": _OUTAGES[one.outage] if one.outage else "",
            }
        case EntryPoint() as one:
            return {
                "Part of": known.name_of(one.parent),
                "Leads to": known.name_of(one.component),
                "Exposure": one.exposure or "",
                "Protocol": one.protocol,
                "Least trusted user": known.name_of(one.lowest_trust_level),
            }
        case Asset() as one:
            return {
                "Type": one.data or "",
                "Custom type": one.sort,
                "Confidentiality": one.confidentiality or "",
                "Integrity": one.integrity or "",
                "Availability": one.availability or "",
                "Stored in": _names(known, one.stored_in),
                "Read by": _names(known, one.readers),
                "Written by": _names(known, one.writers),
            }
        case Component() as one:
            return {
                "Type": (one.sort or "").replace("_", " "),
                "Technology": known.catalog.technology_name(one.technology),
                "Trust level": known.name_of(one.trust_level),
                "Boundary": known.name_of(one.boundary),
                "Owner": source.naming(one.owner) if one.owner else "",
            }
        case DataFlow() as one:
            return {"Protocol": one.protocol}
        case TrustBoundary() as one:
            return {"Inside": known.name_of(one.parent), "Contains": _held(known, one.id)}
        case TrustLevel() as one:
            return {"Components": _held(known, one.id)}


def _held(known: ThreatRegister, place: ElementId) -> str:
    """Return the names of elements in a boundary or at a trust level."""
    every = (item for kind in (Kind.COMPONENT, Kind.TRUST_BOUNDARY) for item in known.items(kind))
    return ", ".join(item.name for item in every if place in references(item.element))


def _says_more(item: RegisterItem) -> bool:
    """Return whether a flow has details beyond the table of flows."""
    one = item.element
    protocol = isinstance(one, DataFlow) and one.protocol
    return bool(one.name or one.description or protocol or item.origins)


def _names(known: ThreatRegister, ids: tuple[ElementId, ...]) -> str:
    return ", ".join(known.name_of(id) for id in ids)


_OUTAGES = {"nothing": "none", "degraded": "degraded service", "stops": "the system stops"}
_SHARES = {
    "ID": 0.7,
    "Name": 2.0,
    "Description": 3.0,
    "Contains": 2.6,
    **dict.fromkeys(("Stored in", "Read by", "Written by"), 1.6),
}


def answers_section(source: ReportSource) -> Section:
    """Return the answers about each element with answered questions."""
    known = source.register
    inner = (*(_answers(known.catalog, one) for one in known.lists.values()), _assumed(known))
    return Section("answers", "Answers", (), tuple(one for one in inner if one.blocks))


def _assumed(known: ThreatRegister) -> Section:
    """Return the assumptions from technologies and protocols, each with its source and use."""
    rows = listing(
        known.assumed,
        (Column("Element", 1.5), lambda one: f"{one.name} ({one.element})"),
        (Column("Assumed", 2.0), lambda one: _assumption(known.catalog, one.assumed)),
        (Column("Reason", 2.4), lambda one: one.assumed.reason),
        (Column("Source", 2.4), lambda one: cell(quiet(one.assumed.url))),
        (Column("Use", 1.2), _use),
    )
    words = paragraph(
        "These values follow from technologies and protocols. No participant has confirmed them."
    )
    return Section("assumed", "Assumed values", (words, *rows) if rows else ())


def _assumption(catalog: Catalog, assumed: AssumedFact) -> str:
    negated = "" if assumed.answer is Answer.YES else f": {assumed.answer.label}"
    return f"{_statement(catalog, assumed.fact)}{negated}"


def _use(one: AssumedItem) -> str:
    return "used instead of an answer" if one.skips else "to be confirmed" if one.suggested else "not asked"


def _answers(catalog: Catalog, one: RegisterList) -> Section:
    shares = {Answer.YES: 2.2, Answer.NO: 2.2, Answer.UNKNOWN: 1.6, Answer.NOT_APPLICABLE: 1.6}
    rows = listing(
        [item for item in one.items if item.facts],
        (Column("Element", 1.5), lambda item: f"{item.name} ({item.id})"),
        *(
            (Column(capitalize_first(answer.label), share), partial(_answered, catalog, answer))
            for answer, share in shares.items()
        ),
    )
    return Section(f"answers-{one.kind.replace('_', '-')}", f"Answers about {PLURAL[one.kind]}", rows)


def _answered(catalog: Catalog, answer: Answer, item: RegisterItem) -> Cell:
    """Return the statements about an element that have an answer: the basis, and the places that show them.

    Without a basis, someone stated it of this element.
    """
    positions = catalog.fact_positions
    facts = [fact for fact, given in item.facts.items() if given is answer]
    facts.sort(key=lambda fact: positions.get(fact, len(positions)))
    return tuple(line_of(_statement(catalog, fact), *_known_by(item, fact)) for fact in facts)


def _known_by(item: RegisterItem, fact: str) -> tuple[Run, ...]:
    """Return what an answer rests on, as far as that is not a statement about this element alone."""
    basis, check, place = item.bases[fact], item.checks.get(fact), item.evidence.get(fact)
    known = [basis.text] if basis.kind is not BasisKind.STATED else []
    if check is not None and basis.kind is BasisKind.CONFIRMED:
        known[-1] += f": {check.evidence}"
    known += [place.text] if place else []
    return (quiet(f" ({'; '.join(known)})"),) if known else ()


def _statement(catalog: Catalog, fact: str) -> str:
    declared = catalog.facts.get(fact)
    return capitalize_first(declared.statement if declared else fact.replace("_", " "))


def changes_section(source: ReportSource) -> Section:
    """Return a table for each group of changes; an empty section without a start date."""
    since = source.since
    if since is None:
        return Section("changes", "Changes")
    inner = [
        Section(f"changes-{group.value.replace('_', '-')}", group.label, _changes(source, some))
        for group, some in groupby(since.changes, key=lambda change: change.group)
    ]
    nothing = (paragraph("The model has not changed since then."),)
    title = f"Changes since {format_day(source.day_of(since.moment))}"
    return Section("changes", title, () if inner else nothing, tuple(inner))


def _changes(source: ReportSource, some: Iterable[Change]) -> tuple[ReportTable, ...]:
    return listing(
        some,
        (Column("Item", 2.6), lambda one: cell(_changed(source, one))),
        (Column("Change", 1.3), lambda one: one.how),
        (Column("From → to", 3.6), lambda one: tuple(_details(source, one))),
        (Column("By", 1.3), lambda one: ", ".join(source.naming(person) for person in one.by)),
        (
            Column("Last changed", 1.3),
            lambda one: format_day(source.day_of(one.at)) if one.at else "",
        ),
    )


def _changed(source: ReportSource, one: Change) -> Run:
    words = _named(source, one, one.called)
    return linked_threat(source.register, ThreatId(one.id), words) if one.group in _THREATS else Run(words)


def _details(source: ReportSource, one: Change) -> Iterator[ReportLine]:
    for detail in one.details:
        label = (quiet(detail.label),) if detail.label else ()
        yield line_of(*label, _named(source, one, detail.values))


def _named(source: ReportSource, one: Change, words: str) -> str:
    return with_names(words, one.people, source.naming)


_THREATS = (ChangeGroup.THREATS, ChangeGroup.RESPONSES, ChangeGroup.ACCEPTANCES)


def retrospective_section(source: ReportSource) -> Section:
    """Return the answers by question, without names, because they are about colleagues' work."""
    every = [answer for retrospective in source.register.retrospectives for answer in retrospective.answers]
    facts = [
        Fact(question.text, tuple(line_of(quote(text)) for text in texts))
        for question in RetrospectiveQuestion
        if (texts := sorted(one.text for one in every if one.question is question))
    ]
    return Section("looking-back", "Retrospective", (Facts(tuple(facts)),) if facts else ())
