"""The web shop as a described system: its parts, the answers of its team and its review."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Literal

from bot.demo.shop_story import shop_steps
from bot.demo.story_runner import with_times
from domain.decide import decide
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    ChannelId,
    Component,
    ComponentKind,
    DataFlow,
    DataKind,
    ElementId,
    EntryPoint,
    Exposure,
    ExternalDependency,
    Outage,
    Rating,
    TrustBoundary,
    TrustLevel,
)
from domain.model import ThreatModel
from domain.model.element_labels import name_of
from domain.replay import EMPTY, replay
from tests.domain.test_web_shop import MAY_KEEP, MUST_FIND, MUST_NOT_RAISE
from tests.effort.described_systems import (
    DescribedAsset,
    DescribedBoundary,
    DescribedComponent,
    DescribedDependency,
    DescribedEntryPoint,
    DescribedFlow,
    DescribedSystem,
    ReviewEntry,
    Verdict,
)
from tests.effort.team_knowledge import Stated, StatedAnswers

_REVIEW: Mapping[Verdict, Mapping[str, str]] = {
    "must find": MUST_FIND,
    "may keep": MAY_KEEP,
    "must not raise": MUST_NOT_RAISE,
}


@cache
def _shop() -> ThreatModel:
    model = EMPTY
    for step in with_times(*shop_steps(ChannelId("CSHOP"))):
        model = replay(decide(step(model), model), model)
    return model


def web_shop() -> DescribedSystem:
    """Return the shop's description; its review names a rule and a place for each threat."""
    shop = _shop()
    levels = sorted(shop.of_type(TrustLevel), key=lambda level: level.rank)
    return DescribedSystem(
        name="Web shop",
        purpose=shop.description,
        out_of_scope=shop.out_of_scope,
        people=(),
        assumptions=(),
        trust_levels=tuple(level.name for level in levels),
        boundaries=tuple(
            DescribedBoundary(name=one.name, within=_name(one.parent)) for one in shop.of_type(TrustBoundary)
        ),
        components=tuple(_component(component) for component in shop.of_type(Component)),
        dependencies=tuple(
            DescribedDependency(
                name=one.name, what=one.sort, owner=one.owner, outage=(one.outage or Outage.NOTHING).value
            )
            for one in shop.of_type(ExternalDependency)
        ),
        entry_points=tuple(_entry_point(entry_point) for entry_point in shop.of_type(EntryPoint)),
        assets=tuple(_asset(asset) for asset in shop.of_type(Asset)),
        flows=tuple(_flow(data_flow) for data_flow in shop.of_type(DataFlow)),
        controls=(),
        review=tuple(
            ReviewEntry(verdict=verdict, threat=named, at=(), cwe=(), because=(), why=why)
            for verdict, told in _REVIEW.items()
            for named, why in told.items()
        ),
    )


def web_shop_answers() -> Stated:
    """Return the answers of the shop's team, by fact."""
    shop = _shop()
    told: defaultdict[str, defaultdict[Answer, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (element, fact), answer in shop.facts.items():
        told[fact][answer].append(name_of(shop, element))
    stated = {
        fact: StatedAnswers(
            yes=tuple(by[Answer.YES]),
            no=tuple(by[Answer.NO]),
            not_applicable=tuple(by[Answer.NOT_APPLICABLE]),
        )
        for fact, by in told.items()
    }
    return {**stated, **_known_by_protocol(shop)}


def _known_by_protocol(shop: ThreatModel) -> Stated:
    """Return what the story says with a flow's protocol, and that all of the shop is software."""
    flows = shop.of_type(DataFlow)

    def told(fact: str, answer: Answer) -> tuple[str, ...]:
        return tuple(
            flow.name
            for flow in flows
            if shop.facts.get((flow.id, fact)) is answer
            or (answer is Answer.YES and flow.protocol == "HTTPS")
        )

    return {
        "software": StatedAnswers(rest="yes"),
        **{
            fact: StatedAnswers(yes=told(fact, Answer.YES), no=told(fact, Answer.NO))
            for fact in ("encrypted", "integrity_protected")
        },
    }


def _name(element: ElementId | None) -> str:
    return name_of(_shop(), element) if element else ""


def _names(elements: tuple[ElementId, ...]) -> tuple[str, ...]:
    return tuple(map(_name, elements))


def _component(one: Component) -> DescribedComponent:
    return DescribedComponent(
        name=one.name,
        technology="",
        kind=(one.sort or ComponentKind.PROCESS).value,
        trust=_name(one.trust_level),
        within=_name(one.boundary),
    )


def _entry_point(one: EntryPoint) -> DescribedEntryPoint:
    return DescribedEntryPoint(
        name=one.name,
        at=_name(one.component),
        lowest=_name(one.lowest_trust_level),
        exposure=(one.exposure or Exposure.INTERNET).value,
        protocol=one.protocol,
        purpose=one.description,
    )


def _asset(one: Asset) -> DescribedAsset:
    return DescribedAsset(
        name=one.name,
        data=(one.data or DataKind.OTHER).value,
        ratings=(_rating(one.confidentiality), _rating(one.integrity), _rating(one.availability)),
        stored=_names(one.stored_in),
        readers=_names(one.readers),
        writers=_names(one.writers),
    )


def _flow(one: DataFlow) -> DescribedFlow:
    protocol = f" ({one.protocol})" if one.protocol in ("HTTPS", "TLS") else ""
    return DescribedFlow(
        line=f"{_name(one.source)} -> {_name(one.target)}: {one.name}{protocol}",
        through=_name(one.entry_point),
        carries=_names(one.assets),
    )


def _rating(rating: Rating | None) -> Literal["low", "medium", "high"]:
    return (rating or Rating.LOW).value
