"""Web shop example: its parts, and the answers of its team, each person about the parts they know best."""

from collections.abc import Callable, Mapping, Sequence

from bot.demo.story_runner import PEOPLE, TimedStep, all_named, element_named, named, step
from domain.analysis.rule_findings import apply_rules
from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AnswerQuestions,
    CompleteRegister,
    ConfirmAssumptions,
    NameElements,
    OpenFact,
    RecordAssumption,
    Reply,
    StartThreatModel,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    REGISTERS,
    ChannelId,
    ComponentKind,
    DataKind,
    Exposure,
    Kind,
    Outage,
    PersonId,
    Rating,
)
from domain.model import ThreatModel
from domain.phase_conditions import relied_on

YES, NO, UNKNOWN, NOT_APPLICABLE = Answer

AnsweredFacts = Mapping[Answer, str]
"""Facts by answer, as words separated by spaces."""

_PLAIN_INPUT = "takes_files takes_xml takes_objects reaches_interpreter fetches_addresses"
_HARDENED = "default_credentials_changed unused_services_disabled"

_COMPONENT_ANSWERS: Mapping[str, AnsweredFacts] = {
    "CDN": {
        YES: "settings_guarded least_privilege role_restricted caches_responses egress_restricted "
        f"bypass_prevented outage_survived {_HARDENED}",
        # Account pages are cached for a minute, keyed by URL only.
        NO: "cached_responses_separated led_by_model uses_model",
    },
    "Application": {
        # It hashes passwords, which takes no key.
        YES: f"settings_guarded uses_cryptography algorithms_current egress_restricted outage_survived "
        f"encrypted_at_rest {_HARDENED}",
        NOT_APPLICABLE: "keys_stored_separately keys_rotated",
        # It connects to the database as the owner of all tables. Its framework is two years old, and each
        # developer deploys from a laptop.
        NO: "least_privilege shares_runtime led_by_model uses_model caches_responses patched_in_time "
        "changes_reviewed",
    },
    "Admin console": {
        # It is part of the same program on the same machine as the shop pages.
        YES: f"settings_guarded least_privilege role_restricted shares_runtime egress_restricted "
        f"outage_survived {_HARDENED}",
        NO: "isolated led_by_model uses_model uses_cryptography caches_responses patched_in_time "
        "changes_reviewed",
    },
    "Database": {
        YES: f"encrypted_at_rest multi_tenant copied patched_in_time wiped_before_reuse {_HARDENED}",
        # The test system gets a copy every night. Two customers can buy the last lamp.
        NO: "tenant_checked copies_protected conflicts_detected tampering_detected",
    },
    "Log store": {
        YES: "patched_in_time log_without_personal_data",
        # Its search page has no password. Requests are logged with their cookies.
        NO: "default_credentials_changed append_only log_without_secrets alerts_watched multi_tenant copied",
    },
    # Customers manage their own devices. Support uses private laptops without disk encryption.
    "Browser": {NOT_APPLICABLE: "device_encrypted device_locked"},
    "Support staff": {NO: "device_encrypted"},
}
_PUBLIC_ENTRY_POINTS: Mapping[str, AnsweredFacts] = {
    "Edge address": {
        YES: "anonymous_by_design rate_limited error_details_hidden dns_maintained "
        "transport_encryption_current",
        NO: "shared_across_origins administers expensive deniable logs_in keeps_session takes_input",
        NOT_APPLICABLE: "authorization_checked",
    },
    "Shop pages": {
        YES: "anonymous_by_design dns_maintained error_details_hidden expensive takes_input input_bounded "
        "reaches_query shown_in_pages output_encoded names_objects binds_input fields_listed "
        "input_logged log_escaped",
        # The sort order of a search is concatenated into the query.
        NO: "shared_across_origins administers rate_limited work_limited deniable logs_in keeps_session "
        f"queries_parameterized caller_sends_values names_files {_PLAIN_INPUT}",
        NOT_APPLICABLE: "authorization_checked owner_checked",
    },
    "Log-in": {
        YES: "transport_encryption_current caller_authenticated individual_account logs_in attempts_limited "
        "offers_recovery expensive work_limited deniable logged error_details_hidden takes_input "
        "input_bounded "
        "reaches_query queries_parameterized binds_input fields_listed input_logged log_escaped "
        "presence_hidden",
        # Five wrong passwords lock the account. A password reset link is valid for a week.
        NO: "shared_across_origins issues_tokens anonymous_by_design administers rate_limited "
        "lockout_abuse_prevented recovery_strong keeps_session shown_in_pages caller_sends_values "
        "names_objects "
        f"names_files has_steps accepts_tokens {_PLAIN_INPUT}",
        NOT_APPLICABLE: "authorization_checked",
    },
    "Checkout and account": {
        YES: "transport_encryption_current authorization_checked rate_limited expensive work_limited "
        "deniable "
        "logged error_details_hidden caller_authenticated individual_account keeps_session cookie_session "
        "changes_something csrf_defended takes_input input_bounded reaches_query queries_parameterized "
        "shown_in_pages caller_sends_values caller_values_checked names_objects binds_input fields_listed "
        "input_logged "
        "log_escaped framing_denied has_steps step_order_enforced step_repeats_refused",
        # Sessions never expire. Gift notes are not encoded in the console. Invoices need only their number.
        NO: "shared_across_origins anonymous_by_design administers logs_in sessions_expire "
        f"output_encoded owner_checked names_files accepts_tokens {_PLAIN_INPUT}",
    },
}
_OTHER_ENTRY_POINTS: Mapping[str, AnsweredFacts] = {
    "Payment callback": {
        YES: "transport_encryption_current deniable logged error_details_hidden takes_input reaches_query "
        "queries_parameterized caller_sends_values names_objects input_logged",
        # The paid amount is not compared with the order total.
        NO: "anonymous_by_design administers rate_limited expensive caller_authenticated logs_in "
        f"shown_in_pages caller_values_checked binds_input names_files {_PLAIN_INPUT}",
        NOT_APPLICABLE: "authorization_checked owner_checked",
        UNKNOWN: "input_bounded log_escaped",
    },
    "Console log-in": {
        # Photos are uploaded or fetched from a URL. Exports are downloaded by file name.
        YES: "transport_encryption_current administers deniable logged caller_authenticated logs_in "
        "keeps_session sessions_expire sessions_revocable cookie_session changes_something takes_input "
        "input_bounded reaches_query queries_parameterized shown_in_pages output_encoded takes_files "
        "caller_sends_values "
        "caller_values_checked names_objects binds_input fields_listed fetches_addresses input_logged "
        "log_escaped names_files presence_hidden",
        # The support team shares one account with all permissions. The console's old DNS name still points
        # to a machine that was returned.
        NO: "shared_across_origins issues_tokens anonymous_by_design second_factor admin_network_separate "
        "authorization_checked rate_limited expensive error_details_hidden individual_account "
        "attempts_limited offers_recovery "
        "csrf_defended uploads_never_run fetching_limited takes_xml takes_objects "
        "reaches_interpreter reaches_search has_steps accepts_tokens framing_denied paths_confined "
        "dns_maintained",
        NOT_APPLICABLE: "owner_checked second_person_approves",
    },
}
_PEOPLE = "collection_minimized people_informed erased_on_request"
_ASSET_ANSWERS: Mapping[str, AnsweredFacts] = {
    "Card tokens": {YES: "read_access_limited"},
    "Passwords": {
        YES: "individual_credential vaulted out_of_code write_access_limited read_access_limited unguessable",
        NOT_APPLICABLE: "lifetime_limited revoked_when_unneeded",
    },
    "Sessions": {
        YES: "individual_credential out_of_code write_access_limited read_access_limited unguessable",
        NO: "vaulted lifetime_limited",
    },
    # Customers are deleted only if they ask. Orders are deleted when the legal retention period ends.
    "Customer records": {YES: _PEOPLE, NO: "read_access_limited retention_limited"},
    "Orders": {
        YES: f"write_access_limited backed_up immutable_or_offline retention_limited {_PEOPLE}",
        NO: "restore_tested",
    },
    "Catalogue and prices": {NO: "write_access_limited"},
    # The password of the support account is a lamp name and a year, unchanged since 2019.
    "Admin credentials": {
        YES: "out_of_code read_access_limited",
        NO: "individual_credential unguessable lifetime_limited",
    },
    # It is in a settings file beside the code, and on every test machine.
    "Payment API key": {
        YES: "read_access_limited unguessable",
        NO: "individual_credential out_of_code lifetime_limited",
    },
}
_FLOW_ANSWERS: Mapping[str, AnsweredFacts] = {
    "Visits": {YES: "peer_verified binding receipted", NO: "commands", NOT_APPLICABLE: "data_minimized"},
    "Browsing": {YES: "encrypted peer_verified", NO: "commands claims_identity"},
    # Attempts are limited by client address, which is taken from a request header.
    "Logging in": {YES: "peer_verified claims_identity", NO: "commands identity_proven"},
    "Buying": {YES: "peer_verified commands", NO: "replays_ineffective claims_identity"},
    "Pages to the edge": {
        NO: "commands claims_identity",
        NOT_APPLICABLE: "caller_authenticated peer_verified data_minimized",
    },
    "Pages to the browser": {YES: "filtered", NO: "binding"},
    # Each charge includes name, address and basket.
    "Charges": {YES: "peer_verified binding receipted", NO: "data_minimized"},
    "Payment notices": {YES: "peer_verified commands replays_ineffective binding receipted"},
    # A query is canceled after five seconds.
    "Shop writes": {
        YES: "caller_authenticated identity_beyond_address encrypted timeout_set retries_bounded",
        NO: "peer_verified",
    },
    "Shop reads": {YES: "encrypted timeout_set"},
    # A page is sent only after its log entry is written.
    "Shop logs": {
        YES: "mediated",
        NO: "caller_authenticated encrypted integrity_protected timeout_set",
    },
    "Console work": {
        YES: "peer_verified commands replays_ineffective timeout_set retries_bounded",
        NO: "binding",
    },
    # All signed-in staff can open the audit log page.
    "Console pages": {YES: "timeout_set retries_bounded", NO: "binding filtered"},
    "Console writes": {
        YES: "caller_authenticated identity_beyond_address encrypted peer_verified "
        "timeout_set retries_bounded"
    },
    "Console reads": {YES: "encrypted timeout_set"},
    # The log store accepts entries by source address.
    "Console logs": {YES: "caller_authenticated peer_verified", NO: "identity_beyond_address timeout_set"},
    "Log search": {YES: "timeout_set"},
}
_DEPENDENCY_ANSWERS: Mapping[str, AnsweredFacts] = {
    "CDN": {YES: "outage_fallback slowness_cut_off", NO: "calls_back ships_code"},
    # Its script runs in the checkout page, always in the latest version.
    "Payment provider": {
        YES: "calls_back ships_code patched_in_time",
        NO: "outage_fallback webhook_signature_verified version_pinned",
    },
    "Image library": {
        YES: "patched_in_time",
        NO: "version_pinned",
    },
}

