"""Mermaid flowcharts: components, data flows, trust boundaries."""

import re
from typing import Final

from bot.drafts.draft_builder import BuiltItem, DraftBuilder, cut_key
from bot.drafts.mermaid_syntax import ChartNode, FlowChart
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocols_in
from domain.catalog.technology_names import guess_technology
from domain.drafts.draft import Certainty, SourceKey, SourcePlace
from domain.kernel.elements import ComponentKind, Kind

_PEOPLE: Final = re.compile(
    r"(?:users?|customers?|clients?|admins?|administrators?|operators?|visitors?|people|person|staff|employees?|"
    r"attackers?|developers?|engineers?|browsers?|actors?|guests?|buyers?|sellers?|partners?|patients?|"
    r"students?|agents?|analysts?|third[ -]part(?:y|ies))",
    re.IGNORECASE,
)


def read_mermaid(file: str, chart: FlowChart, builder: DraftBuilder) -> None:
    """Read a flowchart; one with decisions draws steps, so that nothing of it is ticked."""
    steps = any(one.shape == "decision" for one in chart.nodes.values())
    if steps:
        builder.note(
            "the flowchart has decisions, so it may draw a procedure: choose what is part of the system"
        )
    certainty = Certainty.GUESS if steps else Certainty.CERTAIN
    items: dict[str, BuiltItem] = {}
    for one in chart.subgraphs.values():
        builder.add(
            BuiltItem(
                key=_boundary_key(one.id),
                kind=Kind.TRUST_BOUNDARY,
                name=one.title,
                place=SourcePlace(file=file, line=one.line),
                certainty=Certainty.GUESS if steps else Certainty.LIKELY,
                parent=_boundary_key(one.parent) if one.parent else SourceKey(""),
            )
        )
    for node in chart.nodes.values():
        if node.id not in chart.subgraphs:
            items[node.id] = builder.add(_component(file, node, certainty))
    for edge in chart.edges:
        if edge.source not in items or edge.target not in items or edge.source == edge.target:
            if edge.source in chart.subgraphs or edge.target in chart.subgraphs:
                builder.note("edges from or to a subgraph were not read")
            continue
        place = SourcePlace(file=file, line=edge.line)
        protocols = " over ".join(one.name for one in protocols_in(BUILT_IN, edge.label)[:2])
        flow = builder.flow(items[edge.source], items[edge.target], place, certainty, protocols)
        flow.description = flow.description or edge.label


def _boundary_key(id: str) -> SourceKey:
    return cut_key(f"mermaid:subgraph/{id}")


def _component(file: str, node: ChartNode, certainty: Certainty) -> BuiltItem:
    name = node.label or node.id
    technology = guess_technology(BUILT_IN, name)
    entry = BUILT_IN.technology_of(technology)
    role = entry.kind if entry else ComponentKind.PROCESS
    last = re.split(r"[\s/_-]+", name.strip())[-1]
    if node.shape == "store":
        role = ComponentKind.DATA_STORE
        technology = technology if entry and entry.kind is role else ""
    elif not entry and _PEOPLE.fullmatch(last):
        role = ComponentKind.EXTERNAL_ENTITY
    return BuiltItem(
        key=SourceKey(f"mermaid:{node.id}"),
        kind=Kind.COMPONENT,
        name=name,
        qualifier=node.id,
        place=SourcePlace(file=file, line=node.line),
        certainty=certainty,
        role=role,
        technology=technology,
        boundary=_boundary_key(node.subgraph) if node.subgraph else SourceKey(""),
    )
