"""Models to be drawn: random ones of many shapes, with names that nobody would choose."""

import random

from msgspec.structs import replace
from rpds import HashTrieMap

from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    ModelKey,
    TrustBoundary,
    TrustLevel,
)
from domain.kernel.threat import Stride, Threat, ThreatId
from domain.model import ThreatModel
from domain.replay import EMPTY

NAMES = (
    "House",
    "Payment service",
    "Order database of the warehouse in Rotterdam",
    "Authentication",
    "Kundenverwaltungsdienstleistungsschnittstelle",
    "a",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii",
    "Ключ",
    "鍵を複製する",
    "🔐",
    '"];evil[label="x',
    "</text><script>alert(1)</script>",
    "\x00\x1b\u202e&#x0;",
    "\\N\\n\\G",
    "%s {0} $x",
)


def random_model(seed: int, most: int = 150) -> ThreatModel:
    """A model of at most so many elements; the same seed gives the same."""
    chance = random.Random(seed)
    size = chance.choice((most, chance.randint(1, most)))
    levels = chance.randint(0, min(6, size))
    zones = chance.randint(0, min(12, size - levels))
    left = size - levels - zones
    components = chance.randint(min(1, left), max(min(1, left), left // chance.choice((2, 3, 6))))
    left -= components
    flows = chance.randint(0, left) if chance.random() < 0.5 else min(left, components * 2)
    others = [chance.randint(0, 2) for _ in range(left - flows)]
    named = [
        *(ElementId(f"EP-{n}") for n, sort in enumerate(others) if sort == 0),
        *(ElementId(f"AS-{n}") for n, sort in enumerate(others) if sort == 1),
    ]
    doors = [one for one in named if one.startswith("EP")]
    assets = [one for one in named if one.startswith("AS")]

    def one_of(prefix: str, number: int) -> ElementId | None:
        return ElementId(f"{prefix}-{chance.randrange(number)}") if number and chance.random() < 0.8 else None

    elements: list[Element] = [
        *(TrustLevel(id=ElementId(f"TL-{n}"), name=chance.choice(NAMES), rank=n) for n in range(levels)),
        *(
            TrustBoundary(id=ElementId(f"TB-{n}"), name=chance.choice(NAMES), parent=one_of("TB", n))
            for n in range(zones)
        ),
        *(
            Component(
                id=ElementId(f"CO-{n}"),
                name=chance.choice(NAMES),
                sort=chance.choice((*ComponentKind, None)),
                trust_level=one_of("TL", levels),
                boundary=one_of("TB", zones),
            )
            for n in range(components)
        ),
        *(
            DataFlow(
                id=ElementId(f"DF-{n}"),
                name=chance.choice(("", "", chance.choice(NAMES))),
                source=ElementId(f"CO-{chance.randrange(components)}"),
                target=ElementId(f"CO-{chance.randrange(components)}"),
                assets=tuple(chance.sample(assets, min(len(assets), chance.randint(0, 4)))),
                entry_point=chance.choice(doors) if doors and chance.random() < 0.6 else None,
            )
            for n in range(flows if components else 0)
        ),
        *(EntryPoint(id=door, name=chance.choice(NAMES)) for door in doors),
        *(Asset(id=asset, name=chance.choice(NAMES)) for asset in assets),
        *(
            ExternalDependency(id=ElementId(f"XD-{n}"), name=chance.choice(NAMES))
            for n, sort in enumerate(others)
            if sort == 2
        ),
    ]
    threats = [
        Threat(
            id=ThreatId(f"TH-{n}"),
            title=chance.choice(NAMES),
            stride=(Stride.TAMPERING,),
            element=chance.choice((None, chance.choice(elements).id)),
        )
        for n in range(chance.randint(0, 40))
    ]
    return replace(
        EMPTY,
        key=ModelKey("TM-1"),
        name=chance.choice(NAMES),
        elements=HashTrieMap({element.id: element for element in elements}),
        threats=HashTrieMap({threat.id: threat for threat in threats}),
        step="analysis",
    )
