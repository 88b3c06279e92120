"""Topics of controls: controls of one subject that a team knows together, asked about in one line."""

import msgspec


class ControlTopic(msgspec.Struct, frozen=True, kw_only=True):
    """Controls of one subject, with the question that asks for all of them."""

    id: str
    question: str
    facts: tuple[str, ...]


def _topic(id: str, question: str, facts: str) -> ControlTopic:
    return ControlTopic(id=id, question=question, facts=tuple(facts.split()))


CONTROL_TOPICS = (
    # Who calls, and what a caller may do
    _topic(
        "callers",
        "Are callers authenticated, by more than a network address, each with an account of its own?",
        "caller_authenticated identity_beyond_address individual_account",
    ),
    _topic(
        "access",
        "Is authorization checked on every request, also for the selected record?",
        "authorization_checked owner_checked",
    ),
    _topic(
        "token_checks",
        "Are the signature, issuer, audience and expiration of tokens checked, and redirect URIs exactly?",
        "token_signature_verified token_issuer_checked token_audience_checked token_expiration_checked "
        "redirect_uris_exact",
    ),
    _topic(
        "sign_in_protection",
        "Is sign-in protected: attempts limited, recovery strong, no lockout by others, accounts hidden?",
        "attempts_limited recovery_strong lockout_abuse_prevented presence_hidden",
    ),
    _topic(
        "session_end", "Do sessions expire, and can they be revoked?", "sessions_expire sessions_revocable"
    ),
    _topic(
        "other_websites",
        "Are other websites kept out (cross-site requests, framing, CORS, WebSockets, local servers)?",
        "csrf_defended framing_denied origins_listed socket_origin_checked web_pages_refused",
    ),
    _topic(
        "administration",
        "Does administration take a second factor, a separate network, and two people for what is critical?",
        "second_factor admin_network_separate second_person_approves",
    ),
    # What comes in
    _topic(
        "input_as_code",
        "Is input kept from acting as code in queries, searches, pages and logs?",
        "queries_parameterized search_escaped output_encoded log_escaped",
    ),
    _topic(
        "input_to_parsers",
        "Is input restricted where it reaches shells, templates, files, parsers, uploads and fetched URLs?",
        "interpreter_input_restricted paths_confined dtds_disabled data_only upload_types_limited "
        "uploads_never_run fetching_limited metadata_blocked",
    ),
    _topic(
        "sent_values",
        "Are the values and fields that callers send limited to what they may set?",
        "caller_values_checked fields_listed",
    ),
    _topic(
        "local_messages",
        "Do messages within a machine or browser name their receiver, and is their sender checked?",
        "message_sender_checked message_target_named",
    ),
    _topic(
        "page_isolation",
        "Are extension pages, injected UI and embedded content kept apart from web pages around them?",
        "pages_not_framed page_clicks_ignored injected_ui_isolated embedded_content_confined",
    ),
    _topic(
        "local_files",
        "Are links resolved before local files are opened, and downloads marked?",
        "links_resolved downloads_marked",
    ),
    _topic(
        "step_order",
        "Does the server refuse steps that are out of order or repeated?",
        "step_order_enforced step_repeats_refused",
    ),
    _topic(
        "load",
        "Are the number, size and cost of requests limited?",
        "rate_limited input_bounded work_limited",
    ),
    # What moves
    _topic(
        "transit",
        "Is it encrypted in transit, with changes detected and the server's identity verified?",
        "encrypted integrity_protected peer_verified",
    ),
    _topic(
        "outages",
        "Do calls have a timeout, limited retries, and a fallback where the other side is unavailable?",
        "timeout_set retries_bounded slowness_cut_off outage_fallback",
    ),
    _topic(
        "webhook_checks",
        "Are webhooks verified by signature, and repeated ones rejected?",
        "webhook_signature_verified webhook_replays_rejected",
    ),
    _topic(
        "proof",
        "Do repeated messages have no effect, and can receivers verify the end user and prove a transaction?",
        "replays_ineffective identity_proven receipted",
    ),
    _topic(
        "messages",
        "Are messages of queues validated, and failing ones set aside?",
        "content_validated poison_messages_set_aside",
    ),
    _topic(
        "shared_data",
        "Is data removed that a receiver does not need or is not authorized to see?",
        "filtered data_minimized deidentified",
    ),
    _topic(
        "reach",
        "Can only those connect that need it, and do services check each access to stores?",
        "peers_restricted mediated",
    ),
    _topic(
        "endpoints",
        "Is only current encryption accepted, and are DNS records of retired services removed?",
        "transport_encryption_current dns_maintained",
    ),
    _topic(
        "records",
        "Are actions recorded, also those of automation, and error details hidden from callers?",
        "logged own_actions_logged error_details_hidden",
    ),
    # What runs
    _topic(
        "rights",
        "Does it run with least privilege, a restricted service account, and isolated from others?",
        "least_privilege role_restricted isolated submitted_code_isolated",
    ),
    _topic(
        "hardening",
        "Is it hardened: defaults changed, unused services off, settings guarded, outbound traffic limited?",
        "default_credentials_changed unused_services_disabled settings_guarded egress_restricted",
    ),
    _topic(
        "builds",
        "Are changes reviewed, built by the pipeline alone, and its secrets kept from logs and forks?",
        "changes_reviewed only_pipeline_builds build_logs_without_secrets unreviewed_builds_without_secrets",
    ),
    _topic(
        "supplied_code",
        "Are supplied code, updates and configuration verified, versions pinned, and patches current?",
        "version_pinned code_integrity_verified patched_in_time updates_verified configuration_verified",
    ),
    _topic(
        "devices",
        "Are devices encrypted, do they lock themselves, and is what is kept on them protected?",
        "device_encrypted device_locked client_storage_protected",
    ),
    _topic(
        "cryptography",
        "Are algorithms current, and keys kept apart from the data and replaced?",
        "algorithms_current keys_stored_separately keys_rotated",
    ),
    _topic(
        "model_calls",
        "Is use of the model limited, its input checked for manipulation, and kept out of its training?",
        "adversarial_input_detected model_use_limited kept_out_of_training",
    ),
    _topic(
        "model_results",
        "Are results of the model validated, checked by people where errors do harm, and watched?",
        "model_output_validated results_checked_by_people model_quality_watched",
    ),
    _topic(
        "model_making",
        "Is the model protected: training data vetted and harmless, file verified, copying prevented?",
        "training_data_vetted training_data_harmless model_file_verified model_copying_prevented",
    ),
    _topic(
        "model_actions",
        "Are the model's actions and tools limited, also against hidden instructions?",
        "model_restricted tools_limited_to_user foreign_content_harmless prompt_publishable",
    ),
    _topic(
        "retrieval",
        "Are documents that are looked up of known authors, and looked up with the rights of the asker?",
        "retrieval_sources_limited retrieval_respects_rights",
    ),
    _topic(
        "failures",
        "Can it not be bypassed, does it refuse when it fails, and are failures noticed and survived?",
        "bypass_prevented fails_closed failures_noticed outage_survived",
    ),
    # What is stored
    _topic(
        "stored_data",
        "Is stored data encrypted, also in copies, and wiped, and are conflicts and tampering detected?",
        "encrypted_at_rest copies_protected wiped_before_reuse conflicts_detected tampering_detected",
    ),
    _topic(
        "objects",
        "Are stores closed to the public and to other tenants, and do links expire within minutes?",
        "not_public links_expire tenant_checked cached_responses_separated",
    ),
    _topic(
        "logs",
        "Are logs protected from change, watched for alerts, and free of secrets and personal data?",
        "append_only alerts_watched log_without_secrets log_without_personal_data",
    ),
    _topic(
        "backups",
        "Are there backups, tested by a restore, one of them out of reach of ransomware?",
        "backed_up restore_tested immutable_or_offline",
    ),
    _topic(
        "credentials",
        "Are credentials individual, unguessable, stored safely, out of code, short-lived and revoked?",
        "individual_credential unguessable vaulted out_of_code lifetime_limited revoked_when_unneeded",
    ),
    _topic(
        "data_access",
        "Is access to it limited to those who need to read or write it?",
        "read_access_limited write_access_limited",
    ),
    _topic(
        "personal_data",
        "Is personal data minimized, pseudonymized, erased in time and on request, and are people informed?",
        "collection_minimized retention_limited pseudonymized records_kept_unlinkable people_informed "
        "erased_on_request",
    ),
)
"""Every topic; a control in none of them has a line of its own."""
