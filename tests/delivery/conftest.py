"""The place in which the tests of the reconciler play."""

import pytest

from tests.delivery.board import Site


@pytest.fixture
def site() -> Site:
    return Site()
