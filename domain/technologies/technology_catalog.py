"""The catalog of technologies: look-ups by key, and what a typed technology means."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.technologies.categories import BROWSERS, CATEGORIES
from domain.technologies.client_technologies import CLIENT_TECHNOLOGIES
from domain.technologies.process_technologies import PROCESS_TECHNOLOGIES
from domain.technologies.service_technologies import SERVICE_TECHNOLOGIES
from domain.technologies.store_technologies import STORE_TECHNOLOGIES
from domain.technologies.technology import Category, SourcedAssumption, Technology

CATALOG_VERSION: Final = 1
"""The version of the catalog; it grows whenever an assumption is added, changed or removed."""

TECHNOLOGIES: Final = (
    *STORE_TECHNOLOGIES,
    *PROCESS_TECHNOLOGIES,
    *CLIENT_TECHNOLOGIES,
    *SERVICE_TECHNOLOGIES,
)
"""Every product, framework and language."""

ENTRIES: Final[Mapping[str, Technology | Category]] = MappingProxyType(
    {one.key: one for one in (*TECHNOLOGIES, *CATEGORIES)}
)
"""Every technology, and every category for what has no entry of its own, by key."""

_CATEGORIES: Final[Mapping[str, Category]] = MappingProxyType({one.key: one for one in CATEGORIES})


def technology_of(key: str) -> Technology | Category | None:
    """Return the entry with a key; None if this release's catalog has none."""
    return ENTRIES.get(key)


def category_of(key: str) -> Category | None:
    """Return the category of an entry."""
    entry = ENTRIES.get(key)
    return _CATEGORIES[entry.category] if isinstance(entry, Technology) else entry


def technology_name(key: str) -> str:
    """Return the name of an entry; the key itself if this release's catalog has none."""
    entry = ENTRIES.get(key)
    return entry.name if entry else key


def is_browser(key: str) -> bool:
    """Return whether a browser makes the requests of a technology."""
    category = category_of(key)
    return category is not None and category.key in BROWSERS


def assumptions_of(key: str) -> tuple[SourcedAssumption, ...]:
    """Return the assumptions about a technology, its own before those of its category for other facts."""
    entry, category = ENTRIES.get(key), category_of(key)
    if entry is None or category is None:
        return ()
    own = entry.assumptions
    if entry is category:
        return own
    answered = {(one.fact, one.applies_to) for one in own}
    return (*own, *(one for one in category.assumptions if (one.fact, one.applies_to) not in answered))


def ask_first(key: str) -> tuple[str, ...]:
    """Return what to ask first about a technology, its own questions before those of its category."""
    entry, category = ENTRIES.get(key), category_of(key)
    if entry is None or category is None:
        return ()
    return entry.ask_first if entry is category else (*entry.ask_first, *category.ask_first)
