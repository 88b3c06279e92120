"""Registers of elements, kind by kind."""

from collections.abc import Iterator, Mapping

from bot.report.document_parts import Block, Bullets, Column, ReportParagraph, Run, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, capitalize_first, cell, statement_lines, table
from domain.built_in_catalog import BUILT_IN
from domain.kernel.element_link import ElementLink
from domain.kernel.elements import (
    PLURAL,
    Asset,
    Component,
    DataFlow,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    PersonId,
    TrustBoundary,
    TrustLevel,
    references,
)
from domain.register import RegisterItem, RegisterList, ThreatRegister


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
                "Technology": cell(BUILT_IN.technology_name(one.technology)),
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
                "Technology": cell(BUILT_IN.technology_name(one.technology)),
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
