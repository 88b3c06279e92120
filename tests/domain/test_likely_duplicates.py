"""Names of new elements that are like existing ones, and the kinds that are read out of them."""

import inspect
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st
from msgspec.structs import replace

import domain.decide
from domain.commands import (
    COMMAND_TYPES,
    AddAsset,
    AddCommand,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
    DrawFlows,
    FlowByNames,
    FlowEnd,
    NameElements,
    PlaceComponents,
    Placement,
)
from domain.decide import decide
from domain.decide.decision import Decision
from domain.events import AssetAdded, RecordedEvent
from domain.kernel.component_vocabulary import STORE_PRODUCTS, is_store_name, kind_of_type
from domain.kernel.elements import (
    Asset,
    ComponentKind,
    ElementId,
    Kind,
    LikelyDuplicate,
    NameChoice,
    SimilarName,
)
from domain.kernel.name_similarity import likely_same, most_similar, token_sort_ratio
from domain.model import ThreatModel
from domain.rejections import LikelyDuplicates
from domain.replay import replay
from tests.examples import ANA, BEN, at, decide_all, given, started

SHOP: list[RecordedEvent] = decide_all(
    NameElements(
        by=ANA,
        at=at(1),
        external_dependencies=("Payment provider",),
        entry_points=("Public website",),
        assets=("Prescription data",),
        trust_levels=("Pharmacy staff",),
        components=("Order service", "Order database"),
        trust_boundaries=("Private network",),
    ),
    AddDataFlow(
        by=ANA,
        at=at(2),
        name="Nightly export",
        source=ElementId("CO-1"),
        target=ElementId("CO-2"),
    ),
    after=[started()],
)
MODEL = replay(SHOP)
WHEN: dict[str, Any] = {"by": BEN, "at": at(5)}
CO1, CO2 = ElementId("CO-1"), ElementId("CO-2")

Creating = NameElements | DrawFlows | PlaceComponents | AddCommand
WAYS: dict[str, tuple[Creating, Kind, str, str]] = {
    "AddExternalDependency": (
        AddExternalDependency(**WHEN, name="Payments provider"),
        Kind.EXTERNAL_DEPENDENCY,
        "Payments provider",
        "Payment provider",
    ),
    "AddEntryPoint": (
        AddEntryPoint(**WHEN, name="Website, public"),
        Kind.ENTRY_POINT,
        "Website, public",
        "Public website",
    ),
    "AddAsset": (
        AddAsset(**WHEN, name="Prescription data (PHI)"),
        Kind.ASSET,
        "Prescription data (PHI)",
        "Prescription data",
    ),
    "AddTrustLevel": (
        AddTrustLevel(**WHEN, name="Pharmacy staffs"),
        Kind.TRUST_LEVEL,
        "Pharmacy staffs",
        "Pharmacy staff",
    ),
    "AddDataFlow": (
        AddDataFlow(**WHEN, name="Nightly exports", source=CO2, target=CO1),
        Kind.DATA_FLOW,
        "Nightly exports",
        "Nightly export",
    ),
    "AddComponent": (
        AddComponent(**WHEN, name="Orders service"),
        Kind.COMPONENT,
        "Orders service",
        "Order service",
    ),
    "AddTrustBoundary": (
        AddTrustBoundary(**WHEN, name="Private networks"),
        Kind.TRUST_BOUNDARY,
        "Private networks",
        "Private network",
    ),
    "NameElements": (
        NameElements(**WHEN, assets=("Prescription data (PHI)", "Invoices")),
        Kind.ASSET,
        "Prescription data (PHI)",
        "Prescription data",
    ),
    "DrawFlows": (
        DrawFlows(**WHEN, flows=(FlowByNames(source="Browser", target="Orders service"),)),
        Kind.COMPONENT,
        "Orders service",
        "Order service",
    ),
    "PlaceComponents": (
        PlaceComponents(**WHEN, placements=(Placement(component=CO1, boundary="Private networks"),)),
        Kind.TRUST_BOUNDARY,
        "Private networks",
        "Private network",
    ),
}
"""Each command that creates elements, with a new name and the existing one that it is like."""


def test_every_command_that_creates_elements_can_say_what_a_name_means() -> None:
    creating = {type_.__name__ for type_ in COMMAND_TYPES if "choices" in type_.__struct_fields__}
    assert creating == set(WAYS)
    assert {one.__name__ for one in get_args(AddCommand)} < creating


