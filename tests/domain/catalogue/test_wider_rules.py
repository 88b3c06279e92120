"""Cases that rules see by structure alone, and their neighbors that they leave out."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from domain.analysis.control_questions import presupposed_answers
from domain.analysis.rule_findings import apply_rules
from domain.analysis.stakes import Stakes
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
    TrustLevel,
)
from domain.model import ThreatModel
from domain.rules.model_index import ModelIndex
from tests.domain.catalogue.shop_model import (
    ASKING,
    KEY,
    OFFICE,
    ORDERS,
    PAGE,
    SHOP,
    SOFTWARE,
    STAFF,
    STORE,
    STRANGERS,
    VISITOR,
    WALL,
    answered,
    element,
    shop,
)

XD = ElementId("XD-2")
PARTNER, FILE = ElementId("CO-6"), ElementId("DF-6")


def dependency(name: str, *, sort: str = "", outage: Outage | None = None) -> ExternalDependency:
    return ExternalDependency(id=XD, name=name, sort=sort, outage=outage)


def asked_at(model: ThreatModel, id: str) -> set[str]:
    return {one.fact for one in apply_rules(model).questions if one.element == id}


def found(model: ThreatModel) -> set[str]:
    return {one.id for one in apply_rules(model).suggested_threats}


def at_stake(model: ThreatModel, id: str) -> bool:
    return Stakes(ModelIndex(model)).at(ElementId(id))


@pytest.mark.parametrize(
    "name",
    [
        *("npm packages", "Container images", "Base image", "Python libraries", "Payment SDK"),
        *("LLM plugins", "Embedding model", "Libraries of the vendor", "Browser extension (chat)"),
    ],
)
def test_a_dependency_whose_noun_is_code_is_asked_how_its_code_is_verified(name: str) -> None:
    model = shop(dependency(name))
    assert {"version_pinned", "patched_in_time"} <= asked_at(model, XD)
    assert not {"software", "ships_code"} & asked_at(model, XD)
    assert at_stake(model, XD)


def test_a_dependency_of_a_sort_that_is_code_is_asked_how_its_code_is_verified() -> None:
    assert "version_pinned" in asked_at(shop(dependency("log4j", sort="Java library")), XD)


@pytest.mark.parametrize("name", ["Image hosting", "Package delivery", "Model railway club", "Power"])
def test_a_dependency_whose_noun_is_no_code_is_asked_what_it_is(name: str) -> None:
    assert "software" in asked_at(shop(dependency(name)), XD)
    assert "version_pinned" not in asked_at(shop(dependency(name)), XD)


@pytest.mark.parametrize("name", ["Sign-in service", "Identity platform", "Okta", "Company SSO"])
def test_who_signs_people_in_as_a_service_ships_no_code_unless_it_is_a_library(name: str) -> None:
    assert not {"software", "ships_code", "version_pinned"} & asked_at(shop(dependency(name)), XD)
    assert "version_pinned" in asked_at(shop(dependency(f"{name} SDK")), XD)
    stated = answered(shop(dependency(name)), [f"{XD} ships_code"])
    assert "version_pinned" in asked_at(stated, XD)


def test_who_denies_that_a_dependency_is_code_is_asked_no_more_about_it() -> None:
    model = answered(shop(dependency("Model")), no=[f"{XD} ships_code"])
    assert not {"version_pinned", "patched_in_time"} & asked_at(model, XD)


def test_a_dependency_that_stops_the_system_is_at_stake_whether_or_not_a_component_stands_for_it() -> None:
    denied = [f"{XD} ships_code"]
    assert at_stake(answered(shop(dependency("Power", outage=Outage.STOPS)), no=denied), XD)
    assert not at_stake(answered(shop(dependency("Power", outage=Outage.NOTHING)), no=denied), XD)


def internal(*, yes: Iterable[str] = (), no: Iterable[str] = ()) -> ThreatModel:
    hook = EntryPoint(id=PAGE, name="Admission webhook", exposure=Exposure.INTERNAL)
    return answered(shop(hook), [*SOFTWARE, *yes], no)


def test_an_internal_entry_point_that_anyone_inside_can_call_needs_a_rate_limit() -> None:
    open_inside = [f"{PAGE} peers_restricted", f"{PAGE} caller_authenticated"]
    assert f"D01@{PAGE}" in found(internal(no=[*open_inside, f"{PAGE} rate_limited"]))
    assert "rate_limited" in asked_at(internal(no=open_inside), PAGE)


@pytest.mark.parametrize("guard", ["peers_restricted", "caller_authenticated"])
def test_an_internal_entry_point_with_known_callers_is_not_asked_about_a_rate_limit(guard: str) -> None:
    model = internal(yes=[f"{PAGE} {guard}"], no=[f"{PAGE} rate_limited"])
    assert f"D01@{PAGE}" not in found(model)


def registry(name: str, protocol: str = "") -> ThreatModel:
    """The shop pulls from outside of the wall; no asset is stated."""
    return answered(
        shop(
            Component(id=PARTNER, name=name, sort=ComponentKind.EXTERNAL_ENTITY, trust_level=STRANGERS),
            DataFlow(id=FILE, source=PARTNER, target=SHOP, protocol=protocol),
        ),
        SOFTWARE,
    )


@pytest.mark.parametrize("name", ["Image registry", "Artifact store", "Model registry", "Package mirror"])
def test_what_flows_from_a_registry_is_code(name: str) -> None:
    denied = answered(registry(name), no=[f"{FILE} encrypted", f"{FILE} integrity_protected"])
    assert {f"T07@{FILE}", f"I01@{FILE}"} <= found(denied)
    assert at_stake(registry(name), FILE)
    assert {"encrypted"} <= asked_at(registry(name), FILE)


def test_what_flows_from_elsewhere_without_assets_is_not_taken_for_code() -> None:
    denied = answered(registry("Newsroom"), no=[f"{FILE} encrypted", f"{FILE} integrity_protected"])
    assert not {f"T07@{FILE}", f"I01@{FILE}"} & found(denied)


RETURNED = (
    DataFlow(id=FILE, source=PARTNER, target=SHOP, assets=(ORDERS,), protocol="SFTP"),
    DataFlow(id=FILE, source=SHOP, target=PARTNER, two_way=True, assets_back=(ORDERS,), protocol="SFTP"),
)


@pytest.mark.parametrize("flow", RETURNED, ids=["one way", "returning"])
def test_a_file_that_a_partner_returns_is_input(flow: DataFlow) -> None:
    bank = Component(id=PARTNER, name="Clearing", sort=ComponentKind.EXTERNAL_ENTITY, trust_level=STRANGERS)
    model = answered(shop(bank, flow), SOFTWARE)
    assert {"reaches_query", "takes_xml", "names_files"} <= asked_at(model, FILE)
    told = answered(model, [f"{FILE} reaches_query"], [f"{FILE} queries_parameterized"])
    assert f"T01@{FILE}" in found(told)


@pytest.mark.parametrize(
    "flow",
    [
        DataFlow(id=FILE, source=SHOP, target=PARTNER, assets=(ORDERS,)),
        DataFlow(id=FILE, source=SHOP, target=PARTNER, two_way=True, assets=(ORDERS,)),
        DataFlow(id=FILE, source=PARTNER, target=SHOP, assets=(ORDERS,), entry_point=PAGE),
        DataFlow(id=FILE, source=PARTNER, target=STORE, assets=(ORDERS,)),
    ],
    ids=["sent only", "nothing returns", "through an entry point, which is asked itself", "into a store"],
)
def test_what_brings_no_data_into_a_process_is_no_input(flow: DataFlow) -> None:
    bank = Component(id=PARTNER, name="Clearing", sort=ComponentKind.EXTERNAL_ENTITY, trust_level=STRANGERS)
    assert "reaches_query" not in asked_at(answered(shop(bank, flow), SOFTWARE), FILE)


TOKEN = Asset(id=ElementId("AS-3"), name="Deploy token", data=DataKind.CREDENTIAL)


def with_web(*changed: Element) -> ThreatModel:
    web: Element = EntryPoint(id=PAGE, name="Page", exposure=Exposure.INTERNET, protocol="HTTPS")
    return shop(web, *changed)


def test_a_credential_that_is_in_no_flow_is_asked_about_storage_and_rotation() -> None:
    model = with_web(TOKEN)
    assert {"individual_credential", "out_of_code", "unguessable", "lifetime_limited"} <= asked_at(
        model, TOKEN.id
    )
    assert at_stake(model, TOKEN.id)
    kept = answered(model, [f"{TOKEN.id} lifetime_limited"], [f"{TOKEN.id} revoked_when_unneeded"])
    assert f"S12@{TOKEN.id}" in found(kept)


def test_a_key_of_a_house_without_software_is_not_asked_whether_it_is_in_code() -> None:
    assert "out_of_code" not in asked_at(shop(TOKEN), TOKEN.id)


def test_an_asset_that_is_no_credential_and_in_no_flow_is_not_asked() -> None:
    plan = Asset(id=TOKEN.id, name="Plan", data=DataKind.OTHER)
    assert not asked_at(with_web(plan), TOKEN.id) & {"out_of_code", "lifetime_limited"}


OF_ONES_OWN = {
    "patched_in_time",
    "changes_reviewed",
    "wiped_before_reuse",
    "uses_cryptography",
    "shares_runtime",
}


@pytest.mark.parametrize("technology", ["cloudfront", "amazon_rds", "amazon_s3", "amazon_sqs"])
def test_a_managed_service_is_not_asked_about_code_hosts_and_builds(technology: str) -> None:
    kind = BUILT_IN.entries[technology].kind
    managed = shop(replace(element(SHOP), technology=technology, sort=kind))
    assert not OF_ONES_OWN & asked_at(managed, SHOP)
    assert OF_ONES_OWN & asked_at(answered(shop(), SOFTWARE), SHOP)


def test_reviews_of_changes_are_asked_about_at_the_repository_or_the_pipeline_if_there_is_one() -> None:
    def asked_about_reviews(**office: object) -> list[ElementId]:
        model = answered(shop(replace(element(OFFICE), **office)), SOFTWARE)
        return [id for id in (SHOP, OFFICE) if "changes_reviewed" in asked_at(model, id)]

    assert asked_about_reviews() == [SHOP, OFFICE]
    assert asked_about_reviews(technology="ci_cd") == [OFFICE]
    assert asked_about_reviews(technology="ci_cd", sort=ComponentKind.EXTERNAL_ENTITY) == [SHOP]


def test_callers_reach_what_is_sent_to_them_and_not_what_is_kept_behind_an_entry_point() -> None:
    staff = {"readers": (STAFF,), "writers": (STAFF,)}
    kept = shop(replace(element(ORDERS), **staff), replace(element(KEY), **staff))
    missing = ["EP-1 authorization_checked"]
    reached = {one for one in found(answered(kept, SOFTWARE, missing)) if one.startswith("X01")}
    assert reached == {"X01@EP-1@AS-1"}
    answer = DataFlow(id=ElementId("DF-9"), source=SHOP, target=VISITOR, assets=(KEY,))
    sent = replace(kept, elements=kept.elements.insert(answer.id, answer))
    reached = {one for one in found(answered(sent, SOFTWARE, missing)) if one.startswith("X01")}
    assert reached == {"X01@EP-1@AS-1", "X01@EP-1@AS-2"}
    silent = replace(kept, elements=kept.elements.insert(ASKING, replace(element(ASKING), assets=())))
    assert "X01@EP-1@AS-2" in found(answered(silent, SOFTWARE, missing))


def test_the_system_of_a_partner_is_not_asked_about_code_hosts_and_builds() -> None:
    partner = answered(
        shop(replace(dependency("Middle"), id=XD), replace(element(SHOP), name="Middle")), SOFTWARE
    )
    assert not OF_ONES_OWN & asked_at(partner, SHOP)


def test_who_says_that_a_managed_service_is_not_patched_is_believed() -> None:
    managed = shop(replace(element(SHOP), technology="cloudfront"))
    assert "E12@CO-2" in found(answered(managed, no=["CO-2 patched_in_time"]))


def test_a_process_whose_log_goes_to_a_store_is_not_asked_about_a_log_of_its_own() -> None:
    own = answered(shop(), SOFTWARE)
    assert {"log_without_secrets", "log_without_personal_data"} <= asked_at(own, SHOP)
    log = Asset(id=ElementId("AS-9"), name="Events", data=DataKind.LOG)
    sent = DataFlow(id=ElementId("DF-9"), source=SHOP, target=STORE, assets=(log.id,))
    assert not {"log_without_secrets", "log_without_personal_data"} & asked_at(
        answered(shop(log, sent), SOFTWARE), SHOP
    )


@pytest.mark.parametrize("name", ["Research partner", "Training data", "Statistics", "Data science team"])
def test_people_in_what_leads_to_an_evaluation_are_asked_about(name: str) -> None:
    leaving = DataFlow(id=FILE, source=SHOP, target=PARTNER, assets=(ORDERS,))
    partner = Component(id=PARTNER, name=name, sort=ComponentKind.EXTERNAL_ENTITY, trust_level=STRANGERS)
    assert "deidentified" in asked_at(answered(shop(partner, leaving), SOFTWARE), FILE)
    courier = replace(partner, name="Courier")
    assert "deidentified" not in asked_at(answered(shop(courier, leaving), SOFTWARE), FILE)


@pytest.mark.parametrize("name", ["Order validation", "Malware scanner", "Policy engine", "Fraud check"])
def test_what_checks_others_is_asked_whether_it_refuses_when_it_fails(name: str) -> None:
    assert "fails_closed" in asked_at(answered(shop(replace(element(SHOP), name=name)), SOFTWARE), SHOP)
    assert "fails_closed" not in asked_at(answered(shop(), SOFTWARE), SHOP)


def test_levels_inside_one_boundary_that_differ_in_rank_only_are_quiet() -> None:
    jobs = TrustLevel(id=ElementId("TL-4"), name="Jobs", rank=4)
    inside = (replace(element(OFFICE), boundary=WALL, trust_level=jobs.id), jobs)
    assert "X02@DF-4" not in found(shop(*inside))
    clerk = Component(id=PARTNER, name="Clerk", sort=ComponentKind.EXTERNAL_ENTITY, trust_level=STAFF)
    assert "X02@DF-4" in found(shop(*inside, clerk)), "a clerk is trusted like one end only"


def test_nothing_of_this_is_found_while_nothing_is_denied() -> None:
    models = (with_web(TOKEN), registry("Image registry"), internal(), shop(dependency("npm packages")))
    assert [found(model) for model in models] == [set()] * len(models)


def test_who_says_that_a_rate_limit_is_missing_does_not_say_that_callers_are_strangers() -> None:
    model = answered(internal(), no=[f"{PAGE} rate_limited"])
    assert dict(presupposed_answers(model, PAGE, "rate_limited")) == {}
