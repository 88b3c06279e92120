"""Export to Open Threat Model 0.2, with additional data in its free attributes."""

from collections.abc import Sequence

from bot.formats.exporters.export_source import COMPLETED_MITIGATION_STATES, ExportSource, Plain, json_text
from bot.formats.exporters.extension_data import (
    MARK,
    derived_text,
    element_extension,
    mitigation_extension,
    model_extension,
    places_shown,
    threat_extension,
)
from domain.dread.metrics import Metric
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    ElementId,
    Kind,
    Rating,
    TrustBoundary,
    TrustLevel,
)
from domain.kernel.mitigation import Mitigation
from domain.kernel.threat import Threat
from domain.model import id_order
from domain.register import RegisterItem

OUTSIDE = "outside"
"""The trust zone of parts outside any boundary, because this format requires one."""

PICTURE = "data-flow-diagram"

TYPES = {
    ComponentKind.EXTERNAL_ENTITY: "external-entity",
    ComponentKind.PROCESS: "service",
    ComponentKind.DATA_STORE: "database",
    None: "generic",
}
RATINGS = {None: 0, Rating.LOW: 25, Rating.MEDIUM: 50, Rating.HIGH: 100}

_IMPACT = (Metric.DAMAGE, Metric.AFFECTED_USERS)
_LIKELIHOOD = (Metric.REPRODUCIBILITY, Metric.EXPLOITABILITY, Metric.DISCOVERABILITY)


def export_otm(source: ExportSource) -> bytes:
    """Export the model in the format's terms, with additional data in attributes, so that nothing is lost."""
    known, places = source.register, source.places
    size = {"width": places.width, "height": places.height}
    return json_text(
        {
            "otmVersion": "0.2.0",
            "project": {
                "name": known.name,
                "id": known.key,
                "description": source.description,
                "tags": list(known.labels),
                "attributes": {
                    MARK: model_extension(
                        source, Kind.EXTERNAL_DEPENDENCY, Kind.ENTRY_POINT, Kind.TRUST_LEVEL
                    )
                },
            },
            "representations": [
                {"name": "Data-flow diagram", "id": PICTURE, "type": "diagram", "size": size}
            ],
            "assets": [_asset(*one) for one in source.each(Kind.ASSET, Asset)],
            "trustZones": [
                *(_zone(source, *one) for one in source.each(Kind.TRUST_BOUNDARY, TrustBoundary)),
                _outside(source),
            ],
            "components": [_component(source, *one) for one in source.each(Kind.COMPONENT, Component)],
            "dataflows": [_flow(source, *one) for one in source.each(Kind.DATA_FLOW, DataFlow)],
            "threats": [_threat(source, threat) for threat in known.threats],
            "mitigations": [_mitigation(one) for one in source.every_mitigation],
        }
    )


def _asset(item: RegisterItem, asset: Asset) -> Plain:
    return {
        "name": asset.name,
        "id": asset.id,
        "description": asset.description,
        "risk": {
            "confidentiality": RATINGS[asset.confidentiality],
            "integrity": RATINGS[asset.integrity],
            "availability": RATINGS[asset.availability],
        },
        "attributes": {MARK: element_extension(item)},
    }


def _zone(source: ExportSource, item: RegisterItem, boundary: TrustBoundary) -> Plain:
    zone: Plain = {
        "id": boundary.id,
        "name": boundary.name,
        "type": "trust-boundary",
        "description": boundary.description,
        "risk": {"trustRating": _trust(source, boundary.id)},
        "representations": _shown(source, boundary.id, boundary.parent),
        "attributes": {MARK: element_extension(item)},
    }
    return zone | ({"parent": {"trustZone": boundary.parent}} if boundary.parent else {})


def _outside(source: ExportSource) -> Plain:
    return {
        "id": OUTSIDE,
        "name": "Outside of all boundaries",
        "type": "public",
        "risk": {"trustRating": _trust(source, None)},
        "representations": [],  # Threat Dragon requires the list for every zone
        "attributes": {MARK: {"outside": True}},
    }


