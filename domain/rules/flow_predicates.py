"""Predicates over data flows."""

from domain.catalog.protocol_names import is_secure
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataFlow, ElementId, FlowDirection
from domain.model.crossings import boundary_path, component, levels_differ
from domain.rules import asset_predicates, component_predicates, dependency_predicates
from domain.rules.conditions import (
    FALSE,
    TRUE,
    UNKNOWN,
    AllOf,
    AnyAmong,
    AnyOf,
    Structure,
    Truth,
    guarded,
    it_is,
    truth,
)
from domain.rules.model_index import ModelIndex, RuleTarget

_ENTITY, _PROCESS, _STORE = ComponentKind


def flow(about: RuleTarget) -> DataFlow:
    """Return the target element, a data flow."""
    if not isinstance(about.element, DataFlow):
        raise TypeError(f"{about.element.id} is not a data flow")
    return about.element


def call_of(about: RuleTarget) -> FlowDirection:
    """Return the direction in which a flow calls; of a two-way flow, the first one that can be a call.

    A store does not call, and an external entity is not called: `Store <-> API` is a call of the API.
    """
    ways = flow(about).directions
    kind = about.index.kind
    calls = (way for way in ways if kind(way.source) is not _STORE and kind(way.target) is not _ENTITY)
    return next(calls, ways[0])


def message_receiver(about: RuleTarget) -> ElementId:
    """Return the process that a flow out of a store reaches, such as a consumer of messages.

    In any other flow it is the receiver of the call.
    """
    if polled_queue(about.index, flow(about)):
        return flow(about).source
    kind = about.index.kind
    out = (
        direction.target
        for direction in flow(about).directions
        if kind(direction.source) is _STORE and kind(direction.target) is _PROCESS
    )
    return next(out, flow_target(about))


def polled_queue(index: ModelIndex, one: DataFlow) -> ElementId | None:
    """Return the queue that a worker reads by a flow that it starts; None if it may only write to it.

    Others fill the queue, and no flow leads out of it: the worker is the one that is drawn to read it.
    """
    worker, queue = one.source, one.target
    if one.two_way or component_predicates.category_of(index, queue) not in component_predicates.QUEUES:
        return None
    ways = [way for flow in index.flows.values() for way in flow.directions]
    filled = any(way.target == queue and way.source != worker for way in ways)
    read = any(way.source == queue for way in ways)
    reads = filled and not read and component_predicates.reads_queues(index, worker)
    return queue if reads and index.kind(queue) is _STORE and index.kind(worker) is _PROCESS else None


def flow_target(about: RuleTarget) -> ElementId:
    """Return the receiver of a flow."""
    return call_of(about).target


def flow_entry_point(about: RuleTarget) -> ElementId:
    """Return the entry point that a flow passes, or the flow itself if it passes none."""
    entry_point = flow(about).entry_point
    return entry_point if entry_point and entry_point in about.index.entry_points else about.element.id


def more_trusted_end(about: RuleTarget) -> ElementId:
    """Return the more trusted end of a flow; the receiver if neither is."""
    one = flow(about)
    source, target = about.index.rank(one.source), about.index.rank(one.target)
    return one.source if source is not None and target is not None and source > target else one.target


def internal_end(about: RuleTarget) -> ElementId:
    """Return the end that belongs to the system, preferably the receiver."""
    one = flow(about)
    outside = about.index.kind(one.target) is _ENTITY
    return one.source if outside else one.target


