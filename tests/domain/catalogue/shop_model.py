"""A small shop that every rule can be shown on; a row changes what it needs and answers some facts."""

from collections.abc import Iterable

from msgspec.structs import replace
from rpds import HashTrieMap

from domain.kernel.answer import Answer
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

STRANGERS, CUSTOMERS, STAFF = (ElementId(f"TL-{number}") for number in (1, 2, 3))
VISITOR, SHOP, STORE, BANK, OFFICE = (ElementId(f"CO-{number}") for number in (1, 2, 3, 4, 5))
PAGE, ORDERS, KEY, WALL = (ElementId(id) for id in ("EP-1", "AS-1", "AS-2", "TB-1"))
ASKING, KEEPING, PAYING, PASSING = (ElementId(f"DF-{number}") for number in (1, 2, 3, 4))

ELEMENTS: tuple[Element, ...] = (
    TrustLevel(id=STRANGERS, name="Strangers", rank=1),
    TrustLevel(id=CUSTOMERS, name="Customers", rank=2),
    TrustLevel(id=STAFF, name="Staff", rank=3),
    TrustBoundary(id=WALL, name="Wall"),
    ExternalDependency(id=ElementId("XD-1"), name="Bank", owner="A bank", outage=Outage.STOPS),
    EntryPoint(id=PAGE, name="Page", exposure=Exposure.INTERNET),
    Asset(
        id=ORDERS,
        name="Orders",
        data=DataKind.PERSONAL,
        confidentiality=Rating.HIGH,
        integrity=Rating.HIGH,
        availability=Rating.HIGH,
    ),
    Asset(
        id=KEY,
        name="Key",
        data=DataKind.CREDENTIAL,
        integrity=Rating.LOW,
        availability=Rating.LOW,
        stored_in=(SHOP,),
    ),
    Component(id=VISITOR, name="Visitor", sort=ComponentKind.EXTERNAL_ENTITY, trust_level=STRANGERS),
    Component(id=SHOP, name="Shop", sort=ComponentKind.PROCESS, trust_level=STAFF, boundary=WALL),
    Component(id=STORE, name="Store", sort=ComponentKind.DATA_STORE, trust_level=STAFF, boundary=WALL),
    Component(id=BANK, name="Bank", sort=ComponentKind.EXTERNAL_ENTITY, trust_level=CUSTOMERS),
    Component(id=OFFICE, name="Office", sort=ComponentKind.PROCESS, trust_level=STAFF),
    DataFlow(id=ASKING, source=VISITOR, target=SHOP, assets=(ORDERS,), entry_point=PAGE),
    DataFlow(id=KEEPING, source=SHOP, target=STORE, assets=(ORDERS,)),
    DataFlow(id=PAYING, source=SHOP, target=BANK, assets=(ORDERS,)),
    DataFlow(id=PASSING, source=OFFICE, target=SHOP, assets=(ORDERS,)),
)
SOFTWARE = ("CO-2 software", "CO-3 software", "CO-5 software", "XD-1 software")


def shop(*changed: Element) -> ThreatModel:
    """The shop, with some elements told otherwise."""
    elements: HashTrieMap[ElementId, Element] = HashTrieMap({one.id: one for one in ELEMENTS})
    for element in changed:
        elements = elements.insert(element.id, element)
    return replace(EMPTY, elements=elements, step="analysis")


def element(id: ElementId) -> Element:
    """An element of the shop, to be told otherwise."""
    return next(one for one in ELEMENTS if one.id == id)


def without(model: ThreatModel, *ids: ElementId) -> ThreatModel:
    """The model after some elements were removed."""
    for id in ids:
        model = replace(model, elements=model.elements.remove(id))
    return model


def answered(model: ThreatModel, yes: Iterable[str] = (), no: Iterable[str] = ()) -> ThreatModel:
    """The model with facts answered, each told as `EP-1 takes_files`."""
    for told, answer in ((yes, Answer.YES), (no, Answer.NO)):
        for words in told:
            about, fact = words.split()
            model = replace(model, facts=model.facts.insert((ElementId(about), fact), answer))
    return model
