"""Facts about components."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_component = facts_about(Kind.COMPONENT)

FACTS = (
    _component(
        "settings_guarded",
        "Can only its operators change its configuration?",
        "only its operators can change its configuration",
        "its configuration can be changed by others than its operators",
    ),
    _component(
        "least_privilege",
        "Does it run with least privilege?",
        "it runs with least privilege",
        "it runs with more privileges than it needs",
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
    ),
    _component(
        "hardened",
        "Are default credentials changed and unused services disabled?",
        "default credentials are changed and unused services are disabled",
        "default credentials or unused services are still enabled",
    ),
    _component(
        "led_by_model", "Does a language model decide its actions?", "a language model decides its actions"
    ),
    _component(
        "model_fenced",
        "Are the model's actions limited (approval or allow-list)?",
        "the model's actions are limited by approval or an allow-list",
        "the model's actions are not limited by approval or an allow-list",
    ),
    _component("keeps_copies", "Does it cache responses (cache or CDN)?", "it caches responses"),
    _component(
        "copies_keyed",
        "Are personal responses not cached, or cached per user?",
        "personal responses are not cached, or cached per user",
        "personal responses are cached for all users",
    ),
)
