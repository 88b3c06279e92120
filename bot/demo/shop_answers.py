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
        YES: "settings_guarded least_privilege role_restricted patched_in_time keeps_copies "
        f"shares_runtime {_HARDENED}",
        # Account pages are cached for a minute, keyed by URL only.
        NO: "copies_keyed led_by_model uses_model",
        # The provider isolates customers, but the team has never asked how.
        UNKNOWN: "isolated",
    },
    "Application": {
        # It hashes passwords, which takes no key.
        YES: f"settings_guarded uses_cryptography algorithms_current {_HARDENED}",
        NOT_APPLICABLE: "keys_apart keys_replaced",
        # It connects to the database as the owner of all tables. Its framework is two years old, and each
        # developer deploys from a laptop.
        NO: "least_privilege shares_runtime led_by_model uses_model keeps_copies patched_in_time "
        "changes_reviewed",
    },
    "Admin console": {
        # It is part of the same program on the same machine as the shop pages.
        YES: f"settings_guarded least_privilege role_restricted shares_runtime {_HARDENED}",
        NO: "isolated led_by_model uses_model uses_cryptography keeps_copies patched_in_time "
        "changes_reviewed",
    },
    "Database": {
        YES: f"encrypted_at_rest many_customers copied patched_in_time wiped_before_reuse {_HARDENED}",
        # The test system gets a copy every night. Two customers can buy the last lamp.
        NO: "keeps_logs customer_checked copies_guarded conflicts_noticed tampering_detected",
    },
    "Log store": {
        YES: "patched_in_time",
        # Its search page has no password. Requests are logged with their cookies.
        NO: "default_credentials_changed append_only log_without_secrets "
        "alerts_watched many_customers copied",
    },
    # Customers manage their own devices. Support uses private laptops without disk encryption.
    "Browser": {NOT_APPLICABLE: "device_encrypted device_locked"},
    "Support staff": {NO: "device_encrypted"},
}
_PUBLIC_ENTRY_POINTS: Mapping[str, Said] = {
    "Edge address": {
        YES: "anonymous_by_design rate_limited errors_plain dns_maintained transport_encryption_current",
        NO: "shared_across_origins administers expensive deniable logs_in keeps_session takes_input",
        NOT_APPLICABLE: "authorised",
    },
    "Shop pages": {
        YES: "anonymous_by_design dns_maintained errors_plain expensive takes_input input_bounded "
        "reaches_query shown_in_pages output_encoded names_objects binds_input fields_listed "
        "input_logged log_escaped",
        # The sort order of a search is concatenated into the query.
        NO: "shared_across_origins administers rate_limited work_limited deniable logs_in keeps_session "
        f"query_bound limits_told names_files {_PLAIN_INPUT}",
        NOT_APPLICABLE: "authorised owner_checked",
    },
    "Log-in": {
        YES: "transport_encryption_current caller_authenticated own_account logs_in attempts_limited "
        "offers_recovery expensive work_limited deniable logged errors_plain takes_input input_bounded "
        "reaches_query query_bound binds_input fields_listed input_logged log_escaped",
        # Five wrong passwords lock the account. A password reset link is valid for a week.
        NO: "shared_across_origins issues_tokens anonymous_by_design administers rate_limited "
        "lockout_fair recovery_strong keeps_session shown_in_pages limits_told names_objects "
        f"names_files has_steps accepts_tokens {_PLAIN_INPUT}",
        NOT_APPLICABLE: "authorised",
    },
    "Checkout and account": {
        YES: "transport_encryption_current authorised rate_limited expensive work_limited deniable "
        "logged errors_plain caller_authenticated own_account keeps_session cookie_session "
        "changes_something csrf_defended takes_input input_bounded reaches_query query_bound "
        "shown_in_pages limits_told limits_checked names_objects binds_input fields_listed input_logged "
        "log_escaped framing_denied has_steps step_order_enforced step_repeats_refused",
        # Sessions never expire. Gift notes are not encoded in the console. Invoices need only their number.
        NO: "shared_across_origins anonymous_by_design administers logs_in sessions_expire "
        f"output_encoded owner_checked names_files accepts_tokens {_PLAIN_INPUT}",
    },
}
_OTHER_ENTRY_POINTS: Mapping[str, Said] = {
    "Payment callback": {
        YES: "transport_encryption_current deniable logged errors_plain takes_input reaches_query "
        "query_bound limits_told names_objects input_logged",
        # The paid amount is not compared with the order total.
        NO: "shared_across_origins anonymous_by_design administers rate_limited expensive "
        "caller_authenticated logs_in keeps_session shown_in_pages limits_checked binds_input "
        f"names_files has_steps {_PLAIN_INPUT}",
        NOT_APPLICABLE: "authorised owner_checked",
        UNKNOWN: "input_bounded log_escaped",
    },
    "Console log-in": {
        # Photos are uploaded or fetched from a URL. Exports are downloaded by file name.
        YES: "transport_encryption_current administers deniable logged caller_authenticated logs_in "
        "keeps_session sessions_expire sessions_revocable cookie_session changes_something takes_input "
        "input_bounded reaches_query query_bound shown_in_pages output_encoded takes_files limits_told "
        "limits_checked names_objects binds_input fields_listed fetches_addresses input_logged "
        "log_escaped names_files",
        # The support team shares one account with all permissions. The console's old DNS name still points
        # to a machine that was returned.
        NO: "shared_across_origins issues_tokens anonymous_by_design second_factor admin_apart "
        "authorised rate_limited expensive errors_plain own_account attempts_limited offers_recovery "
        "csrf_defended uploads_never_run fetching_limited takes_xml takes_objects "
        "reaches_interpreter reaches_search has_steps accepts_tokens framing_denied paths_confined "
        "dns_maintained",
        NOT_APPLICABLE: "owner_checked",
    },
}
_ASSETS: Mapping[str, Said] = {
    "Card tokens": {YES: "readers_few"},
    "Passwords": {
        YES: "one_holder vaulted out_of_code writers_few readers_few unguessable",
        NOT_APPLICABLE: "lifetime_limited revoked_when_unneeded",
    },
    "Sessions": {
        YES: "one_holder out_of_code writers_few readers_few unguessable",
        NO: "vaulted lifetime_limited",
    },
    # Customers are never deleted. Orders are deleted when the legal retention period ends.
    "Customer records": {NO: "readers_few retention_limited"},
    "Orders": {YES: "writers_few backed_up retention_limited", NO: "restore_tried"},
    "Catalogue and prices": {NO: "writers_few"},
    # The password of the support account is a lamp name and a year, unchanged since 2019.
    "Admin credentials": {
        YES: "out_of_code readers_few",
        NO: "one_holder unguessable lifetime_limited",
    },
    # It is in a settings file beside the code, and on every test machine.
    "Payment API key": {YES: "readers_few unguessable", NO: "one_holder out_of_code lifetime_limited"},
}
_FLOWS: Mapping[str, Said] = {
    "Visits": {YES: "peer_verified binding receipted", NO: "commands", NOT_APPLICABLE: "minimised"},
    "Browsing": {YES: "encrypted peer_verified", NO: "commands claims_identity"},
    # Attempts are limited by client address, which is taken from a request header.
    "Logging in": {YES: "peer_verified claims_identity", NO: "commands identity_proven"},
    "Buying": {YES: "peer_verified commands", NO: "repeat_harmless claims_identity"},
    "Pages to the edge": {
        NO: "commands claims_identity",
        NOT_APPLICABLE: "caller_authenticated peer_verified minimised",
    },
    "Pages to the browser": {YES: "filtered", NO: "binding"},
    # Each charge includes name, address and basket.
    "Charges": {YES: "peer_verified binding receipted", NO: "minimised"},
    "Payment notices": {YES: "peer_verified commands repeat_harmless binding receipted"},
    # A query is canceled after five seconds.
    "Shop writes": {
        YES: "caller_authenticated identity_beyond_address encrypted waits_limited retries_bounded",
        NO: "peer_verified",
    },
    "Shop reads": {YES: "encrypted waits_limited"},
    # A page is sent only after its log entry is written.
    "Shop logs": {
        YES: "mediated",
        NO: "caller_authenticated encrypted integrity_protected waits_limited",
    },
    "Console work": {
        YES: "peer_verified commands repeat_harmless waits_limited retries_bounded",
        NO: "binding",
    },
    # All signed-in staff can open the audit log page.
    "Console pages": {YES: "waits_limited retries_bounded", NO: "binding filtered"},
    "Console writes": {
        YES: "caller_authenticated identity_beyond_address encrypted peer_verified "
        "waits_limited retries_bounded"
    },
    "Console reads": {YES: "encrypted waits_limited"},
    # The log store accepts entries by source address.
    "Console logs": {YES: "caller_authenticated peer_verified", NO: "identity_beyond_address waits_limited"},
    "Log search": {YES: "waits_limited"},
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
