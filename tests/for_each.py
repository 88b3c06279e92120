"""One test for all cases of a table, where a test for each would take longer to collect than to run."""

import inspect
import traceback
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

import pytest
from _pytest.mark import ParameterSet

Test = Callable[..., None]


def for_each(
    names: str | tuple[str, ...], cases: Iterable[object], *, ids: Callable[[Any], object] = str
) -> Callable[[Test], Test]:
    """Run a test for every case, and report all cases that fail together.

    Arguments are those of `pytest.mark.parametrize`: several names for cases of several values, and
    parameters with an ID or a mark that leaves them to the deep run. Fixtures are shared by all cases, so
    none may be changed by one. Raises ValueError where there is no case, and no test that could fail.
    """
    given = tuple(one.strip() for one in names.split(",")) if isinstance(names, str) else names
    tried = [(name, values) for case in cases for name, values in _tried(case, len(given), ids)]
    if not tried:
        raise ValueError(f"there is no case for {', '.join(given)}")

    def decorate(test: Test) -> Test:
        @wraps(test)
        def run(**fixtures: object) -> None:
            failed = [
                f"[{name}] {fault}"
                for name, values in tried
                if (fault := _fault(test, {**fixtures, **dict(zip(given, values, strict=True))}))
            ]
            if failed:
                pytest.fail(
                    f"{len(failed)} of {len(tried)} cases failed\n\n" + "\n\n".join(failed), pytrace=False
                )

        del vars(run)["__wrapped__"]  # pytest would ask it for its fixtures
        signature = inspect.signature(test)
        fixtures = [one for name, one in signature.parameters.items() if name not in given]
        vars(run)["__signature__"] = signature.replace(
            parameters=[fixture.replace(kind=inspect.Parameter.KEYWORD_ONLY) for fixture in fixtures]
        )
        return run

    return decorate


def _tried(
    case: object, count: int, ids: Callable[[Any], object]
) -> Iterable[tuple[str, tuple[object, ...]]]:
    """Return the name and the values of a case, unless this run leaves it out."""
    if not isinstance(case, ParameterSet):
        values = (case,) if count == 1 else tuple(cast("Iterable[object]", case))
        return [("-".join(str(ids(value)) for value in values), values)]
    for mark in case.marks:
        if mark.name != "skipif":
            raise ValueError(f"{mark} does not hold for a single case")
        if any(mark.args):
            return []
    return [(str(case.id or "-".join(str(ids(value)) for value in case.values)), tuple(case.values))]


def _fault(test: Test, arguments: dict[str, object]) -> str:
    """Return what is wrong with a case, and where; nothing if it passes."""
    try:
        test(**arguments)
    except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:  # noqa: BLE001  (it is told)
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error}\n{place.filename}:{place.lineno}"
    return ""
