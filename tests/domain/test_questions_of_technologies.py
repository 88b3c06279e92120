"""What a technology asks first: stored answers about facts, each of which can raise a threat."""

from msgspec.structs import replace

from domain.analysis.possible_questions import possible_questions
from domain.analysis.rule_findings import apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.kernel.elements import (
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    DataKind,
    ElementId,
    EntryPoint,
    Exposure,
    ExternalDependency,
    Rating,
)
from domain.model import ThreatModel
from domain.technologies.technology import Category, Technology
from tests.domain.catalogue.shop_model import KEY, OFFICE, ORDERS, PAGE, SHOP, VISITOR, element, shop
from tests.for_each import for_each

each_entry = for_each("one", BUILT_IN.entries.values(), ids=lambda one: one.key)
DOOR, QUEUE = ElementId("EP-2"), ElementId("CO-6")
ABOUT_PEOPLE = tuple(ElementId(f"AS-{number}") for number in (3, 4, 5))


def model_around(one: Technology | Category, kind: ComponentKind) -> ThreatModel:
    """A shop in which one part is of this technology, with callers, stored assets, a queue and a supplier."""
    part = replace(
        Component(id=SHOP, name="Middle", sort=kind, technology=one.key, trust_level=ElementId("TL-3")),
        boundary=ElementId("TB-1"),
    )
    kept = [
        Asset(id=id, name=id, data=DataKind.PERSONAL, confidentiality=Rating.HIGH, stored_in=(SHOP,))
        for id in ABOUT_PEOPLE
    ]
    held = (ORDERS, KEY, *ABOUT_PEOPLE)
    supplier = kind is ComponentKind.EXTERNAL_ENTITY
    return shop(
        part,
        *kept,
        replace(element(ORDERS), stored_in=(SHOP,)),
        Component(id=QUEUE, name="Queue", sort=ComponentKind.DATA_STORE, technology="message_queue"),
        EntryPoint(id=PAGE, name="Page", exposure=Exposure.INTERNET, component=SHOP),
        EntryPoint(id=DOOR, name="Door", exposure=Exposure.INTERNAL, component=SHOP),
        ExternalDependency(id=ElementId("XD-1"), name="Middle" if supplier else "Bank"),
        DataFlow(id=ElementId("DF-1"), source=VISITOR, target=SHOP, assets=held, entry_point=PAGE),
        DataFlow(id=ElementId("DF-7"), source=OFFICE, target=SHOP, assets=held, entry_point=DOOR),
        DataFlow(id=ElementId("DF-8"), source=QUEUE, target=SHOP, assets=held),
        DataFlow(id=ElementId("DF-9"), source=SHOP, target=OFFICE, assets=held),
    )


@each_entry
def test_what_a_technology_asks_is_a_question(one: Technology | Category) -> None:
    for asked in one.questions:
        assert asked.text.endswith("?"), asked.text
        assert len(asked.text) <= 80, asked.text


@each_entry
def test_what_a_technology_asks_is_stored_and_a_no_can_raise_a_threat(one: Technology | Category) -> None:
    kinds = {one.kind, *(other.kind for other in BUILT_IN.technologies if other.category == one.key)}
    around = [model_around(one, kind) for kind in kinds]
    possible = {fact for model in around for _, fact in possible_questions(model)}
    assert {asked.fact for asked in one.questions} <= possible
    for asked in one.questions:
        assert BUILT_IN.facts[asked.fact].denial or asked.fact in {"led_by_model", "keeps_logs"}


def test_an_application_with_tauri_is_not_asked_about_node() -> None:
    asked = {key: [one.text for one in BUILT_IN.questions_about(key)] for key in ("tauri", "electron")}
    assert [key for key, texts in asked.items() if any("Node.js" in text for text in texts)] == ["electron"]


def test_a_question_about_a_flow_is_in_the_words_of_what_it_calls() -> None:
    model = model_around(BUILT_IN.entries["kafka"], ComponentKind.DATA_STORE)
    texts = {one.element: one.text for one in apply_rules(model).questions if one.fact == "encrypted"}
    assert texts[ElementId("DF-7")] == "Is TLS enabled (off by default)?"
