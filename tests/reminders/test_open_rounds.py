"""Open rounds move on without a request: at their deadline, and when voters leave."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.command_handler import CommandHandler
from bot.delivery.pool import Pool
from bot.delivery.work_dispatcher import WorkDispatcher, WorkPace
from bot.delivery.worker import Worker
from bot.scheduled_jobs.round_deadlines import RoundDeadlines
from bot.slack.directory.member_directory import Directory
from bot.slack.directory.open_rounds import ROUNDS, DepartedVoters, OpenRounds
from bot.slack.sinks.outcomes import classify_failure
from bot.slack.slots.work_scheduler import Pace
from bot.store import HistoryUnreadable, SqliteStore, StreamId, key_of, open_store
from bot.store.repositories.workspace_directory import Channel
from bot.store.work_queue import MODEL, Claim, Item, Touch
from domain.events import RecordedEvent, RoundClosed, RoundExtended, VoterLeft
from domain.kernel.elements import ChannelId, PersonId
from domain.model import ThreatModel
from tests.changed_models import causing
from tests.domain.voting_story import DAY, OPENED, ballot_of
from tests.examples import ANA, BEN, CHI, DEE, HOUSE_CHANNEL, at, decide_all
from tests.fresh_database import copy_fresh_file
from tests.queue_rows import claim_one, due_subjects, subjects_of
from tests.store.saying import say, started
from tests.store.test_rounds import counted, keep
from tests.waiting import wait_until

DEADLINE = 2 * DAY + 5


class Site:
    """A worker that does nothing but move open rounds on, at a moment in the test's hand."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.command_handler = CommandHandler(store)
        self.directory = Directory(store.unit("T1"))
        self.minute = DEADLINE - 1
        self.touched: list[StreamId] = []
        self.rounds = OpenRounds(
            DepartedVoters(self.command_handler, self.directory, now=self.now),
            RoundDeadlines(self.command_handler, now=self.now),
            store.unit("T1").events,
            store.work,
            tenant="T1",
            waits=Pace().of("rounds"),
            touch=self.touch,
        )
        self.pool = Pool()
        self.dispatcher = WorkDispatcher(
            store.work, self.pool, now=self.now, pace=WorkPace(retry_seconds=0.05)
        )
        self.worker = Worker(self.dispatcher, "T1", failed=classify_failure, ended=self.fail)
        self.command_handler.subscribe(lambda _: self.worker.wake())

    def now(self) -> datetime:
        return at(self.minute)

    def touch(self, stream: StreamId) -> None:
        self.touched.append(stream)
        self.worker.touch(_touch(Item("T1", ROUNDS, key_of(stream))))

    def fail(self, why: str) -> None:
        raise AssertionError(why)

    def start(self) -> None:
        self.worker.start([*self.rounds.kinds(), causing(ROUNDS, self.worker.touch)])
        self.dispatcher.start()

    def members(self, *people: PersonId, inside: bool = True) -> None:
        self.directory.records.learn_channel(
            Channel(id=HOUSE_CHANNEL, name="house", bot_inside=inside), self.now()
        )
        self.directory.records.learn_members(HOUSE_CHANNEL, people)

    def at_rest(self) -> bool:
        waits = due_subjects(self.store.work, "T1", MODEL, self.now()) + due_subjects(
            self.store.work, "T1", ROUNDS, self.now()
        )
        return not waits

    def is_waiting(self, stream: StreamId) -> bool:
        return key_of(stream) in subjects_of(self.store.work, "T1", ROUNDS)

    def claim(self) -> Claim:
        claim = claim_one(self.store.work, "T1", self.now(), only=[ROUNDS])
        assert claim is not None
        return claim

    def has(self, stream: StreamId, kind: type[RecordedEvent]) -> Callable[[], bool]:
        return lambda: counted(self.store, stream, kind) == 1


def _touch(item: Item) -> Touch:
    return Touch(item=item, lane=f"{ROUNDS}/{item.subject}")


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site]:
    copy_fresh_file(tmp_path / "rounds.db")
    store = open_store(f"sqlite:///{tmp_path / 'rounds.db'}")
    site = Site(store)
    yield site
    site.dispatcher.end()
    site.pool.end()
    store.close()


def test_a_round_is_extended_at_its_deadline_and_not_before(site: Site) -> None:
    (stream,) = keep(site.store, OPENED)
    site.start()
    wait_until(site.at_rest)
    assert counted(site.store, stream, RoundExtended) == 0
    site.minute = DEADLINE
    wait_until(site.has(stream, RoundExtended))


