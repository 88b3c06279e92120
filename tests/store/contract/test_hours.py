"""What people choose for themselves is kept like everything that is said."""

from datetime import time

import pytest

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, Store, Verified, person_stream
from domain.working_hours import USUAL, ChooseWorkingHours, EndsBeforeStart
from tests.examples import ANA, BEN, at

TENANT = "T1"
EARLY = ChooseWorkingHours(by=ANA, at=at(1), days=(1, 2), starts=time(6), ends=time(12))


def test_hours_are_kept_by_person_and_workspace(store: Store) -> None:
    command_handler = CommandHandler(store)

    chosen = command_handler.choose_hours(EARLY, tenant=TENANT, key=CommandKey("a"))

    assert chosen.text == "Monday, Tuesday, 06:00 to 12:00"
    assert command_handler.working_hours(TENANT, ANA) == chosen
    assert command_handler.working_hours(TENANT, BEN) == command_handler.working_hours("T2", ANA) == USUAL


def test_the_same_choice_twice_is_one_event(store: Store) -> None:
    command_handler = CommandHandler(store)
    late = ChooseWorkingHours(by=ANA, at=at(2), days=(5,), starts=time(13), ends=time(18))
    command_handler.choose_hours(EARLY, tenant=TENANT, key=CommandKey("a"))
    command_handler.choose_hours(late, tenant=TENANT, key=CommandKey("b"))

    again = command_handler.choose_hours(EARLY, tenant=TENANT, key=CommandKey("a"))

    assert again.text == "Friday, 13:00 to 18:00"
    assert len(store.hours(person_stream(TENANT, ANA))) == 2


def test_refused_hours_leave_nothing_behind(store: Store) -> None:
    wrong = ChooseWorkingHours(by=ANA, at=at(1), days=(1,), starts=time(12), ends=time(6))
    with pytest.raises(EndsBeforeStart):
        CommandHandler(store).choose_hours(wrong, tenant=TENANT, key=CommandKey("a"))

    assert store.state(person_stream(TENANT, ANA)) is None


def test_a_person_is_no_model_and_their_words_are_in_the_chain_and_can_be_erased(store: Store) -> None:
    command_handler = CommandHandler(store)
    command_handler.choose_hours(EARLY, tenant=TENANT, key=CommandKey("a"))

    assert store.streams(TENANT) == []
    assert isinstance(verified := store.verify(), Verified)
    assert verified.events == 1
    assert store.erase_stream(person_stream(TENANT, ANA)) == 1
    assert command_handler.working_hours(TENANT, ANA) == USUAL
