"""What stays on one machine or in one browser has questions of its own, and none of networks."""

import pytest
from msgspec.structs import replace

from domain.analysis.possible_questions import possible_questions
from domain.analysis.rule_findings import apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.catalog.technology_names import guess_technology
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataFlow, ElementId, Exposure
from domain.model import ThreatModel
from tests.domain.catalogue.rule_examples import QUEUED, over
from tests.domain.catalogue.shop_model import (
    ASKING,
    KEEPING,
    OFFICE,
    ORDERS,
    PAGE,
    PASSING,
    SHOP,
    SOFTWARE,
    STORE,
    STRANGERS,
    VISITOR,
    answered,
    shop,
    without,
)

LOCAL = [one.name for one in BUILT_IN.protocols if one.local]
OF_NETWORKS = {"encrypted", "integrity_protected", "peer_verified", "timeout_set", "replays_ineffective"}
QUEUE, PASSED_ON = ElementId("CO-6"), ElementId("DF-6")


def asked(model: ThreatModel, *ids: ElementId) -> set[str]:
    """The facts that may be asked about some elements."""
    return {fact for id, fact in possible_questions(model) if id in ids}


def found(model: ThreatModel) -> set[str]:
    return {one.id for one in apply_rules(model).suggested_threats}


def changed(model: ThreatModel, id: ElementId, **changes: object) -> ThreatModel:
    return replace(model, elements=model.elements.insert(id, replace(model.elements[id], **changes)))


# Networks


@pytest.mark.parametrize("protocol", LOCAL)
def test_nothing_of_networks_is_asked_about_what_stays_local(protocol: str) -> None:
    assert asked(over("HTTP"), ASKING) > OF_NETWORKS
    assert not OF_NETWORKS & asked(over(protocol), ASKING)
    assert not {"dns_maintained", "transport_encryption_current"} & asked(over(protocol), PAGE)


def test_a_protocol_of_networks_states_that_a_flow_passes_over_one() -> None:
    for protocol, expected in (("", True), ("HTTP", False), ("PostgreSQL over a Unix socket", False)):
        assert ("over_network" in asked(changed(shop(), KEEPING, protocol=protocol), KEEPING)) is expected
    plain = answered(changed(shop(), KEEPING, protocol="AMQP"), SOFTWARE, [f"{KEEPING} encrypted"])
    assert f"I01@{KEEPING}" in found(plain)
    assert f"I01@{KEEPING}" not in found(answered(plain, no=[f"{KEEPING} over_network"]))


def test_a_control_that_is_stated_to_be_missing_counts_there_as_well() -> None:
    assert "I01@DF-1" in found(answered(over("postMessage"), no=["DF-1 encrypted"]))


def test_callers_authenticate_at_a_local_server_and_not_by_messages() -> None:
    for protocol, authenticated in (("HTTP over loopback", True), ("IPC", False), ("Clicks", False)):
        inside = changed(without(over(protocol), PAGE), ASKING, entry_point=None)
        assert ("caller_authenticated" in asked(inside, ASKING)) is authenticated


def test_what_serves_one_user_is_not_asked_what_many_need() -> None:
    of_many = {"individual_account", "presence_hidden", "administers", "work_limited"}
    assert of_many <= asked(over("HTTP"), PAGE)
    assert of_many <= asked(over("HTTP over loopback"), PAGE)
    for protocol in ("Clicks", "IPC"):
        assert not of_many & asked(over(protocol), PAGE)
        assert {"authorization_checked", "owner_checked"} <= asked(over(protocol), PAGE)


def test_one_protocol_of_a_network_makes_an_entry_point_one_of_the_network() -> None:
    both = changed(over("Loopback"), PAGE, protocol="HTTPS")
    assert "dns_maintained" in asked(both, PAGE)


# Messages