def test_a_voter_who_left_is_not_awaited(site: Site) -> None:
    (stream,) = keep(
        site.store, decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), ballot_of(CHI, 5), after=OPENED)
    )
    site.members(ANA, BEN, CHI, DEE)
    site.start()
    wait_until(site.at_rest)
    assert counted(site.store, stream, VoterLeft) == 0
    site.members(ANA, BEN, CHI)
    site.rounds.members_changed(HOUSE_CHANNEL)
    wait_until(site.has(stream, RoundClosed))
    assert counted(site.store, stream, VoterLeft) == 1


def test_at_a_deadline_voters_who_left_are_released_first(site: Site) -> None:
    (stream,) = keep(
        site.store, decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), ballot_of(CHI, 5), after=OPENED)
    )
    site.members(ANA, BEN, CHI)
    site.minute = DEADLINE
    site.start()
    wait_until(site.has(stream, RoundClosed))
    assert counted(site.store, stream, VoterLeft) == 1


def test_no_one_is_released_while_the_bot_cannot_see_the_channel(site: Site) -> None:
    (stream,) = keep(site.store, OPENED)
    site.members(inside=False)
    site.start()
    wait_until(site.at_rest)
    assert counted(site.store, stream, VoterLeft) == 0


def test_a_change_of_members_checks_only_models_with_an_open_round(site: Site) -> None:
    (stream,) = keep(site.store, OPENED)
    say(site.store, started("TM-7"), stream=StreamId("T1/TM-7"))
    site.start()
    wait_until(site.at_rest)
    site.rounds.members_changed(HOUSE_CHANNEL)
    site.rounds.members_changed(ChannelId("C0OTHER"))
    assert site.touched == [stream]
    assert site.is_waiting(stream)


def test_no_model_is_loaded_or_listed_when_members_change_while_no_round_is_open(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(site.store, OPENED[:1], copies=3)
    site.start()
    wait_until(site.at_rest)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("no model is needed")

    monkeypatch.setattr(CommandHandler, "model", refuse)
    monkeypatch.setattr(type(site.store.unit("T1").events), "streams", refuse)
    site.rounds.members_changed(HOUSE_CHANNEL)
    assert site.touched == []


def test_a_round_that_is_checked_while_members_change_is_checked_again(site: Site) -> None:
    (stream,) = keep(site.store, OPENED)
    site.touch(stream)
    claim = site.claim()
    site.members(ANA, BEN, CHI)
    site.rounds.members_changed(HOUSE_CHANNEL)
    site.store.work.settle(claim, again_at=at(DEADLINE))
    assert due_subjects(site.store.work, "T1", ROUNDS, site.now()) == [key_of(stream)]


def test_a_round_that_is_due_while_members_change_stays_due(site: Site) -> None:
    (stream,) = keep(site.store, OPENED)
    site.touch(stream)
    site.store.work.settle(site.claim(), again_at=at(DEADLINE))
    site.minute = DEADLINE
    site.rounds.members_changed(HOUSE_CHANNEL)
    assert site.claim().item.subject == key_of(stream)


def test_a_round_opened_just_now_is_first_checked_with_the_current_members(site: Site) -> None:
    (stream,) = keep(
        site.store, decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), ballot_of(CHI, 5), after=OPENED)
    )
    site.members(ANA, BEN, CHI)
    site.rounds.members_changed(HOUSE_CHANNEL)
    assert site.touched == [], "its work is not planned yet"
    site.start()
    wait_until(site.has(stream, RoundClosed))
    assert counted(site.store, stream, VoterLeft) == 1


def test_an_unreadable_model_does_not_stop_deadlines_of_other_models(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged, sound = keep(site.store, OPENED, copies=2)
    model = CommandHandler.model

    def unreadable(self: CommandHandler, stream: StreamId) -> ThreatModel:
        if stream == damaged:
            raise HistoryUnreadable("an event is damaged")
        return model(self, stream)

    with monkeypatch.context() as while_it_is:
        while_it_is.setattr(CommandHandler, "model", unreadable)
        site.minute = DEADLINE
        site.start()
        wait_until(site.has(sound, RoundExtended))
        assert counted(site.store, damaged, RoundExtended) == 0
    wait_until(site.has(damaged, RoundExtended))


def test_a_model_without_an_open_round_leaves_no_row(site: Site) -> None:
    keep(
        site.store,
        decide_all(ballot_of(ANA, 5), ballot_of(BEN, 5), ballot_of(CHI, 5), ballot_of(DEE, 5), after=OPENED),
    )
    site.start()
    wait_until(site.at_rest)
    assert due_subjects(site.store.work, "T1", ROUNDS, at(DEADLINE) + timedelta(days=400)) == []
