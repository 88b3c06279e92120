"""Export to TM-BOM 1.0.2, the format of the OWASP Threat Model Library."""

from collections.abc import Iterable

from bot.formats.exporters.export_source import ExportSource, Plain, json_text
from bot.formats.exporters.extension_data import (
    derived_text,
    element_extension,
    mitigation_extension,
    model_extension,
    places_shown,
    prevented_extension,
    shown_at,
    threat_extension,
)
from domain.analysis.rule_findings import ControlInPlace
from domain.dread.metrics import Metric
from domain.dread.scoring import Band
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    DataKind,
    Element,
    ElementId,
    EntryPoint,
    Exposure,
    Kind,
    Rating,
)
from domain.kernel.mitigation import Mitigation, MitigationState
from domain.kernel.threat import Stride, Threat
from domain.register import RegisterItem
from domain.voting.scores import Score
from domain.wording.controls import control_text

SCHEMA = "https://github.com/OWASP/www-project-threat-model-library/blob/v1.0.2/threat-model.schema.json"
EXTENSION = "threatmodel-bot.invalid/model"
"""The name of our own data: it must look like an address, but leads nowhere."""

OUTSIDE = "outside"
"""The trust zone of parts outside any boundary, because this format requires one."""

PERSONA = "any-attacker"
"""The threat persona: the format requires one, and threats here name none."""

STATUS = {
    MitigationState.PLANNED: "approved",
    MitigationState.STARTED: "scheduled",
    MitigationState.IMPLEMENTED: "under_review",
    MitigationState.VERIFIED: "active",
    MitigationState.DROPPED: "wont_do",
}
SENSITIVE = {DataKind.PERSONAL: "pii", DataKind.CREDENTIAL: "cred", DataKind.LOG: "op"}
_LIKELIHOODS = ("rare", "unlikely", "possible", "likely", "certain")
_IMPACTS = ("negligible", "minor", "moderate", "major", "severe")
_CRITICALITY = {Rating.LOW: "low", Rating.MEDIUM: "moderate", Rating.HIGH: "high", None: "moderate"}


def export_tm_bom(source: ExportSource) -> bytes:
    """Return the model in the library's terms, with additional data in its extensions."""
    known = source.register
    components = [item for item in known.items(Kind.COMPONENT) if _is(item, ComponentKind.PROCESS, None)]
    return json_text(
        {
            "$schema": SCHEMA,
            "version": f"{known.version}",
            "scope": _scope(source),
            "description": source.description,
            "frozen": False,
            "trust_zones": [
                *(_titled(item) for item in known.items(Kind.TRUST_BOUNDARY)),
                {
                    "symbolic_name": OUTSIDE,
                    "title": "Outside of all boundaries",
                    "description": "Parts outside any trust boundary.",
                },
            ],
            "trust_boundaries": _boundaries(source),
            "actors": [
                {**_component(item), "type": "user"}
                for item in known.items(Kind.COMPONENT)
                if _is(item, ComponentKind.EXTERNAL_ENTITY)
            ],
            "components": [_component(item) for item in components],
            "data_stores": [
                {**_component(item), "type": "object"}
                for item in known.items(Kind.COMPONENT)
                if _is(item, ComponentKind.DATA_STORE)
            ],
            "data_sets": [_data_set(source, *one) for one in source.each(Kind.ASSET, Asset)],
            "data_flows": [_flow(source, *one) for one in source.each(Kind.DATA_FLOW, DataFlow)],
            "assumptions": [
                {"description": one.text, "validity": "unconfirmed"} for one in known.assumptions
            ],
            "threat_personas": [_ANY_ATTACKER],
            "threats": [
                *(_threat(source, threat) for threat in known.threats),
                *(_prevented(source, one) for one in source.prevented),
            ],
            "controls": [
                *(_control(source, one) for one in source.every_mitigation),
                *(_control_in_place(one) for one in source.prevented),
            ],
            "risks": [_risk(one, source.scores[one.id]) for one in known.threats if one.id in source.scores],
            "extensions": {EXTENSION: _rest(source)},
        }
    )


def symbolic_name(id: str) -> str:
    """Convert an ID to the format's symbolic name: `EP-1.2` becomes `ep-1-2`."""
    return id.lower().replace(".", "-")


