"""Predicates over entry points."""

from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataFlow, ElementId, EntryPoint, Exposure
from domain.rules import component_predicates
from domain.rules.conditions import (
    FALSE,
    TRUE,
    UNKNOWN,
    AllOf,
    AnyAmong,
    AnyOf,
    Structure,
    Truth,
    it_is,
    it_is_not,
    truth,
)
from domain.rules.flow_predicates import message_receiver
from domain.rules.model_index import RuleTarget


def entry_point(about: RuleTarget) -> EntryPoint:
    """Return the target element, an entry point."""
    if not isinstance(about.element, EntryPoint):
        raise TypeError(f"{about.element.id} is not an entry point")
    return about.element


def component_behind(about: RuleTarget) -> ElementId:
    """Return the component behind an entry point, or the receiver of a flow; itself if none is known."""
    if isinstance(about.element, DataFlow):
        return message_receiver(about)
    return about.index.component_behind.get(about.element.id, about.element.id)


def flows_through(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the flows that pass an entry point."""
    return tuple(one.id for one in about.index.flows_through.get(about.element.id, ()))


def reached_assets(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the assets that flows carry through an entry point, or back to those who call there.

    If none is stated, these are all that the component behind it stores, receives or sends. What that only
    keeps for itself, or writes to a log, is not reached by its callers.
    """
    index = about.index
    through = index.flows_through.get(about.element.id, ())
    pairs = {frozenset((flow.source, flow.target)) for flow in through}
    near = (flow for end in frozenset().union(*pairs) for flow in index.flows_into.get(end, ()))
    answers = [one for one in near if not one.entry_point and frozenset((one.source, one.target)) in pairs]
    carried = dict.fromkeys(asset for flow in (*through, *answers) for asset in flow.carried)
    return tuple(carried) or index.handled_by.get(component_behind(about), ())


def _component_behind(about: RuleTarget) -> tuple[ElementId, ...]:
    found = about.index.component_behind.get(about.element.id)
    return (found,) if found else ()


def _leads_into_system(about: RuleTarget) -> Truth:
    """Return whether it leads to a component of the system; unknown while none is known."""
    kind = about.index.kind(component_behind(about))
    return truth(None if kind is None else kind is not ComponentKind.EXTERNAL_ENTITY)


def _public(about: RuleTarget) -> Truth:
    exposure = entry_point(about).exposure
    return truth(None if exposure is None else exposure is Exposure.INTERNET)


def _has_crossing_flow(about: RuleTarget) -> Truth:
    flows = about.index.flows_through.get(about.element.id, ())
    return truth(any(flow.id in about.index.crossings for flow in flows))


def _callers_less_trusted(about: RuleTarget) -> Truth:
    """Return whether callers are less trusted than the component behind it."""
    goal, callers = about.index.rank(component_behind(about)), _caller_ranks(about)
    known = [rank for rank in callers if rank is not None]
    if goal is None:
        return UNKNOWN
    if any(rank < goal for rank in known):
        return TRUE
    return truth(None if len(known) < len(callers) or not callers else False)


def _bypasses_access_list(about: RuleTarget) -> Truth:
    """Return whether users of the entry point are less trusted than all readers and writers of the asset.

    Without readers and writers there is nothing to compare.
    """
    caller, allowed = _least_trusted_caller(about), _least_trusted_allowed(about, ElementId(about.peer or ""))
    if allowed is None:
        return FALSE
    return truth(None if caller is None else caller < allowed)


def _bypasses_no_access_list(about: RuleTarget) -> Truth:
    """Return whether callers rank no lower than any asset's access list; otherwise X01 covers it."""
    caller = _least_trusted_caller(about)
    allowed = (_least_trusted_allowed(about, asset) for asset in reached_assets(about))
    return truth(caller is None or not any(one is not None and caller < one for one in allowed))


def _least_trusted_caller(about: RuleTarget) -> int | None:
    return min((rank for rank in _caller_ranks(about) if rank is not None), default=None)


def _least_trusted_allowed(about: RuleTarget, id: ElementId) -> int | None:
    """Return the lowest rank of an asset's readers and writers; None if it lists none."""
    asset = about.index.assets.get(id)
    levels = (about.index.level_rank(level) for level in (*asset.readers, *asset.writers)) if asset else ()
    return min((rank for rank in levels if rank is not None), default=None)


def ways_in(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return all entry points that lead to the same component, and those in which they are nested."""
    found: dict[ElementId, None] = {about.element.id: None}
    for other in about.index.entry_points_to.get(component_behind(about), ()):
        found[other.id] = None
    for id in tuple(found):
        outer = about.index.entry_points.get(id)
        while outer and outer.parent and outer.parent not in found:
            found[outer.parent] = None
            outer = about.index.entry_points.get(outer.parent)
    return tuple(found)


def anonymous_by_design(about: RuleTarget, way: ElementId) -> Truth:
    """Return whether the team states that anonymous access is intended at a way in.

    It is asked where the internet reaches an entry point, before the authentication of callers.
    """
    told = about.index.facts.get(way, {})
    if "anonymous_by_design" in told:
        return truth(told["anonymous_by_design"] is Answer.YES)
    if "caller_authenticated" in told or not on_the_internet(about, way):
        return FALSE
    return UNKNOWN


def on_the_internet(about: RuleTarget, way: ElementId) -> bool:
    """Return whether a way in is an entry point that is recorded as exposed to the internet."""
    entry_point = about.index.entry_points.get(way)
    return entry_point is not None and entry_point.exposure is Exposure.INTERNET


def _not_anonymous(about: RuleTarget) -> Truth:
    known = anonymous_by_design(about, about.element.id)
    return truth(None if known is UNKNOWN else known is FALSE)


def _administration_not_stated(about: RuleTarget) -> Truth:
    return truth(about.index.facts.get(about.element.id, {}).get("administers") is not Answer.YES)


def _first_to_its_component(about: RuleTarget) -> Truth:
    """Return whether it is its component's first entry point of those that the public may reach.

    The others share its DNS name.
    """
    others = about.index.entry_points_to.get(component_behind(about), ())
    first = next((one.id for one in others if one.exposure in {Exposure.INTERNET, None}), about.element.id)
    return truth(first == about.element.id)


def _is_entry_point(about: RuleTarget) -> Truth:
    return truth(isinstance(about.element, EntryPoint))


def _on_internal_network(about: RuleTarget) -> Truth:
    """Return whether hosts of an internal or partner network reach it; unknown without an exposure."""
    exposure = entry_point(about).exposure
    return truth(None if exposure is None else exposure in _INTERNAL)


def _has_anonymous_level(about: RuleTarget) -> Truth:
    """Return whether there are several trust levels; with one, anonymous users share it with members."""
    return truth(len(about.index.levels) > 1)


def _caller_ranks(about: RuleTarget) -> list[int | None]:
    said = about.index.level_rank(entry_point(about).lowest_trust_level)
    if said is not None:
        return [said]
    return [about.index.rank(flow.source) for flow in about.index.flows_through.get(about.element.id, ())]


_INTERNAL = frozenset({Exposure.INTERNAL, Exposure.PARTNER})

LEADS_INTO_SYSTEM = Structure(name="it leads into the system", holds=_leads_into_system, explains=False)
HAS_CROSSING_FLOW = Structure(name="a flow through it crosses a trust boundary", holds=_has_crossing_flow)
CALLERS_LESS_TRUSTED = Structure(
    name="its callers are less trusted than the component behind it", holds=_callers_less_trusted
)
BYPASSES_ACCESS_LIST = Structure(
    name="its callers are less trusted than all readers and writers of the asset", holds=_bypasses_access_list
)
BYPASSES_NO_ACCESS_LIST = Structure(
    name="no access list of an asset behind it excludes its callers",
    holds=_bypasses_no_access_list,
    explains=False,
)
HAS_ANONYMOUS_LEVEL = Structure(name="there is a trust level for anonymous users", holds=_has_anonymous_level)
PUBLIC = Structure(name="it is publicly reachable", holds=_public, question=it_is("public"))

HANDLED_BY_SOFTWARE = AllOf(
    (LEADS_INTO_SYSTEM, AnyAmong(among=_component_behind, part=component_predicates.IS_SOFTWARE))
)
LEADS_TO_PROCESS = AnyAmong(among=_component_behind, part=component_predicates.IS_PROCESS)
TAKES_INPUT = AllOf((HANDLED_BY_SOFTWARE, it_is("takes_input")))
LOGS_IN = AllOf((HANDLED_BY_SOFTWARE, it_is("logs_in")))
KEEPS_SESSION = AllOf((HANDLED_BY_SOFTWARE, it_is("keeps_session")))
ADMINISTERS = AllOf((HANDLED_BY_SOFTWARE, it_is("administers")))
REMOTE_ACCESS = AllOf(
    (
        HANDLED_BY_SOFTWARE,
        AnyAmong(among=_component_behind, part=component_predicates.ADMITS_REMOTE_USERS),
    )
)
ADMINISTERS_WITHOUT_REMOTE_ACCESS = AllOf(
    (ADMINISTERS, AnyAmong(among=_component_behind, part=component_predicates.ADMITS_NO_REMOTE_USERS))
)
NOT_FOR_ADMINISTRATORS_ALONE = AnyOf(
    (
        REMOTE_ACCESS,
        Structure(
            name="no answer says that it offers administrative functions",
            holds=_administration_not_stated,
            explains=False,
        ),
    )
)
"""Where administrators sign in, another rule finds that a second factor is missing (S02)."""
ON_PUBLIC_COMPONENT = AnyAmong(among=ways_in, part=PUBLIC)
ON_INTERNAL_NETWORK = Structure(
    name="it is reachable on an internal network", holds=_on_internal_network, question=it_is_not("public")
)
OPEN_TO_ANYONE_INSIDE = AllOf(
    (ON_INTERNAL_NETWORK, it_is_not("peers_restricted"), it_is_not("caller_authenticated"))
)
"""An attacker with a foothold inside can call it, as often as they like and without being known."""
PUBLIC_OR_OPEN_TO_ANYONE_INSIDE = AnyOf((PUBLIC, OPEN_TO_ANYONE_INSIDE))
IS_ENTRY_POINT = Structure(name="it is an entry point", holds=_is_entry_point, explains=False)
AUTHENTICATES_CALLERS = AllOf(
    (
        Structure(
            name="anonymous access is not intended",
            holds=_not_anonymous,
            question=it_is_not("anonymous_by_design"),
            explains=False,
        ),
        it_is("caller_authenticated"),
    )
)
FIRST_TO_ITS_COMPONENT = Structure(
    name="it is the first entry point of its component", holds=_first_to_its_component, explains=False
)
