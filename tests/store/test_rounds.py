"""Rounds of votes in the store: closed once, whoever comes at once and whatever dies in between."""

import random
import time
from datetime import datetime, timedelta

from bot.commands.command_handler import CommandHandler
from bot.scheduled_jobs.round_deadlines import RoundDeadlines
from bot.slack.directory.open_rounds import ROUNDS
from bot.store import CommandKey, Store, StreamId
from domain.commands import CloseThreatModel, ConfirmClosing, ReopenThreatModel
from domain.events import BallotCast, RecordedEvent, RoundClosed, RoundExtended
from domain.replay import replay
from tests.domain.voting_story import DAY, OPENED, ballot_of, close_round_by_system, monday_at
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, reasons_for_conditions
from tests.queue_rows import due_subjects
from tests.store.crew import ended, let_go, worker
from tests.store.saying import HOUSE, versions
from tests.store.voting_models import keep

DATABASES = ("sqlite", "postgres")

DEADLINE = 2 * DAY + 5
"""The minute of the story at which its round is due."""


def counted(store: Store, stream: StreamId, kind: type[RecordedEvent]) -> int:
    return sum(isinstance(event, kind) for event in store.events(stream))


def test_the_last_two_ballots_at_once_from_two_processes_close_the_round_once(store: Store, url: str) -> None:
    streams = keep(store, decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), after=OPENED), copies=60)

    lines = ended([worker("vote", url, CHI), worker("vote", url, DEE)])

    assert [len(line) for line in lines] == [60, 60]
    for stream in streams:
        assert counted(store, stream, BallotCast) == 4
        assert counted(store, stream, RoundClosed) == 1
        (*_, last, end) = store.events(stream)
        assert isinstance(last, BallotCast)
        assert isinstance(end, RoundClosed)
        assert (end.by, end.answer) == (last.by, last.answer), "the end belongs to the last ballot"


def test_the_clock_of_two_processes_closes_each_round_once(store: Store, url: str) -> None:
    streams = keep(
        store, decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), ballot_of(CHI, 5), after=OPENED), copies=40
    )

    ended([worker("deadlines", url, str(DEADLINE)) for _ in range(3)])

    assert [counted(store, stream, RoundClosed) for stream in streams] == [1] * 40
    assert due_subjects(store.work, "T1", ROUNDS, at(DEADLINE)) == []


def test_a_deadline_that_passes_while_the_bot_is_killed_and_restarted_counts_once(
    store: Store, url: str
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

    assert [counted(store, stream, RoundExtended) for stream in streams] == [1] * 40
    assert [counted(store, stream, RoundClosed) for stream in streams] == [0] * 40
    assert due_subjects(store.work, "T1", ROUNDS, at(DEADLINE)) == []
    assert due_subjects(store.work, "T1", ROUNDS, monday_at(9, days=3) - timedelta(seconds=1)) == []
    assert len(due_subjects(store.work, "T1", ROUNDS, monday_at(9, days=3))) == 40


def test_a_model_is_due_at_the_deadline_of_its_round_and_at_no_other_time(store: Store) -> None:
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
    closing = CloseThreatModel(by=ANA, at=at(DEADLINE + 1), reasons=reasons_for_conditions())
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


def test_a_tick_that_comes_too_late_says_nothing(store: Store) -> None:
    command_handler = CommandHandler(store)
    keep(
        store,
        decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), ballot_of(CHI, 5), ballot_of(DEE, 5), after=OPENED),
    )
    before = versions(store)

    done = command_handler.execute(close_round_by_system(DEADLINE), stream=HOUSE, key=CommandKey("tick"))

    assert done.events == ()
    assert versions(store) == before


def test_a_round_survives_a_cold_start(store: Store) -> None:
    events = decide_all(ballot_of(ANA, 5), ballot_of(BEN, 7, reason="it was open"), after=OPENED)
    keep(store, events)
    warm = CommandHandler(store)
    warm.execute(ballot_of(CHI, 6), stream=HOUSE, key=CommandKey("chi"))

    assert CommandHandler(store).model(HOUSE) == replay(decide_all(ballot_of(CHI, 6), after=events))
