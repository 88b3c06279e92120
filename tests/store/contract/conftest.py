"""A store of each kind, empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store, UnitOfWork
from tests.store.contract.adapters import ADAPTERS, Adapter
from tests.store.saying import TENANT


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> Adapter:
    return ADAPTERS[request.param](tmp_path)


@pytest.fixture
def store(adapter: Adapter) -> Iterator[Store]:
    store = adapter.store()
    yield store
    store.close()


@pytest.fixture
def unit(store: Store) -> UnitOfWork:
    return store.unit(TENANT)
