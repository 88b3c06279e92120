"""Guesses about the trust level of a component, each with its reason."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from bot.slack.protocol.escaping import clip, one_line
from domain.built_in_catalog import BUILT_IN
from domain.kernel.elements import Component, ComponentKind, DataFlow, ElementId, EntryPoint, Kind, TrustLevel
from domain.register import RegisterItem, ThreatRegister


class LevelGuess(msgspec.Struct, frozen=True, kw_only=True):
    """A probable trust level; `because` is the reason, as one sentence."""

    level: ElementId
    because: str


class LevelGuesser:
    """Guesses about trust levels, computed once from a register.

    What sends data into the system is guessed as the least trusted level, because too low a level shows more
    trust crossings, not fewer. What others operate has the level of its operator, or else the least trusted
    one. Nothing is guessed about tools of operators, which often have a level above the software around
    them, or about staff and their devices, who are not the least trusted.
    """

    def __init__(self, register: ThreatRegister) -> None:
        self._names = {item.id: item.name for kind in Kind for item in register.items(kind)}
        self._dependencies = {stem(item.name) for item in register.items(Kind.EXTERNAL_DEPENDENCY)}
        levels = [item.element for item in register.items(Kind.TRUST_LEVEL)]
        self._levels = sorted(
            (level for level in levels if isinstance(level, TrustLevel)), key=lambda one: one.rank
        )
        self._stems = {stem(level.name): level.id for level in self._levels}
        self._in_boundary = _levels_in_boundaries(register)
        self._doors = _lowest_levels_by_source(register)

    def level_named(self, name: str) -> ElementId | None:
        """Return the level with the name of a component, in singular or plural."""
        return self._stems.get(stem(name))

    def guess(self, item: RegisterItem, sort: ComponentKind) -> LevelGuess | None:
        """Return the probable level of a component of a kind; None if nothing indicates one."""
        if named := self.level_named(item.name):
            return LevelGuess(level=named, because="Suggested: the level of this name.")
        component = item.element
        if not isinstance(component, Component):
            return None
        if stem(item.name) in self._dependencies or _is_a_service_of_others(component):
            return self._of_others(item.name)
        if _serves_operators(component):
            return None
        is_outside = sort is ComponentKind.EXTERNAL_ENTITY or _runs_at_the_user(component)
        if is_outside and (within := self._named_within(item.name)):
            return LevelGuess(level=within, because="Suggested from the name.")
        if component.boundary and (shared := self._in_boundary.get(component.boundary)):
            where = self._name(component.boundary)
            return LevelGuess(level=shared, because=f"Suggested: as the other components in {where}.")
        return self._of_outside(item) if is_outside else self._of_software()

    def _named_within(self, name: str) -> ElementId | None:
        """Return the one level whose words are among those of a name: `Merchants` for `Merchant browser`."""
        words = {*stem(name).split()}
        found = [id for called, id in self._stems.items() if called and words.issuperset(called.split())]
        return found[0] if len(found) == 1 else None

    def _of_outside(self, item: RegisterItem) -> LevelGuess | None:
        doors = self._doors.get(item.id)
        if not doors or not self._levels:
            return None
        if len({*doors.values()}) == 1 and (lowest := next(iter(doors.values()))):
            where = self._name(next(iter(doors)))
            return LevelGuess(level=lowest, because=f"Suggested: the lowest level of {where}.")
        if _STAFF.search(item.name):
            return None
        return LevelGuess(
            level=self._levels[0].id, because="Suggested: the least trusted level, for data from outside."
        )

    def _of_others(self, name: str) -> LevelGuess | None:
        """Return the level of who operates a service or a partner's system."""
        if within := self._named_within(name):
            return LevelGuess(level=within, because="Suggested from the name.")
        found = [id for called, id in self._stems.items() if not _OPERATORS.isdisjoint(called.split())]
        if len(found) == 1:
            return LevelGuess(level=found[0], because="Suggested: the level of its operator.")
        if not self._levels:
            return None
        return LevelGuess(
            level=self._levels[0].id, because="Suggested: the least trusted level, since others operate it."
        )

    def _of_software(self) -> LevelGuess | None:
        found = [id for called, id in self._stems.items() if _is_level_of_software(called)]
        if len(found) != 1:
            return None
        return LevelGuess(level=found[0], because="Suggested: the level of the system's own software.")

    def _name(self, id: ElementId) -> str:
        return clip(one_line(self._names.get(id, id)), _NAME)


