"""A test for each case of a table fails with all cases that fail, and with their words."""

import inspect
from pathlib import Path

import pytest

from tests.depth import DEEP, deep_also
from tests.for_each import for_each


def test_every_case_is_tried_and_those_that_fail_are_named_with_their_words() -> None:
    tried: list[int] = []

    @for_each("number", [1, 2, 3, 4], ids=lambda one: f"no. {one}")
    def is_odd(number: int) -> None:
        tried.append(number)
        if number == 4:
            raise KeyError("four")
        assert number % 2, f"{number} is even"

    with pytest.raises(pytest.fail.Exception) as failed:
        is_odd()

    assert tried == [1, 2, 3, 4]
    said = str(failed.value)
    assert said.startswith("2 of 4 cases failed")
    assert "[no. 2] AssertionError: 2 is even" in said
    assert "[no. 4] KeyError: 'four'" in said
    assert f"{Path(__file__).name}:" in said
    assert "no. 1" not in said


def test_a_test_without_a_failing_case_passes() -> None:
    @for_each("number", [1, 3])
    def is_odd(number: int) -> None:
        assert number % 2

    is_odd()


def test_cases_of_several_values_have_several_names_and_may_have_an_id() -> None:
    seen: list[tuple[int, str]] = []

    @for_each("number, word", [(1, "one"), pytest.param(2, "two", id="second")])
    def tells(number: int, word: str) -> None:
        seen.append((number, word))
        assert number == 1

    with pytest.raises(pytest.fail.Exception, match=r"\[second\] "):
        tells()
    assert seen == [(1, "one"), (2, "two")]


def test_a_case_that_skips_or_calls_fail_is_named_as_well() -> None:
    @for_each("number", [1, 2])
    def ends(number: int) -> None:
        (pytest.fail if number == 1 else pytest.skip)("for a reason")

    with pytest.raises(pytest.fail.Exception, match="2 of 2 cases failed"):
        ends()


def test_cases_of_the_deep_run_are_left_to_it() -> None:
    seen: list[int] = []

    @for_each("number", [1, *deep_also((2,))])
    def looks(number: int) -> None:
        seen.append(number)

    looks()
    assert seen == ([1, 2] if DEEP else [1])


def test_fixtures_are_asked_for_without_the_names_of_the_cases() -> None:
    @for_each("number", [1, 2])
    def adds(number: int, given: list[int]) -> None:
        given.append(number)

    assert list(inspect.signature(adds).parameters) == ["given"]
    found: list[int] = []
    adds(given=found)
    assert found == [1, 2]


@for_each("name", ["a", "b"])
def test_a_fixture_comes_with_every_case(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()


def test_a_table_without_cases_is_refused() -> None:
    with pytest.raises(ValueError, match="no case for number"):
        for_each("number", [])


def test_a_mark_that_would_be_lost_is_refused() -> None:
    with pytest.raises(ValueError, match="does not hold for a single case"):
        for_each("number", [pytest.param(1, marks=pytest.mark.xfail)])
