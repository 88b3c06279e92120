"""Diagram as text: a description, and a table of flows."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from bot.picture.diagram.diagram_parts import BoundaryZone, Diagram, Flow, ThreatCount
from domain.kernel.text_formatting import count_phrase


class FlowRow(msgspec.Struct, frozen=True, kw_only=True):
    """One flow as a table row."""

    number: str
    id: str
    source: str
    target: str
    name: str
    entry_point: str
    assets: str
    crosses: bool
    threats: str
    open_threats: ThreatCount
    two_way: bool = False

    @property
    def receiver(self) -> str:
        """The target, with the way back if there is one."""
        return f"{self.target} (two-way)" if self.two_way else self.target


def headline(diagram: Diagram) -> str:
    """Return the subject of the picture."""
    return f"{diagram.name} · {diagram.key}"


def subtitle(diagram: Diagram) -> list[str]:
    """Return version, day, and number of parts: one line, or two in a narrow picture."""
    crossing = sum(flow.crosses for flow in diagram.flows)
    words = [
        count_phrase(len(diagram.flows), "data flow"),
        f"{_of_them(diagram)} crossing" if crossing else "",
    ]
    lines = [
        f"Data-flow diagram · version {diagram.version} · {_day(diagram.day)}",
        ", ".join(word for word in words if word),
    ]
    if diagram.elsewhere:
        lines.append(_elsewhere(diagram.elsewhere))
    return lines


def describe_diagram(diagram: Diagram) -> str:
    """Return a description of the whole model, most important sentences first."""
    return " ".join(_sentences(diagram))


def flow_rows(diagram: Diagram) -> list[FlowRow]:
    """Return the flows ordered by number."""
    return [
        FlowRow(
            number=flow.number,
            id=flow.id,
            source=diagram.nodes[flow.source].name,
            target=diagram.nodes[flow.target].name,
            name=flow.name,
            entry_point=flow.entry_point,
            assets=_assets(flow),
            crosses=flow.crosses,
            threats=_open(flow.threats),
            open_threats=flow.threats,
            two_way=flow.two_way,
        )
        for flow in diagram.flows
    ]


def _of_them(diagram: Diagram) -> str:
    crossing = sum(flow.crosses for flow in diagram.flows)
    return "all of them" if crossing == len(diagram.flows) > 1 else f"{crossing} of them"


def _sentences(diagram: Diagram) -> Iterator[str]:
    yield (
        f"Data-flow diagram of {headline(diagram)}, version {diagram.version}, {_day(diagram.day)}: "
        f"{count_phrase(len(diagram.nodes), 'component')}, {count_phrase(len(diagram.flows), 'data flow')}, "
        f"{_of_them(diagram)} crossing a trust boundary or trust level."
    )
    for place, zone in enumerate(diagram.zones):
        yield from _zone(diagram, place, zone)
    outside = [one.name for one in diagram.nodes if one.zone is None]
    if outside and diagram.zones:
        yield f"Outside all boundaries: {', '.join(outside)}."
    for flow in diagram.flows:
        yield _flow(diagram, flow)
    for node in diagram.nodes:
        if node.threats.number:
            yield f"{node.name}: {_open(node.threats)}."
    if diagram.elsewhere:
        yield f"{_elsewhere(diagram.elsewhere)}."


def _zone(diagram: Diagram, place: int, zone: BoundaryZone) -> Iterator[str]:
    holds = [
        *(node.name for node in diagram.nodes if node.zone == place),
        *(f"the boundary {one.name}" for one in diagram.zones if one.parent == place),
    ]
    trust = ""
    if zone.trust is not None:
        low, high = zone.trust
        trust = f" (trust: {low.name})" if low == high else f" (trust: {low.name} to {high.name})"
    yield f"Boundary {zone.name}{trust} contains {', '.join(holds) or 'nothing yet'}."
    if zone.threats.number:
        yield f"{zone.name}: {_open(zone.threats)}."


def _flow(diagram: Diagram, flow: Flow) -> str:
    words = [
        f"Flow {flow.number}: {diagram.nodes[flow.source].name} to {diagram.nodes[flow.target].name}",
        " and back" if flow.two_way else "",
        f" ({flow.name})" if flow.name else "",
        f" through {flow.entry_point}" if flow.entry_point else "",
        f" with {_assets(flow)}" if flow.carried else "",
        ", crossing" if flow.crosses else "",
        f", {_open(flow.threats)}" if flow.threats.number else "",
    ]
    return "".join(words) + "."


def _assets(flow: Flow) -> str:
    """Return the assets of a flow, those back to the source after a bar."""
    there, back = ", ".join(flow.assets), ", ".join(flow.assets_back)
    return there if not back or back == there else f"{there} | {back}".strip()


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _open(threats: ThreatCount) -> str:
    if not threats.number:
        return ""
    highest = f" (highest risk: {threats.worst})" if threats.worst else ""
    return count_phrase(threats.number, "open threat") + highest


def _elsewhere(threats: Sequence[str]) -> str:
    shown = ", ".join(threats[:6])
    more = f" and {len(threats) - 6} more" if len(threats) > 6 else ""
    counted = count_phrase(len(threats), "open threat is", "open threats are")
    return f"{counted} not shown in the diagram: {shown}{more}"