@pytest.mark.parametrize("protocol", ["postMessage", "Native messaging"])
def test_the_sender_is_asked_for_where_any_page_or_extension_can_send(protocol: str) -> None:
    model = changed(shop(), PASSING, protocol=protocol)
    assert {"message_sender_checked", "content_validated"} <= asked(model, PASSING)
    assert "message_sender_checked" not in asked(changed(shop(), KEEPING, protocol=protocol), KEEPING)


@pytest.mark.parametrize("protocol", ["Extension messaging", "IPC"])
def test_parts_of_one_program_are_asked_about_across_a_boundary_or_from_a_page(protocol: str) -> None:
    assert "message_sender_checked" in asked(over(protocol), ASKING)
    within = changed(over(protocol), PASSING, protocol=protocol, source=STORE)
    within = changed(within, STORE, sort=ComponentKind.PROCESS)
    assert "message_sender_checked" not in asked(within, PASSING)
    from_a_page = changed(within, STORE, technology="content_script")
    assert "message_sender_checked" in asked(from_a_page, PASSING)


@pytest.mark.parametrize("sender", ["content_script", "single_page_app", "browser_extension", "local_helper"])
def test_an_extension_is_asked_whom_it_obeys_though_no_line_names_the_protocol(sender: str) -> None:
    extension = changed(shop(), SHOP, technology="browser_extension")
    page = changed(extension, VISITOR, technology=sender, sort=ComponentKind.PROCESS)
    flow = changed(page, ASKING, entry_point=None)
    assert "message_sender_checked" in asked(flow, ASKING)
    assert not OF_NETWORKS & asked(flow, ASKING)
    assert OF_NETWORKS & asked(changed(flow, ASKING, protocol="HTTPS"), ASKING)


def test_senders_of_messages_are_checked_and_not_authorized_one_by_one() -> None:
    for protocol, authorized in (("Extension messaging", False), ("Native messaging", True)):
        assert ("authorization_checked" in asked(over(protocol), PAGE)) is authorized
    without_flows = without(over("Extension messaging"), ASKING)
    alone = changed(without_flows, PAGE, component=SHOP, lowest_trust_level=STRANGERS)
    assert "authorization_checked" in asked(alone, PAGE)


def test_what_an_extension_stores_goes_over_no_network() -> None:
    model = changed(changed(shop(), SHOP, technology="browser_extension"), STORE, technology="client_storage")
    assert not OF_NETWORKS & asked(model, KEEPING)
    assert "tampering_detected" not in asked(model, STORE)


def test_input_reaches_a_program_by_messages_but_no_database_in_a_browser() -> None:
    for protocol, expected in (("Native messaging", True), ("postMessage", False)):
        facts = asked(changed(shop(), PASSING, protocol=protocol), PASSING)
        assert {"takes_objects", "reaches_interpreter", "shown_in_pages"} <= facts
        assert ("names_files" in facts, "reaches_query" in facts) == (expected, expected)


@pytest.mark.parametrize("protocol", ["File system", "Clipboard", "Loopback"])
def test_what_a_program_of_a_person_reads_there_is_input(protocol: str) -> None:
    for technology, expected in (("desktop_app", True), ("server_application", False)):
        model = changed(shop(), SHOP, technology=technology)
        model = changed(model, STORE, technology="file_share")
        reading = changed(model, KEEPING, source=STORE, target=SHOP, protocol=protocol)
        assert ("takes_objects" in asked(reading, KEEPING)) is expected


def test_what_is_read_of_a_page_is_input_across_a_boundary() -> None:
    read = changed(over("DOM"), VISITOR, sort=ComponentKind.PROCESS)
    read = changed(read, ASKING, entry_point=None)
    assert "shown_in_pages" in asked(read, ASKING)
    within = changed(shop(), STORE, sort=ComponentKind.PROCESS)
    assert "shown_in_pages" not in asked(changed(within, KEEPING, protocol="DOM"), KEEPING)


def test_only_what_is_confidential_needs_a_named_receiver() -> None:
    assert "message_target_named" in asked(over("postMessage"), ASKING)
    harmless = changed(over("postMessage"), ASKING, assets=())
    assert "message_target_named" not in asked(harmless, ASKING)


