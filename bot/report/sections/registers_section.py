"""Registers of a model: elements, answers, changes, the retrospective."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from bot.report.document_parts import (
    Block,
    Bullets,
    Column,
    Fact,
    Facts,
    ReportLine,
    ReportParagraph,
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
    quiet,
    quote,
    statement_lines,
    table,
)
from domain.catalog import Catalog
from domain.changes import Change, ChangeGroup
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    PLURAL,
    Asset,
    Component,
    DataFlow,
    ElementId,
    ElementLink,
    EntryPoint,
    ExternalDependency,
    Kind,
    PersonId,
    TrustBoundary,
    TrustLevel,
    references,
)
from domain.kernel.person_names import with_names
from domain.kernel.retrospective import RetrospectiveQuestion
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
    rows = [
        [
            cell(f"{known.name_of(one.dependency)} ({one.dependency})"),
            cell(f"{known.name_of(one.component)} ({one.component})"),
            cell("yes" if one.same else "no"),
            statement_lines(_differing(known, one) if one.same else ""),
        ]
        for one in known.links
    ]
    return Section("links", "External dependencies in the flows", (table(_LINKS, rows),) if rows else ())


def _differing(known: ThreatRegister, link: ElementLink) -> str:
    return "\n".join(
        f"{one.subject} Dependency: {one.of_dependency}. Component: {one.of_component}."
        for one in known.differing.get((link.dependency, link.component), ())
    )


def _register(source: ReportSource, one: RegisterList) -> Section:
    title = capitalize_first(PLURAL[one.kind])
    return Section(one.kind.replace("_", "-"), title, tuple(_blocks(source, one)))


def _blocks(source: ReportSource, one: RegisterList) -> Iterator[Block]:
    remark = _REMARKS.get(one.kind)
    if one.complete:
        yield ReportParagraph(
            line_of("The team marked this list as complete.", *([f" {remark}"] if remark else []))
        )
    elif remark:
        yield ReportParagraph(line_of(remark))
    if one.kind is Kind.DATA_FLOW:
        where = Run("Data flows", link="diagram")
        yield ReportParagraph(line_of("Sources, receivers and assets are listed under ", where, "."))
        if not any(_says_more(item) for item in one.items):
            return
    rows = [_told(source, item) for item in one.items]
    unowned = one.kind is Kind.COMPONENT and not any(map(_component_owner, one.items))
    untold = not any(item.origins for item in one.items)
    hidden = {*(("Owner",) if unowned else ()), *(("Source",) if untold else ())}
    titles = [title for title in rows[0] if title not in hidden]
    columns = [Column(title, _SHARES.get(title, 1.2)) for title in titles]
    yield table(columns, ([row[title] for title in titles] for row in rows))


def _component_owner(item: RegisterItem) -> PersonId | None:
    return item.element.owner if isinstance(item.element, Component) else None


def _told(source: ReportSource, item: RegisterItem) -> Mapping[str, Cell]:
    """Return an element's cells by column."""
    return {
        "ID": cell(item.id),
        "Name": cell(f"{item.name}{_same_as(source.register, item)}"),
        "Description": statement_lines(item.element.description),
        **_attributes(source, item),
        "Source": statement_lines("\n".join(dict.fromkeys(one.place.text for one in item.origins))),
    }


def _same_as(known: ThreatRegister, item: RegisterItem) -> str:
    """Return which elements of another kind are the same thing; empty if none are."""
    pairs = ((one.dependency, one.component) for one in known.links if one.same)
    others = [pair[1] if item.id == pair[0] else pair[0] for pair in pairs if item.id in pair]
    return f" (same as {', '.join(others)})" if others else ""


