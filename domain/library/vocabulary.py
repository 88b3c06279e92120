"""The names that conditions may use: predicates, subjects and quantifiers, by the kind of element."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from domain.kernel.elements import ElementId, Kind
from domain.rules import (
    asset_predicates,
    caller_predicates,
    component_predicates,
    dependency_predicates,
    elevation_of_privilege,
    entry_point_predicates,
    flow_predicates,
    information_disclosure,
    input_predicates,
    local_predicates,
    machine_learning,
    privacy,
    repudiation,
    spoofing,
    tampering,
    zone_predicates,
)
from domain.rules.conditions import AllOf, AnyAmong, AnyOf, Condition, FactHolds, Structure, itself
from domain.rules.model_index import RuleTarget

_NAMES: Final = {
    Kind.ASSET: (
        "about_people availability_critical confidential credential credential_of_software held "
        "integrity_critical is_evaluated is_stored_log no_less_trusted_writer personal rating_increased "
        "recorded_as_credential secret secret_or_credential stored_by_software valuable"
    ),
    Kind.COMPONENT: (
        "acts_on_its_own admits_no_remote_users admits_remote_users automates built_by_the_team "
        "builds_software checks_others code_of_a_dependency embeds_content encrypted_by_the_team exposed "
        "fetches_configuration gathers_personal_data handles_confidential handles_personal_data "
        "handles_secrets handles_valuable has_concurrent_writers has_extension_pages "
        "holds_credentials_on_a_device is_a_model_of_others is_entity is_internal is_no_dependency "
        "is_process is_said_to_keep_secrets is_software is_store is_updated_at_its_users "
        "isolated_by_the_team keeps_confidential keeps_integrity_critical keeps_secrets keeps_source "
        "knows_of_people log_store object_store opens_links opens_local_files patched_by_the_team "
        "prompts_model protects_others queue reaches_valuable retrieves_documents reviewed_elsewhere "
        "runs_at_its_users runs_model runs_submitted_code sends_mail shows_ui_in_pages software "
        "software_process software_store stores_only_logs trains_model uses_cryptography uses_model "
        "wiped_by_the_team writes_a_log_of_its_own"
    ),
    Kind.DATA_FLOW: (
        "anonymous_by_design between_processes boundary_between brings_configuration by_software "
        "carries_code carries_code_or_confidential carries_code_or_integrity_critical carries_confidential "
        "carries_integrity_critical carries_peer_personal_data carries_personal_data carries_secret "
        "carries_sensitive carries_valuable consumes_messages crosses crosses_by_software encrypted "
        "ends_are_internal has_external_end identified_beyond_address input integrity_protected "
        "integrity_within_zone is_a_callback is_encrypted leads_to_evaluation less_trusted_store_access "
        "levels_differ of_an_essential_dependency outsiders_between over_network reaches_valuable "
        "receiver_not_authorized receives_from_outside receives_from_programs receives_messages "
        "retries_bounded runs_no_submitted_code search_nearby secret_within_zone sends_to_pages "
        "serves_locally started_by_caller target_is_internal target_is_process to_a_service "
        "valuable_within_zone within_zone"
    ),
    Kind.ENTRY_POINT: (
        "accepts_tokens administers administers_without_remote_access authenticates_callers "
        "bypasses_access_list bypasses_no_access_list callers_less_trusted encrypts_in_transit "
        "first_to_its_component handled_by_software has_anonymous_level has_crossing_flow input "
        "is_entry_point keeps_session leads_into_system leads_to_process logs_in "
        "not_for_administrators_alone on_internal_network on_public_component open_to_anyone_inside public "
        "public_or_open_to_anyone_inside reaches_valuable remote_access runs_no_submitted_code search_nearby "
        "serves_locally speaks_websocket takes_input"
    ),
    Kind.EXTERNAL_DEPENDENCY: "essential has_owner sends_webhooks ships_code software",
}
"""The predicates for each kind of element; a name is permanent, because libraries use it."""

_MODULES: Final = (
    asset_predicates,
    component_predicates,
    entry_point_predicates,
    flow_predicates,
    dependency_predicates,
    caller_predicates,
    input_predicates,
    local_predicates,
    zone_predicates,
    privacy,
    repudiation,
    spoofing,
    tampering,
    information_disclosure,
    machine_learning,
    elevation_of_privilege,
)


def _predicate(kind: Kind, name: str) -> Condition:
    modules = (dependency_predicates,) if kind is Kind.EXTERNAL_DEPENDENCY else _MODULES
    found: Condition | None = next(
        (known for module in modules if (known := vars(module).get(name.upper())) is not None), None
    )
    if not isinstance(found, FactHolds | Structure | AllOf | AnyOf | AnyAmong):
        raise TypeError(name)
    return found


PREDICATES: Final[Mapping[Kind, Mapping[str, Condition]]] = MappingProxyType(
    {kind: {name: _predicate(kind, name) for name in names.split()} for kind, names in _NAMES.items()}
)
"""The predicates by kind of element and name."""


class Quantifier(NamedTuple):
    """Finds other elements: those of an element of one of `kinds`, which are themselves of kind `of`."""

    among: Callable[[RuleTarget], tuple[ElementId, ...]]
    kinds: frozenset[Kind]
    of: Kind


def _quantifiers(**found: tuple[Any, Kind, Kind]) -> Mapping[str, Quantifier]:
    return MappingProxyType(
        {name: Quantifier(among, frozenset({kind}), of) for name, (among, kind, of) in found.items()}
    )


QUANTIFIERS: Final = _quantifiers(
    carried=(flow_predicates.carried, Kind.DATA_FLOW, Kind.ASSET),
    flows_through=(entry_point_predicates.flows_through, Kind.ENTRY_POINT, Kind.DATA_FLOW),
    handled_assets=(component_predicates.handled_assets, Kind.COMPONENT, Kind.ASSET),
    holders=(asset_predicates.holders, Kind.ASSET, Kind.COMPONENT),
    neighbors=(component_predicates.neighbors, Kind.COMPONENT, Kind.COMPONENT),
    reached_assets=(entry_point_predicates.reached_assets, Kind.ENTRY_POINT, Kind.ASSET),
    stored_assets=(component_predicates.stored_assets, Kind.COMPONENT, Kind.ASSET),
)
"""The elements of which one may have to fulfil a condition: `any of carried (confidential)`."""

SUBJECTS: Final[Mapping[str, tuple[Callable[[RuleTarget], ElementId], Kind, Kind]]] = MappingProxyType(
    {
        "component_behind": (entry_point_predicates.component_behind, Kind.ENTRY_POINT, Kind.COMPONENT),
        "flow_entry_point": (flow_predicates.flow_entry_point, Kind.DATA_FLOW, Kind.ENTRY_POINT),
        "flow_target": (flow_predicates.flow_target, Kind.DATA_FLOW, Kind.COMPONENT),
        "holder": (asset_predicates.holder, Kind.ASSET, Kind.COMPONENT),
        "internal_end": (flow_predicates.internal_end, Kind.DATA_FLOW, Kind.COMPONENT),
        "more_trusted_end": (flow_predicates.more_trusted_end, Kind.DATA_FLOW, Kind.COMPONENT),
    }
)
"""The elements whose fact may count in place of the element's own, from which kind to which kind."""

CELLS: Final[Mapping[str, Callable[[RuleTarget], ElementId]]] = MappingProxyType(
    {"itself": itself, **{name: found[0] for name, found in SUBJECTS.items() if name != "flow_entry_point"}}
)
"""The elements whose STRIDE cell a rule may fill."""

PEERS: Final[Mapping[str, tuple[Callable[[RuleTarget], tuple[str, ...]], Kind]]] = MappingProxyType(
    {
        "accepted_threats": (asset_predicates.accepted_threats, Kind.ASSET),
        "carried": (flow_predicates.carried, Kind.DATA_FLOW),
        "carried_to_a_dependency": (flow_predicates.carried_to_a_dependency, Kind.DATA_FLOW),
        "reached_assets": (entry_point_predicates.reached_assets, Kind.ENTRY_POINT),
    }
)
"""The others with each of which a rule may be applied to an element."""
