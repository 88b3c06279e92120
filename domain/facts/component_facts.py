"""Facts about components."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_component = facts_about(Kind.COMPONENT)
_software = facts_about(Kind.COMPONENT, Kind.EXTERNAL_DEPENDENCY)

FACTS = (
    _component(
        "settings_guarded",
        "Can only its operators change its configuration?",
        "only its operators can change its configuration",
        "users other than its operators can change its configuration",
        several="users other than their operators can change their configuration",
    ),
    _component(
        "least_privilege",
        "Does it run with least privilege?",
        "it runs with least privilege",
        "it runs with more privileges than it needs",
        several="they run with more privileges than they need",
    ),
    _component(
        "role_restricted",
        "Is its cloud role or service account restricted?",
        "its cloud role or service account is restricted",
        "its cloud role or service account is not restricted",
        several="their cloud roles or service accounts are not restricted",
    ),
    _component(
        "shares_runtime",
        "Does it share a host with less trusted workloads?",
        "it shares a host with less trusted workloads",
    ),
    _component(
        "isolated",
        "Is it isolated from other workloads on its host?",
        "it is isolated from other workloads on its host",
        "it is not isolated from other workloads on its host",
        several="they are not isolated from other workloads on their hosts",
    ),
    _component(
        "default_credentials_changed",
        "Are default credentials changed?",
        "default credentials are changed",
        "default credentials are still valid",
    ),
    _component(
        "unused_services_disabled",
        "Are unused services and ports disabled?",
        "unused services and ports are disabled",
        "unused services or ports are enabled",
    ),
    _software(
        "patched_in_time",
        "Are known vulnerabilities patched in time?",
        "known vulnerabilities are patched in time",
        "known vulnerabilities are not patched in time",
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
        "led_by_model", "Does a language model decide its actions?", "a language model decides its actions"
    ),
    _component(
        "model_fenced",
        "Are the model's actions limited (approval or allow-list)?",
        "the model's actions are limited by approval or an allow-list",
        "the model's actions are not limited by approval or an allow-list",
        several="the models' actions are not limited by approval or an allow-list",
    ),
    _component(
        "uses_model",
        "Does it use a machine-learning or language model?",
        "it uses a machine-learning or language model",
    ),
    _component(
        "adversarial_input_detected",
        "Is manipulated input to the model detected?",
        "manipulated input to the model is detected",
        "manipulated input to the model is not detected",
        several="manipulated input to the models is not detected",
    ),
    _component(
        "model_output_validated",
        "Is the model's output validated before it is used?",
        "the model's output is validated before it is used",
        "the model's output is not validated before it is used",
        several="the models' output is not validated before it is used",
    ),
    _component("keeps_copies", "Does it cache responses (cache or CDN)?", "it caches responses"),
    _component(
        "copies_keyed",
        "Are personal responses not cached, or cached per user?",
        "personal responses are not cached, or cached per user",
        "personal responses are cached for all users",
    ),
    _component(
        "device_encrypted_and_locked",
        "Are its devices encrypted and locked?",
        "its devices are encrypted and locked",
        "its devices are not encrypted or not locked",
        several="their devices are not encrypted or not locked",
    ),
)