def _attributes(source: ReportSource, item: RegisterItem) -> dict[str, Cell]:
    known = source.register
    match item.element:
        case ExternalDependency() as one:
            return {
                "Type": cell(one.sort),
                "Technology": cell(source.register.catalog.technology_name(one.technology)),
                "Owner": cell(one.owner),
                "Effect of an outage": cell(_OUTAGES[one.outage] if one.outage else ""),
            }
        case EntryPoint() as one:
            return {
                "Part of": cell(known.name_of(one.parent)),
                "Leads to": cell(known.name_of(one.component)),
                "Exposure": cell(one.exposure or ""),
                "Protocol": cell(one.protocol),
                "Least trusted user": cell(known.name_of(one.lowest_trust_level)),
            }
        case Asset() as one:
            return {
                "Type": cell(one.data or ""),
                "Custom type": cell(one.sort),
                "Confidentiality": cell(one.confidentiality or ""),
                "Integrity": cell(one.integrity or ""),
                "Availability": cell(one.availability or ""),
                "Stored in": cell(_names(known, one.stored_in)),
                "Read by": cell(_names(known, one.readers)),
                "Written by": cell(_names(known, one.writers)),
            }
        case Component() as one:
            return {
                "Type": cell((one.sort or "").replace("_", " ")),
                "Technology": cell(source.register.catalog.technology_name(one.technology)),
                "Trust level": cell(known.name_of(one.trust_level)),
                "Boundary": cell(known.name_of(one.boundary)),
                "Owner": cell(source.naming(one.owner) if one.owner else ""),
            }
        case DataFlow() as one:
            return {"Protocol": cell(one.protocol)}
        case TrustBoundary() as one:
            return {"Inside": cell(known.name_of(one.parent)), "Contains": cell(_held(known, one.id))}
        case TrustLevel() as one:
            return {"Components": cell(_held(known, one.id))}


def _held(known: ThreatRegister, place: ElementId) -> str:
    """Return the names of elements in a boundary or at a trust level."""
    every = (item for kind in (Kind.COMPONENT, Kind.TRUST_BOUNDARY) for item in known.items(kind))
    return ", ".join(item.name for item in every if place in references(item.element))


def _says_more(item: RegisterItem) -> bool:
    """Return whether a flow has details beyond the table of flows."""
    one = item.element
    told = one.name or one.description or (isinstance(one, DataFlow) and one.protocol)
    return bool(told or item.origins)


def _names(known: ThreatRegister, ids: tuple[ElementId, ...]) -> str:
    return ", ".join(known.name_of(one) for one in ids)


_LINKS = (
    Column("External dependency", 1.6),
    Column("Component", 1.6),
    Column("The same thing", 0.8),
    Column("Answers that differ", 3.0),
)
_REMARKS = {Kind.TRUST_LEVEL: "Sorted from the least to the most trusted."}
_OUTAGES = {"nothing": "none", "degraded": "degraded service", "stops": "the system stops"}
_SHARES = {
    "ID": 0.7,
    "Name": 2.0,
    "Description": 3.0,
    "Stored in": 1.6,
    "Read by": 1.6,
    "Written by": 1.6,
    "Contains": 2.6,
}


def answers_section(source: ReportSource) -> Section:
    """Return the answers about each element with answered questions."""
    known = source.register
    inner = (*(_answers(known.catalog, one) for one in known.lists.values()), _assumed(known))
    return Section("answers", "Answers", (), tuple(one for one in inner if one.blocks))


def _assumed(known: ThreatRegister) -> Section:
    """Return the assumptions from technologies and protocols, each with its source and use."""
    rows = [_assumption(known.catalog, one) for one in known.assumed]
    words = ReportParagraph(
        line_of("These values follow from technologies and protocols. No participant has confirmed them.")
    )
    return Section("assumed", "Assumed values", (words, table(_ASSUMED, rows)) if rows else ())


def _assumption(catalog: Catalog, one: AssumedItem) -> tuple[Cell, ...]:
    use = "used instead of an answer" if one.skips else "to be confirmed" if one.suggested else "not asked"
    assumed = one.assumed
    negated = "" if assumed.answer is Answer.YES else f": {assumed.answer.label}"
    return (
        cell(f"{one.name} ({one.element})"),
        cell(f"{_statement(catalog, assumed.fact)}{negated}"),
        cell(assumed.reason),
        cell(quiet(assumed.url)),
        cell(use),
    )


