"""The named predicates over attributes and structure that rules share."""

from domain.crossings import boundary_path, component, levels_differ
from domain.elements import Asset, Component, ComponentKind, DataFlow, ElementId, EntryPoint, Rating
from domain.rules.conditions import About, Structure, Truth


def _flow(about: About) -> DataFlow:
    if not isinstance(about.element, DataFlow):
        raise TypeError(f"{about.element.id} is not a data flow")
    return about.element


def _crosses(about: About) -> Truth:
    return Truth.TRUE if about.crossing else Truth.FALSE


def _into_a_process_or_store(about: About) -> Truth:
    target = component(about.model, _flow(about).target)
    if target is None or target.sort is None:
        return Truth.UNKNOWN
    return Truth.FALSE if target.sort is ComponentKind.EXTERNAL_ENTITY else Truth.TRUE


def _carries_confidential(about: About) -> Truth:
    """One asset rated medium or high is enough; an unrated one leaves it open."""
    ratings = [
        asset.confidentiality
        for asset in (about.model.elements.get(id) for id in _flow(about).assets)
        if isinstance(asset, Asset)
    ]
    if any(rating is not None and rating.weight >= Rating.MEDIUM.weight for rating in ratings):
        return Truth.TRUE
    return Truth.UNKNOWN if None in ratings else Truth.FALSE


def _levels_differ(about: About) -> Truth:
    source, target = (component(about.model, end) for end in (_flow(about).source, _flow(about).target))
    if source is None or target is None or source.trust_level is None or target.trust_level is None:
        return Truth.UNKNOWN
    return Truth.TRUE if levels_differ(source, target) else Truth.FALSE


def _ends_are_ours(about: About) -> Truth:
    """Both ends are processes or stores: what an external entity does at home is not ours to divide."""
    ends = [component(about.model, end) for end in (_flow(about).source, _flow(about).target)]
    kinds = [end.sort for end in ends if isinstance(end, Component)]
    if ComponentKind.EXTERNAL_ENTITY in kinds:
        return Truth.FALSE
    return Truth.UNKNOWN if None in kinds or len(kinds) < len(ends) else Truth.TRUE


def _boundary_between(about: About) -> Truth:
    """Where neither end lies in any boundary, none may have been drawn yet: that is not known."""
    source, target = (
        boundary_path(about.model, component(about.model, end))
        for end in (_flow(about).source, _flow(about).target)
    )
    if source != target:
        return Truth.TRUE
    return Truth.FALSE if source else Truth.UNKNOWN


CROSSES = Structure(name="the flow crosses a trust boundary or a change of trust level", holds=_crosses)
INTO_A_PROCESS_OR_STORE = Structure(
    name="the flow ends in a process or a store", holds=_into_a_process_or_store
)
CARRIES_CONFIDENTIAL = Structure(
    name="the flow carries an asset of medium or high confidentiality", holds=_carries_confidential
)
LEVELS_DIFFER = Structure(name="the two ends have different trust levels", holds=_levels_differ)
ENDS_ARE_OURS = Structure(name="both ends are parts of the system", holds=_ends_are_ours)
BOUNDARY_BETWEEN = Structure(name="a trust boundary lies between the two ends", holds=_boundary_between)


def flow_target(about: About) -> ElementId:
    """The receiver of a flow."""
    return _flow(about).target


def flow_door(about: About) -> ElementId:
    """The entry point that a flow passes, or the flow itself where it passes none."""
    entry_point = _flow(about).entry_point
    live = entry_point is not None and isinstance(about.model.elements.get(entry_point), EntryPoint)
    return entry_point if live and entry_point is not None else about.element.id
