"""Predicates over components."""

from domain.kernel.elements import ComponentKind, DataKind, ElementId
from domain.rules.conditions import AllOf, Structure, Truth, it_is, truth
from domain.rules.model_index import RuleTarget


def kept(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the assets that a component stores."""
    return about.survey.kept_in.get(about.element.id, ())


def handled(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the assets that a component stores, receives or sends."""
    return about.survey.handled_by.get(about.element.id, ())


def _stores_a_log(about: RuleTarget) -> Truth:
    logs = (about.survey.assets[asset].data is DataKind.LOG for asset in kept(about))
    return truth(True if any(logs) else None)


def _keeps_logs_alone(about: RuleTarget) -> Truth:
    """Return whether a store holds only logs, which are appended to and not edited concurrently."""
    keeps = [about.survey.assets[asset].data for asset in kept(about)]
    return truth(bool(keeps) and all(data is DataKind.LOG for data in keeps))


def _is_process(about: RuleTarget) -> Truth:
    kind = about.survey.kind(about.element.id)
    return truth(None if kind is None else kind is ComponentKind.PROCESS)


def _is_store(about: RuleTarget) -> Truth:
    kind = about.survey.kind(about.element.id)
    return truth(None if kind is None else kind is ComponentKind.DATA_STORE)


def _is_ours(about: RuleTarget) -> Truth:
    kind = about.survey.kind(about.element.id)
    return truth(None if kind is None else kind is not ComponentKind.EXTERNAL_ENTITY)


def _speaks_digital(about: RuleTarget) -> Truth:
    return truth(True if about.element.id in about.survey.digital else None)


def _several_writers(about: RuleTarget) -> Truth:
    writers = {flow.source for flow in about.survey.into.get(about.element.id, ())}
    return truth(True if len(writers) > 1 else None)


IS_PROCESS = Structure(name="it is a process", holds=_is_process, telling=False)
IS_STORE = Structure(name="it is a data store", holds=_is_store, telling=False)
IS_OURS = Structure(name="it is a part of the system", holds=_is_ours, telling=False)
SPEAKS_DIGITAL = Structure(
    name="it speaks what only software speaks", holds=_speaks_digital, asking=it_is("software"), telling=False
)
SOFTWARE = AllOf((IS_OURS, SPEAKS_DIGITAL))
SOFTWARE_PROCESS = AllOf((IS_PROCESS, SPEAKS_DIGITAL))
SOFTWARE_STORE = AllOf((IS_STORE, SPEAKS_DIGITAL))
LOG_STORE = AllOf(
    (
        SOFTWARE_STORE,
        Structure(name="a log is stored there", holds=_stores_a_log, asking=it_is("keeps_logs")),
    )
)
KEEPS_LOGS_ALONE = Structure(name="nothing but logs is kept there", holds=_keeps_logs_alone)
WRITTEN_AT_ONCE = Structure(
    name="several write to it", holds=_several_writers, asking=it_is("written_at_once")
)
