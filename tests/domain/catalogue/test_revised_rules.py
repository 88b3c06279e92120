"""Cases that rules see, and their neighbors that they leave out."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from domain.analysis.rule_findings import apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import is_digital, is_secure
from domain.kernel.answer import Answer
from domain.kernel.elements import (
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
from domain.kernel.threat import Stride, SuggestedThreatId, Threat, ThreatId
from domain.model import ThreatModel
from domain.remediation.suggestions import suggest_controls
from domain.rules.conditions import AllOf, AnyOf, Condition, FactHolds
from tests.domain.catalogue.shop_model import (
    ASKING,
    KEEPING,
    KEY,
    ORDERS,
    PAGE,
    PAYING,
    SHOP,
    SOFTWARE,
    STAFF,
    STORE,
    WALL,
    answered,
    element,
    shop,
)


class Split(msgspec.Struct, frozen=True):
    """A former fact that asked for several things, at an element, and the facts that ask for them now."""

    former: str
    rule: str
    about: ElementId
    finding: str
    facts: tuple[str, ...]
    model: ThreatModel


def _in_order(condition: Condition) -> Iterator[str]:
    for part in condition.parts if isinstance(condition, AllOf | AnyOf) else ():
        yield from _in_order(part)
    if isinstance(condition, FactHolds):
        yield condition.fact


def told(split: Split, answer: Answer) -> ThreatModel:
    return replace(split.model, facts=split.model.facts.insert((split.about, split.former), answer))


QUEUE, CONSUMING = ElementId("CO-6"), ElementId("DF-6")


def element_of_queue() -> Component:
    return Component(id=QUEUE, name="Jobs", sort=ComponentKind.DATA_STORE, trust_level=STAFF, boundary=WALL)


QUEUED = shop(
    element_of_queue(),
    DataFlow(id=CONSUMING, source=QUEUE, target=SHOP, assets=(ORDERS,)),
)


def found(model: ThreatModel, rule: str) -> list[str]:
    return [
        suggested_threat.id
        for suggested_threat in apply_rules(model).suggested_threats
        if suggested_threat.rule.id == rule
    ]


def asked(model: ThreatModel, about: ElementId, rule: str = "") -> list[str]:
    questions = apply_rules(model).questions
    return [one.fact for one in questions if one.element == about and (not rule or rule in one.rules)]


def with_answers(
    yes: Sequence[str] = (), no: Sequence[str] = (), model: ThreatModel | None = None
) -> ThreatModel:
    return answered(shop() if model is None else model, [*SOFTWARE, *yes], no)


def test_missing_authentication_is_no_threat_where_anonymous_access_is_intended() -> None:
    public = with_answers()
    assert asked(public, PAGE, "S01") == ["anonymous_by_design"]
    assert asked(public, PAGE, "R03") == ["anonymous_by_design"]
    intended = with_answers(["EP-1 anonymous_by_design"])
    assert "caller_authenticated" not in asked(intended, PAGE)
    assert found(with_answers(["EP-1 anonymous_by_design"], ["EP-1 caller_authenticated"]), "S01") == []
    assert asked(with_answers(no=["EP-1 anonymous_by_design"]), PAGE, "S01") == ["caller_authenticated"]


def test_an_answer_from_before_anonymous_access_was_asked_for_still_raises_the_threat() -> None:
    model = with_answers(no=["EP-1 caller_authenticated"])
    assert found(model, "S01") == ["S01@DF-1"]
    assert "anonymous_by_design" not in asked(model, PAGE)


def test_a_caller_that_is_known_by_its_address_only_is_not_authenticated() -> None:
    internal = replace(element(PAGE), exposure=Exposure.INTERNAL)
    model = with_answers(["EP-1 caller_authenticated"], model=shop(internal))
    assert "identity_beyond_address" in asked(model, PAGE, "S01")
    assert found(answered(model, no=["EP-1 identity_beyond_address"]), "S01") == ["S01@DF-1"]
    assert found(answered(model, ["EP-1 identity_beyond_address"]), "S01") == []
    no_matter = replace(
        model, facts=model.facts.insert((PAGE, "caller_authenticated"), Answer.NOT_APPLICABLE)
    )
    assert "identity_beyond_address" not in asked(no_matter, PAGE)
    public = with_answers(["EP-1 caller_authenticated"])
    assert "identity_beyond_address" not in asked(public, PAGE)


def test_an_administrative_interface_is_exposed_by_any_way_into_its_component() -> None:
    inner = replace(element(PAGE), exposure=Exposure.INTERNAL)
    other = EntryPoint(id=ElementId("EP-2"), name="Status page", component=SHOP)
    model = with_answers(["EP-1 administers"], ["EP-1 admin_network_separate"], model=shop(inner, other))
    assert "E07" not in {
        suggested_threat.rule.id for suggested_threat in apply_rules(model).suggested_threats
    }
    assert found(answered(model, ["EP-2 public"]), "E07") == ["E07@EP-1"]
    nested = replace(other, parent=ElementId("EP-3"), exposure=Exposure.INTERNAL)
    outer = EntryPoint(id=ElementId("EP-3"), name="Gateway", exposure=Exposure.INTERNET)
    within = with_answers(
        ["EP-1 administers"], ["EP-1 admin_network_separate"], model=shop(inner, nested, outer)
    )
    assert found(within, "E07") == ["E07@EP-1"]


def test_a_valuable_flow_within_one_zone_is_checked_if_it_passes_over_a_network() -> None:
    inside = with_answers()
    assert "over_network" in asked(inside, KEEPING)
    assert not {"encrypted", "integrity_protected", "caller_authenticated"} & set(asked(inside, KEEPING))
    over = with_answers(["DF-2 over_network"])
    assert {"encrypted", "caller_authenticated"} <= set(asked(over, KEEPING))
    no = ["DF-2 encrypted", "DF-2 integrity_protected", "DF-2 caller_authenticated"]
    fires = with_answers(["DF-2 over_network"], no)
    for rule in ("I01", "T07", "S01"):
        assert f"{rule}@DF-2" in found(fires, rule)
    encrypted = with_answers(["DF-2 over_network", "DF-2 encrypted"], ["DF-2 peer_verified"])
    assert found(encrypted, "S04") == ["S04@DF-2"]
    one_machine = with_answers(no=[*no, "DF-2 over_network"])
    for rule in ("I01", "T07", "S01", "S04"):
        assert f"{rule}@DF-2" not in found(one_machine, rule)


def test_encryption_in_transit_detects_changes_unless_someone_says_that_it_does_not() -> None:
    encrypted = with_answers(["DF-2 over_network", "DF-2 encrypted"])
    assert "integrity_protected" not in asked(encrypted, KEEPING)
    assert not found(encrypted, "T07")
    plain = with_answers(["DF-2 over_network"], ["DF-2 encrypted"])
    assert "integrity_protected" in asked(plain, KEEPING)
    denied = with_answers(["DF-2 over_network", "DF-2 encrypted"], ["DF-2 integrity_protected"])
    assert "T07@DF-2" in found(denied, "T07")


def test_a_flow_within_one_zone_that_carries_nothing_valuable_is_not_checked() -> None:
    harmless = replace(element(ORDERS), confidentiality=None, integrity=None, data=DataKind.OTHER)
    model = with_answers(no=["AS-1 confidential", "AS-1 integrity_critical"], model=shop(harmless))
    assert "over_network" not in asked(model, KEEPING)
    carrying = replace(element(KEEPING), assets=(KEY,))
    assert "over_network" in asked(with_answers(model=shop(harmless, carrying)), KEEPING)
    low = replace(element(KEY), confidentiality=Rating.LOW)
    assert "over_network" in asked(with_answers(model=shop(harmless, low, carrying)), KEEPING)


def test_input_rules_check_what_a_component_takes_from_a_queue() -> None:
    assert "queues_messages" in asked(with_answers(model=QUEUED), QUEUE)
    no_queue = with_answers(no=["CO-6 queues_messages"], model=QUEUED)
    assert not {"content_validated", "reaches_query"} & set(asked(no_queue, CONSUMING))
    queue = with_answers(["CO-6 queues_messages"], model=QUEUED)
    expected = {"content_validated", "poison_messages_set_aside", "reaches_query", "takes_objects"}
    assert expected <= set(asked(queue, CONSUMING))
    injected = answered(queue, ["DF-6 reaches_query"], ["DF-6 queries_parameterized"])
    assert found(injected, "T01") == ["T01@DF-6"]
    fetching = answered(queue, ["DF-6 fetches_addresses"], ["DF-6 fetching_limited"])
    assert found(fetching, "I11") == ["I11@DF-6"]
    (cell,) = [one.element for one in apply_rules(fetching).verdicts if one.suggested_threat == "I11@DF-6"]
    assert cell == SHOP, "the coverage cell is the consumer's"


def test_a_consumer_that_polls_its_queue_is_checked_whichever_end_the_flow_starts_at() -> None:
    """A two-way flow between a queue and a consumer calls the queue, and brings messages back."""
    for source, target in ((QUEUE, SHOP), (SHOP, QUEUE)):
        polling = DataFlow(id=CONSUMING, source=source, target=target, assets=(ORDERS,), two_way=True)
        queue = with_answers(
            ["CO-6 queues_messages", "CO-6 software"], model=shop(element_of_queue(), polling)
        )
        assert {"content_validated", "fetches_addresses"} <= set(asked(queue, CONSUMING))
        fetching = answered(queue, ["DF-6 fetches_addresses"], ["DF-6 fetching_limited"])
        (cell,) = [
            one.element for one in apply_rules(fetching).verdicts if one.suggested_threat == "I11@DF-6"
        ]
        assert cell == SHOP, "the coverage cell is the consumer's"


def test_backups_of_what_no_software_stores_need_no_protection_from_ransomware() -> None:
    backed_up = ["AS-1 backed_up", "AS-1 restore_tested"]
    assert "immutable_or_offline" in asked(with_answers(backed_up), ORDERS)
    on_paper = answered(shop(), backed_up, [f"{one} software" for one in ("CO-2", "CO-3", "CO-5")])
    assert "immutable_or_offline" not in asked(on_paper, ORDERS)
    assert "D04" not in {
        suggested_threat.rule.id for suggested_threat in apply_rules(on_paper).suggested_threats
    }


def test_retries_and_roles_are_asked_for_after_timeouts_and_privileges() -> None:
    assert "retries_bounded" not in asked(with_answers(), ASKING)
    assert "retries_bounded" in asked(with_answers(["DF-1 timeout_set"]), ASKING)
    assert "role_restricted" not in asked(with_answers(no=["CO-2 least_privilege"]), SHOP)
    assert "role_restricted" in asked(with_answers(["CO-2 least_privilege"]), SHOP)


def test_a_technology_saves_the_question_what_a_component_is() -> None:
    stored = replace(element(STORE), name="Uploads", technology="amazon_s3")
    assert "object_store" not in asked(with_answers(model=shop(stored)), STORE)
    assert "not_public" in asked(with_answers(model=shop(stored)), STORE)
    corrected = replace(stored, name="Uploads bucket", technology="postgresql")
    assert not {"object_store", "not_public"} & set(asked(with_answers(model=shop(corrected)), STORE))
    pipeline = replace(element(SHOP), name="Robot", technology="jenkins")
    assert "build_logs_without_secrets" in asked(with_answers(model=shop(pipeline)), SHOP)
    queue = replace(element_of_queue(), technology="kafka")
    flow = DataFlow(id=CONSUMING, source=QUEUE, target=SHOP, assets=(ORDERS,))
    model = with_answers(model=shop(queue, flow))
    assert "queues_messages" not in asked(model, QUEUE)
    assert "content_validated" in asked(model, CONSUMING)


def test_a_name_saves_the_question_what_a_component_is() -> None:
    named = replace(element(STORE), name="Uploads bucket")
    assert "object_store" not in asked(with_answers(model=shop(named)), STORE)
    assert "not_public" in asked(with_answers(model=shop(named)), STORE)
    database = replace(element(STORE), name="Orders database")
    assert not {"object_store", "not_public"} & set(asked(with_answers(model=shop(database)), STORE))
    pipeline = replace(element(SHOP), name="CI runner")
    assert "build_logs_without_secrets" in asked(with_answers(model=shop(pipeline)), SHOP)
    assert "build_logs_without_secrets" not in asked(with_answers(), SHOP)


def test_the_entry_points_of_one_component_share_one_question_about_its_name() -> None:
    other = EntryPoint(id=ElementId("EP-2"), name="Other page", exposure=Exposure.INTERNET, component=SHOP)
    model = with_answers(model=shop(other))
    assert "dns_maintained" in asked(model, PAGE)
    assert "dns_maintained" not in asked(model, ElementId("EP-2"))
    inner = replace(element(PAGE), exposure=Exposure.INTERNAL)
    assert "dns_maintained" in asked(with_answers(model=shop(inner, other)), ElementId("EP-2"))


def test_retries_are_asked_of_the_caller_and_not_of_the_answer() -> None:
    answer = DataFlow(id=ElementId("DF-7"), source=STORE, target=ElementId("CO-1"), assets=(ORDERS,))
    model = with_answers(["DF-7 timeout_set"], model=shop(answer))
    assert "retries_bounded" not in asked(model, ElementId("DF-7"))
    both_ways = with_answers(["DF-7 timeout_set"], model=shop(replace(answer, two_way=True)))
    assert "retries_bounded" in asked(both_ways, ElementId("DF-7"))


def test_a_second_factor_is_missed_once_for_a_vpn_whether_or_not_it_administers() -> None:
    gateway = shop(replace(element(SHOP), technology="vpn_gateway"))
    answers = [*SOFTWARE, "EP-1 administers"]
    cases: Sequence[tuple[str, ThreatModel, Sequence[str], list[str]]] = (
        ("remote access", gateway, SOFTWARE, ["S18@EP-1"]),
        ("remote access of administrators", gateway, answers, ["S18@EP-1"]),
        ("administration", shop(), answers, ["S02@EP-1"]),
        ("neither", shop(), SOFTWARE, []),
    )
    wrong = {}
    for what, model, given, expected in cases:
        told = answered(model, given, ["EP-1 second_factor"])
        seen = [*found(told, "S02"), *found(told, "S18")]
        if seen != expected:
            wrong[what] = seen
    assert wrong == {}


def test_a_finding_at_a_flow_of_one_asset_names_the_asset_once() -> None:
    told = answered(shop(), SOFTWARE, ["DF-3 data_minimized"])
    (one,) = (
        suggested_threat
        for suggested_threat in apply_rules(told).suggested_threats
        if suggested_threat.id == "I05@DF-3@AS-1"
    )
    assert (one.element_name, one.peer_name, one.about) == ("Shop → Bank: Orders", "Orders", one.element_name)
    assert replace(one, element_name="Shop → Bank: Orders, Key").about == "Shop → Bank: Orders, Key, Orders"


def test_every_protocol_of_the_catalog_is_one_of_software() -> None:
    assert [protocol.name for protocol in BUILT_IN.protocols if not is_digital(BUILT_IN, protocol.name)] == []
    assert not is_digital(BUILT_IN, "by courier")
    assert [is_secure(BUILT_IN, one) for one in ("AMQPS", "REST over TLS", "HL7 v2 over MLLP", "HTTP")] == [
        True,
        True,
        False,
        False,
    ]


def test_an_unpinned_host_key_is_not_answered_by_verifying_a_certificate() -> None:
    """The controls of a finding follow the protocol of its flow."""
    paying = element(PAYING)
    for protocol, word in (
        ("SFTP", "host key"),
        ("SSH", "host key"),
        ("HTTPS", "certificate"),
        ("", "certificate"),
    ):
        model = shop(replace(paying, protocol=protocol))
        threat = Threat(
            id=ThreatId("TH-1"),
            title="One",
            stride=(Stride.SPOOFING,),
            suggested_threats=(SuggestedThreatId("S04@DF-3"),),
        )
        texts = [control.text for control in suggest_controls(model, threat)]
        assert texts
        assert all(word in text for text in texts), (protocol, texts)


def test_a_vulnerability_of_third_party_code_is_found_once() -> None:
    """One rule is about what runs inside the system, the other about what a component runs on."""
    library = ExternalDependency(id=ElementId("XD-2"), name="Shop")
    unpatched = ["CO-2 patched_in_time", "XD-2 patched_in_time"]
    ours = with_answers(["XD-2 software"], [*unpatched, "XD-2 ships_code"], model=shop(library))
    assert (found(ours, "E12"), found(ours, "T20")) == (["E12@CO-2"], [])
    theirs = with_answers(["XD-2 software", "XD-2 ships_code"], unpatched, model=shop(library))
    assert (found(theirs, "E12"), found(theirs, "T20")) == ([], ["T20@XD-2"])


def test_redirect_addresses_are_asked_of_the_authorization_server_and_not_of_its_clients() -> None:
    client = with_answers(
        ["EP-1 logs_in", "EP-1 accepts_tokens"], ["EP-1 issues_tokens", "EP-1 redirect_uris_exact"]
    )
    assert found(client, "S16") == []
    server = with_answers(["EP-1 logs_in", "EP-1 issues_tokens"], ["EP-1 redirect_uris_exact"])
    assert found(server, "S16") == ["S16@EP-1"]


def test_a_page_that_shares_nothing_and_protects_nothing_itself_is_not_asked_how() -> None:
    plain = with_answers(no=["EP-1 shared_across_origins", "CO-2 uses_cryptography"])
    controls = {"origins_listed", "algorithms_current", "keys_stored_separately", "keys_rotated"}
    assert not controls & {question.fact for question in apply_rules(plain).questions}
    assert not {"I19", "I20", "I21"} & {
        suggested_threat.rule.id for suggested_threat in apply_rules(plain).suggested_threats
    }


def test_outdated_encryption_is_asked_about_where_confidential_data_arrives_encrypted() -> None:
    fact = "transport_encryption_current"
    assert fact not in asked(with_answers(), PAGE)
    assert fact not in asked(with_answers(no=["DF-1 encrypted"]), PAGE)
    assert fact in asked(with_answers(["DF-1 encrypted"]), PAGE)
    over_tls = shop(replace(element(ASKING), protocol="HTTPS"))
    assert fact in asked(with_answers(model=over_tls), PAGE)
    old = with_answers(no=[f"EP-1 {fact}"], model=over_tls)
    assert found(old, "I18") == ["I18@EP-1"]
