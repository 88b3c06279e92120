"""Texts of rules: typical controls and references to catalogs of weaknesses."""

from itertools import groupby

from domain.rules.rule import Rule


def usual_controls(rule: Rule) -> str:
    """Return the typical controls of a rule with their classes."""
    classes = groupby(rule.controls, key=lambda one: one.control_class)
    return "; ".join(f"{'; '.join(one.text for one in some)} ({sort})" for sort, some in classes)


def known_weaknesses(rule: Rule) -> list[str]:
    """Return the references of a rule to CWE, CAPEC and ASVS."""
    return [
        *(f"CWE-{number}" for number in rule.cwe),
        *(f"CAPEC-{number}" for number in rule.capec),
        *(f"ASVS {section}" for section in rule.asvs),
    ]