ANSWERS: tuple[tuple[Kind, Mapping[str, AnsweredFacts]], ...] = (
    (Kind.COMPONENT, _COMPONENT_ANSWERS),
    (Kind.ENTRY_POINT, _PUBLIC_ENTRY_POINTS),
    (Kind.ENTRY_POINT, _OTHER_ENTRY_POINTS),
    (Kind.ASSET, _ASSET_ANSWERS),
    (Kind.DATA_FLOW, _FLOW_ANSWERS),
    (Kind.EXTERNAL_DEPENDENCY, _DEPENDENCY_ANSWERS),
)
"""Answers by kind of element, in the order in which they are given."""


_ENTITY, _PROCESS, _STORE = ComponentKind
_LOW, _MEDIUM, _HIGH = Rating
_PERSONAL, _CREDENTIAL, _LOG, _OTHER = DataKind

_DESCRIPTION = "An online lamp shop with eight employees, twenty thousand customers and one application"
_LEVELS = ("Visitors", "Customers", "Partners", "Staff", "Application", "Administrators")
_ASSUMPTIONS = (
    "Card numbers go directly from the browser to the payment provider",
    "The warehouse works with packing slips printed from the admin console",
)
# Boundaries and components, each with the boundary that contains it.
_BOUNDARIES = (("Edge", ""), ("Shop network", ""), ("Data network", "Shop network"))
_COMPONENTS = (
    ("Browser", _ENTITY, "Visitors", ""),
    ("CDN", _PROCESS, "Partners", "Edge"),
    ("Application", _PROCESS, "Application", "Shop network"),
    ("Payment provider", _ENTITY, "Partners", ""),
    ("Support staff", _ENTITY, "Staff", ""),
    ("Admin console", _PROCESS, "Administrators", "Shop network"),
    ("Database", _STORE, "Application", "Data network"),
    ("Log store", _STORE, "Administrators", "Data network"),
)
_DEPENDENCIES = (
    ("CDN", "Benji, by a yearly contract", "content delivery network", Outage.STOPS),
    ("Payment provider", "Chiyo, by a contract", "payment service", Outage.STOPS),
    ("Image library", "Amina", "package from a public registry", Outage.NOTHING),
)
_ENTRY_POINTS = (
    ("Edge address", "CDN", "Visitors", "The public host name of the shop"),
    ("Shop pages", "Application", "Visitors", "Lamps, prices, search and reviews"),
    ("Log-in", "Application", "Visitors", "Logging in, signing up, resetting a password"),
    ("Checkout and account", "Application", "Customers", "Orders, invoices, addresses"),
    ("Payment callback", "Application", "Partners", "Payment notifications from the payment provider"),
    ("Console log-in", "Admin console", "Staff", "Access for staff and administrators"),
)
# Name, data kind, ratings (confidentiality, integrity, availability), store, readers, writers.
_ASSETS = (
    (
        "Card tokens",
        _OTHER,
        (_HIGH, _HIGH, _MEDIUM),
        "Database",
        ("Partners", "Application"),
        ("Application",),
    ),
    ("Passwords", _CREDENTIAL, (_HIGH, _HIGH, _MEDIUM), "Database", (), ()),
    ("Sessions", _CREDENTIAL, (_HIGH, _HIGH, _LOW), "Database", (), ()),
    ("Customer records", _PERSONAL, (_HIGH, _MEDIUM, _MEDIUM), "Database", ("Customers", "Staff"), ()),
    (
        "Orders",
        _PERSONAL,
        (_MEDIUM, _HIGH, _HIGH),
        "Database",
        ("Customers", "Partners", "Staff"),
        ("Customers", "Staff", "Application"),
    ),
    ("Catalogue and prices", _OTHER, (_LOW, _HIGH, _MEDIUM), "Database", ("Visitors",), ("Staff",)),
    ("Admin credentials", _CREDENTIAL, (_HIGH, _HIGH, _MEDIUM), "Database", (), ("Administrators",)),
    ("Payment API key", _CREDENTIAL, (_HIGH, _HIGH, _MEDIUM), "Application", (), ("Administrators",)),
    ("Audit log", _LOG, (_MEDIUM, _HIGH, _MEDIUM), "Log store", ("Administrators",), ("Application",)),
)
_SIGNED_IN = ("Passwords", "Sessions", "Customer records")
_BOUGHT = ("Sessions", "Orders", "Card tokens", "Customer records")
_PAGES = ("Catalogue and prices", "Orders", "Customer records", "Sessions")
_KEPT = ("Orders", "Customer records", "Sessions", "Passwords", "Card tokens", "Catalogue and prices")
_MANAGED = ("Orders", "Customer records", "Catalogue and prices")
_LOGGED = ("Audit log",)
# Name, source, target, entry point, protocol, assets.
_FLOWS = (
    ("Visits", "Browser", "CDN", "Edge address", "HTTPS", (*_SIGNED_IN, "Orders", "Card tokens")),
    ("Browsing", "CDN", "Application", "Shop pages", "HTTPS", ("Catalogue and prices",)),
    ("Logging in", "CDN", "Application", "Log-in", "HTTPS", _SIGNED_IN),
    ("Buying", "CDN", "Application", "Checkout and account", "HTTPS", _BOUGHT),
    ("Pages to the edge", "Application", "CDN", "", "HTTPS", _PAGES),
    ("Pages to the browser", "CDN", "Browser", "", "HTTPS", _PAGES),
    ("Charges", "Application", "Payment provider", "", "HTTPS", ("Card tokens", "Orders", "Payment API key")),
    ("Payment notices", "Payment provider", "Application", "Payment callback", "HTTPS", ("Orders",)),
    ("Shop writes", "Application", "Database", "", "PostgreSQL", _KEPT),
    ("Shop reads", "Database", "Application", "", "PostgreSQL", _KEPT),
    ("Shop logs", "Application", "Log store", "", "syslog", _LOGGED),
    (
        "Console work",
        "Support staff",
        "Admin console",
        "Console log-in",
        "HTTPS",
        ("Admin credentials", *_MANAGED),
    ),
    ("Console pages", "Admin console", "Support staff", "", "HTTPS", (*_MANAGED, "Audit log")),
    ("Console writes", "Admin console", "Database", "", "PostgreSQL", (*_MANAGED, "Admin credentials")),
    ("Console reads", "Database", "Admin console", "", "PostgreSQL", (*_MANAGED, "Admin credentials")),
    ("Console logs", "Admin console", "Log store", "", "HTTPS", _LOGGED),
    ("Log search", "Log store", "Admin console", "", "HTTPS", _LOGGED),
)


