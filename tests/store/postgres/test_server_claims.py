"""Replicas that claim from one server: one row of a lane at a time, and none waits for a stopped one."""

from concurrent.futures import ThreadPoolExecutor

import psycopg

from bot.store import StoreUnavailable
from bot.store.postgres.postgres_store import PostgresStore, open_postgres
from bot.store.work_queue import MODEL, Claim, Item, Overtaken, Touch
from tests.depth import count
from tests.emptied_database import KEY
from tests.queue_rows import claim_one, claims_of, is_busy, take_over
from tests.store.saying import HOUSE, NOON, TENANT, asset, say, started, versions

CARDS = "cards"


def touch(store: PostgresStore, lanes: int, each: int) -> None:
    store.work.touch(
        *(
            Touch(item=Item(TENANT, CARDS, f"{lane}-{number}"), lane=f"C{lane}")
            for lane in range(lanes)
            for number in range(each)
        )
    )


def test_a_replica_that_stops_in_a_claim_stops_no_other_lane(store: PostgresStore, url: str) -> None:
    touch(store, lanes=2, each=3)
    with psycopg.connect(url) as stopped:
        stopped.execute("SELECT 1 FROM work WHERE lane = 'C0' FOR UPDATE")

        claims = [claim_one(store.work, TENANT, NOON), claim_one(store.work, TENANT, NOON)]

        assert [one is not None for one in claims] == [True, False], "the other lane, and not a third claim"
        stopped.rollback()
    assert claim_one(store.work, TENANT, NOON) is not None, "what was not committed is free"


def test_a_model_whose_change_is_not_committed_stays_changed(store: PostgresStore, url: str) -> None:
    say(store, started())
    with psycopg.connect(url) as changing:
        changing.execute("SELECT 1 FROM work WHERE kind = 'model' FOR UPDATE")
        assert claim_one(store.work, TENANT, NOON, only=[MODEL]) is None
    claim = claim_one(store.work, TENANT, NOON, only=[MODEL])
    assert claim is not None
    assert store.work.settle(claim)
    assert not is_busy(store.work, TENANT, NOON)


def test_replicas_that_claim_at_once_hold_one_row_of_a_lane(store: PostgresStore, url: str) -> None:
    lanes, each = 5, count(12, deep=200)
    touch(store, lanes, each)
    replicas = [open_postgres(url, key=KEY) for _ in range(4)]
    held: dict[str, Claim] = {}
    done: list[str] = []

    def work(replica: PostgresStore) -> None:
        idle = 0
        while len(done) < lanes * each and idle < 10_000:
            claim = claim_one(replica.work, TENANT, NOON)
            if claim is None:
                idle += 1
                continue
            assert held.setdefault(claim.lane, claim) is claim, "two rows of one lane"
            done.append(claim.item.subject)
            del held[claim.lane]
            assert replica.work.settle(claim)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, replicas))

    assert len(done) == len(set(done)) == lanes * each
    assert claims_of(store.work, TENANT) == []
    for one in replicas:
        one.close()


def test_a_claim_stays_when_the_connection_that_made_it_ends(store: PostgresStore, url: str) -> None:
    touch(store, lanes=1, each=1)
    claim = claim_one(store.work, TENANT, NOON)
    assert claim is not None
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert store.work.is_held(claim)
    assert store.work.settle(claim)


def test_a_claim_is_taken_over_before_or_after_a_change_of_its_holder_never_within(
    store: PostgresStore, url: str
) -> None:
    say(store, started())
    touch(store, lanes=1, each=1)
    claim = claim_one(store.work, TENANT, NOON)
    assert claim is not None
    other = open_postgres(url, key=KEY, timeout=0.05)
    refused = False

    with store.work.guarding(claim):
        with store.exclusively(TENANT):
            try:
                take_over(other.work, claim)
            except StoreUnavailable:
                refused = True
            say(store, asset("Papers"), expected=1)
        taken = take_over(other.work, claim)
        try:
            say(store, asset("Photos"), expected=2)
        except Overtaken:
            overtaken = True
        else:
            overtaken = False

    assert refused, "a change of the holder was under way"
    assert taken is not None
    assert overtaken
    assert versions(store, HOUSE) == [1, 2]
    other.close()
