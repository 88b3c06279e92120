"""Answers of the web shop's team, each person about the parts they know best."""

from collections.abc import Mapping

from domain.kernel.answer import Answer
from domain.kernel.elements import Kind

YES, NO, UNKNOWN, NOT_APPLICABLE = Answer

Said = Mapping[Answer, str]
"""Facts by answer, as words separated by spaces."""

_PLAIN_INPUT = "takes_files takes_xml takes_objects reaches_interpreter fetches_addresses"
_HARDENED = "default_credentials_changed unused_services_disabled"

_COMPONENTS: Mapping[str, Said] = {
    "CDN": {
        YES: "settings_guarded least_privilege role_restricted patched_in_time caches_responses "
        f"shares_runtime {_HARDENED}",
        # Account pages are cached for a minute, keyed by URL only.
        NO: "cached_responses_separated led_by_model uses_model",
        # The provider isolates customers, but the team has never asked how.
        UNKNOWN: "isolated",
    },
    "Application": {
        # It hashes passwords, which takes no key.
        YES: f"settings_guarded uses_cryptography algorithms_current {_HARDENED}",
        NOT_APPLICABLE: "keys_stored_separately keys_rotated",
        # It connects to the database as the owner of all tables. Its framework is two years old, and each
        # developer deploys from a laptop.
        NO: "least_privilege shares_runtime led_by_model uses_model caches_responses patched_in_time "
        "changes_reviewed",
    },
    "Admin console": {
        # It is part of the same program on the same machine as the shop pages.
        YES: f"settings_guarded least_privilege role_restricted shares_runtime {_HARDENED}",
        NO: "isolated led_by_model uses_model uses_cryptography caches_responses patched_in_time "
        "changes_reviewed",
    },
    "Database": {
        YES: f"encrypted_at_rest multi_tenant copied patched_in_time wiped_before_reuse {_HARDENED}",
        # The test system gets a copy every night. Two customers can buy the last lamp.
        NO: "keeps_logs tenant_checked copies_protected conflicts_detected tampering_detected",
    },
    "Log store": {
        YES: "patched_in_time",
        # Its search page has no password. Requests are logged with their cookies.
        NO: "default_credentials_changed append_only log_without_secrets alerts_watched multi_tenant copied",
    },
    # Customers manage their own devices. Support uses private laptops without disk encryption.
    "Browser": {NOT_APPLICABLE: "device_encrypted device_locked"},
    "Support staff": {NO: "device_encrypted"},
}
_PUBLIC_ENTRY_POINTS: Mapping[str, Said] = {
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
        "reaches_query queries_parameterized binds_input fields_listed input_logged log_escaped",
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
_OTHER_ENTRY_POINTS: Mapping[str, Said] = {
    "Payment callback": {
        YES: "transport_encryption_current deniable logged error_details_hidden takes_input reaches_query "
        "queries_parameterized caller_sends_values names_objects input_logged",
        # The paid amount is not compared with the order total.
        NO: "shared_across_origins anonymous_by_design administers rate_limited expensive "
        "caller_authenticated logs_in keeps_session shown_in_pages caller_values_checked binds_input "
        f"names_files has_steps {_PLAIN_INPUT}",
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
        "log_escaped names_files",
        # The support team shares one account with all permissions. The console's old DNS name still points
        # to a machine that was returned.
        NO: "shared_across_origins issues_tokens anonymous_by_design second_factor admin_network_separate "
        "authorization_checked rate_limited expensive error_details_hidden individual_account "
        "attempts_limited offers_recovery "
        "csrf_defended uploads_never_run fetching_limited takes_xml takes_objects "
        "reaches_interpreter reaches_search has_steps accepts_tokens framing_denied paths_confined "
        "dns_maintained",
        NOT_APPLICABLE: "owner_checked",
    },
}
_ASSETS: Mapping[str, Said] = {
    "Card tokens": {YES: "read_access_limited"},
    "Passwords": {
        YES: "individual_credential vaulted out_of_code write_access_limited read_access_limited unguessable",
        NOT_APPLICABLE: "lifetime_limited revoked_when_unneeded",
    },
    "Sessions": {
        YES: "individual_credential out_of_code write_access_limited read_access_limited unguessable",
        NO: "vaulted lifetime_limited",
    },
    # Customers are never deleted. Orders are deleted when the legal retention period ends.
    "Customer records": {NO: "read_access_limited retention_limited"},
    "Orders": {YES: "write_access_limited backed_up retention_limited", NO: "restore_tested"},
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
_FLOWS: Mapping[str, Said] = {
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
_DEPENDENCIES: Mapping[str, Said] = {
    "CDN": {YES: "outage_fallback slowness_cut_off", NO: "calls_back ships_code"},
    # Its script runs in the checkout page, always in the latest version.
    "Payment provider": {
        YES: "calls_back ships_code patched_in_time",
        NO: "outage_fallback webhook_signature_verified version_pinned",
    },
    "Image library": {
        YES: "software ships_code patched_in_time",
        NO: "calls_back version_pinned",
    },
}

ANSWERS: tuple[tuple[Kind, Mapping[str, Said]], ...] = (
    (Kind.COMPONENT, _COMPONENTS),
    (Kind.ENTRY_POINT, _PUBLIC_ENTRY_POINTS),
    (Kind.ENTRY_POINT, _OTHER_ENTRY_POINTS),
    (Kind.ASSET, _ASSETS),
    (Kind.DATA_FLOW, _FLOWS),
    (Kind.EXTERNAL_DEPENDENCY, _DEPENDENCIES),
)
"""Answers by kind of element, in the order in which they are given."""