def _answers(catalog: Catalog, one: RegisterList) -> Section:
    rows = [_answered(catalog, item) for item in one.items if item.facts]
    title = f"Answers about {PLURAL[one.kind]}"
    return Section(f"answers-{one.kind.replace('_', '-')}", title, (table(_ANSWERED, rows),) if rows else ())


def _answered(catalog: Catalog, item: RegisterItem) -> tuple[Cell, ...]:
    by_answer: dict[Answer, list[ReportLine]] = {}
    evidence, positions = item.evidence, catalog.fact_positions
    for fact, answer in sorted(item.facts.items(), key=lambda one: positions.get(one[0], len(positions))):
        place = evidence.get(fact)
        shown = (quiet(f" ({place.text})"),) if place else ()
        by_answer.setdefault(answer, []).append(line_of(_statement(catalog, fact), *shown))
    return (
        cell(f"{item.name} ({item.id})"),
        *(tuple(by_answer.get(answer, ())) or cell("") for answer in Answer),
    )


def _statement(catalog: Catalog, fact: str) -> str:
    declared = catalog.find_fact(fact)
    return capitalize_first(declared.statement if declared else fact.replace("_", " "))


_ASSUMED = (
    Column("Element", 1.5),
    Column("Assumed", 2.0),
    Column("Reason", 2.4),
    Column("Source", 2.4),
    Column("Use", 1.2),
)
_ANSWERED = (
    Column("Element", 1.5),
    Column("Yes", 2.2),
    Column("No", 2.2),
    Column("Don't know", 1.6),
    Column("Not applicable", 1.6),
)


def changes_section(source: ReportSource) -> Section:
    """Return a table for each group of changes; an empty section without a start date."""
    since = source.since
    if since is None:
        return Section("changes", "Changes")
    inner = [
        Section(
            f"changes-{group.value.replace('_', '-')}",
            group.label,
            (table(_COLUMNS, [_row(source, one) for one in some]),),
        )
        for group, some in groupby(since.changes, key=lambda one: one.group)
    ]
    nothing = (ReportParagraph(line_of("The model has not changed since then.")),)
    title = f"Changes since {format_day(source.day_of(since.moment))}"
    return Section("changes", title, () if inner else nothing, tuple(inner))


def _row(source: ReportSource, one: Change) -> tuple[Cell, ...]:
    return (
        cell(_called(source, one)),
        cell(one.how),
        tuple(_details(source, one)) or cell(""),
        cell(", ".join(source.naming(person) for person in one.by)),
        cell(format_day(source.day_of(one.at)) if one.at else ""),
    )


def _called(source: ReportSource, one: Change) -> Run:
    words = _named(source, one, one.called)
    return linked_threat(source.register, ThreatId(one.id), words) if one.group in _THREATS else Run(words)


def _details(source: ReportSource, one: Change) -> Iterator[ReportLine]:
    for detail in one.details:
        label = (quiet(detail.label),) if detail.label else ()
        yield line_of(*label, _named(source, one, detail.values))


def _named(source: ReportSource, one: Change, words: str) -> str:
    return with_names(words, one.people, source.naming)


_THREATS = (ChangeGroup.THREATS, ChangeGroup.RESPONSES, ChangeGroup.ACCEPTANCES)
_COLUMNS = (
    Column("Item", 2.6),
    Column("Change", 1.3),
    Column("From → to", 3.6),
    Column("By", 1.3),
    Column("Last changed", 1.3),
)


def retrospective_section(source: ReportSource) -> Section:
    """Return the answers by question, without names, because they are about colleagues' work."""
    facts = [
        Fact(question.text, tuple(line_of(quote(text)) for text in said))
        for question in RetrospectiveQuestion
        if (said := _retrospective_answers(source, question))
    ]
    return Section("looking-back", "Retrospective", (Facts(tuple(facts)),) if facts else ())


def _retrospective_answers(source: ReportSource, question: RetrospectiveQuestion) -> list[str]:
    every = (answer for one in source.register.retrospectives for answer in one.answers)
    return sorted(answer.text for answer in every if answer.question is question)
