"""Facts about components."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_component = facts_about(Kind.COMPONENT)
_software = facts_about(Kind.COMPONENT, Kind.EXTERNAL_DEPENDENCY)

FACTS = (
    _component.control(
        "settings_guarded",
        "Can only its operators change its configuration?",
        "only its operators can change its configuration",
        "users other than its operators can change its configuration",
        several="users other than their operators can change their configuration",
    ),
    _component.control(
        "least_privilege",
        "Does it run with least privilege?",
        "it runs with least privilege",
        "it runs with more privileges than it needs",
        several="they run with more privileges than they need",
    ),
    _component.control(
        "role_restricted",
        "Is its service account restricted (cloud role)?",
        "its service account is restricted",
        several="their service accounts are not restricted",
    ),
    _component(
        "shares_runtime",
        "Does it share a host with less trusted workloads?",
        "it shares a host with less trusted workloads",
    ),
    _component.control(
        "isolated",
        "Is it isolated from other workloads on its host?",
        "it is isolated from other workloads on its host",
        several="they are not isolated from other workloads on their hosts",
    ),
    _component(
        "runs_submitted_code",
        "Is running submitted code its purpose (builds, notebooks, plugins)?",
        "running submitted code is its purpose",
    ),
    _component.control(
        "submitted_code_isolated",
        "Is submitted code isolated from the host (sandbox, virtual machine)?",
        "submitted code is isolated from the host",
        several="submitted code is not isolated from the hosts",
    ),
    _component.control(
        "own_actions_logged",
        "Is each action that it takes on its own recorded (what, why)?",
        "each action that it takes on its own is recorded",
        "actions that it takes on its own are not recorded",
        several="actions that they take on their own are not recorded",
    ),
    _component.control(
        "egress_restricted",
        "Is outbound traffic limited to own accounts at allowed destinations?",
        "outbound traffic is limited to own accounts at allowed destinations",
        "outbound traffic can reach accounts of strangers",
    ),
    _component.control(
        "default_credentials_changed",
        "Are default credentials changed?",
        "default credentials are changed",
        "default credentials are still valid",
    ),
    _component.control(
        "unused_services_disabled",
        "Are unused services disabled (and their ports closed)?",
        "unused services are disabled",
        "unused services are enabled",
    ),
    _software.control(
        "patched_in_time",
        "Are published vulnerabilities patched in time?",
        "published vulnerabilities are patched in time",
    ),
    _component.control(
        "changes_reviewed",
        "Is every change reviewed before it is deployed?",
        "every change is reviewed before it is deployed",
        "changes are deployed without a review",
    ),
    _component.control(
        "only_pipeline_builds",
        "Can only verified builds of the pipeline be deployed (signature)?",
        "only verified builds of the pipeline can be deployed",
        "builds from outside the pipeline can be deployed",
    ),
    _component.control(
        "build_logs_without_secrets",
        "Are its secrets kept out of build logs?",
        "its secrets are kept out of build logs",
        "its secrets appear in build logs",
        several="their secrets appear in build logs",
    ),
    _component.control(
        "unreviewed_builds_without_secrets",
        "Are its secrets withheld from builds of unreviewed code (forks)?",
        "its secrets are withheld from builds of unreviewed code",
        "builds of unreviewed code receive its secrets",
        several="builds of unreviewed code receive their secrets",
    ),
    _component(
        "uses_cryptography",
        "Does it encrypt, sign or hash data itself?",
        "it encrypts, signs or hashes data itself",
    ),
    _component.control(
        "algorithms_current",
        "Are only current algorithms used (AES-GCM, SHA-256, Argon2id)?",
        "only current algorithms are used",
        "outdated algorithms are used",
    ),
    _component.control(
        "keys_stored_separately",
        "Are its keys kept apart from the data?",
        "its keys are kept apart from the data",
        "its keys are kept with the data",
        several="their keys are kept with the data",
    ),
    _component.control(
        "keys_rotated",
        "Are its keys replaced at a set interval?",
        "its keys are replaced at a set interval",
        several="their keys are not replaced at a set interval",
    ),
    _component.control(
        "records_kept_unlinkable",
        "Are records of a person unlinkable across purposes (identifiers)?",
        "records of a person are unlinkable across purposes",
        "records of a person can be linked across purposes",
    ),
    _component.control(
        "fails_closed",
        "Does it refuse when its check fails (fail closed)?",
        "it refuses when its check fails",
        "it lets everything pass when its check fails",
        several="they let everything pass when their checks fail",
    ),
    _component.control(
        "bypass_prevented",
        "Can what lies behind it be reached only through it?",
        "what lies behind it can be reached only through it",
        "what lies behind it can be reached without it",
        several="what lies behind them can be reached without them",
    ),
    _component.control(
        "outage_survived",
        "Does the system go on when it fails (redundancy, fallback)?",
        "the system goes on when it fails",
        "the system stops when it fails",
        several="the system stops when one of them fails",
    ),
    _component.control(
        "failures_noticed",
        "Does someone notice when it does not do its work (alert)?",
        "someone notices when it does not do its work",
        "it can fail unnoticed",
        several="they can fail unnoticed",
    ),
    _component.control(
        "client_storage_protected",
        "Is what it keeps on devices protected (keychain, HttpOnly cookie)?",
        "what it keeps on devices is protected",
        several="what they keep on devices is not protected",
    ),
    _component.control(
        "app_links_checked",
        "Are links that open it checked before it acts (host, page)?",
        "links that open it are checked before it acts",
        "links that open it are not checked",
        several="links that open them are not checked",
    ),
    _component.control(
        "updates_verified",
        "Are its updates verified before they are installed (signature)?",
        "its updates are verified before they are installed",
        "its updates are installed without verification",
        several="their updates are installed without verification",
    ),
    _component.control(
        "sender_domains_protected",
        "Is mail in the name of its domains rejected if forged (DMARC)?",
        "mail that is forged in the name of its domains is rejected",
        "mail that is forged in the name of its domains is delivered",
        several="mail that is forged in the name of their domains is delivered",
    ),
    _component("caches_responses", "Does it cache responses (cache or CDN)?", "it caches responses"),
    _component.control(
        "cached_responses_separated",
        "Are users kept from receiving each other's cached responses?",
        "users cannot receive each other's cached responses",
        "users can receive each other's cached responses",
    ),
    _component.control(
        "device_encrypted",
        "Are its devices encrypted?",
        "its devices are encrypted",
        several="their devices are not encrypted",
    ),
    _component.control(
        "device_locked",
        "Do its devices lock themselves?",
        "its devices lock themselves",
        "its devices do not lock themselves",
        several="their devices do not lock themselves",
    ),
)
