"""Version of the installed package, defined in `pyproject.toml` alone, and of its domain."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

import domain

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


@cache
def fold() -> str:
    """Return a digest of this release's version of the model; any change of the domain changes it."""
    digest = hashlib.sha256()
    for source in sorted(Path(domain.__file__ or "").parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:32]
