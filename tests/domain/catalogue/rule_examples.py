"""Three small models for every rule: one that fires it, one that spares it, one that asks."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from domain.kernel.elements import (
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    Exposure,
    Rating,
)
from domain.kernel.threat import AcceptedRatings, Ratings, ThreatId
from domain.model import ThreatModel
from tests.domain.catalogue.shop_model import (
    ASKING,
    BANK,
    KEEPING,
    KEY,
    OFFICE,
    ORDERS,
    PAGE,
    PASSING,
    PAYING,
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
    without,
)


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's three models, the finding that the first gives, and the question that the last asks."""

    rule: str
    finding: str
    fires: ThreatModel
    spares: ThreatModel
    asks: ThreatModel
    question: tuple[str, str]
    accepted: tuple[AcceptedRatings, ...] = ()


def by_fact(
    rule: str,
    about: str,
    control: str,
    *given: str,
    model: ThreatModel | None = None,
    finding: str = "",
    no: Sequence[str] = (),
) -> Example:
    """The same model thrice, in which the last fact, the control, is answered with no, with yes, not at all.

    A fact is told by its name alone where it is about the same element.
    """
    told = shop() if model is None else model
    applies = answered(told, [*SOFTWARE, *(_of(about, fact) for fact in given)], no)
    last = _of(about, control)
    asked, fact = last.split()
    return Example(
        rule=rule,
        finding=finding or f"{rule}@{about}",
        fires=answered(applies, no=[last]),
        spares=answered(applies, [last]),
        asks=applies,
        question=(asked, fact),
    )


def _of(about: str, fact: str) -> str:
    return fact if " " in fact else f"{about} {fact}"


def _told(id: ElementId, **changes: Any) -> Element:
    return replace(element(id), **changes)


def of_technology(id: ElementId, technology: str) -> ThreatModel:
    """The shop, one component of which is of a technology."""
    return shop(_told(id, technology=technology))


def over(protocol: str, technology: str = "") -> ThreatModel:
    """The shop, which its visitor reaches by a protocol."""
    return shop(_told(ASKING, protocol=protocol), _told(SHOP, technology=technology))


def _accepted(rating: Rating) -> tuple[AcceptedRatings, ...]:
    return (AcceptedRatings(threat=ThreatId("TH-1"), assets={ORDERS: Ratings(confidentiality=rating)}),)


LOW_BEFORE = _accepted(Rating.LOW)
ONE_LEVEL = without(shop(), STAFF, ElementId("TL-2"))
UNLISTED = _told(PAGE, exposure=None)
FOR_STAFF = _told(ORDERS, readers=(STAFF,), writers=(STAFF,))
GARAGE = _told(OFFICE, trust_level=STRANGERS, boundary=WALL)
TO_VISITORS = DataFlow(id=ElementId("DF-5"), source=SHOP, target=VISITOR, assets=(ORDERS,))

RETRIEVING = ("uses_model", "prompts_model", "retrieves_documents")
SIGNED_IN = shop(_told(KEY, stored_in=(SHOP, VISITOR)))
QUEUED = shop(
    Component(
        id=ElementId("CO-6"),
        name="Order queue",
        sort=ComponentKind.DATA_STORE,
        trust_level=STAFF,
        boundary=WALL,
    ),
    DataFlow(id=ElementId("DF-6"), source=ElementId("CO-6"), target=SHOP, assets=(ORDERS,)),
)

