"""When two models say the same, whatever ids and ranks they say it under."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec

from domain.kernel.elements import ElementId, Kind, TrustLevel
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import ResponseKind
from domain.model import ThreatModel
from domain.model.element_labels import label
from domain.model.mitigation_links import served_threats
from domain.register import register

STATES = {MitigationState.VERIFIED: MitigationState.IMPLEMENTED}
"""States that a file cannot bring: whoever verified something has to do it again."""


def comparable_content(model: ThreatModel) -> dict[str, Any]:
    """What a model says that files are to carry, with names in place of ids, in one order."""
    return {
        "scope": (model.name, model.description, model.out_of_scope),
        "labels": model.labels,
        "complete": sorted(model.complete),
        "elements": _sorted(_element(model, id) for id in model.elements),
        "facts": _sorted(
            (_named(model, id), fact, answer)
            for (id, fact), answer in model.facts.items()
            if id in model.elements
        ),
        "assumed": _sorted(
            (_named(model, id), sorted((one.fact, one.answer) for one in recorded.facts))
            for id, recorded in model.assumed.items()
            if id in model.elements and recorded.facts
        ),
        "levels": [level.name for level in model.trust_levels()],
        "assumptions": _sorted((one.text, one.held_by) for one in model.assumptions.values()),
        "threats": _sorted(
            (one.title, one.description, list(one.stride), _named(model, one.element), one.link)
            for one in model.threats.values()
        ),
        "mitigations": _sorted(
            (
                sorted(model.threats[threat].title for threat in served_threats(model, mitigation)),
                mitigation.title,
                mitigation.description,
                mitigation.control,
                mitigation.ticket,
                STATES.get(mitigation.state, mitigation.state),
            )
            for mitigation in model.mitigations.values()
            if served_threats(model, mitigation)
        ),
        "responses": _sorted(
            (model.threats[status.threat].title, status.response.kind, status.response.transferred_to)
            for status in register(model).statuses.values()
            if status.response is not None and status.response.kind is not ResponseKind.ACCEPT
        ),
    }


def _element(model: ThreatModel, id: ElementId) -> object:
    element = model.elements[id]
    plain: dict[str, Any] = msgspec.to_builtins(element)
    told = {name: value for name, value in plain.items() if name != "id"}
    if isinstance(element, TrustLevel):
        told.pop("rank")  # the order of the levels says the same
    return type(element).__name__, _with_names(model, told)


def _with_names(model: ThreatModel, value: object) -> object:
    if isinstance(value, dict):
        told = cast("dict[str, object]", value)
        return {
            name: one if name in ("name", "description") else _with_names(model, one)
            for name, one in told.items()
        }
    if isinstance(value, list | tuple):
        return [_with_names(model, one) for one in cast("Sequence[object]", value)]
    return _named(model, ElementId(value)) if isinstance(value, str) else value


def _named(model: ThreatModel, id: ElementId | None) -> str | None:
    """The name behind an id; a threat may outlive what it was about."""
    if id is None or ("-" in id and id.partition("-")[0] in _PREFIXES and id not in model.elements):
        return None
    return label(model, model.elements[id]) if id in model.elements else id


_PREFIXES = {"XD", "EP", "AS", "TL", "DF", "CO", "TB"}


def _sorted(values: Iterable[object]) -> list[bytes]:
    return sorted(msgspec.json.encode(value, order="sorted") for value in values)


def element_counts(model: ThreatModel) -> dict[str, int]:
    """How much there is of each kind."""
    return {kind.value: len(model.of_kind(kind)) for kind in Kind} | {"threats": len(model.threats)}
