"""Reference of technologies, protocols, and assumptions with their sources."""

from collections.abc import Iterable

from deploy.docs.generator.tables import table
from domain.facts import FACTS
from domain.technologies.categories import CATEGORIES
from domain.technologies.excluded_rules import EXCLUDED_RULES
from domain.technologies.protocol_catalog import PROTOCOLS
from domain.technologies.technology import AppliesTo, SourcedAssumption
from domain.technologies.technology_catalog import CATALOG_VERSION, TECHNOLOGIES


def technologies() -> str:
    """Return technologies by category, assumptions, excluded rules and protocols."""
    rows = (
        (
            one.name,
            one.kind.value.replace("_", " "),
            one.protocol,
            ", ".join(tech.name for tech in TECHNOLOGIES if tech.category == one.key),
            " ".join(one.ask_first),
        )
        for one in CATEGORIES
    )
    owners = (*TECHNOLOGIES, *CATEGORIES, *PROTOCOLS)
    assumed = [(one.name, assumption) for one in owners for assumption in one.assumptions]
    names = {one.key: one.name for one in CATEGORIES}
    excluded = ((names[category], rule, reason) for (category, rule), reason in EXCLUDED_RULES.items())
    return "\n\n".join(
        (
            f"Version {CATALOG_VERSION}.",
            f"{len(CATEGORIES)} categories, {len(TECHNOLOGIES)} technologies, {len(PROTOCOLS)} protocols.",
            table(("Category", "Element", "Usual protocol", "Technologies", "Ask first"), rows),
            "## Assumptions",
            table(("Technology or protocol", "Question", "Answer", "Because", "Source"), _assumed(assumed)),
            "## Rules that a category excludes",
            table(("Category", "Rule", "Because"), excluded),
            "## Protocols",
            ", ".join(one.name for one in PROTOCOLS) + ".",
        )
    )


def _assumed(found: Iterable[tuple[str, SourcedAssumption]]) -> Iterable[tuple[str, ...]]:
    for name, one in found:
        source = f"[{one.source.split('/')[2]}]({one.source})"
        yield (
            name,
            f"{FACTS[one.fact].question}{_WHERE[one.applies_to]}",
            one.answer.label,
            one.reason,
            source,
        )


_WHERE = {
    AppliesTo.ITSELF: "",
    AppliesTo.ENTRY_POINTS: " (at the entry points that lead to it)",
    AppliesTo.FLOWS_FROM_BROWSERS: " (if a browser calls)",
}
