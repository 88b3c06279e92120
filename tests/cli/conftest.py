"""A command line with its own database, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.settings import VARIABLES

RunCli = Callable[..., Result]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the command line's database lies, or will."""
    return tmp_path / "threatmodel.db"


@pytest.fixture
def run_cli(database: Path) -> RunCli:
    """Run `threatmodel` with some words; more of the environment by name."""

    def run(*words: str, **environment: str) -> Result:
        cleared = dict.fromkeys(variable.name for variable in VARIABLES)
        given = {**cleared, "DATABASE_URL": f"sqlite:///{database}", **environment}
        return CliRunner().invoke(cli, words, env=given, prog_name="threatmodel")

    return run


@pytest.fixture
def house(run_cli: RunCli) -> RunCli:
    """The same, with the House in the database."""
    assert run_cli("demo", "house").exit_code == 0
    return run_cli
