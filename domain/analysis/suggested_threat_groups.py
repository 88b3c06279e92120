"""Suggested threat groups: the places at which one rule holds, decided together."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from domain.analysis.rule_findings import SuggestedThreat
from domain.analysis.stakes import Stake, stake_of_places
from domain.kernel.answer import Answer
from domain.kernel.elements import SINGULAR, DataFlow, ElementId, kind_of_id
from domain.kernel.length_limits import NAME
from domain.kernel.persistent_maps import values_of
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import SuggestedThreatId, Threat, ThreatId, elements_of, rule_of
from domain.model import ThreatModel, id_order
from domain.model.crossings import component
from domain.rules.rule import Control, Rule

NO_BOUNDARY = "X02"
"""The rule about a missing boundary: its suggested threats are decided one by one as long as they are few."""

FEW = 3
"""The number of its suggested threats within one boundary up to which each stays on its own."""

REMEDIES: Mapping[str, str] = {"I01": "TLS", "T07": "TLS"}
"""Rules that the same change usually fixes, for display only: their suggested threats stay separate.

Authentication does not fix authorization, and a vault does not make a shared key personal.
"""

GroupId = str
"""The rule of a group; for a missing boundary also the boundary; a single threat is its own group."""


class SuggestedThreatGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The undecided suggested threats of one rule; `threats` are those to which they can be added as places.

    `remedy` is a change that usually fixes other rules as well; empty if there is none.
    """

    id: GroupId
    rule: Rule
    suggested_threats: tuple[SuggestedThreat, ...]
    threats: tuple[ThreatId, ...] = ()
    remedy: str = ""

    @property
    def stake(self) -> Stake:
        """Return what is at stake at its places together."""
        return stake_of_places(one.stake for one in self.suggested_threats)


class SuggestedThreatGrouping:
    """The groups of suggested threats, by all that the rules yield for a model."""

    def __init__(self, model: ThreatModel, yielded: Iterable[SuggestedThreatId]) -> None:
        self._model = model
        confirmed = (id for value in values_of(model.threats) for id in value.suggested_threats)
        every = dict.fromkeys((*yielded, *confirmed))
        self._sizes = Counter(self._boundary(id) for id in every if rule_of(id) == NO_BOUNDARY)

    def group_of(self, suggested_threat: SuggestedThreatId) -> GroupId:
        """Return the group of a suggested threat."""
        if rule_of(suggested_threat) != NO_BOUNDARY:
            return rule_of(suggested_threat)
        boundary = self._boundary(suggested_threat)
        return f"{NO_BOUNDARY}@{boundary}" if self._sizes[boundary] > FEW else suggested_threat

    def can_hold(self, threat: Threat, suggested_threat: SuggestedThreatId) -> bool:
        """Return whether it can become a place of a threat: one of its places has the same group."""
        group = self.group_of(suggested_threat)
        return any(self.group_of(one) == group for one in threat.suggested_threats)

    def _boundary(self, suggested_threat: SuggestedThreatId) -> ElementId | None:
        """Return the innermost boundary around a flow that crosses none; None outside all boundaries."""
        flow = self._model.elements.get(elements_of(suggested_threat)[0])
        source = component(self._model, flow.source) if isinstance(flow, DataFlow) else None
        return source.boundary if source else None


def group_suggested_threats(
    model: ThreatModel,
    undecided: Iterable[SuggestedThreat],
    decided: Iterable[SuggestedThreatId],
    open_threats: Collection[ThreatId],
) -> tuple[SuggestedThreatGroup, ...]:
    """Return the undecided suggested threats by group, those with most at stake first.

    `decided` are the other ones that the rules yield, `open_threats` those that can get further places.
    """
    left = tuple(undecided)
    grouping = SuggestedThreatGrouping(model, (*(SuggestedThreatId(one.id) for one in left), *decided))
    groups: dict[GroupId, list[SuggestedThreat]] = {}
    for one in left:
        groups.setdefault(grouping.group_of(SuggestedThreatId(one.id)), []).append(one)
    threats = sorted((model.threats[id] for id in open_threats), key=lambda one: id_order(one.id))
    found = (
        SuggestedThreatGroup(
            id=id,
            rule=some[0].rule,
            suggested_threats=tuple(some),
            threats=tuple(one.id for one in threats if grouping.can_hold(one, SuggestedThreatId(some[0].id))),
            remedy=REMEDIES.get(some[0].rule.id, ""),
        )
        for id, some in groups.items()
    )
    return tuple(sorted(found, key=_place))


def _place(one: SuggestedThreatGroup) -> tuple[float, str, tuple[int, ...]]:
    """Return the place of a group among the others: by stake, ties by rule."""
    return -one.stake.weight, one.rule.id, id_order(one.suggested_threats[0].element)


class SharedReason(msgspec.Struct, frozen=True, kw_only=True):
    """A reason for suggested threats of one rule: a property of the model, or a statement and its answer.

    `elements` are those it is true of; empty if it is true of each place itself.
    """

    statement: str
    answer: Answer | None = None
    elements: tuple[ElementId, ...] = ()


def shared_reasons(every: Sequence[SuggestedThreat]) -> tuple[SharedReason, ...]:
    """Return the reasons for suggested threats of one rule, each once: properties before answers."""
    own: Counter[tuple[str, Answer | None]] = Counter()
    elements: dict[tuple[str, Answer | None], dict[ElementId, None]] = {}
    seen = [(one, (each.statement, None), each.element) for one in every for each in one.observed]
    told = [(one, (each.statement, each.answer), each.element) for one in every for each in one.facts]
    for one, reason, element in (*seen, *told):
        elements.setdefault(reason, {})[element] = None
        own[reason] += element == one.element
    return tuple(
        SharedReason(
            statement=reason[0],
            answer=reason[1],
            elements=() if own[reason] == len(every) else tuple(about),
        )
        for reason, about in elements.items()
    )


def missing_controls(every: Sequence[SuggestedThreat]) -> list[tuple[Control, tuple[ElementId, ...]]]:
    """Return the controls that are missing, with their places; no places if it is missing at each."""
    lacking: dict[Control, list[SuggestedThreat]] = {}
    for one in every:
        for control in one.missing:
            lacking.setdefault(control, []).append(one)
    return [
        (control, () if len(some) == len(every) else tuple(dict.fromkeys(one.element for one in some)))
        for control, some in sorted(lacking.items(), key=lambda item: -len(item[1]))
    ]


def title_of_places(rule: Rule, suggested_threats: Iterable[SuggestedThreatId], about: str) -> str:
    """Return the title of a threat at one place, named `about`, or at several, which are counted."""
    every = tuple(suggested_threats)
    text = f"{rule.title}: {about}" if len(every) == 1 else f"{rule.title} at {count_places(every)}"
    return text if len(text) <= NAME else f"{text[: NAME - 1]}…"


def count_places(suggested_threats: Iterable[SuggestedThreatId]) -> str:
    """Return how many elements there are, such as `8 data flows`; `5 places` for different kinds.

    An element counts once, also if several of its suggested threats differ by their peer.
    """
    elements = {elements_of(suggested_threat)[0] for suggested_threat in suggested_threats}
    kinds = {kind_of_id(element) for element in elements}
    return count_phrase(len(elements), SINGULAR[next(iter(kinds))] if len(kinds) == 1 else "place")
