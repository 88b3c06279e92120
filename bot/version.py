"""Version of the installed package; defined in `pyproject.toml` alone."""

from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

UNRELEASED = "unreleased"
"""Version if the project runs without being installed."""


@cache
def version() -> str:
    """Return the version of the installed package."""
    try:
        return installed("threatmodel-bot")
    except PackageNotFoundError:
        return UNRELEASED


def installing(extra: str) -> str:
    """Return how to install an extra: from a checkout, because no package index has the project."""
    return f"In a checkout of the project: pip install '.[{extra}]'"
