"""When somebody works."""

from datetime import time

import pytest

from domain.working_hours import (
    USUAL,
    ChooseWorkingHours,
    EndsBeforeStart,
    NoDays,
    WorkingHoursChosen,
    choose_hours,
    hours_after,
)
from tests.examples import ANA, at


def choosing(days: tuple[int, ...], starts: time, ends: time) -> ChooseWorkingHours:
    return ChooseWorkingHours(by=ANA, at=at(1), days=days, starts=starts, ends=ends)


def test_who_says_nothing_works_the_usual_hours() -> None:
    assert hours_after([]) == USUAL
    assert USUAL.text == "Monday to Friday, 09:00 to 17:00"


def test_what_was_chosen_last_holds() -> None:
    early = choose_hours(choosing((4, 2, 2, 1), time(6, 30), time(12)), USUAL)
    assert early == (WorkingHoursChosen(by=ANA, at=at(1), days=(1, 2, 4), starts=time(6, 30), ends=time(12)),)
    assert hours_after(early).text == "Monday, Tuesday, Thursday, 06:30 to 12:00"
    late = choose_hours(choosing((6, 7), time(12), time(23, 59, 59)), hours_after(early))
    assert hours_after([*early, *late]).text == "Saturday, Sunday, 12:00 to 23:59"


def test_the_same_hours_again_change_nothing() -> None:
    assert choose_hours(choosing(USUAL.days, USUAL.starts, USUAL.ends), USUAL) == ()


def test_hours_need_a_day_and_an_end_after_their_start() -> None:
    with pytest.raises(NoDays, match="Select at least one") as no_days:
        choose_hours(choosing((0, 8), time(9), time(17)), USUAL)
    assert no_days.value.field == "days"
    with pytest.raises(EndsBeforeStart, match="not after the start") as backwards:
        choose_hours(choosing((1,), time(17), time(17)), USUAL)
    assert backwards.value.field == "ends"
