"""The built-in catalog, declared in Python; rules are in the order of STRIDE."""

from domain.catalog import Catalog
from domain.facts import (
    asset_facts,
    component_facts,
    dependency_facts,
    entry_point_facts,
    flow_facts,
    input_facts,
    local_facts,
    model_facts,
    sign_in_facts,
    store_facts,
)
from domain.facts.control_topics import CONTROL_TOPICS
from domain.facts.screening_topics import TOPICS
from domain.rules import (
    cross_register,
    denial_of_service,
    elevation_of_privilege,
    information_disclosure,
    local_programs,
    machine_learning,
    privacy,
    repudiation,
    safeguards,
    spoofing,
    tampering,
)
from domain.technologies.categories import BROWSERS, CATEGORIES
from domain.technologies.excluded_rules import EXCLUDED_RULES
from domain.technologies.process_technologies import PROCESS_TECHNOLOGIES
from domain.technologies.protocol_catalog import PROTOCOLS
from domain.technologies.service_technologies import CLIENT_TECHNOLOGIES, SERVICE_TECHNOLOGIES
from domain.technologies.store_technologies import STORE_TECHNOLOGIES

BUILT_IN = Catalog(
    rules=tuple(
        sorted(
            (
                *spoofing.RULES,
                *tampering.RULES,
                *repudiation.RULES,
                *information_disclosure.RULES,
                *denial_of_service.RULES,
                *elevation_of_privilege.RULES,
                *cross_register.RULES,
                *machine_learning.RULES,
                *privacy.RULES,
                *safeguards.RULES,
                *local_programs.RULES,
            ),
            key=lambda rule: ("STRIDEX".index(rule.id[0]), rule.id),
        )
    ),
    facts={
        fact.name: fact
        for declared in (
            dependency_facts.FACTS,
            entry_point_facts.FACTS,
            sign_in_facts.FACTS,
            input_facts.FACTS,
            asset_facts.FACTS,
            flow_facts.FACTS,
            component_facts.FACTS,
            model_facts.FACTS,
            store_facts.FACTS,
            local_facts.FACTS,
        )
        for fact in declared
    },
    technologies=(
        *STORE_TECHNOLOGIES,
        *PROCESS_TECHNOLOGIES,
        *CLIENT_TECHNOLOGIES,
        *SERVICE_TECHNOLOGIES,
    ),
    categories=CATEGORIES,
    browsers=BROWSERS,
    protocols=PROTOCOLS,
    topics={topic.id: topic for topic in TOPICS},
    excluded_rules=EXCLUDED_RULES,
    control_topics=CONTROL_TOPICS,
)
"""Rule ids are permanent, because decisions refer to them."""
