"""Facts that earlier releases asked for: their answers are still read."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.facts.fact import FormerFact, facts_about
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind

_asset = facts_about(Kind.ASSET)
_component = facts_about(Kind.COMPONENT)
_dependency = facts_about(Kind.EXTERNAL_DEPENDENCY)
_entry_point = facts_about(Kind.ENTRY_POINT)
_input = facts_about(Kind.ENTRY_POINT, Kind.DATA_FLOW)
_store = _component

FACTS = (
    _component(
        "hardened",
        "Are default credentials changed and unused services disabled?",
        "default credentials are changed and unused services are disabled",
        "default credentials or unused services are still enabled",
    ),
    _entry_point(
        "session_ends",
        "Do sessions expire, and can they be revoked?",
        "sessions expire and can be revoked",
        "sessions do not expire or cannot be revoked",
    ),
    _entry_point(
        "token_validated",
        "Are signature, issuer, audience and expiration of tokens validated?",
        "signature, issuer, audience and expiration of tokens are validated",
        "signature, issuer, audience or expiration of tokens is not validated",
    ),
    _asset(
        "expires",
        "Does it expire, or is it rotated and revoked in time?",
        "it expires, or is rotated and revoked in time",
        "it does not expire and is not rotated",
        several="they do not expire and are not rotated",
    ),
    _asset(
        "backup_or_copy",
        "Is there a backup or a redundant copy?",
        "there is a backup or a redundant copy",
        "there is no backup or redundant copy",
    ),
    _component(
        "build_protected",
        "Are changes reviewed, and only signed builds from the pipeline deployed?",
        "changes are reviewed, and only signed builds from the pipeline are deployed",
        "changes are not reviewed, or builds are deployed unsigned or from outside the pipeline",
    ),
    _component(
        "build_secrets_protected",
        "Are its secrets kept out of build logs and builds of forks?",
        "its secrets are kept out of build logs and builds of forks",
        "its secrets appear in build logs or in builds of forks",
        several="their secrets appear in build logs or in builds of forks",
    ),
    _component(
        "device_encrypted_and_locked",
        "Are its devices encrypted and locked?",
        "its devices are encrypted and locked",
        "its devices are not encrypted or not locked",
        several="their devices are not encrypted or not locked",
    ),
    _dependency(
        "outage_bridged",
        "Is there a fallback when it is slow or unavailable?",
        "there is a fallback when it is slow or unavailable",
        "there is no fallback when it is slow or unavailable",
        several="there is no fallback when they are slow or unavailable",
    ),
    _dependency(
        "callbacks_signed",
        "Are the signature and timestamp of its webhooks verified?",
        "the signature and timestamp of its webhooks are verified",
        "the signature and timestamp of its webhooks are not verified",
        several="the signature and timestamp of their webhooks are not verified",
    ),
    _dependency(
        "pinned",
        "Is its version pinned and its integrity verified?",
        "its version is pinned and its integrity is verified",
        "its version is not pinned or its integrity is not verified",
        several="their versions are not pinned or their integrity is not verified",
    ),
    _entry_point(
        "files_contained",
        "Are uploads checked, and stored where they cannot run?",
        "uploads are checked and stored where they cannot run",
        "uploads are not checked or are stored where they can run",
    ),
    _entry_point(
        "steps_enforced",
        "Does the server enforce the order and number of steps?",
        "the server enforces the order and number of steps",
        "the server does not enforce the order and number of steps",
    ),
    _store(
        "log_clean",
        "Are its logs free of secrets and personal data?",
        "its logs are free of secrets and personal data",
        "its logs contain secrets or personal data",
        several="their logs contain secrets or personal data",
    ),
    # Widened to pages for the same user: a yes still holds, and a no leaves open what that user sees.
    _input("shown_to_others", "Is input shown to other users?", "input is shown to other users"),
    # Understood in two ways, as automatic binding and as its opposite: neither answer can be taken over.
    _entry_point(
        "fills_records",
        "Is input copied into records field by field?",
        "input is copied into records field by field",
    ),
)


_SPLIT = frozenset({Answer.NO, Answer.NOT_APPLICABLE})
"""Asked for several things at once: a no still denies them together, a yes may have meant only one."""
_WIDENED = frozenset({Answer.YES, Answer.NOT_APPLICABLE})
"""Asked for less: a yes still holds, a no leaves the rest open."""
_DIVIDED = frozenset({Answer.NOT_APPLICABLE})
"""Asked for what two rules ask for now: neither a yes nor a no tells which of them it meant."""

ROWS = (
    ("hardened", _SPLIT, "default_credentials_changed unused_services_disabled"),
    ("session_ends", _SPLIT, "sessions_expire sessions_revocable"),
    (
        "token_validated",
        _SPLIT,
        "token_signature_verified token_issuer_checked token_audience_checked token_expiration_checked",
    ),
    ("expires", _SPLIT, "lifetime_limited revoked_when_unneeded"),
    ("backup_or_copy", _SPLIT, "backed_up"),
    ("build_protected", _SPLIT, "changes_reviewed only_pipeline_builds"),
    (
        "build_secrets_protected",
        _SPLIT,
        "build_logs_without_secrets unreviewed_builds_without_secrets",
    ),
    ("device_encrypted_and_locked", _SPLIT, "device_encrypted device_locked"),
    ("outage_bridged", _SPLIT, "outage_fallback slowness_cut_off"),
    ("callbacks_signed", _SPLIT, "webhook_signature_verified webhook_replays_rejected"),
    ("pinned", _SPLIT, "version_pinned code_integrity_verified"),
    ("files_contained", _SPLIT, "upload_types_limited uploads_never_run"),
    ("steps_enforced", _SPLIT, "step_order_enforced step_repeats_refused"),
    ("log_clean", _DIVIDED, "log_without_secrets log_without_personal_data"),
    ("shown_to_others", _WIDENED, "shown_in_pages"),
)

FORMER_OF: Mapping[str, FormerFact] = MappingProxyType(
    {fact: FormerFact(name=name, holding=holding) for name, holding, now in ROWS for fact in now.split()}
)
"""By fact, what was asked for before it."""

RENAMED_FACTS: Mapping[str, str] = MappingProxyType(
    {
        "admin_apart": "admin_network_separate",
        "authorised": "authorization_checked",
        "conflicts_noticed": "conflicts_detected",
        "copies_guarded": "copies_protected",
        "copies_keyed": "cached_responses_separated",
        "customer_checked": "tenant_checked",
        "delicate": "integrity_critical",
        "entities_off": "dtds_disabled",
        "errors_plain": "error_details_hidden",
        "grown_dear": "value_increased",
        "interpreter_fenced": "interpreter_input_restricted",
        "irreplaceable": "availability_critical",
        "keeps_copies": "caches_responses",
        "keys_apart": "keys_stored_separately",
        "keys_replaced": "keys_rotated",
        "limits_checked": "caller_values_checked",
        "limits_told": "caller_sends_values",
        "lockout_fair": "lockout_abuse_prevented",
        "many_customers": "multi_tenant",
        "minimised": "data_minimized",
        "model_fenced": "model_restricted",
        "one_holder": "individual_credential",
        "own_account": "individual_account",
        "query_bound": "queries_parameterized",
        "readers_few": "read_access_limited",
        "repeat_harmless": "replays_ineffective",
        "restore_tried": "restore_tested",
        "spare": "backup_or_copy",
        "waits_limited": "timeout_set",
        "writers_few": "write_access_limited",
        "written_at_once": "concurrent_writes",
    }
)
"""By its name in event files of version 0.1, what a fact is called now."""
