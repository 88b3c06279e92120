"""A store in a new file, and the handful of things the tests put into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store, open_store
from tests.emptied_database import empty_database, open_shared
from tests.fresh_database import copy_fresh_file


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/threatmodel.db"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module on each kind of database that it names in DATABASES."""
    kinds: tuple[str, ...] = vars(metafunc.module).get("DATABASES", ())  # pyright: ignore[reportUnknownMemberType]
    if kinds and "store" in metafunc.fixturenames:
        metafunc.parametrize("store", kinds, indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path, url: str) -> Iterator[Store]:
    if getattr(request, "param", "sqlite") == "postgres":
        store: Store = open_shared(empty_database(), timeout=10.0)
    else:
        copy_fresh_file(tmp_path / "threatmodel.db")
        store = open_store(url)
    yield store
    store.close()
