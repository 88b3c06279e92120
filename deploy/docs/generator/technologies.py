"""Reference of technologies, protocols, and assumptions with their sources."""

from collections.abc import Iterable

from deploy.docs.generator.tables import table
from domain.built_in_catalog import BUILT_IN
from domain.technologies.technology import AppliesTo, SourcedAssumption


def technologies() -> str:
    """Return technologies by category, assumptions, excluded rules and protocols."""
    rows = (
        (
            one.name,
            one.kind.value.replace("_", " "),
            one.protocol,
            ", ".join(tech.name for tech in BUILT_IN.technologies if tech.category == one.key),
        )
        for one in BUILT_IN.categories
    )
    owners = (*BUILT_IN.technologies, *BUILT_IN.categories, *BUILT_IN.protocols)
    assumed = [(one.name, assumption) for one in owners for assumption in one.assumptions]
    names = {one.key: one.name for one in BUILT_IN.categories}
    excluded = (
        (names[category], rule, reason) for (category, rule), reason in BUILT_IN.excluded_rules.items()
    )
    return "\n\n".join(
        (
            f"Version {BUILT_IN.version}.",
            (
                f"{len(BUILT_IN.categories)} categories, {len(BUILT_IN.technologies)} technologies, "
                f"{len(BUILT_IN.protocols)} protocols."
            ),
            table(("Category", "Element", "Usual protocol", "Technologies"), rows),
            "## Assumptions",
            table(("Technology or protocol", "Question", "Answer", "Because", "Source"), _assumed(assumed)),
            "## Rules that a category excludes",
            table(("Category", "Rule", "Because"), excluded),
            "## Protocols",
            ", ".join(one.name for one in BUILT_IN.protocols) + ".",
        )
    )


def _assumed(found: Iterable[tuple[str, SourcedAssumption]]) -> Iterable[tuple[str, ...]]:
    for name, one in found:
        source = f"[{one.source.split('/')[2]}]({one.source})"
        yield (
            name,
            f"{BUILT_IN.facts[one.fact].question}{_WHERE[one.applies_to]}",
            one.answer.label,
            one.reason,
            source,
        )


_WHERE = {
    AppliesTo.ITSELF: "",
    AppliesTo.ENTRY_POINTS: " (at the entry points that lead to it)",
    AppliesTo.FLOWS_FROM_BROWSERS: " (if a browser calls)",
}
