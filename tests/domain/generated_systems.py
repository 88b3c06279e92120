"""Systems of any size without names of products, drawn from a seed: what structure alone says of them."""

import random
from collections.abc import Iterator

from msgspec.structs import replace
from rpds import HashTrieMap

from domain.built_in_catalog import BUILT_IN
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    DataKind,
    Element,
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
from domain.replay import EMPTY

_PROCESS = ComponentKind.PROCESS
_PROTOCOLS = {
    ComponentKind.PROCESS: ("HTTPS", "HTTPS", "gRPC", "SSH", ""),
    ComponentKind.DATA_STORE: ("TLS", "PostgreSQL protocol", "HTTPS", "AMQP", ""),
    ComponentKind.EXTERNAL_ENTITY: ("HTTPS", "SFTP", "SMTP", ""),
}
_LEVELS = 3


def generated_system(elements: int, seed: int) -> ThreatModel:
    """Return a system with about this many elements that are asked about, and nothing answered.

    A third are flows, a quarter components, and the rest assets, entry points and dependencies.
    """
    chance = random.Random(f"{elements}/{seed}")
    made = tuple(_elements(chance, elements))
    return replace(EMPTY, elements=HashTrieMap({one.id: one for one in made}))


def _elements(chance: random.Random, elements: int) -> Iterator[Element]:
    yield TrustBoundary(id=ElementId("TB-1"), name="Inside")
    for number in range(1, _LEVELS + 1):
        yield TrustLevel(id=ElementId(f"TL-{number}"), name=f"Level {number}", rank=number)
    components = [_component(chance, number) for number in range(1, max(3, elements // 4) + 1)]
    yield from components
    ours = [one for one in components if one.sort is not ComponentKind.EXTERNAL_ENTITY]
    assets = [_asset(chance, number, ours) for number in range(1, max(1, elements // 6) + 1)]
    yield from assets
    doors = [_door(chance, number, ours) for number in range(1, max(1, elements // 6) + 1)]
    yield from doors
    for number in range(1, max(1, elements // 12) + 1):
        yield _dependency(chance, number)
    for number in range(1, max(2, elements // 3) + 1):
        yield _flow(chance, number, components, assets, doors)


def _component(chance: random.Random, number: int) -> Component:
    """Return a component: the first is outside, the second a process and the third a store."""
    kinds = tuple(ComponentKind)
    kind = kinds[number - 1] if number <= len(kinds) else chance.choice(kinds)
    categories = [one.key for one in BUILT_IN.categories if one.kind is kind]
    outside = kind is ComponentKind.EXTERNAL_ENTITY
    return Component(
        id=ElementId(f"CO-{number}"),
        name=f"Part {number}",
        sort=kind,
        technology=chance.choice([*categories, ""]),
        trust_level=ElementId("TL-1" if outside else f"TL-{chance.randint(2, _LEVELS)}"),
        boundary=None if outside else ElementId("TB-1"),
    )


def _asset(chance: random.Random, number: int, ours: list[Component]) -> Asset:
    rated = [chance.choice(tuple(Rating)) for _ in range(3)]
    return Asset(
        id=ElementId(f"AS-{number}"),
        name=f"Data {number}",
        data=chance.choice([*DataKind, None]),
        confidentiality=rated[0],
        integrity=rated[1],
        availability=rated[2],
        stored_in=(chance.choice(ours).id,),
    )


def _door(chance: random.Random, number: int, ours: list[Component]) -> EntryPoint:
    behind = chance.choice(ours)
    return EntryPoint(
        id=ElementId(f"EP-{number}"),
        name=f"Door {number}",
        component=behind.id,
        exposure=chance.choice([*Exposure]),
        protocol=chance.choice(_PROTOCOLS[behind.sort or _PROCESS]),
        lowest_trust_level=ElementId(f"TL-{chance.randint(1, _LEVELS)}"),
    )


def _dependency(chance: random.Random, number: int) -> ExternalDependency:
    return ExternalDependency(
        id=ElementId(f"XD-{number}"),
        name=f"Supply {number}",
        sort=chance.choice(["libraries", "base images", "provider", "payments"]),
        outage=chance.choice([*Outage]),
    )


def _flow(
    chance: random.Random,
    number: int,
    components: list[Component],
    assets: list[Asset],
    doors: list[EntryPoint],
) -> DataFlow:
    source, target = chance.sample(components, 2)
    through = chance.choice([*(door for door in doors if door.component == target.id), None])
    return DataFlow(
        id=ElementId(f"DF-{number}"),
        source=source.id,
        target=target.id,
        assets=(chance.choice(assets).id,),
        entry_point=through.id if through else None,
        protocol=through.protocol if through else chance.choice(_PROTOCOLS[target.sort or _PROCESS]),
        two_way=chance.random() < 0.3,
    )