def _component(source: ExportSource, item: RegisterItem, component: Component) -> Plain:
    processed = _carried(source, component.id)
    stored = [asset.id for _, asset in source.each(Kind.ASSET, Asset) if component.id in asset.stored_in]
    handled = {name: some for name, some in (("processed", processed), ("stored", stored)) if some}
    return {
        "id": component.id,
        "name": component.name,
        "type": TYPES[component.sort],
        "description": component.description,
        "parent": {"trustZone": component.boundary or OUTSIDE},
        "representations": _shown(source, component.id, component.boundary),
        **({"assets": handled} if handled else {}),
        "threats": _threats_at(source, component.id),
        "attributes": {MARK: element_extension(item)},
    }


def _flow(source: ExportSource, item: RegisterItem, flow: DataFlow) -> Plain:
    return {
        "id": flow.id,
        "name": item.name,
        "description": flow.description,
        "bidirectional": flow.two_way,
        "source": flow.source,
        "destination": flow.target,
        **({"assets": list(flow.carried)} if flow.carried else {}),
        "threats": _threats_at(source, flow.id),
        "attributes": {MARK: {**element_extension(item), "name": flow.name}},
    }


def _threat(source: ExportSource, threat: Threat) -> Plain:
    score = source.scores.get(threat.id)
    medians = score.tally.medians if score else {}
    impact = _of_hundred(medians, _IMPACT)
    result = f"{score.tally.band} (mean {score.tally.mean:.1f} of 10)" if score else "not scored"
    derived = derived_text(score.tally) if score else ""
    return {
        "id": threat.id,
        "name": threat.title,
        "description": threat.description,
        "categories": [category.label for category in threat.stride],
        "cwes": [f"CWE-{weakness}" for weakness in threat.cwe],
        "risk": {
            "likelihood": _of_hundred(medians, _LIKELIHOOD),
            "impact": impact or 0,
            "impactComment": f"DREAD: {result}{'.' if derived else ''}{derived}",
        },
        "attributes": {MARK: threat_extension(source, threat)},
    }


def _mitigation(one: Mitigation) -> Plain:
    return {
        "id": one.id,
        "name": one.title,
        "description": one.description,
        "riskReduction": 100 if one.state in COMPLETED_MITIGATION_STATES else 0,
        "attributes": {MARK: mitigation_extension(one)},
    }


def _threats_at(source: ExportSource, place: ElementId) -> list[Plain]:
    return [
        {
            "threat": threat.id,
            "state": source.register.statuses[threat.id].state,
            "mitigations": [
                {"mitigation": one.id, "state": one.state} for one in source.mitigations(threat.id)
            ],
        }
        for threat in source.register.threats
        if place in places_shown(source, threat)
    ]


def _shown(source: ExportSource, id: ElementId, parent: ElementId | None) -> list[Plain]:
    """Return a position relative to the corner of its zone, as IriusRisk and Threat Dragon expect."""
    if id not in source.places.boxes:
        return []
    at = source.places.within(id, parent)
    return [
        {
            "representation": PICTURE,
            "id": f"{id}-box",
            "position": {"x": at.x, "y": at.y},
            "size": {"width": at.width, "height": at.height},
        }
    ]


def _carried(source: ExportSource, component: ElementId) -> list[ElementId]:
    """Return the assets that flow in or out."""
    carried = {
        asset
        for _, flow in source.each(Kind.DATA_FLOW, DataFlow)
        if component in (flow.source, flow.target)
        for asset in flow.carried
    }
    return sorted(carried, key=id_order)


def _trust(source: ExportSource, boundary: ElementId | None) -> float:
    """Return the trust of the least trusted part in a zone: 0 for the lowest level, 100 for the highest."""
    order = [level.id for _, level in source.each(Kind.TRUST_LEVEL, TrustLevel)]
    places = [
        order.index(one.trust_level)
        for _, one in source.each(Kind.COMPONENT, Component)
        if one.boundary == boundary and one.trust_level and one.trust_level in order
    ]
    return round(100 * min(places) / max(1, len(order) - 1), 1) if places else 0


def _of_hundred(medians: dict[Metric, float], metrics: Sequence[Metric]) -> float | None:
    given = [medians[metric] for metric in metrics if metric in medians]
    return round(10 * sum(given) / len(given), 1) if given else None
