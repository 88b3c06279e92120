"""Tables that are copied between databases, in the order in which their rules allow it."""

from collections.abc import Mapping

from bot.store.sql.erasure_rules import ErasureRule

_FIRST = ("removals", "events", "heads")
"""The chain, before what is compared with it."""

_LEFT_OUT = {"portfolio_entries", "snapshots"}
"""Made again where they are needed; snapshots are sealed with a key that the other database may not have."""


def copied_tables(rules: Mapping[str, ErasureRule]) -> list[str]:
    """Return every table with rows of workspaces."""
    owned = sorted(table for table, rule in rules.items() if not rule.shared and table not in _LEFT_OUT)
    return sorted(owned, key=lambda one: (_FIRST.index(one) if one in _FIRST else len(_FIRST), one))
