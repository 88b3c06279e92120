"""Arrays as PostgreSQL reads them from a text, which take a fraction of the driver's time for a list."""

from collections.abc import Iterable


def text_array(values: Iterable[str]) -> str:
    """Return a literal for an array of texts, or of what has a text form; the statement casts it."""
    return "{" + ",".join(f'"{_escape(value)}"' for value in values) + "}"


def bytes_array(values: Iterable[bytes]) -> str:
    """Return a literal for an array of bytea."""
    return "{" + ",".join(f'"\\\\x{value.hex()}"' for value in values) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
