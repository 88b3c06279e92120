"""A file from before deadlines were in the work queue: they are in it from the next start on."""

from datetime import timedelta

from bot.slack.directory.open_rounds import ROUNDS
from bot.store import SqliteStore, open_store
from bot.store.timestamps import format_timestamp
from bot.store.work_queue import Item, Touch
from tests.domain.voting_story import OPENED, monday_at
from tests.store.voting_models import keep


def test_a_deadline_in_the_list_of_an_earlier_file_is_in_the_queue_from_now_on(
    store: SqliteStore, url: str
) -> None:
    keep(store, OPENED, copies=2)
    deadline = monday_at(9, days=2)
    with store.database.writing() as connection:
        connection.execute("ALTER TABLE streams ADD COLUMN next_due TEXT")
        connection.execute("UPDATE streams SET next_due = ?", (format_timestamp(deadline),))
        connection.execute(
            "DELETE FROM _sqlite_migrations WHERE name = 'deadlines_are_in_the_work_queue_alone'"
        )
    store.work.touch(Touch(item=Item("T1", ROUNDS, "TM-2"), lane="rounds/TM-2"))
    later = open_store(url)
    assert later.work.due("T1", ROUNDS, deadline - timedelta(seconds=1)) == ["TM-2"], "its row is unchanged"
    assert later.work.due("T1", ROUNDS, deadline) == ["TM-1", "TM-2"]
    columns = later.database.current().execute("SELECT name FROM pragma_table_info('streams')").fetchall()
    assert ("phase",) in columns
    assert ("next_due",) not in columns
    later.close()