EXAMPLES: Sequence[Example] = (
    # Spoofing
    by_fact("S01", ASKING, "EP-1 caller_authenticated", no=["EP-1 anonymous_by_design"]),
    by_fact("S02", PAGE, "second_factor", "administers"),
    by_fact("S03", PAGE, "attempts_limited", "logs_in"),
    by_fact("S04", PAYING, "peer_verified", "encrypted"),
    by_fact("S05", "XD-1", "webhook_replays_rejected", "calls_back", "webhook_signature_verified"),
    by_fact("S06", KEY, "vaulted", "individual_credential"),
    by_fact("S07", PAGE, "csrf_defended", "keeps_session", "cookie_session", "changes_something"),
    by_fact("S08", PAGE, "sessions_revocable", "keeps_session", "sessions_expire"),
    by_fact("S09", PAGE, "recovery_strong", "logs_in", "offers_recovery"),
    by_fact("S10", ASKING, "replays_ineffective", "commands"),
    by_fact("S11", KEY, "unguessable"),
    by_fact("S12", KEY, "revoked_when_unneeded", "lifetime_limited"),
    by_fact("S13", VISITOR, "device_locked", "device_encrypted", model=SIGNED_IN),
    by_fact("S14", PAGE, "framing_denied", "keeps_session", "cookie_session", "changes_something"),
    by_fact(
        "S15",
        PAGE,
        "token_expiration_checked",
        *("caller_authenticated", "accepts_tokens", "token_signature_verified"),
        *("token_issuer_checked", "token_audience_checked"),
    ),
    by_fact("S16", PAGE, "redirect_uris_exact", "logs_in", "issues_tokens"),
    by_fact("S17", PAGE, "dns_maintained"),
    by_fact("S18", PAGE, "second_factor", model=of_technology(SHOP, "vpn_gateway")),
    by_fact("S19", SHOP, "sender_domains_protected", model=of_technology(SHOP, "mail_server")),
    by_fact("S20", PAGE, "second_factor", "logs_in", model=shop(_told(PAGE, exposure=Exposure.INTERNAL))),
    by_fact("S21", ASKING, "message_sender_checked", model=over("postMessage")),
    by_fact("S22", PAGE, "socket_origin_checked", "cookie_session", model=over("WSS")),
    by_fact("S23", SHOP, "pages_not_framed", model=of_technology(SHOP, "browser_extension")),
    by_fact("S24", SHOP, "page_clicks_ignored", model=of_technology(SHOP, "content_script")),
    # Tampering
    by_fact("T01", PAGE, "queries_parameterized", "takes_input", "reaches_query"),
    by_fact("T02", PAGE, "output_encoded", "takes_input", "shown_in_pages"),
    by_fact("T03", PAGE, "upload_types_limited", "takes_input", "takes_files", "uploads_never_run"),
    by_fact("T04", PAGE, "dtds_disabled", "takes_input", "takes_xml"),
    by_fact("T05", PAGE, "data_only", "takes_input", "takes_objects"),
    by_fact("T06", PAGE, "interpreter_input_restricted", "takes_input", "reaches_interpreter"),
    by_fact("T07", ASKING, "integrity_protected", no=[f"{ASKING} encrypted"]),
    by_fact("T08", ORDERS, "write_access_limited"),
    by_fact("T09", "XD-1", "code_integrity_verified", "ships_code", "version_pinned"),
    by_fact("T10", PAGE, "caller_values_checked", "takes_input", "caller_sends_values"),
    by_fact("T11", STORE, "conflicts_detected", "concurrent_writes"),
    by_fact("T12", SHOP, "settings_guarded"),
    by_fact("T13", STORE, "tampering_detected"),
    by_fact("T14", PAGE, "paths_confined", "takes_input", "names_files"),
    by_fact("T15", PAGE, "search_escaped", "takes_input", "reaches_search"),
    by_fact(
        "T16", PAGE, "step_repeats_refused", "takes_input", "deniable", "has_steps", "step_order_enforced"
    ),
    by_fact("T17", "DF-6", "content_validated", model=QUEUED),
    by_fact("T18", SHOP, "adversarial_input_detected", "uses_model"),
    by_fact("T19", SHOP, "model_output_validated", "led_by_model"),
    by_fact("T20", "XD-1", "patched_in_time", "ships_code"),
    by_fact("T21", SHOP, "only_pipeline_builds", "changes_reviewed"),
    by_fact("T22", SHOP, "training_data_vetted", "uses_model", "trains_model"),
    by_fact("T23", SHOP, "model_file_verified", "uses_model", "runs_model"),
    by_fact("T24", SHOP, "foreign_content_harmless", "uses_model", "prompts_model"),
    by_fact("T25", SHOP, "retrieval_sources_limited", *RETRIEVING),
    by_fact("T26", SHOP, "results_checked_by_people", "uses_model"),
    by_fact("T27", SHOP, "model_quality_watched", "uses_model", "runs_model"),
    by_fact("T28", SHOP, "updates_verified", model=of_technology(SHOP, "desktop_app")),
    by_fact("T29", SHOP, "app_links_checked", model=of_technology(SHOP, "mobile_app")),
    by_fact("T30", ASKING, "content_validated", model=over("Native messaging")),
    by_fact(
        "T31",
        SHOP,
        "configuration_verified",
        "fetches_configuration",
        model=of_technology(SHOP, "browser_extension"),
    ),
    by_fact(
        "T32",
        SHOP,
        "downloads_marked",
        *("shares_files", "links_resolved"),
        model=of_technology(SHOP, "desktop_app"),
    ),
    # Repudiation
    by_fact("R01", PAGE, "logged", "deniable"),
    by_fact("R02", STORE, "append_only", "keeps_logs"),
    by_fact("R03", PAGE, "individual_account", "caller_authenticated"),
    by_fact("R04", PAGE, "log_escaped", "takes_input", "input_logged"),
    by_fact("R05", PAYING, "receipted", "binding"),
    by_fact("R06", STORE, "alerts_watched", "keeps_logs"),
    by_fact("R07", SHOP, "own_actions_logged", model=shop(_told(SHOP, name="Order bot"))),
    # Information disclosure
    by_fact("I01", ASKING, "encrypted"),
    by_fact("I02", STORE, "encrypted_at_rest"),
    by_fact("I03", ORDERS, "read_access_limited"),
    by_fact("I04", "DF-5", "filtered", model=shop(FOR_STAFF, TO_VISITORS), finding="I04@DF-5@AS-1"),
    by_fact("I05", PAYING, "data_minimized", finding="I05@DF-3@AS-1"),
    by_fact("I06", KEY, "out_of_code"),
    by_fact("I07", STORE, "log_without_secrets", "keeps_logs"),
    by_fact("I08", PAGE, "error_details_hidden"),
    by_fact("I09", SHOP, "cached_responses_separated", "caches_responses"),
    by_fact("I10", STORE, "tenant_checked", "multi_tenant"),
    by_fact("I11", PAGE, "metadata_blocked", "takes_input", "fetches_addresses", "fetching_limited"),
    by_fact("I12", STORE, "copies_protected", "copied"),
    by_fact(
        "I13",
        SHOP,
        "unreviewed_builds_without_secrets",
        "build_logs_without_secrets",
        model=shop(_told(SHOP, name="CI server")),
    ),
    by_fact("I14", ORDERS, "retention_limited"),
    by_fact("I15", STORE, "wiped_before_reuse"),
    by_fact("I16", STORE, "not_public", "object_store"),
    by_fact("I17", STORE, "links_expire", "object_store", "hands_out_links"),
    by_fact("I18", PAGE, "transport_encryption_current", f"{ASKING} encrypted"),
    by_fact("I19", SHOP, "algorithms_current", "uses_cryptography"),
    by_fact("I20", SHOP, "keys_rotated", "uses_cryptography", "keys_stored_separately"),
    by_fact("I21", PAGE, "origins_listed", "shared_across_origins"),
    by_fact("I22", SHOP, "retrieval_respects_rights", *RETRIEVING),
    by_fact("I23", SHOP, "model_copying_prevented", "uses_model", "trains_model"),
    by_fact("I24", SHOP, "training_data_harmless", "uses_model", "trains_model"),
    by_fact("I25", SHOP, "prompt_publishable", "led_by_model"),
    by_fact("I26", SHOP, "egress_restricted"),
    by_fact("I27", STORE, "records_kept_unlinkable", model=of_technology(STORE, "data_warehouse")),
    by_fact("I28", ORDERS, "pseudonymized", model=shop(_told(OFFICE, name="Data pipeline"))),
    by_fact("I29", PAGE, "presence_hidden", "logs_in"),
    by_fact("I30", ORDERS, "collection_minimized"),
    by_fact("I31", ORDERS, "people_informed"),
    by_fact("I32", ORDERS, "erased_on_request"),
    by_fact("I33", SHOP, "log_without_personal_data"),
    by_fact("I34", ASKING, "deidentified", model=shop(_told(SHOP, name="Visitor statistics"))),
    by_fact("I35", SHOP, "client_storage_protected", model=of_technology(SHOP, "mobile_app")),
    by_fact("I36", BANK, "kept_out_of_training", model=of_technology(BANK, "language_model_api")),
    by_fact("I37", ASKING, "message_target_named", model=over("postMessage")),
    by_fact("I38", SHOP, "injected_ui_isolated", model=of_technology(SHOP, "content_script")),
    # Denial of service
    by_fact("D01", PAGE, "rate_limited"),
    by_fact("D02", PAGE, "input_bounded", "takes_input"),
    by_fact("D03", "XD-1", "slowness_cut_off", "outage_fallback"),
    by_fact("D04", ORDERS, "restore_tested", "backed_up"),
    by_fact("D05", PAGE, "work_limited", "expensive"),
    by_fact("D06", PAGE, "lockout_abuse_prevented", "logs_in", "attempts_limited"),
    by_fact("D07", ASKING, "retries_bounded", "timeout_set"),
    by_fact("D08", "DF-6", "poison_messages_set_aside", model=QUEUED),
    by_fact("D09", SHOP, "model_use_limited", "uses_model"),
    by_fact("D10", ORDERS, "immutable_or_offline"),
    by_fact("D11", SHOP, "failures_noticed", model=shop(_told(SHOP, name="Order bot"))),
    by_fact("D12", SHOP, "outage_survived"),
    # Elevation of privilege
    by_fact("E01", PAGE, "authorization_checked"),
    by_fact("E02", PAGE, "owner_checked", "takes_input", "names_objects"),
    by_fact("E03", SHOP, "role_restricted", "least_privilege"),
    by_fact("E04", KEEPING, "mediated", model=shop(_told(SHOP, trust_level=STRANGERS))),
    by_fact("E05", PASSING, "identity_proven", "claims_identity"),
    by_fact("E06", SHOP, "isolated", "shares_runtime"),
    by_fact("E07", PAGE, "admin_network_separate", "administers"),
    by_fact("E08", SHOP, "unused_services_disabled", "default_credentials_changed"),
    by_fact("E09", PAGE, "fields_listed", "takes_input", "binds_input"),
    by_fact("E10", SHOP, "model_restricted", "led_by_model"),
    by_fact("E11", PAGE, "peers_restricted", model=shop(_told(PAGE, exposure=Exposure.INTERNAL))),
    by_fact("E12", SHOP, "patched_in_time"),
    by_fact(
        "E13",
        SHOP,
        "submitted_code_isolated",
        "runs_submitted_code",
        model=shop(_told(SHOP, name="Build runner")),
    ),
    by_fact("E14", SHOP, "tools_limited_to_user", "led_by_model"),
    by_fact("E15", PAGE, "second_person_approves", "administers"),
    by_fact("E16", SHOP, "bypass_prevented", model=of_technology(SHOP, "web_application_firewall")),
    by_fact("E17", SHOP, "fails_closed", model=shop(_told(SHOP, name="Order validation"))),
    by_fact("E18", SHOP, "embedded_content_confined", model=of_technology(SHOP, "embedded_frame")),
    by_fact("E19", PAGE, "web_pages_refused", model=over("HTTP over loopback", "local_helper")),
    # Across registers
    by_fact("X01", PAGE, "authorization_checked", model=shop(FOR_STAFF), finding="X01@EP-1@AS-1"),
    Example(
        rule="X02",
        finding="X02@DF-4",
        fires=shop(GARAGE),
        spares=shop(replace(GARAGE, boundary=None)),
        asks=shop(replace(GARAGE, boundary=None), _told(SHOP, boundary=None)),
        question=(PASSING, "kept_apart"),
    ),
    Example(
        rule="X03",
        finding="X03@EP-1",
        fires=ONE_LEVEL,
        spares=shop(),
        asks=replace(ONE_LEVEL, elements=ONE_LEVEL.elements.insert(PAGE, UNLISTED)),
        question=(PAGE, "public"),
    ),
    by_fact("X04", "XD-1", "owned", model=shop(_told(ElementId("XD-1"), owner=""))),
    Example(
        rule="X05",
        finding="X05@AS-1@TH-1",
        fires=shop(_told(ORDERS, integrity=None, availability=None)),
        spares=shop(_told(ORDERS, confidentiality=Rating.LOW, integrity=None, availability=None)),
        asks=shop(_told(ORDERS, confidentiality=None, integrity=None, availability=None)),
        question=(ORDERS, "value_increased"),
        accepted=LOW_BEFORE,
    ),
)
