"""Threat statements: who can do what, why, and with which impact on which assets.

A [threat source] can [action] because [fact], leading to [impact] on [assets]. The places of one rule share
a statement.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from domain.analysis.rule_findings import SuggestedThreat
from domain.facts.fact import Fact
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    ComponentKind,
    DataFlow,
    ElementId,
    EntryPoint,
    Exposure,
    Kind,
    Rating,
)
from domain.kernel.persistent_maps import values_of
from domain.kernel.text_formatting import join_list
from domain.kernel.threat import SuggestedThreatId, ThreatId, elements_of, rule_of
from domain.model import ThreatModel
from domain.model.crossings import Crossing
from domain.model.element_labels import name_elements, name_of
from domain.rules.flow_predicates import call_of, polled_queue
from domain.rules.model_index import ModelIndex
from domain.rules.rule import IMPACT_OF_CATEGORY, Rule, ThreatSource

NAMED_ASSETS = 3
"""The number of assets that a statement names, the most valuable first."""

_NAMED_SOURCES = 2
"""The number of threat sources up to which each is named."""


def threat_statements(
    model: ThreatModel, crossing: dict[ElementId, Crossing], confirmed: Iterable[SuggestedThreat]
) -> dict[ThreatId, tuple[str, ...]]:
    """Return the statements of each confirmed threat, one for each rule that it comes from.

    `confirmed` are those suggested threats that the rules still yield: others are stated without a cause.
    """
    from_rules = [value for value in values_of(model.threats) if value.suggested_threats]
    if not from_rules:
        return {}
    statements = _Statements(
        ModelIndex(model, crossing), {SuggestedThreatId(one.id): one for one in confirmed}
    )
    found = ((rule.id, map(statements.of, _by_rule(rule.suggested_threats))) for rule in from_rules)
    return {id: tuple(filter(None, texts)) for id, texts in found}


def _by_rule(suggested_threats: Iterable[SuggestedThreatId]) -> list[list[SuggestedThreatId]]:
    groups: dict[str, list[SuggestedThreatId]] = {}
    for suggested_threat in suggested_threats:
        groups.setdefault(rule_of(suggested_threat), []).append(suggested_threat)
    return list(groups.values())


class _Statements:
    """The statements of one model."""

    def __init__(self, index: ModelIndex, yielded: Mapping[SuggestedThreatId, SuggestedThreat]) -> None:
        self._index = index
        self._yielded = yielded

    def of(self, ids: Sequence[SuggestedThreatId]) -> str:
        """Return the statement of suggested threats of one rule; empty if it is no longer in the catalog."""
        rule = self._index.catalog.rules_by_id.get(rule_of(ids[0]))
        places = [about for about in map(elements_of, ids) if about]
        if rule is None or not places:
            return ""
        elements = list(dict.fromkeys(about[0] for about in places))
        peers = list(dict.fromkeys(about[1] for about in places if len(about) > 1))
        source = self._sources(rule, elements)
        action = rule.action.format(element=self._names(elements), peer=self._names(peers))
        cause = self._cause(rule, ids, several=len(elements) > 1)
        because = f" because {cause}" if cause else ""
        impact = f"{rule.impact or IMPACT_OF_CATEGORY[rule.category]} {self._assets(places)}"
        return f"{source[0].upper()}{source[1:]} can {action}{because}, leading to {impact}."

    def _sources(self, rule: Rule, elements: Sequence[ElementId]) -> str:
        """Return the threat sources of all places; those of a kind where they are many."""
        if rule.source is ThreatSource.OUTAGE:
            return f"an outage of {self._names(elements)}"
        every = list(dict.fromkeys(self._source(rule, element) for element in elements))
        return " or ".join(every) if len(every) <= _NAMED_SOURCES else _SOURCES[rule.source]

    def _source(self, rule: Rule, element: ElementId) -> str:
        flow = self._index.flows.get(element)
        by_message = rule.source is ThreatSource.SENDER or Kind.DATA_FLOW in rule.also
        if flow and by_message and (queue := self._queue(flow)):
            return f"an attacker who can write to {self._name(queue)}"
        if rule.source is ThreatSource.CALLER:
            return self._caller(element)
        if flow and rule.source is ThreatSource.RECEIVER:
            return f"the recipient {self._name(self._other_party(flow))}"
        return _SOURCES[rule.source]

    def _caller(self, element: ElementId) -> str:
        flow = self._index.flows.get(element)
        entry_point = self._index.entry_points.get((flow.entry_point if flow else element) or element)
        if entry_point is None:
            opener = f" who impersonates or controls {self._name(self._opener(flow))}" if flow else ""
            return f"an attacker{opener}"
        if self._index.level_rank(entry_point.lowest_trust_level) is not None:
            level = self._name(entry_point.lowest_trust_level or element)
            return f"a caller at trust level “{level}”"
        return self._by_exposure(entry_point)

    def _opener(self, flow: DataFlow) -> ElementId:
        """Return the end of a flow that calls the other one."""
        return call_of(self._index.about(flow)).source

    def _queue(self, flow: DataFlow) -> ElementId | None:
        """Return the store that a flow comes out of, such as a queue, or that a worker polls."""
        senders = (one.source for one in flow.directions if self._index.kind(one.source) is _STORE)
        return next(senders, polled_queue(self._index, flow))

    def _by_exposure(self, entry_point: EntryPoint) -> str:
        public = self._index.facts.get(entry_point.id, {}).get("public")
        match entry_point.exposure:
            case Exposure.INTERNET:
                return "an anonymous user on the internet"
            case Exposure.PARTNER:
                return "a partner"
            case Exposure.INTERNAL:
                return "a caller on the internal network"
            case Exposure.LOCAL:
                return "a local user"
            case None:
                return "an anonymous user" if public is Answer.YES else "a caller"

    def _other_party(self, flow: DataFlow) -> ElementId:
        """Return the external end of a flow, preferably the receiver."""
        outside = self._index.kind(flow.source) is ComponentKind.EXTERNAL_ENTITY
        inside = self._index.kind(flow.target) is not ComponentKind.EXTERNAL_ENTITY
        return flow.source if outside and inside else flow.target

    def _assets(self, places: Iterable[tuple[ElementId, ...]]) -> str:
        touched = dict.fromkeys(asset for about in places for asset in self._touched(*about))
        live = [one for one in touched if one in self._index.assets]
        live.sort(key=self._value, reverse=True)
        names = [self._name(one) for one in live]
        more = len(names) - NAMED_ASSETS
        shown = names if more <= 1 else [*names[:NAMED_ASSETS], f"{more} more assets"]
        return join_list(shown) if shown else "the system"

    def _touched(self, element: ElementId, peer: ElementId | None = None) -> tuple[ElementId, ...]:
        return (peer,) if peer and peer in self._index.assets else self._index.touched_by(element)

    def _value(self, id: ElementId) -> int:
        one = self._index.assets[id]
        rated: tuple[Rating | None, ...] = (one.confidentiality, one.integrity, one.availability)
        return max(rating.weight if rating else 0 for rating in rated)

    def _names(self, ids: Sequence[ElementId]) -> str:
        """Return the names of the first elements, and how many more there are."""
        return name_elements(ids, self._name)

    def _is_plural(self, element: ElementId) -> bool:
        """Return whether the name of an asset is in the plural, such as `Session tokens`."""
        words = _WORD.findall(self._name(element).partition("(")[0])
        return element in self._index.assets and bool(words) and bool(_PLURAL.fullmatch(words[-1]))

    def _name(self, id: ElementId) -> str:
        return name_of(self._index.model, id)

    def _cause(self, rule: Rule, ids: Sequence[SuggestedThreatId], *, several: bool) -> str:
        """Return why the action is possible: what the team denied, else what the rule states.

        A denial that is not true of each place names those that it is true of. It agrees in number with the
        elements that the statement names.
        """
        yielded = [self._yielded[id] for id in ids if id in self._yielded]
        denied: dict[Fact, dict[str, ElementId]] = {}
        for one in yielded:
            for used in one.facts:
                fact = self._index.catalog.facts.get(used.fact) if used.answer is Answer.NO else None
                if fact and fact.denial:
                    denied.setdefault(fact, {})[one.id] = one.element
        causes = dict.fromkeys(
            self._denial(fact, list(places.values()), several=several, everywhere=len(places) == len(ids))
            for fact, places in denied.items()
        )
        return join_list(list(causes)) if causes else rule.cause if yielded else ""

    def _denial(self, fact: Fact, places: Sequence[ElementId], *, several: bool, everywhere: bool) -> str:
        named = list(dict.fromkeys(places))
        if not everywhere:
            several = len(named) > 1
        plural = several or self._is_plural(named[0])
        words = (fact.denial_of_several if plural else "") or fact.denial
        return words if everywhere else f"{words} ({self._names(named)})"


_WORD = re.compile(r"[^\W_]+")

_PLURAL = re.compile(r".*[^\Wisu]s")
"""A word in the plural: neither `DNS` nor `address`, `status` or `analysis`."""

_STORE = ComponentKind.DATA_STORE

_SOURCES = {
    ThreatSource.CALLER: "an attacker",
    ThreatSource.SENDER: "an attacker",
    ThreatSource.NETWORK: "an attacker on the network",
    ThreatSource.INSIDER: "an insider",
    ThreatSource.OTHER_SITE: "a malicious website",
    ThreatSource.SUPPLIER: "an attacker at the supplier",
    ThreatSource.RECEIVER: "the recipient",
    ThreatSource.STRANGER: "an attacker",
    ThreatSource.INTRUDER: "an attacker",
    ThreatSource.FAILURE: "a failure",
}
