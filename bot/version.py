"""The version of the installed package: `pyproject.toml` states it, and nothing else does."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

UNRELEASED = "unreleased"
"""The version where the project is run without being installed."""


def version() -> str:
    """Return the version of the installed package."""
    try:
        return installed("threatmodel-bot")
    except PackageNotFoundError:
        return UNRELEASED
