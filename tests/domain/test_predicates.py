"""Predicates of rules, each over every value that decides it; what was not said yet stays unknown."""

import pytest
from msgspec.structs import replace

from domain.analysis.rule_findings import apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import Asset, ComponentKind, DataFlow, DataKind, ElementId, Rating
from domain.rules import asset_predicates, flow_predicates
from domain.rules.conditions import AllOf, AnyAmong, AnyOf, Condition, FactHolds, Structure, Truth
from domain.rules.model_index import ModelIndex
from tests.domain.catalogue.shop_model import (
    ASKING,
    BANK,
    CUSTOMERS,
    KEY,
    OFFICE,
    ORDERS,
    PAGE,
    PASSING,
    SHOP,
    SOFTWARE,
    STAFF,
    STORE,
    STRANGERS,
    VISITOR,
    answered,
    element,
    shop,
    without,
)

KINDS = (*ComponentKind, None)
WORDS = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "?"}


def of_flow(predicate: Structure, source: ComponentKind | None, target: ComponentKind | None) -> str:
    """What a predicate says of the flow from the office to the shop, both without a trust level."""
    model = shop(
        replace(element(OFFICE), sort=source, trust_level=None),
        replace(element(SHOP), sort=target, trust_level=None),
    )
    return WORDS[predicate.holds(ModelIndex(model).about(element(PASSING)))]


@pytest.mark.parametrize(
    ("predicate", "by_source"),
    [
        (flow_predicates.STARTED_BY_CALLER, ("yes yes yes yes", "yes yes yes yes", "no no no no", "? ? ? ?")),
        (flow_predicates.TO_A_SERVICE, ("no yes yes ?",) * 4),
        (flow_predicates.TARGET_IS_INTERNAL, ("no yes yes ?",) * 4),
        (flow_predicates.TARGET_IS_PROCESS, ("no yes no ?",) * 4),
        (flow_predicates.BETWEEN_PROCESSES, ("no no no ?", "no yes no ?", "no no no ?", "? ? ? ?")),
        (flow_predicates.HAS_EXTERNAL_END, ("yes yes yes ?", "yes no no ?", "yes no no ?", "? ? ? ?")),
        (flow_predicates.ENDS_ARE_INTERNAL, ("no no no no", "no yes yes ?", "no yes yes ?", "no ? ? ?")),
        (flow_predicates.LESS_TRUSTED_STORE_ACCESS, ("no no ? ?", "no no ? ?", "? ? ? ?", "? ? ? ?")),
    ],
    ids=lambda given: given.name if isinstance(given, Structure) else "",
)
def test_a_predicate_about_the_ends_of_a_flow(predicate: Structure, by_source: tuple[str, ...]) -> None:
    """A row for each kind of source: entity, process, store, not placed; in it the same for the target."""
    assert tuple(" ".join(of_flow(predicate, one, other) for other in KINDS) for one in KINDS) == by_source


@pytest.mark.parametrize(
    ("store", "other", "said"),
    [
        (STAFF, CUSTOMERS, "yes"),
        (STAFF, STAFF, "no"),
        (CUSTOMERS, STAFF, "no"),
        (STAFF, None, "?"),
        (None, STAFF, "?"),
    ],
)
def test_a_store_is_touched_from_below_whichever_way_the_flow_goes(
    store: ElementId | None, other: ElementId | None, said: str
) -> None:
    model = shop(replace(element(STORE), trust_level=store), replace(element(SHOP), trust_level=other))
    for source, target in ((SHOP, STORE), (STORE, SHOP)):
        flow = DataFlow(id=PASSING, source=source, target=target)
        assert WORDS[flow_predicates.LESS_TRUSTED_STORE_ACCESS.holds(ModelIndex(model).about(flow))] == said


def of_asset(predicate: Structure, asset: Asset) -> str:
    return WORDS[predicate.holds(ModelIndex(shop(asset)).about(asset))]


@pytest.mark.parametrize(
    ("predicate", "said"),
    [
        (asset_predicates.PERSONAL, {DataKind.PERSONAL: "yes", None: "?"}),
        (asset_predicates.CREDENTIAL, {DataKind.CREDENTIAL: "yes", None: "?"}),
    ],
)
def test_a_predicate_about_the_kind_of_data(predicate: Structure, said: dict[DataKind | None, str]) -> None:
    for data in (*DataKind, None):
        assert of_asset(predicate, Asset(id=ORDERS, name="Orders", data=data)) == said.get(data, "no")


@pytest.mark.parametrize(
    ("predicate", "attribute", "said"),
    [
        (asset_predicates.CONFIDENTIAL, "confidentiality", "no yes yes ?"),
        (asset_predicates.SECRET, "confidentiality", "no no yes ?"),
        (asset_predicates.INTEGRITY_CRITICAL, "integrity", "no no yes ?"),
        (asset_predicates.AVAILABILITY_CRITICAL, "availability", "no no yes ?"),
    ],
)
def test_a_predicate_about_a_rating(predicate: Structure, attribute: str, said: str) -> None:
    rated = (replace(Asset(id=ORDERS, name="Orders"), **{attribute: one}) for one in (*Rating, None))
    assert " ".join(of_asset(predicate, one) for one in rated) == said


