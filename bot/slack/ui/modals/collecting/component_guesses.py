"""Guesses about a component, filled into the form for correction."""

import re

import msgspec

from bot.slack.ui.modals.collecting.trust_level_guesses import LevelGuesser, stem
from domain.built_in_catalog import BUILT_IN
from domain.kernel.component_vocabulary import is_store_name
from domain.kernel.elements import Component, ComponentKind, DataFlow, ElementId, Kind
from domain.register import RegisterItem, ThreatRegister


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """The probable kind and trust level of a component; `because` is the reason for a guessed level."""

    sort: ComponentKind
    trust_level: ElementId | None
    because: str = ""


class Guesser:
    """Guesses about components, computed once from a register."""

    def __init__(self, register: ThreatRegister) -> None:
        flows = [item.element for item in register.items(Kind.DATA_FLOW)]
        drawn = [flow for flow in flows if isinstance(flow, DataFlow)]
        self._sources = {flow.source for flow in drawn}
        self._behind_doors = {flow.target for flow in drawn if flow.entry_point}
        self._dependencies = {stem(item.name) for item in register.items(Kind.EXTERNAL_DEPENDENCY)}
        self._levels = LevelGuesser(register)

    def guess(self, item: RegisterItem) -> Guess:
        """Return a component with guesses for its missing attributes."""
        component = item.element
        known = component if isinstance(component, Component) else None
        called_so = self._levels.level_named(item.name)
        sort = (known.sort if known else None) or self._sort(item, is_a_level=called_so is not None)
        if known and known.trust_level:
            return Guess(sort=sort, trust_level=known.trust_level)
        guess = self._levels.guess(item, sort)
        if guess is None:
            return Guess(sort=sort, trust_level=None)
        return Guess(sort=sort, trust_level=guess.level, because=guess.because)

    def _sort(self, item: RegisterItem, *, is_a_level: bool) -> ComponentKind:
        # Someone else operates it, but data that passes through it can be read and stored there.
        if _PASSES_ON.search(item.name):
            return ComponentKind.PROCESS
        if stem(item.name) in self._dependencies:
            return ComponentKind.EXTERNAL_ENTITY
        component = item.element
        known = BUILT_IN.technology_of(component.technology) if isinstance(component, Component) else None
        if known is not None:
            return known.kind
        if _KEEPS.search(item.name) or is_store_name(item.name):
            return ComponentKind.DATA_STORE
        # A component named like a trust level is a person, not a system; what has a technology is a system.
        is_built = isinstance(component, Component) and bool(component.technology)
        is_source = item.id in self._sources and item.id not in self._behind_doors
        if is_a_level or (is_source and not is_built):
            return ComponentKind.EXTERNAL_ENTITY
        return ComponentKind.PROCESS


_KEEPS = re.compile(
    r"\b(db|data ?base|(data ?)?store|storage|logs?|log ?book|bucket|cache|archive|repository|disk)\b"
    r"|(db|store|log)\b",
    re.IGNORECASE,
)
_PASSES_ON = re.compile(r"\b(cdn|content delivery|(reverse )?proxy|waf|load ?balancer)\b", re.IGNORECASE)
