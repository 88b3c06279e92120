"""What the rules cost: a register computed anew for models of several sizes, in turns."""

from itertools import islice, pairwise
from pathlib import Path

from msgspec.structs import replace
from rpds import HashTrieMap

from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    Exposure,
    ExternalDependency,
    Kind,
    Outage,
    Rating,
    TrustBoundary,
    TrustLevel,
    kind_of,
)
from domain.model import ThreatModel
from domain.register import register
from domain.replay import EMPTY
from tests.bench.measurements import Row, Say, at_most, medians

SIZES = (50, 100, 200, 400)
FACTS_EACH = 5
ROUNDS = 15
AIM = 15
"""Milliseconds for 200 elements and 1,000 facts."""


def run(directory: Path, say: Say) -> list[Row]:
    """Compare the time of each size with half of it; and the time for 200 elements with what is allowed."""
    del directory
    models = {str(size): busy(size) for size in SIZES}
    say(f"computing the registers of {', '.join(models)} elements {ROUNDS} times in turns")
    contenders = {name: lambda model=model: register(replace(model)) for name, model in models.items()}
    times = {name: time / 1000 for name, time in medians(contenders, rounds=ROUNDS, warm_up=2).items()}
    doubled = [
        at_most(
            f"register of {double} elements ÷ {half}",
            times[str(double)],
            times[str(half)],
            "ms",
            aim=2.6,
        )
        for half, double in pairwise(SIZES)
    ]
    allowed = at_most("register of 200 elements and 1,000 facts ÷ allowed", times["200"], AIM, "ms", aim=1)
    return [allowed, *doubled]


def busy(size: int) -> ThreatModel:
    """A model of so many elements in ordinary proportions, and five times as many facts."""
    elements: HashTrieMap[ElementId, Element] = HashTrieMap()
    facts: HashTrieMap[tuple[ElementId, str], Answer] = HashTrieMap()
    fitting = {kind: [fact.name for fact in BUILT_IN.facts.values() if kind in fact.kinds] for kind in Kind}
    for number, element in enumerate(islice(_elements(), size)):
        elements = elements.insert(element.id, element)
        names = fitting[kind_of(element)]
        for fact in range(min(FACTS_EACH * 2, len(names))):
            answer = Answer.NO if (number + fact) % 4 == 0 else Answer.YES
            facts = facts.insert((element.id, names[(fact + number) % len(names)]), answer)
            if len(facts) >= FACTS_EACH * (number + 1):
                break
    return replace(EMPTY, elements=elements, facts=facts, step="collection")


def _elements() -> "list[Element]":
    found: list[Element] = [
        *(TrustLevel(id=ElementId(f"TL-{n}"), name=f"Level {n}", rank=n) for n in range(1, 6)),
        *(TrustBoundary(id=ElementId(f"TB-{n}"), name=f"Wall {n}") for n in range(1, 4)),
    ]
    for n in range(1, max(SIZES) // 8 + 1):
        mine, next_one, data = ElementId(f"CO-{2 * n}"), ElementId(f"CO-{2 * n + 2}"), ElementId(f"AS-{n}")
        found += [
            Component(
                id=ElementId(f"CO-{2 * n - 1}"),
                name=f"User {n}",
                sort=ComponentKind.EXTERNAL_ENTITY,
                trust_level=ElementId("TL-1"),
            ),
            Component(
                id=mine,
                name=f"Service {n}",
                sort=ComponentKind.DATA_STORE if n % 4 == 0 else ComponentKind.PROCESS,
                trust_level=ElementId(f"TL-{n % 4 + 2}"),
                boundary=ElementId(f"TB-{n % 3 + 1}"),
            ),
            Asset(id=data, name=f"Data {n}", confidentiality=Rating.HIGH, integrity=Rating.HIGH),
            EntryPoint(id=ElementId(f"EP-{n}"), name=f"Page {n}", exposure=Exposure.INTERNET),
            DataFlow(
                id=ElementId(f"DF-{2 * n - 1}"),
                source=ElementId(f"CO-{2 * n - 1}"),
                target=mine,
                assets=(data,),
                entry_point=ElementId(f"EP-{n}"),
                protocol="HTTPS" if n % 2 else "",
            ),
            DataFlow(id=ElementId(f"DF-{2 * n}"), source=mine, target=next_one, assets=(data,)),
            ExternalDependency(id=ElementId(f"XD-{n}"), name=f"User {n}", outage=Outage.STOPS),
            Asset(id=ElementId(f"AS-{n + 1000}"), name=f"Secret {n}", stored_in=(mine,)),
        ]
    return found
