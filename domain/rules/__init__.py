"""What is known about threats: every rule, in the order of STRIDE."""

from domain.rules import cross_register, information_disclosure, spoofing
from domain.rules.rule import Rule

RULES: tuple[Rule, ...] = (*spoofing.RULES, *information_disclosure.RULES, *cross_register.RULES)
"""The catalogue; a rule's id is permanent, because people's decisions are keyed by it."""
