"""Predicates over what receives input: entry points, and flows from a message queue."""

from domain.kernel.elements import DataFlow, ElementId
from domain.rules import component_predicates
from domain.rules.conditions import AllOf, AnyAmong, AnyOf, Structure, Truth, truth
from domain.rules.entry_point_predicates import IS_ENTRY_POINT, TAKES_INPUT
from domain.rules.flow_predicates import BY_SOFTWARE, TARGET_IS_PROCESS, flow, flow_entry_point
from domain.rules.model_index import RuleTarget


def _is_a_flow(about: RuleTarget) -> Truth:
    return truth(isinstance(about.element, DataFlow))


def _passes_no_entry_point(about: RuleTarget) -> Truth:
    return truth(flow_entry_point(about) == about.element.id)


def _source(about: RuleTarget) -> tuple[ElementId, ...]:
    return (flow(about).source,)


CONSUMES_MESSAGES = AllOf(
    (
        Structure(name="it is a data flow", holds=_is_a_flow, explains=False),
        Structure(name="it passes no entry point", holds=_passes_no_entry_point, explains=False),
        TARGET_IS_PROCESS,
        BY_SOFTWARE,
        AnyAmong(among=_source, part=component_predicates.QUEUE),
    )
)
INPUT = AnyOf((CONSUMES_MESSAGES, AllOf((IS_ENTRY_POINT, TAKES_INPUT))))
