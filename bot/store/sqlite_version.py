"""Version of SQLite in this Python."""

import sqlite3

OLDEST = (3, 37)
"""The first version with STRICT tables."""


def sqlite_version() -> tuple[str, bool]:
    """Return the version, and whether it is new enough."""
    return sqlite3.sqlite_version, sqlite3.sqlite_version_info >= OLDEST