def test_credentials_and_personal_data_are_confidential_and_credentials_secret_without_a_rating() -> None:
    unrated = {data: Asset(id=ORDERS, name="Orders", data=data) for data in DataKind}
    said = {data: of_asset(asset_predicates.CONFIDENTIAL, one) for data, one in unrated.items()}
    assert said == dict.fromkeys(DataKind, "?") | {DataKind.CREDENTIAL: "yes", DataKind.PERSONAL: "yes"}
    said = {data: of_asset(asset_predicates.SECRET, one) for data, one in unrated.items()}
    assert said == dict.fromkeys(DataKind, "?") | {DataKind.CREDENTIAL: "yes"}


@pytest.mark.parametrize(
    ("writers", "said"),
    [
        ((STAFF,), "yes"),
        ((CUSTOMERS, STAFF), "no"),
        ((), "no"),
        ((ElementId("TL-9"),), "no"),
        ((ElementId("TL-9"), STAFF), "yes"),
    ],
    ids=[
        "one of the same rank",
        "one below",
        "none",
        "one without a rank",
        "one with and one without a rank",
    ],
)
def test_no_writer_is_below_where_the_asset_is_stored(writers: tuple[ElementId, ...], said: str) -> None:
    asset = Asset(id=ORDERS, name="Orders", stored_in=(STORE,), writers=writers)
    assert of_asset(asset_predicates.NO_LESS_TRUSTED_WRITER, asset) == said


def test_without_a_rank_of_the_place_nothing_is_said_about_its_writers() -> None:
    asset = Asset(id=ORDERS, name="Orders", stored_in=(STORE,), writers=(STRANGERS,))
    model = shop(asset, replace(element(STORE), trust_level=None))
    assert asset_predicates.NO_LESS_TRUSTED_WRITER.holds(ModelIndex(model).about(asset)) is Truth.FALSE


def structures(condition: Condition) -> set[Structure]:
    match condition:
        case Structure():
            return {condition}
        case FactHolds():
            return set()
        case AllOf() | AnyOf():
            return {one for part in condition.parts for one in structures(part)}
        case AnyAmong():
            return structures(condition.part)


def test_a_predicate_that_only_states_what_kind_a_thing_is_explains_no_candidate() -> None:
    every = {
        one for rule in BUILT_IN.rules for side in (rule.applies, rule.controlled) for one in structures(side)
    }
    assert {one.name for one in every if not one.explains} == {
        "a component of the system holds it",
        "a search engine or a directory is near",
        "no answer denies that changes are detected",
        "it calls a component or an external dependency",
        "both ends are components of the system",
        "both ends are processes",
        "it ends in a process",
        "it ends in a process or a store",
        "it is a data store",
        "it is a component of the system",
        "it is a process",
        "it leads into the system",
        "it uses a software protocol",
        "no access list of an asset behind it excludes its callers",
        "one end is an external entity",
        "a caller starts it",
        "anonymous access is not intended",
        "identification by network address is not relevant",
        "no software is called",
        "it answers a query",
        "it is a data flow",
        "it is no VPN gateway or bastion host",
        "it is the first entry point of its component",
        "it is an entry point",
        "it is an external entity",
        "it is not an external dependency",
        "it passes no entry point",
        "it stays within one trust zone",
        "no software stores it",
    }


def test_a_component_handles_what_it_sends_and_keeps_what_is_stored_in_it_or_carried_into_it() -> None:
    survey = ModelIndex(shop())
    assert (survey.handled_by[OFFICE], survey.stored_in[OFFICE]) == ((ORDERS,), ())
    assert (survey.handled_by[STORE], survey.stored_in[STORE]) == ((ORDERS,), (ORDERS,))
    assert (survey.handled_by[SHOP], survey.stored_in[SHOP]) == ((KEY, ORDERS), (KEY, ORDERS))


def test_a_finding_that_compares_two_names_both_and_any_other_one() -> None:
    for_staff = replace(element(ORDERS), readers=(STAFF,), writers=(STAFF,))
    found = apply_rules(
        answered(shop(for_staff), SOFTWARE, no=["EP-1 authorization_checked", "EP-1 caller_authenticated"])
    ).candidates
    told = {one.id: (one.about, one.peer, one.peer_name) for one in found}
    assert told["X01@EP-1@AS-1"] == ("Page, Orders", "AS-1", "Orders")
    assert told["S01@DF-1"][1:] == ("", "")


def test_a_door_that_speaks_as_software_does_makes_software_of_what_lies_behind_it() -> None:
    web = replace(element(PAGE), protocol="HTTPS")
    assert ModelIndex(shop()).digital == frozenset()
    assert ModelIndex(shop(web)).digital == {SHOP}
    assert ModelIndex(without(shop(web), ASKING)).digital == frozenset(), "it leads nowhere"


@pytest.mark.parametrize(
    ("calls_back", "said"), [(Answer.YES, "yes"), (Answer.NO, "no"), (Answer.UNKNOWN, "no"), (None, "no")]
)
def test_a_flow_from_a_dependency_is_a_callback_only_where_it_is_said_to_call_back(
    calls_back: Answer | None, said: str
) -> None:
    model = answered(shop(), SOFTWARE)
    if calls_back is not None:
        model = replace(model, facts=model.facts.insert((ElementId("XD-1"), "calls_back"), calls_back))
    for source, expected in ((BANK, said), (VISITOR, "no")):
        flow = DataFlow(id=ASKING, source=source, target=SHOP)
        assert WORDS[flow_predicates.IS_A_CALLBACK.holds(ModelIndex(model).about(flow))] == expected