def test_elements_are_added_in_one_place_which_compares_their_names() -> None:
    files = Path(inspect.getfile(domain.decide)).parent.glob("*.py")
    adding = {path.name for path in files if ".added(" in path.read_text()}
    assert adding == {"decision.py"}
    assert "likely_duplicate(" in inspect.getsource(Decision.add)


@pytest.mark.parametrize("way", WAYS)
def test_a_name_that_is_like_another_is_asked_about_before_anything_is_created(way: str) -> None:
    command, kind, name, like = WAYS[way]
    found = asked(command, MODEL)
    assert [(one.kind, one.name, [other.name for other in one.others]) for one in found] == [
        (kind, name, [like])
    ]
    assert found[0].others[0].element in MODEL.elements


@pytest.mark.parametrize("way", WAYS)
def test_another_thing_is_created_once_it_is_stated_to_be_one(way: str) -> None:
    command, kind, name, like = WAYS[way]
    choice = NameChoice(kind=kind, name=name, others=(like,))
    after = replay(decide(replace(command, choices=(choice,)), MODEL), MODEL)
    assert {name, like} <= {one.name for one in after.of_kind(kind)}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_thing_is_not_created_again(way: str) -> None:
    command, kind, name, like = WAYS[way]
    choice = NameChoice(kind=kind, name=name, others=(like,), same=like)
    after = replay(decide(replace(command, choices=(choice,)), MODEL), MODEL)
    names = [one.name for one in after.of_kind(kind)]
    assert name not in names
    assert names.count(like) == 1


def test_a_flow_leads_to_the_component_that_its_line_means() -> None:
    command, kind, name, like = WAYS["DrawFlows"]
    choice = NameChoice(kind=kind, name=name, others=(like,), same=like)
    after = replay(decide(replace(command, choices=(choice,)), MODEL), MODEL)
    assert [getattr(one, "target", "") for one in after.of_kind(Kind.DATA_FLOW)] == [CO2, CO1]


def test_two_lines_of_one_form_are_compared_with_each_other() -> None:
    flows = (
        FlowByNames(source="Browser", target="Records service", assets=("Patient file",)),
        FlowByNames(source="Records service", target="Archive", assets=("Patient files (PHI)",)),
    )
    (found,) = asked(DrawFlows(**WHEN, flows=flows), MODEL)
    assert found == LikelyDuplicate(
        kind=Kind.ASSET, name="Patient files (PHI)", others=(SimilarName(name="Patient file"),)
    )
    same = NameChoice(kind=Kind.ASSET, name=found.name, others=("Patient file",), same="Patient file")
    after = replay(decide(DrawFlows(**WHEN, flows=flows, choices=(same,)), MODEL), MODEL)
    assert [one.name for one in after.of_kind(Kind.ASSET)] == ["Prescription data", "Patient files (PHI)"]


def test_boundaries_of_flow_lines_are_compared_as_well() -> None:
    end = FlowEnd(boundary="Private networks")
    flow = FlowByNames(source="Browser", target="Search index", target_end=end)
    (found,) = asked(DrawFlows(**WHEN, flows=(flow,)), MODEL)
    assert (found.kind, found.name) == (Kind.TRUST_BOUNDARY, "Private networks")


def test_a_name_that_appeared_since_the_answer_is_asked_about_again() -> None:
    """Ben said that his asset is another one; Ana added one that is even closer before he saved."""
    choice = NameChoice(kind=Kind.ASSET, name="Prescription data (PHI)", others=("Prescription data",))
    mine = AddAsset(**WHEN, name="Prescription data (PHI)", choices=(choice,))
    theirs = AddAsset(
        by=ANA,
        at=at(4),
        name="Prescription data PHI",
        choices=(replace(choice, name="Prescription data PHI"),),
    )
    (found,) = asked(mine, replay(decide_all(theirs, after=SHOP)))
    assert found.others == (SimilarName(name="Prescription data PHI", element=ElementId("AS-2")),)


def test_names_of_other_kinds_are_not_compared() -> None:
    given(*SHOP).when(AddAsset(**WHEN, name="Order databases")).then(
        AssetAdded(**WHEN, answer=len(SHOP) + 1, asset=Asset(id=ElementId("AS-2"), name="Order databases"))
    )


def test_the_refusal_names_both_things_and_how_many_more_there_are() -> None:
    command = NameElements(**WHEN, assets=("Prescription data (PHI)",), components=("Orders service",))
    given(*SHOP).when(command).then_refused(
        LikelyDuplicates,
        "The asset “Prescription data (PHI)” may be the same as “Prescription data” (AS-1). "
        "Choose whether it is the same element or a different one. "
        "The same question arises for 1 other name.",
    )


