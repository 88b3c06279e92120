"""Upcasters of events from earlier schemas: one step per version, on plain dicts."""

from collections.abc import Callable, Mapping
from typing import cast

Plain = dict[str, object]
Upcaster = Callable[[Plain], Plain]


def asset_rated_once_to_three_qualities(event: Plain) -> Plain:
    """Split the single `rating` of an asset into disclosure, tampering and loss."""
    asset = cast("Plain", event["asset"])
    qualities = ("confidentiality", "integrity", "availability")
    if "rating" not in asset:
        return event
    rest = {name: value for name, value in asset.items() if name != "rating"}
    return event | {"asset": rest | dict.fromkeys(qualities, asset["rating"])}


def dismissed_without_places(event: Plain) -> Plain:
    """Add the placements of the components to a dismissal, which earlier events lack."""
    dismissal = cast("Plain", event["dismissal"])
    nowhere: list[object] = []
    return event | {"dismissal": dismissal | {"places": nowhere}}


def moved_past_one_gate(event: Plain) -> Plain:
    """Convert what was `missing`, with a single reason, to gates."""
    missing = cast("list[str]", event.get("missing") or [])
    rest = {name: value for name, value in event.items() if name != "missing"}
    if not missing:
        return rest
    gate = "threats_found" if missing == ["a threat"] else "collected"
    override = _override(gate, rest, text=f"Missing: {', '.join(missing)}")
    return {name: value for name, value in rest.items() if name != "reason"} | {"overrides": [override]}


def closed_for_one_reason(event: Plain) -> Plain:
    """Assign the single reason to each gate that was left open."""
    gates = cast("list[str]", event.get("open_gates") or [])
    rest = {name: value for name, value in event.items() if name != "open_gates"}
    if not gates:
        return rest
    overrides = [_override(one, rest) for one in gates]
    return {name: value for name, value in rest.items() if name != "reason"} | {"overrides": overrides}


def settings_without_tracker(event: Plain) -> Plain:
    """Add to the settings of the workspace that there is no default tracker, which earlier events lack."""
    settings = cast("Plain", event["settings"])
    return event | {"settings": settings | {"tracker": None}}


def _override(gate: str, event: Plain, *, text: str = "") -> Plain:
    override: Plain = {"gate": gate}
    if event.get("reason"):
        override["reason"] = event["reason"]
    return override | {"text": text} if text else override


UPCASTERS: Mapping[str, tuple[Upcaster, ...]] = {
    "AssetAdded": (asset_rated_once_to_three_qualities,),
    "CandidateDismissed": (dismissed_without_places,),
    "PhaseMoved": (moved_past_one_gate,),
    "ThreatModelClosed": (closed_for_one_reason,),
    "WorkspaceSettingsApplied": (settings_without_tracker,),
}
"""By event type, the steps from version 1 to 2, from 2 to 3, and so on."""
