"""A command line with its own database, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.settings import VARIABLES
from tests.fresh_database import NAME, copy_files

RunCli = Callable[..., Result]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the command line's database lies, or will."""
    return tmp_path / "threatmodel.db"


@pytest.fixture
def run_cli(database: Path) -> RunCli:
    """Run `threatmodel` with some words; more of the environment by name."""

    return runner_on(database)


def runner_on(database: Path) -> RunCli:
    """Return what runs `threatmodel` on a database file."""

    def run(*words: str, **environment: str) -> Result:
        cleared = dict.fromkeys(variable.name for variable in VARIABLES)
        given = {**cleared, "DATABASE_URL": f"sqlite:///{database}", **environment}
        return CliRunner().invoke(cli, words, env=given, prog_name="threatmodel")

    return run


@pytest.fixture(scope="session")
def with_the_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a database with the House, which takes longer to tell than most tests take."""
    directory = tmp_path_factory.mktemp("house")
    assert runner_on(directory / NAME)("demo", "house").exit_code == 0
    return directory


@pytest.fixture
def house(run_cli: RunCli, database: Path, with_the_house: Path) -> RunCli:
    """The same, with the House in the database."""
    copy_files(with_the_house, database)
    return run_cli
