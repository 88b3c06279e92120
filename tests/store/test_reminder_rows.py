"""Outcomes of reminders that were changed by hand: `verify` compares each with its events."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.store import Fault, Store, Verified, open_database
from domain.kernel.elements import ModelKey, PersonId
from domain.reminder_deliveries import ReminderKey, ReminderSent
from domain.reminders import Occasion, Reminder
from tests.emptied_database import KEY, empty_database
from tests.store.saying import NOON, TENANT, say, started

BEN = PersonId("U2")
CHANGES = (
    "UPDATE reminders SET state = 'skipped'",
    "UPDATE reminders SET state = 'unknown'",
    "UPDATE reminders SET at = 'yesterday'",
    "UPDATE reminders SET person = 'U3'",
    "UPDATE reminders SET ts = '2.2'",
    "UPDATE reminders SET stream = 'T1/reminders/U3/2026-11-24'",
    "UPDATE reminders SET version = 1",
    "UPDATE reminders SET key = 'TM-1:U2:overdue:MI-2:2026-11-20+3'",
    "DELETE FROM reminders",
)


@pytest.fixture(params=["file", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/reminded.db" if request.param == "file" else empty_database()
    opened = open_database(url, key=KEY)
    say(opened, started())
    yield opened
    opened.close()


def changed(store: Store, *statements: str) -> None:
    """Change the database behind the store's back, which the store sees in its next statement."""
    with store.database.writing() as connection:  # type: ignore[attr-defined]  (of both databases, but not of the port)
        for statement in statements:
            connection.execute(statement)


def test_an_outcome_that_was_changed_by_hand_is_found(store: Store) -> None:
    reminders = store.unit(TENANT).reminders
    key = ReminderKey("TM-1:U2:overdue:MI-1:2026-11-20+3")
    due = Reminder(
        key=key,
        model=ModelKey("TM-1"),
        to=BEN,
        occasion=Occasion.OVERDUE,
        subject="MI-1",
        occurs=NOON,
        due=NOON,
    )
    attempt = reminders.attempt([due], place=BEN, day=date(2026, 11, 24), now=NOON, overtaken=())
    assert attempt is not None
    assert isinstance(store.verify(), Verified)
    reminders.settle(attempt, [ReminderSent(at=NOON, to=BEN, keys=(key,), channel="D1", ts="1.1")])
    assert isinstance(store.verify(), Verified)
    for statement in CHANGES:
        changed(store, "CREATE TABLE kept AS SELECT * FROM reminders", statement)
        found = store.verify()
        changed(store, "DELETE FROM reminders", "INSERT INTO reminders SELECT * FROM kept", "DROP TABLE kept")
        assert isinstance(found, Fault), statement
        assert found.what.startswith("`reminders` ")
        assert isinstance(store.verify(), Verified)
