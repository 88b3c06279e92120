"""Tables that are copied between databases, in the order in which their rules allow it."""

from bot.store.sql.erasure_rules import ERASURE_RULES

_FIRST = ("removals", "events", "heads")
"""The chain, before what is compared with it."""

_LEFT_OUT = {"portfolio_entries", "snapshots"}
"""Made again where they are needed; snapshots are sealed with a key that the other database may not have."""


def copied_tables() -> list[str]:
    """Return every table with rows of workspaces."""
    owned = {table for table, rule in ERASURE_RULES.items() if not rule.shared} - _LEFT_OUT
    return [*_FIRST, *sorted(owned.difference(_FIRST))]