def _rest(source: ExportSource) -> Plain:
    """Return data that the format has no fields for, by symbolic name."""
    known = source.register
    items = [
        item
        for kind in (Kind.COMPONENT, Kind.TRUST_BOUNDARY, Kind.ASSET, Kind.DATA_FLOW)
        for item in known.items(kind)
    ]
    objects: Plain = {
        symbolic_name(item.id): {**element_extension(item), **_own_name(item.element)} for item in items
    }
    for threat in known.threats:
        objects[symbolic_name(threat.id)] = threat_extension(source, threat)
    for one in source.every_mitigation:
        objects[symbolic_name(one.id)] = mitigation_extension(one)
    for one in source.prevented:
        objects[_prevented_name(one)] = objects[_in_place_name(one)] = prevented_extension(one)
    rest = model_extension(source, Kind.EXTERNAL_DEPENDENCY, Kind.ENTRY_POINT, Kind.TRUST_LEVEL)
    return {**rest, "objects": objects}


def _own_name(element: Element) -> Plain:
    """Return the name of a flow, which may have none."""
    return {"name": element.name} if isinstance(element, DataFlow) else {}


def _scope(source: ExportSource) -> Plain:
    """Return the scope with values that the format requires: middle values, and exposed unless stated."""
    known = source.register
    assets = [asset for _, asset in source.each(Kind.ASSET, Asset)]
    kinds = [SENSITIVE[one.data] for one in assets if one.data and one.data in SENSITIVE]
    ratings = [
        rating
        for one in assets
        for rating in (one.confidentiality, one.integrity, one.availability)
        if rating
    ]
    entry_points = [entry_point for _, entry_point in source.each(Kind.ENTRY_POINT, EntryPoint)]
    inner = entry_points and all(one.exposure in (Exposure.INTERNAL, Exposure.LOCAL) for one in entry_points)
    left_out = f"\n\nOut of scope: {known.out_of_scope}" if known.out_of_scope else ""
    return {
        "title": known.name,
        "description": f"{known.description}{left_out}".strip(),
        "business_criticality": _CRITICALITY[max(ratings, key=lambda one: one.weight, default=None)],
        "data_sensitivity": list(dict.fromkeys(kinds)),
        "exposure": "internal" if inner else "external",
        "tier": "important",
    }


def _boundaries(source: ExportSource) -> list[Plain]:
    """Return the pairs of zones between which data flows."""
    zones = {item.id: _zone_of(item) for item in source.register.items(Kind.COMPONENT)}
    pairs = {
        tuple(sorted((zones[flow.source], zones[flow.target])))
        for _, flow in source.each(Kind.DATA_FLOW, DataFlow)
        if flow.source in zones and flow.target in zones
    }
    return [{"trust_zone_a": a, "trust_zone_b": b} for a, b in sorted(pairs) if a != b]


def _component(item: RegisterItem) -> Plain:
    return {**_titled(item), "trust_zone": _zone_of(item)}


def _data_set(source: ExportSource, item: RegisterItem, asset: Asset) -> Plain:
    stores = [item for item in source.register.items(Kind.COMPONENT) if _is(item, ComponentKind.DATA_STORE)]
    placements = [_placement(store) for store in stores if store.id in asset.stored_in]
    kinds = [SENSITIVE[asset.data]] if asset.data and asset.data in SENSITIVE else []
    return {**_titled(item), "placements": placements, "data_sensitivity": kinds}


def _placement(store: RegisterItem) -> Plain:
    """Return the store of a data set; `encrypted` is written only if the question was answered."""
    answer = store.facts.get("encrypted_at_rest")
    stated = {"encrypted": answer is Answer.YES} if answer in (Answer.YES, Answer.NO) else {}
    return {"data_store": symbolic_name(store.id), **stated}


def _flow(source: ExportSource, item: RegisterItem, flow: DataFlow) -> Plain:
    carried = [source.register.item(one) for one in flow.carried]
    return {
        **_titled(item),
        "source": _end(source, flow.source),
        "destination": _end(source, flow.target),
        "has_sensitive_data": any(one is not None and _is_sensitive(one.element) for one in carried),
        "encrypted": item.facts.get("encrypted") == "yes",
    }


def _threat(source: ExportSource, threat: Threat) -> Plain:
    return {
        "symbolic_name": symbolic_name(threat.id),
        "title": threat.title,
        "description": threat.description,
        **_threat_fields(source, places_shown(source, threat), threat.stride, threat.cwe),
    }


def _prevented(source: ExportSource, one: ControlInPlace) -> Plain:
    """Return a threat that a control prevents; the import reads it as answers."""
    return {
        "symbolic_name": _prevented_name(one),
        "title": f"{one.rule.title}: {one.about}",
        "description": one.rule.explanation,
        **_threat_fields(source, (shown_at(source, one.element),), (one.rule.category,), one.rule.cwe),
    }


