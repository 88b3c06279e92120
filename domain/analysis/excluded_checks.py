"""Checks that are not asked about, since the model rules out their subject, by reason."""

from collections.abc import Iterable

import msgspec

from domain.catalog import Catalog
from domain.kernel.elements import ElementId


class ExcludedCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is not asked about at an element; `absent` says what does not exist there."""

    rule: str
    element: ElementId
    absent: str


class ExcludedChecks(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that are not asked about for one reason, by title, and the elements where it holds."""

    absent: str
    titles: tuple[str, ...]
    elements: tuple[ElementId, ...]


def excluded_checks(catalog: Catalog, excluded: Iterable[ExcludedCheck]) -> tuple[ExcludedChecks, ...]:
    """Return what is not asked about, by reason, those for most rules first."""
    by_reason: dict[str, list[ExcludedCheck]] = {}
    for one in excluded:
        by_reason.setdefault(one.absent, []).append(one)
    found = (
        ExcludedChecks(
            absent=absent,
            titles=tuple(dict.fromkeys(catalog.rules_by_id[one.rule].title for one in several)),
            elements=tuple(dict.fromkeys(one.element for one in several)),
        )
        for absent, several in by_reason.items()
    )
    return tuple(sorted(found, key=lambda one: -len(one.titles)))