# Servers


def test_a_websocket_is_hijacked_only_with_a_cookie_and_by_a_browser() -> None:
    assert "socket_origin_checked" in asked(over("WSS"), PAGE)
    assert "socket_origin_checked" not in asked(over("HTTPS"), PAGE)
    no = ["EP-1 socket_origin_checked"]
    assert "S22@EP-1" in found(answered(over("WSS"), ["CO-2 software", "EP-1 cookie_session"], no))
    token = answered(over("WSS"), ["CO-2 software"], [*no, "EP-1 cookie_session"])
    assert "S22@EP-1" not in found(token)


def test_a_local_server_is_asked_about_web_pages_where_a_person_browses() -> None:
    assert "web_pages_refused" in asked(over("HTTP over loopback", "desktop_app"), PAGE)
    assert "web_pages_refused" not in asked(over("HTTP over loopback", "server_application"), PAGE)
    listening = changed(over("WebSocket", "local_helper"), PAGE, exposure=Exposure.LOCAL)
    assert "web_pages_refused" in asked(listening, PAGE)
    piped = changed(over("IPC", "local_helper"), PAGE, exposure=Exposure.LOCAL)
    assert "web_pages_refused" not in asked(piped, PAGE)
    without_entry_point = changed(over("Loopback", "local_helper"), ASKING, entry_point=None)
    assert "web_pages_refused" in asked(without_entry_point, ASKING)


# Programs


def test_what_an_extension_shows_in_pages_is_asked_where_it_is_drawn() -> None:
    of_pages = {"page_clicks_ignored", "injected_ui_isolated"}
    alone = changed(shop(), SHOP, technology="browser_extension")
    assert of_pages <= asked(alone, SHOP)
    with_script = changed(alone, OFFICE, technology="content_script")
    assert of_pages <= asked(with_script, OFFICE)
    assert not of_pages & asked(with_script, SHOP)


def test_configuration_is_recognized_by_its_name_and_asked_about_in_what_is_installed() -> None:
    for technology, name, expected in (
        ("browser_extension", "Orders", {"fetches_configuration", "configuration_verified"}),
        ("mobile_app", "Orders", set[str]()),
        ("mobile_app", "Feature flags", {"configuration_verified"}),
        ("server_application", "Feature flags", set[str]()),
    ):
        model = changed(changed(shop(), SHOP, technology=technology), ORDERS, name=name)
        about = {"fetches_configuration", "configuration_verified"}
        assert asked(model, SHOP) & about == expected


def test_configuration_is_input_of_the_program_that_loads_it() -> None:
    for name, technology, expected in (
        ("Feature flags", "browser_extension", True),
        ("Orders", "browser_extension", False),
        ("Feature flags", "server_application", False),
    ):
        model = changed(changed(shop(), SHOP, technology=technology), ORDERS, name=name)
        loaded = changed(model, PASSING, protocol="HTTPS")
        assert ("reaches_interpreter" in asked(loaded, PASSING)) is expected


@pytest.mark.parametrize("technology", ["browser_extension", "single_page_app", "mobile_app", "local_helper"])
def test_outbound_traffic_is_limited_where_the_team_operates_the_network(technology: str) -> None:
    assert "egress_restricted" in asked(changed(shop(), SHOP, technology="server_application"), SHOP)
    assert "egress_restricted" not in asked(changed(shop(), SHOP, technology=technology), SHOP)


def test_what_only_talks_to_the_programs_beside_it_loads_no_configuration() -> None:
    popup = changed(shop(), SHOP, technology="browser_extension")
    for flow in list(popup.of_type(DataFlow)):
        popup = changed(popup, flow.id, protocol="Extension messaging")
    assert not {"fetches_configuration", "configuration_verified"} & asked(popup, SHOP)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("Extension popup", "browser_extension"),
        ("Background service worker", "browser_extension"),
        ("Service worker", "browser_extension"),
        ("Content scripts", "content_script"),
        ("PDF viewer (iframe)", "embedded_frame"),
        ("Native messaging host", "local_helper"),
        ("MV3 service worker", "browser_extension"),
        ("Injected panel", "content_script"),
        ("Storage (chrome.storage.local)", "client_storage"),
        ("Payment service worker", "worker"),
    ],
)
def test_parts_of_extensions_and_desktop_programs_are_recognized_by_name(name: str, category: str) -> None:
    found = guess_technology(BUILT_IN, name)
    known = BUILT_IN.category_of(found)
    assert known is not None
    assert known.key == category