def carried(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the assets that a flow carries."""
    return flow(about).carried


def carried_to_a_dependency(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the assets that a flow carries to an external dependency."""
    outward = (one for one in flow(about).directions if one.target in about.index.dependency_of)
    return tuple(dict.fromkeys(asset for one in outward for asset in one.assets))


def _crosses(about: RuleTarget) -> Truth:
    return truth(about.crossing)


def _started_by_caller(about: RuleTarget) -> Truth:
    """Return whether a caller starts the flow; a store does not call, it is queried from the other end."""
    kind = about.index.kind(call_of(about).source)
    return truth(None if kind is None else kind is not _STORE)


def _answers_a_query(about: RuleTarget) -> Truth:
    """Return whether it comes out of a store: the other end sent the query, and retries it."""
    return truth(about.index.kind(call_of(about).source) is _STORE)


def _is_a_callback(about: RuleTarget) -> Truth:
    """Return whether it is a webhook of an external dependency, whose authenticity S05 covers."""
    caller = about.index.dependency_of.get(call_of(about).source)
    if caller is None:
        return FALSE
    return truth(dependency_predicates.SENDS_WEBHOOKS.of(about.index.about(caller)).truth is TRUE)


def _dependencies_at_its_ends(about: RuleTarget) -> tuple[ElementId, ...]:
    one = flow(about)
    met = (about.index.dependency_of.get(end) for end in (one.source, one.target))
    return tuple(other.id for other in met if other)


def _to_a_service(about: RuleTarget) -> Truth:
    """Return whether the receiver is a process, a store or an external dependency, not a person."""
    target = call_of(about).target
    if target in about.index.dependency_of:
        return TRUE
    kind = about.index.kind(target)
    return truth(None if kind is None else kind is not _ENTITY)


def _target_is_internal(about: RuleTarget) -> Truth:
    kind = about.index.kind(call_of(about).target)
    return truth(None if kind is None else kind is not _ENTITY)


def _target_is_process(about: RuleTarget) -> Truth:
    kind = about.index.kind(call_of(about).target)
    return truth(None if kind is None else kind is _PROCESS)


def _between_processes(about: RuleTarget) -> Truth:
    kinds = _kinds(about)
    return truth(all(kind is _PROCESS for kind in kinds)) if None not in kinds else UNKNOWN


def _has_external_end(about: RuleTarget) -> Truth:
    kinds = _kinds(about)
    return truth(_ENTITY in kinds) if None not in kinds else UNKNOWN


def _ends_are_internal(about: RuleTarget) -> Truth:
    """Return whether both ends are processes or stores; external entities are outside our control."""
    kinds = _kinds(about)
    if _ENTITY in kinds:
        return FALSE
    return truth(None if None in kinds else True)


def _less_trusted_store_access(about: RuleTarget) -> Truth:
    """Return whether a store is at one end and a less trusted component at the other."""
    one = flow(about)
    for store, other in ((one.target, one.source), (one.source, one.target)):
        if about.index.kind(store) is _STORE:
            ranks = about.index.rank(store), about.index.rank(other)
            return truth(None if ranks[0] is None or ranks[1] is None else ranks[1] < ranks[0])
    return truth(None if None in _kinds(about) else False)


def _levels_differ(about: RuleTarget) -> Truth:
    source, target = (component(about.model, end) for end in (flow(about).source, flow(about).target))
    if source is None or target is None or source.trust_level is None or target.trust_level is None:
        return UNKNOWN
    return truth(levels_differ(source, target))


def _outsiders_between(about: RuleTarget) -> Truth:
    """Return whether someone outside is trusted like the less trusted end, and not like the other.

    Otherwise the levels of the two ends differ in rank only: no one could be in one and not in the other.
    """
    one, index = flow(about), about.index
    ends = [rank for rank in (index.rank(one.source), index.rank(one.target)) if rank is not None]
    outside = [id for id in index.components if index.kind(id) is _ENTITY]
    callers = [index.level_rank(door.lowest_trust_level) for door in index.entry_points.values()]
    ranks = [rank for rank in (*map(index.rank, outside), *callers) if rank is not None]
    return truth(bool(ends) and any(min(ends) <= rank < max(ends) for rank in ranks))


def _boundary_between(about: RuleTarget) -> Truth:
    """Return whether a boundary separates the ends; unknown if neither end lies in any."""
    source, target = (
        boundary_path(about.model, component(about.model, end))
        for end in (flow(about).source, flow(about).target)
    )
    if source != target:
        return TRUE
    return truth(False if source else None)


def _secure_protocol(about: RuleTarget) -> Truth:
    """Return whether the protocol alone decides: before there were assumptions, a secure protocol did."""
    one = flow(about)
    return truth(
        True if is_secure(about.index.catalog, one.protocol) and one.id not in about.model.assumed else None
    )


def _integrity_not_denied(about: RuleTarget) -> Truth:
    """Return whether no answer denies that changes in transit are detected."""
    return truth(about.index.facts.get(about.element.id, {}).get("integrity_protected") is not Answer.NO)


def _receiver_not_authorized(about: RuleTarget) -> Truth:
    """Return whether the receiver is not a reader of the asset and less trusted than all its readers.

    Without readers there is nothing to compare; I03 covers overly broad access.
    """
    asset = about.index.assets.get(ElementId(about.peer or ""))
    ways = [direction for direction in flow(about).directions if asset and asset.id in direction.assets]
    receivers = [about.index.components.get(way.target) for way in ways]
    ranks = [about.index.level_rank(receiver.trust_level if receiver else None) for receiver in receivers]
    readers = [about.index.level_rank(reader) for reader in asset.readers] if asset else []
    allowed = [reader for reader in readers if reader is not None]
    if not allowed:
        return FALSE
    if any(rank is not None and rank < min(allowed) for rank in ranks):
        return TRUE
    return truth(None if None in ranks else False)


def carries_code(index: ModelIndex, one: DataFlow) -> bool:
    """Return whether one end is a registry, a repository or a dependency that ships code.

    What flows from or to it is code, whichever assets are stated.
    """
    return any(
        component_predicates.category_of(index, end) in _KEEP_CODE
        or (end in index.dependency_of and dependency_predicates.is_code(index.dependency_of[end]))
        for end in (one.source, one.target)
    )


def _carries_code(about: RuleTarget) -> Truth:
    return truth(carries_code(about.index, flow(about)))


def _kinds(about: RuleTarget) -> tuple[ComponentKind | None, ComponentKind | None]:
    return about.index.kind(flow(about).source), about.index.kind(flow(about).target)


def _internal_end(about: RuleTarget) -> tuple[ElementId, ...]:
    return (internal_end(about),)


def _peer(about: RuleTarget) -> tuple[ElementId, ...]:
    return (ElementId(about.peer),) if about.peer else ()


_KEEP_CODE = frozenset({"artifact_registry", "code_repository", "code_hosting"})

CROSSES = Structure(name="it crosses a trust boundary", holds=_crosses)
STARTED_BY_CALLER = Structure(name="a caller starts it", holds=_started_by_caller, explains=False)
IS_A_CALLBACK = Structure(name="it is a webhook of an external dependency", holds=_is_a_callback)
OF_AN_ESSENTIAL_DEPENDENCY = AnyAmong(among=_dependencies_at_its_ends, part=dependency_predicates.ESSENTIAL)
"""One end is an essential external dependency, whose outage another rule covers (D03)."""

TO_A_SERVICE = Structure(
    name="it calls a component or an external dependency", holds=_to_a_service, explains=False
)
TARGET_IS_INTERNAL = Structure(
    name="it ends in a process or a store", holds=_target_is_internal, explains=False
)
TARGET_IS_PROCESS = Structure(name="it ends in a process", holds=_target_is_process, explains=False)
BETWEEN_PROCESSES = Structure(name="both ends are processes", holds=_between_processes, explains=False)
HAS_EXTERNAL_END = Structure(name="one end is an external entity", holds=_has_external_end, explains=False)
ENDS_ARE_INTERNAL = Structure(
    name="both ends are components of the system", holds=_ends_are_internal, explains=False
)
LEVELS_DIFFER = Structure(name="the two ends have different trust levels", holds=_levels_differ)
OUTSIDERS_BETWEEN = Structure(
    name="someone outside is trusted like one end only", holds=_outsiders_between, explains=False
)
LESS_TRUSTED_STORE_ACCESS = Structure(
    name="a less trusted component accesses a store", holds=_less_trusted_store_access
)
RECEIVER_NOT_AUTHORIZED = Structure(
    name="the receiver is less trusted than all readers of the asset", holds=_receiver_not_authorized
)
BOUNDARY_BETWEEN = Structure(
    name="a trust boundary lies between the two ends",
    holds=_boundary_between,
    question=guarded("kept_apart"),
    control=True,
)
BY_SOFTWARE = AnyAmong(among=_internal_end, part=component_predicates.SOFTWARE)
CARRIES_CONFIDENTIAL = AnyAmong(among=carried, part=asset_predicates.CONFIDENTIAL)
CARRIES_INTEGRITY_CRITICAL = AnyAmong(among=carried, part=asset_predicates.INTEGRITY_CRITICAL)
CARRIES_CODE = Structure(name="it carries code", holds=_carries_code)
CARRIES_CODE_OR_CONFIDENTIAL = AnyOf((CARRIES_CODE, CARRIES_CONFIDENTIAL))
CARRIES_CODE_OR_INTEGRITY_CRITICAL = AnyOf((CARRIES_CODE, CARRIES_INTEGRITY_CRITICAL))
CARRIES_SENSITIVE = AnyOf((CARRIES_CODE, CARRIES_CONFIDENTIAL, CARRIES_INTEGRITY_CRITICAL))
CARRIES_PEER_PERSONAL_DATA = AnyAmong(among=_peer, part=asset_predicates.PERSONAL)
ENCRYPTED = Structure(
    name="its protocol encrypts in transit",
    holds=_secure_protocol,
    question=guarded("encrypted"),
    control=True,
)
IS_ENCRYPTED = Structure(
    name="its protocol is encrypted", holds=_secure_protocol, question=it_is("encrypted"), control=True
)
INTEGRITY_PROTECTED = AnyOf(
    (
        AllOf(
            (
                Structure(
                    name="no answer denies that changes are detected",
                    holds=_integrity_not_denied,
                    explains=False,
                ),
                IS_ENCRYPTED,
            )
        ),
        Structure(
            name="its protocol detects changes in transit",
            holds=_secure_protocol,
            question=guarded("integrity_protected"),
            control=True,
        ),
    )
)
"""Encryption in transit detects changes as well, unless an answer denies it."""
CROSSES_BY_SOFTWARE = AllOf((CROSSES, BY_SOFTWARE))
RETRIES_BOUNDED = AnyOf(
    (
        Structure(name="it answers a query", holds=_answers_a_query, explains=False),
        guarded("retries_bounded"),
    )
)