def shop_steps(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> tuple[TimedStep, ...]:
    """Return the steps of collection, with all answers."""
    first, second, third, fourth = people
    answering = zip((second, first, first, third, second, third), ANSWERS, strict=True)
    return (
        step(
            first,
            StartThreatModel,
            name="The web shop",
            channel=channel,
            description=_DESCRIPTION,
            out_of_scope="The warehouse, e-mail, the payment provider's pages, employee laptops",
            participants=tuple(people),
        ),
        step(first, NameElements, trust_levels=_LEVELS),
        *(
            step(first, AddTrustBoundary, name=name, parent=named(Kind.TRUST_BOUNDARY, parent))
            for name, parent in _BOUNDARIES
        ),
        *(_component(first, *component) for component in _COMPONENTS),
        *(
            step(second, AddExternalDependency, name=name, owner=owner, sort=sort, outage=outage)
            for name, owner, sort, outage in _DEPENDENCIES
        ),
        *(_entry_point(second, *point) for point in _ENTRY_POINTS),
        *(_asset(third, *asset) for asset in _ASSETS),
        *(_flow(first, *flow) for flow in _FLOWS),
        *(
            step(by, RecordAssumption, text=text, held_by=by)
            for by, text in zip((third, fourth), _ASSUMPTIONS, strict=True)
        ),
        *(step(by, AnswerQuestions, replies=_replies(*answers)) for by, answers in answering),
        step(fourth, ConfirmAssumptions, facts=_suggested),
        *(step(first, CompleteRegister, register=register) for register in REGISTERS),
    )


def _component(by: PersonId, name: str, sort: ComponentKind, level: str, boundary: str) -> TimedStep:
    trust, within = named(Kind.TRUST_LEVEL, level), named(Kind.TRUST_BOUNDARY, boundary)
    return step(by, AddComponent, name=name, sort=sort, trust_level=trust, boundary=within)


def _entry_point(by: PersonId, name: str, behind: str, lowest: str, description: str) -> TimedStep:
    return step(
        by,
        AddEntryPoint,
        name=name,
        description=description,
        exposure=Exposure.INTERNET,
        protocol="HTTPS",
        component=named(Kind.COMPONENT, behind),
        lowest_trust_level=named(Kind.TRUST_LEVEL, lowest),
    )


def _asset(
    by: PersonId,
    name: str,
    data: DataKind,
    ratings: tuple[Rating, Rating, Rating],
    kept: str,
    readers: tuple[str, ...],
    writers: tuple[str, ...],
) -> TimedStep:
    return step(
        by,
        AddAsset,
        name=name,
        data=data,
        **dict(zip(("confidentiality", "integrity", "availability"), ratings, strict=True)),
        stored_in=all_named(Kind.COMPONENT, (kept,)),
        readers=all_named(Kind.TRUST_LEVEL, readers),
        writers=all_named(Kind.TRUST_LEVEL, writers),
    )


def _flow(
    by: PersonId,
    name: str,
    source: str,
    target: str,
    entry_point: str,
    protocol: str,
    assets: tuple[str, ...],
) -> TimedStep:
    return step(
        by,
        AddDataFlow,
        name=name,
        source=named(Kind.COMPONENT, source),
        target=named(Kind.COMPONENT, target),
        assets=all_named(Kind.ASSET, assets),
        entry_point=named(Kind.ENTRY_POINT, entry_point),
        protocol=protocol,
    )


def _replies(kind: Kind, given: Mapping[str, AnsweredFacts]) -> Callable[[ThreatModel], tuple[Reply, ...]]:
    return lambda model: tuple(
        Reply(element=element_named(model, kind, name), fact=fact, answer=answer)
        for name, answered in given.items()
        for answer, facts in answered.items()
        for fact in facts.split()
    )


def _suggested(model: ThreatModel) -> tuple[OpenFact, ...]:
    """Return the answers that technologies and protocols suggest, or that stand in for answers."""
    found = apply_rules(model)
    suggested = ((one.element, one.fact) for one in found.questions if one.suggested)
    waiting = dict.fromkeys((*suggested, *relied_on(found)))
    return tuple(OpenFact(element=element, fact=fact) for element, fact in waiting)
