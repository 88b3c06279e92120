"""The rule catalog, in the order of STRIDE."""

from domain.rules import (
    cross_register,
    denial_of_service,
    elevation_of_privilege,
    information_disclosure,
    repudiation,
    spoofing,
    tampering,
)
from domain.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *spoofing.RULES,
    *tampering.RULES,
    *repudiation.RULES,
    *information_disclosure.RULES,
    *denial_of_service.RULES,
    *elevation_of_privilege.RULES,
    *cross_register.RULES,
)
"""The catalog; rule ids are permanent, because decisions refer to them."""
