"""The rule catalog, in the order of STRIDE."""

from domain.rules import (
    cross_register,
    cryptography,
    denial_of_service,
    elevation_of_privilege,
    identity_spoofing,
    information_disclosure,
    input_tampering,
    repudiation,
    spoofing,
    storage_disclosure,
    supply_chain,
    tampering,
)
from domain.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *spoofing.RULES,
    *identity_spoofing.RULES,
    *tampering.RULES,
    *input_tampering.RULES,
    *supply_chain.RULES,
    *repudiation.RULES,
    *information_disclosure.RULES,
    *storage_disclosure.RULES,
    *cryptography.RULES,
    *denial_of_service.RULES,
    *elevation_of_privilege.RULES,
    *cross_register.RULES,
)
"""The catalog; rule ids are permanent, because decisions refer to them."""