def stem(name: str) -> str:
    """Return a name in singular form, so that `Passer-by` and `Passers-by` are equal."""
    return _ENDS_IN_S.sub("", _ENDS_IN_IES.sub("y", name.casefold())).strip()


def _runs_at_the_user(component: Component) -> bool:
    category = BUILT_IN.category_of(component.technology)
    return category is not None and category.key in _CLIENTS


def _is_a_service_of_others(component: Component) -> bool:
    category = BUILT_IN.category_of(component.technology)
    known = BUILT_IN.technology_of(component.technology)
    is_outside = known is not None and known.kind is ComponentKind.EXTERNAL_ENTITY
    return is_outside and category is not None and category.key not in _CLIENTS


def _serves_operators(component: Component) -> bool:
    category = BUILT_IN.category_of(component.technology)
    by_category = category is not None and category.key in _OPERATIONS
    return by_category or bool(_OPERATED.search(component.name))


def _levels_in_boundaries(register: ThreatRegister) -> Mapping[ElementId, ElementId]:
    """Return the level of each boundary whose placed components have the same one."""
    levels: defaultdict[ElementId, set[ElementId]] = defaultdict(set)
    for item in register.items(Kind.COMPONENT):
        component = item.element
        if isinstance(component, Component) and component.boundary and component.trust_level:
            levels[component.boundary].add(component.trust_level)
    return {boundary: next(iter(some)) for boundary, some in levels.items() if len(some) == 1}


def _lowest_levels_by_source(
    register: ThreatRegister,
) -> Mapping[ElementId, Mapping[ElementId, ElementId | None]]:
    """Return the entry points that each component sends data through, with their lowest trust levels."""
    lowest = {
        item.id: item.element.lowest_trust_level
        for item in register.items(Kind.ENTRY_POINT)
        if isinstance(item.element, EntryPoint)
    }
    doors: defaultdict[ElementId, dict[ElementId, ElementId | None]] = defaultdict(dict)
    for flow in _flows(register):
        if flow.entry_point:
            doors[flow.source][flow.entry_point] = lowest.get(flow.entry_point)
    return doors


def _flows(register: ThreatRegister) -> Iterable[DataFlow]:
    return (item.element for item in register.items(Kind.DATA_FLOW) if isinstance(item.element, DataFlow))


def _is_level_of_software(called: str) -> bool:
    words = called.split()
    return bool(words) and words[-1] in _SOFTWARE and _OUTSIDE.isdisjoint(words)


_CLIENTS = frozenset(
    ("browser", "single_page_app", "mobile_app", "desktop_app", "command_line_tool", "device")
)
_OPERATIONS = frozenset(
    (
        "admin_application",
        "artifact_registry",
        "backup_store",
        "ci_cd",
        "code_hosting",
        "code_repository",
        "log_store",
        "observability_service",
        "secret_store",
    )
)
_OPERATED = re.compile(
    r"\b(admin|administration|audit|back-?ups?|ci|console|deployer|deployment|logs?|monitoring|pipeline|vault)\b",
    re.IGNORECASE,
)
_STAFF = re.compile(
    r"\b(staff|employees?|workstations?|clerks?|nurses?|doctors?|clinicians?|physicians?|operators?)\b",
    re.IGNORECASE,
)
_SOFTWARE = frozenset(
    ("application", "app", "backend", "microservice", "service", "server", "system", "workload")
)
_OPERATORS = frozenset(("partner", "provider", "supplier", "vendor", "third-party", "external"))
_OUTSIDE = frozenset(("external", "partner", "public", "third-party"))
_ENDS_IN_S = re.compile(r"s\b")
_ENDS_IN_IES = re.compile(r"ies\b")
_NAME = 60