def _threat_fields(
    source: ExportSource, shown: Iterable[ElementId | None], stride: Iterable[Stride], cwe: Iterable[int]
) -> Plain:
    places = (source.register.item(one) for one in shown if one is not None)
    at = [symbolic_name(item.id) for item in places if item is not None and item.kind is Kind.COMPONENT]
    return {
        "components_affected": at,
        "threat_persona": PERSONA,
        "event": ", ".join(category.label for category in stride),
        "sources": ["adversary"],
        "weaknesses": [{"cwe_id": weakness} for weakness in cwe],
    }


def _control_in_place(one: ControlInPlace) -> Plain:
    """Return the control that prevents a threat, which someone stated of its element, or confirmed."""
    return {
        "symbolic_name": _in_place_name(one),
        "title": control_text(one),
        "description": f"In place at {one.about}: {one.basis.label}.",
        "threats": [_prevented_name(one)],
        "status": STATUS[MitigationState.VERIFIED],
        "priority": "none",
    }


def _prevented_name(one: ControlInPlace) -> str:
    return f"prevented-{symbolic_name(one.rule.id)}-{symbolic_name(one.element)}"


def _in_place_name(one: ControlInPlace) -> str:
    return f"in-place-{symbolic_name(one.rule.id)}-{symbolic_name(one.element)}"


def _control(source: ExportSource, one: Mitigation) -> Plain:
    bands = [source.scores[threat].tally.band for threat in one.threats if threat in source.scores]
    return {
        "symbolic_name": symbolic_name(one.id),
        "title": one.title,
        "description": one.description,
        "threats": [symbolic_name(threat) for threat in one.threats],
        "status": STATUS[one.state],
        "priority": max(bands, key=lambda band: band.order).value if bands else "none",
    }


def _risk(threat: Threat, score: Score) -> Plain:
    """Return two degrees from 1 to 5 derived from the DREAD medians, and their product."""
    medians = score.tally.medians
    impact = _degree([medians.get(Metric.DAMAGE), medians.get(Metric.AFFECTED_USERS)])
    likely = _degree(
        [medians.get(one) for one in (Metric.REPRODUCIBILITY, Metric.EXPLOITABILITY, Metric.DISCOVERABILITY)]
    )
    return {
        "symbolic_name": f"risk-{symbolic_name(threat.id)}",
        "title": threat.title,
        "description": threat.description,
        "threats": [symbolic_name(threat.id)],
        "likelihood": _LIKELIHOODS[likely - 1],
        "impact": _IMPACTS[impact - 1],
        "impact_description": (
            f"DREAD mean {score.tally.mean:.1f} of 10: {score.tally.band}.{derived_text(score.tally)}"
        ),
        "score": impact * likely,
        "level": _LEVELS[score.tally.band],
    }


_LEVELS = {Band.LOW: "low", Band.MEDIUM: "medium", Band.HIGH: "high", Band.CRITICAL: "critical"}
_ANY_ATTACKER: Plain = {
    "symbolic_name": PERSONA,
    "title": "Any attacker",
    "description": "The model does not name a threat actor.",
    "is_person": True,
    "skill_level": "engineer",
    "access_level": "anonymous",
    "malicious_intent": True,
    "applicability_to_org": "moderate",
}


def _degree(given: list[float | None]) -> int:
    """Convert numbers from 1 to 10 to a number from 1 to 5; the middle if there are none."""
    numbers = [one for one in given if one is not None]
    return max(1, min(5, round(sum(numbers) / len(numbers) / 2))) if numbers else 3


def _titled(item: RegisterItem) -> Plain:
    return {
        "symbolic_name": symbolic_name(item.id),
        "title": item.name,
        "description": item.element.description,
    }


def _zone_of(item: RegisterItem) -> str:
    element = item.element
    return symbolic_name(element.boundary) if isinstance(element, Component) and element.boundary else OUTSIDE


def _end(source: ExportSource, id: ElementId) -> Plain:
    item = source.register.item(id)
    sort = "component"
    if item and _is(item, ComponentKind.EXTERNAL_ENTITY):
        sort = "actor"
    elif item and _is(item, ComponentKind.DATA_STORE):
        sort = "data_store"
    return {"type": sort, "object": symbolic_name(id)}


def _is(item: RegisterItem, *sorts: ComponentKind | None) -> bool:
    return isinstance(item.element, Component) and item.element.sort in sorts


def _is_sensitive(element: Element) -> bool:
    return isinstance(element, Asset) and (
        element.data in (DataKind.PERSONAL, DataKind.CREDENTIAL) or element.confidentiality is Rating.HIGH
    )