def test_at_most_three_names_are_shown_the_closest_first() -> None:
    names = ("Customer report", "Customer reports", "Customers report", "Customers reports")
    choices = tuple(NameChoice(kind=Kind.ASSET, name=name, others=names) for name in names)
    model = replay(decide_all(NameElements(**WHEN, assets=names, choices=choices), after=SHOP))
    (found,) = asked(AddAsset(**WHEN, name="Customer reporta"), model)
    assert [one.name for one in found.others] == ["Customer report", "Customer reports", "Customers report"]


def asked(command: Creating, model: ThreatModel) -> tuple[LikelyDuplicate, ...]:
    """Return what is asked before the command can be executed."""
    with pytest.raises(LikelyDuplicates) as refused:
        decide(command, model)
    return refused.value.found


SAME = (
    ("Prescription data", "Prescription data (PHI)"),
    ("Prescription data (PHI)", "Prescription data (archive)"),
    ("prescription  DATA", "Data, prescription"),
    ("Customer email", "Customer emails"),
    ("Payment service", "Payments service"),
    ("Order confirmation e-mail", "Order confirmation e mail"),
)
DIFFERENT = (
    ("Orders", "Orders (staging)"),
    ("Customer orders (production)", "Customer orders (staging)"),
    ("Patient records (EU)", "Patient records (US)"),
    ("Patient records", "Patient records (eu-west-1)"),
    ("Warehouse service 1", "Warehouse service 2"),
    ("Public API v1", "Public API v2"),
    ("Floor 1 room 2", "Floor 2 room 1"),
    ("Warehouse robot A", "Warehouse robot B"),
    ("Authenticated users", "Unauthenticated users"),
    ("Orders", "Customers"),
    ("🚀", "🔥"),
)
# Computed once with RapidFuzz 3.14.6: fuzz.token_sort_ratio of the names in lower case.
OF_RAPIDFUZZ = (
    ("Prescription data", "Prescription data (PHI)", 89.47368421052632),
    ("Customer email", "Customer emails", 96.55172413793103),
    ("orders api", "api orders", 100.0),
    ("payment service", "payments gateway", 51.61290322580645),
    ("internal api gateway", "external api gateway", 55.00000000000001),
    ("token store", "store of tokens", 84.61538461538461),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_probably_mean_the_same_are_asked_about(one: str, other: str) -> None:
    assert likely_same(one, other)
    assert likely_same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_a_number_a_region_an_environment_or_a_negation_makes_another_thing(one: str, other: str) -> None:
    assert not likely_same(one, other)
    assert not likely_same(other, one)


@pytest.mark.parametrize(("one", "other", "ratio"), OF_RAPIDFUZZ)
def test_the_measure_is_the_token_sort_ratio(one: str, other: str, ratio: float) -> None:
    assert token_sort_ratio(one, other) == pytest.approx(ratio)


def test_the_closest_names_come_first() -> None:
    others = ["Customer emails archive", "Customer emails", "Customers email"]
    assert most_similar("Customer email", others, 2) == ["Customer emails", "Customers email"]


@holds_for(st.text(max_size=40), st.text(max_size=40))
def test_the_order_of_two_names_does_not_matter(one: str, other: str) -> None:
    assert likely_same(one, other) is likely_same(other, one)
    assert 0 <= token_sort_ratio(one, other) <= 100


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("aws_s3_bucket", ComponentKind.DATA_STORE),
        ("CosmosDbAccount", ComponentKind.DATA_STORE),
        ("timescaledb", ComponentKind.DATA_STORE),
        ("database client", ComponentKind.EXTERNAL_ENTITY),
        ("browser", ComponentKind.EXTERNAL_ENTITY),
        ("our third party billing", ComponentKind.EXTERNAL_ENTITY),
        ("web service", None),
        ("", None),
    ],
)
def test_a_type_of_another_tool(text: str, kind: ComponentKind | None) -> None:
    assert kind_of_type(text) is kind


def test_no_word_of_the_vocabulary_is_longer_than_what_is_looked_up() -> None:
    products = [word for words in STORE_PRODUCTS.values() for word in words]
    assert max(len(word.split()) for word in products) == 2


@pytest.mark.parametrize(
    ("name", "is_store"),
    [
        ("Orders (DynamoDB)", True),
        ("Order caches on Redis", True),
        ("Orders to Event Hubs of the shop", True),
        ("Service of the bus", False),
        ("Order service", False),
        ("", False),
    ],
)
def test_a_name_with_a_product_that_keeps_data_is_that_of_a_store(name: str, is_store: bool) -> None:
    assert is_store_name(name) is is_store
