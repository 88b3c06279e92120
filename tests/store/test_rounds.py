"""Rounds of votes in the store: closed once, whoever comes at once and whatever dies in between."""

import random
import time
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.scheduled_jobs.round_deadlines import RoundDeadlines
from bot.slack.directory.open_rounds import ROUNDS
from bot.store import CommandKey, SqliteStore, StreamId, open_store
from bot.store.summaries import summary_of
from bot.store.timestamps import format_timestamp
from bot.store.work_queue import Item, Touch
from domain.commands import CloseThreatModel, ConfirmClosing, ReopenThreatModel
from domain.events import BallotCast, Erased, RecordedEvent, RoundClosed, RoundExtended, ThreatModelStarted
from domain.kernel.elements import ModelKey
from domain.model import replay
from tests.domain.voting_story import DAY, OPENED, ballot_of, close_round_by_system, monday_at
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, reasons_for_gates
from tests.store.crew import ended, let_go, worker
from tests.store.saying import HOUSE, say, versions

DEADLINE = 2 * DAY + 5
"""The minute of the story at which its round is due."""


def keep(store: SqliteStore, events: list[RecordedEvent], *, copies: int = 1) -> list[StreamId]:
    """Record a story as it is, as several models."""
    streams: list[StreamId] = []
    for number in range(1, copies + 1):
        key = ModelKey(f"TM-{number}")
        kept = [
            replace(one, key=key) if isinstance(one, ThreatModelStarted) else one
            for one in events
            if not isinstance(one, Erased)
        ]
        streams.append(StreamId(f"T1/{key}"))
        say(store, *kept, stream=streams[-1], summary=summary_of(replay(kept)))
    return streams


def counted(store: SqliteStore, stream: StreamId, kind: type[RecordedEvent]) -> int:
    return sum(isinstance(one, kind) for one in store.events(stream))


def test_the_last_two_ballots_at_once_from_two_processes_close_the_round_once(
    store: SqliteStore, url: str
) -> None:
    streams = keep(store, decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), after=OPENED), copies=60)

    lines = ended([worker("vote", url, CHI), worker("vote", url, DEE)])

    assert [len(one) for one in lines] == [60, 60]
    for stream in streams:
        assert counted(store, stream, BallotCast) == 4
        assert counted(store, stream, RoundClosed) == 1
        (*_, last, end) = store.events(stream)
        assert isinstance(last, BallotCast)
        assert isinstance(end, RoundClosed)
        assert (end.by, end.answer) == (last.by, last.answer), "the end belongs to the last ballot"


def test_the_clock_of_two_processes_closes_each_round_once(store: SqliteStore, url: str) -> None:
    streams = keep(
        store, decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), ballot_of(CHI, 5), after=OPENED), copies=40
    )

    ended([worker("deadlines", url, str(DEADLINE)) for _ in range(3)])

    assert [counted(store, one, RoundClosed) for one in streams] == [1] * 40
    assert store.work.due("T1", ROUNDS, at(DEADLINE)) == []


def test_a_deadline_that_passes_while_the_bot_is_killed_and_restarted_counts_once(
    store: SqliteStore, url: str
) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    streams = keep(store, decide_all(ballot_of(ANA, 5), after=OPENED), copies=40)
    for _ in range(5):
        process = worker("deadlines", url, str(DEADLINE))
        let_go(process)
        time.sleep(chance.uniform(0.0, 0.06))
        process.kill()
        process.communicate()

    ended([worker("deadlines", url, str(DEADLINE), "alone")])

    assert [counted(store, one, RoundExtended) for one in streams] == [1] * 40
    assert [counted(store, one, RoundClosed) for one in streams] == [0] * 40
    assert store.work.due("T1", ROUNDS, at(DEADLINE)) == []
    assert store.work.due("T1", ROUNDS, monday_at(9, days=3) - timedelta(seconds=1)) == []
    assert len(store.work.due("T1", ROUNDS, monday_at(9, days=3))) == 40


def test_a_model_is_due_at_the_deadline_of_its_round_and_at_no_other_time(store: SqliteStore) -> None:
    command_handler = CommandHandler(store)
    keep(store, OPENED)

    def due() -> datetime | None:
        return RoundDeadlines(command_handler, now=lambda: at(0)).process(HOUSE)

    assert due() == monday_at(9, days=2)
    assert RoundDeadlines(command_handler, now=lambda: at(DEADLINE - 1)).process(HOUSE) == monday_at(
        9, days=2
    )
    command_handler.execute(close_round_by_system(DEADLINE), stream=HOUSE, key=CommandKey("tick"))
    assert due() == monday_at(9, days=3), "extended"
    closing = CloseThreatModel(by=ANA, at=at(DEADLINE + 1), reasons=reasons_for_gates())
    command_handler.execute(closing, stream=HOUSE, key=CommandKey("close"))
    command_handler.execute(
        ConfirmClosing(by=BEN, at=at(DEADLINE + 1)), stream=HOUSE, key=CommandKey("confirm")
    )
    assert due() is None
    command_handler.execute(
        ReopenThreatModel(by=ANA, at=at(DEADLINE + 2)), stream=HOUSE, key=CommandKey("reopen")
    )
    assert due() == monday_at(9, days=3)
    command_handler.execute(close_round_by_system(DEADLINE + DAY), stream=HOUSE, key=CommandKey("tick again"))
    assert due() is None, "to be closed by the facilitator"


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


def test_a_tick_that_comes_too_late_says_nothing(store: SqliteStore) -> None:
    command_handler = CommandHandler(store)
    keep(
        store,
        decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), ballot_of(CHI, 5), ballot_of(DEE, 5), after=OPENED),
    )
    before = versions(store)

    done = command_handler.execute(close_round_by_system(DEADLINE), stream=HOUSE, key=CommandKey("tick"))

    assert done.events == ()
    assert versions(store) == before


def test_a_round_survives_a_cold_start_and_a_snapshot(store: SqliteStore) -> None:
    events = decide_all(ballot_of(ANA, 5), ballot_of(BEN, 7, reason="it was open"), after=OPENED)
    keep(store, events)
    warm = CommandHandler(store, snapshot_every=1)
    warm.execute(ballot_of(CHI, 6), stream=HOUSE, key=CommandKey("chi"))
    warm.close()

    assert CommandHandler(store).model(HOUSE) == replay(decide_all(ballot_of(CHI, 6), after=events))
