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
