"""Predicates over external dependencies."""

from domain.kernel.elements import ExternalDependency, Outage
from domain.rules.conditions import AllOf, Structure, Truth, guarded, it_is, truth
from domain.rules.model_index import RuleTarget


def _dependency(about: RuleTarget) -> ExternalDependency:
    if not isinstance(about.element, ExternalDependency):
        raise TypeError(f"{about.element.id} is not an external dependency")
    return about.element


def _indispensable(about: RuleTarget) -> Truth:
    outage = _dependency(about).outage
    return truth(None if outage is None else outage is Outage.STOPS)


def _speaks_digital(about: RuleTarget) -> Truth:
    stands_for = (id for id, one in about.survey.dependency_of.items() if one is about.element)
    return truth(True if any(id in about.survey.digital for id in stands_for) else None)


def _owned(about: RuleTarget) -> Truth:
    return truth(True if _dependency(about).owner else None)


INDISPENSABLE = Structure(
    name="the system stops without it", holds=_indispensable, asking=it_is("indispensable")
)
SOFTWARE = Structure(
    name="it speaks what only software speaks", holds=_speaks_digital, asking=it_is("software"), telling=False
)
CALLS_BACK = AllOf((SOFTWARE, it_is("calls_back")))
OWNED = Structure(name="it is said who runs it", holds=_owned, asking=guarded("owned"))
