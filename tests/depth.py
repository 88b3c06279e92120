"""How deep the tests go: small counts in the gate, full counts in `tests/check deep`."""

import os
from collections.abc import Sequence
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers

VARIABLE = "THREATMODEL_DEEP"
"""Set by `tests/check deep`. Its value is the seed of everything that is drawn there."""

DEEP = VARIABLE in os.environ
SEED = int(os.environ.get(VARIABLE) or 1)

TIMES = 20
"""How many times as many examples a property gets in the deep run."""

deep_only = pytest.mark.skipif(not DEEP, reason="takes minutes: run `tests/check deep`")
"""Marks a test that runs in the deep run only."""


def deep_also(*tries: tuple[object, ...]) -> list[ParameterSet]:
    """Return parameters that only the deep run tries, to stand beside those that the gate tries, too."""
    return [pytest.param(*parameters, marks=deep_only) for parameters in tries]


def first(gate: int, tries: Sequence[object]) -> list[object]:
    """Return parameters of which the gate tries the first few, and the deep run all."""
    return [*tries[:gate], *deep_also(*((one,) for one in tries[gate:]))]


def count(gate: int, *, deep: int) -> int:
    """Return the count for this run."""
    return deep if DEEP else gate


def examples(gate: int, *, deep: int | None = None, phases: Sequence[Phase] = tuple(Phase)) -> settings:
    """Return the settings of a property: this many examples in the gate, `TIMES` as many in the deep run.

    An expensive property that gets few in the gate says how many it gets in the deep run.
    """
    return settings(max_examples=count(gate, deep=deep or TIMES * gate), phases=phases)


def load_profile() -> None:
    """Register and load the Hypothesis profile of this run.

    Deadlines measure how busy the machine is, not the code. A failing example is printed, to be repeated.
    """
    shared = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("gate", shared, max_examples=15)
    settings.register_profile("deep", shared, max_examples=TIMES * 50)
    # A planted fault must not leave its counterexamples behind for the next run.
    settings.register_profile("mutation", shared, max_examples=50, database=None, derandomize=True)
    settings.load_profile(os.environ.get("THREATMODEL_HYPOTHESIS") or ("deep" if DEEP else "gate"))
    if not DEEP:
        # Numbers and texts of our sources are tried as values, too. To find them, every worker parses all
        # modules, for which the few examples of the gate are not worth it.
        internals: Any = providers
        internals._get_local_constants = lambda: internals._local_constants
