"""Tools that only these tests need: they skip where one is missing, and fail where all are required."""

import importlib
import os
import shutil
from types import ModuleType
from typing import NoReturn

import pytest

REQUIRED = "THREATMODEL_REQUIRE_TOOLS"


def module(name: str, package: str) -> ModuleType:
    """Return a module of a package of the group `dev`."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        _missing(package)


def program(name: str, package: str) -> str:
    """Return the path of a program that a package of the group `dev` brings."""
    found = shutil.which(name)
    if found is None:
        _missing(package)
    return found


def _missing(package: str) -> NoReturn:
    sentence = f"{package} is not installed: pip install {package}, or tests/check, which installs it"
    if os.environ.get(REQUIRED):
        pytest.fail(f"{sentence} ({REQUIRED} is set)")
    pytest.skip(sentence)