# Queues


def polled(source: ElementId = SHOP, technology: str = "worker") -> ThreatModel:
    """The shop, a component of which polls a queue that the office fills."""
    filling = DataFlow(id=ElementId("DF-7"), source=OFFICE, target=QUEUE, assets=(ORDERS,))
    model = replace(QUEUED, elements=QUEUED.elements.insert(filling.id, filling))
    model = changed(changed(model, SHOP, technology=technology), QUEUE, technology="message_queue")
    return changed(model, PASSED_ON, source=source, target=QUEUE)


OF_CONSUMERS = {"content_validated", "poison_messages_set_aside", "takes_objects", "names_files"}


def test_a_worker_that_polls_a_queue_is_named_wherever_input_is() -> None:
    assert asked(polled(), PASSED_ON) >= OF_CONSUMERS
    yes = ["CO-2 software", "CO-6 software", "DF-6 takes_objects"]
    assert "T05@DF-6" in found(answered(polled(), yes, ["DF-6 data_only"]))


def test_who_only_fills_a_queue_receives_no_messages_from_it() -> None:
    assert not OF_CONSUMERS & asked(polled(technology="server_application"), PASSED_ON)
    assert not OF_CONSUMERS & asked(polled(), ElementId("DF-7"))
    alone = without(polled(), ElementId("DF-7"))
    assert not OF_CONSUMERS & asked(alone, PASSED_ON)
    reading = DataFlow(id=ElementId("DF-8"), source=QUEUE, target=OFFICE, assets=(ORDERS,))
    read_by_another = replace(polled(), elements=polled().elements.insert(reading.id, reading))
    assert not OF_CONSUMERS & asked(read_by_another, PASSED_ON)


def test_a_consumer_is_recognized_by_its_name() -> None:
    named = changed(polled(technology=""), SHOP, name="Order subscriber")
    assert asked(named, PASSED_ON) >= OF_CONSUMERS


def test_a_language_or_a_store_of_several_purposes_is_what_its_name_says() -> None:
    model = changed(
        changed(polled(technology="python"), SHOP, name="Order worker"), QUEUE, technology="redis"
    )
    assert asked(changed(model, QUEUE, name="Job queue"), PASSED_ON) >= OF_CONSUMERS
    assert not OF_CONSUMERS & asked(changed(model, QUEUE, name="Sessions"), PASSED_ON)
    stated = changed(changed(model, QUEUE, name="Job queue"), QUEUE, technology="memcached")
    assert not OF_CONSUMERS & asked(stated, PASSED_ON)


def test_what_an_extension_starts_is_a_program_of_the_user_whatever_its_language() -> None:
    for protocol, expected in (("Native messaging", True), ("HTTPS", False)):
        model = changed(
            changed(over(protocol), SHOP, technology="go"), VISITOR, technology="browser_extension"
        )
        assert ({"shares_files", "updates_verified"} <= asked(model, SHOP)) is expected


# A whole extension


def test_an_extension_of_which_nothing_is_answered_has_no_finding() -> None:
    model = changed(shop(), VISITOR, technology="browser")
    for id, technology in (
        (SHOP, "browser_extension"),
        (OFFICE, "content_script"),
        (STORE, "client_storage"),
    ):
        model = changed(model, id, technology=technology)
    for flow in list(model.of_type(DataFlow)):
        model = changed(model, flow.id, protocol="postMessage")
    assert not found(model)
    assert not [one for one in model.facts.values() if one is Answer.NO]
