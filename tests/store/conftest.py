"""A store in a new file, and the handful of things the tests put into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store, open_store
from tests.emptied_database import empty_database, open_shared
from tests.fresh_database import copy_fresh_file


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module on each kind of database that it names in DATABASES."""
    kinds: tuple[str, ...] = vars(metafunc.module).get("DATABASES", ())  # pyright: ignore[reportUnknownMemberType]  pytest leaves its type open
    if kinds and "url" in metafunc.fixturenames:
        metafunc.parametrize("url", kinds, indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if getattr(request, "param", "sqlite") == "postgres":
        return empty_database()
    return f"sqlite:///{tmp_path}/threatmodel.db"


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    if url.startswith("postgresql:"):
        store: Store = open_shared(url, timeout=10.0)
    else:
        copy_fresh_file(tmp_path / "threatmodel.db")
        store = open_store(url)
    yield store
    store.close()
