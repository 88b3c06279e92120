"""Predicates over what receives input: entry points, and flows from a message queue or from outside."""

from domain.kernel.elements import ComponentKind, DataFlow, ElementId
from domain.rules import component_predicates
from domain.rules.conditions import TRUE, AllOf, AnyAmong, AnyOf, Structure, Truth, it_is_not, truth
from domain.rules.entry_point_predicates import IS_ENTRY_POINT, TAKES_INPUT, component_behind
from domain.rules.flow_predicates import BY_SOFTWARE, flow, flow_entry_point, polled_queue
from domain.rules.local_predicates import BRINGS_CONFIGURATION, RECEIVES_FROM_PROGRAMS
from domain.rules.model_index import RuleTarget


def _is_a_flow(about: RuleTarget) -> Truth:
    return truth(isinstance(about.element, DataFlow))


def _passes_no_entry_point(about: RuleTarget) -> Truth:
    return truth(flow_entry_point(about) == about.element.id)


def _into_a_process(about: RuleTarget) -> Truth:
    """Return whether a direction of the flow ends in a process, also one that a worker polls."""
    if polled_queue(about.index, flow(about)):
        return TRUE
    kinds = [about.index.kind(direction.target) for direction in flow(about).directions]
    if ComponentKind.PROCESS in kinds:
        return TRUE
    return truth(None if None in kinds else False)


def _receives_from_outside(about: RuleTarget) -> Truth:
    """Return whether a process receives data from outside by it, other than through an entry point.

    This is also what returns over a connection that the process opened, such as the file of a bank.
    """
    one, index = flow(about), about.index
    guarded = flow_entry_point(about) != about.element.id
    return truth(
        any(
            index.kind(way.target) is ComponentKind.PROCESS
            and index.kind(way.source) is ComponentKind.EXTERNAL_ENTITY
            and bool(way.assets)
            and not (guarded and way.source == one.source)
            for way in one.directions
        )
    )


def _sources(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the senders of what a process may receive."""
    possible = {ComponentKind.PROCESS, None}
    polled = polled_queue(about.index, flow(about))
    senders = (one.source for one in flow(about).directions if about.index.kind(one.target) in possible)
    return (polled,) if polled else tuple(senders)


def _near_a_search(about: RuleTarget) -> Truth:
    """Return whether its component may use a search engine or a directory.

    Only if the technologies of all components around it are known, and none is one, it uses none.
    """
    around = about.index.neighbors.get(component_behind(about), ())
    categories = {_category(about, one) for one in around}
    return truth(not categories or not categories.isdisjoint(_SEARCHED))


def _runs_no_submitted_code(about: RuleTarget) -> Truth:
    return truth(
        None if component_predicates.may_run_submitted_code(about.index, component_behind(about)) else True
    )


def _category(about: RuleTarget, component: ElementId) -> str | None:
    """Return the category of a component's technology; None if it is not known."""
    known = about.index.components.get(component)
    category = about.index.catalog.category_of(known.technology) if known else None
    return category.key if category else None


_SEARCHED = frozenset({None, "search_index", "directory_service", "document_database", "graph_database"})
"""Categories with a search language; None for an unknown one."""

RUNS_NO_SUBMITTED_CODE = Structure(
    name="running submitted code is not its purpose",
    holds=_runs_no_submitted_code,
    question=it_is_not("runs_submitted_code", component_behind),
    explains=False,
)
"""Where running code is the purpose, isolation is the question: another rule asks for it (E13)."""
SEARCH_NEARBY = Structure(name="a search engine or a directory is near", holds=_near_a_search, explains=False)
CONSUMES_MESSAGES = AllOf(
    (
        Structure(name="it is a data flow", holds=_is_a_flow, explains=False),
        Structure(name="it passes no entry point", holds=_passes_no_entry_point, explains=False),
        Structure(name="it ends in a process", holds=_into_a_process, explains=False),
        BY_SOFTWARE,
        AnyAmong(among=_sources, part=component_predicates.QUEUE),
    )
)
RECEIVES_FROM_OUTSIDE = AllOf(
    (
        Structure(name="it is a data flow", holds=_is_a_flow, explains=False),
        Structure(name="it brings data from outside into a process", holds=_receives_from_outside),
        BY_SOFTWARE,
    )
)
INPUT = AnyOf(
    (
        CONSUMES_MESSAGES,
        RECEIVES_FROM_OUTSIDE,
        RECEIVES_FROM_PROGRAMS,
        BRINGS_CONFIGURATION,
        AllOf((IS_ENTRY_POINT, TAKES_INPUT)),
    )
)
