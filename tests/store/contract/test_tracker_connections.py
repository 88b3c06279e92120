"""Connections to trackers: secrets are replaced as a whole, and a late result of earlier ones is refused."""

from datetime import timedelta

from msgspec.structs import replace

from bot.store import Store, StreamId, UnitOfWork
from bot.store.repositories.tracker_connections import TrackerCheck, TrackerConnection
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId, TrackerKind
from tests.store.saying import NOON, started
from tests.store.saying import say as record

MINUTE = timedelta(minutes=1)
BEN, CHI = PersonId("U2"), PersonId("U3")
SHOP = TrackerConnection(tracker=TrackerId("TR-1"), secrets=b"\x00sealed", key_id="k1", saved_at=NOON)
CHECK = TrackerCheck(
    id="a",
    person=BEN,
    at=NOON,
    kind=TrackerKind.GITHUB,
    url="https://github.com",
    project="acme/shop",
    labels=("security", "threat, model"),
    secrets=b"\x00sealed",
    key_id="k1",
)


def test_connections_are_found_as_they_were_saved_in_the_order_of_their_numbers(unit: UnitOfWork) -> None:
    polled = replace(
        SHOP,
        tracker=TrackerId("TR-10"),
        polled_until=NOON - MINUTE,
        polled_at=NOON,
        failures=2,
        failed_at=NOON + MINUTE,
        error="The tracker did not answer.",
        stopped=True,
        rejections=4,
        rejected_at=NOON + MINUTE,
    )
    for one in (polled, replace(SHOP, tracker=TrackerId("TR-2")), SHOP):
        unit.tracker_connections.save(one)

    assert unit.tracker_connections.all() == [SHOP, replace(SHOP, tracker=TrackerId("TR-2")), polled]
    assert unit.tracker_connections.find(TrackerId("TR-10")) == polled
    assert unit.tracker_connections.find(TrackerId("TR-3")) is None
    assert [unit.tracker_connections.delete(TrackerId("TR-10")) for _ in range(2)] == [True, False]
    assert unit.tracker_connections.find(TrackerId("TR-10")) is None


def test_a_success_ends_the_failures_before_it(unit: UnitOfWork) -> None:
    connections = unit.tracker_connections
    connections.save(SHOP)
    for minutes in (1, 2):
        assert connections.record_failure(SHOP, "No answer.", at=NOON + minutes * MINUTE)
    failed = replace(SHOP, failures=2, failed_at=NOON + 2 * MINUTE, error="No answer.")
    assert connections.all() == [failed]

    assert connections.record_poll(SHOP, until=NOON + 2 * MINUTE, at=NOON + 3 * MINUTE)

    assert connections.all() == [replace(SHOP, polled_until=NOON + 2 * MINUTE, polled_at=NOON + 3 * MINUTE)]


def test_a_stopped_connection_stays_stopped_until_its_token_is_replaced(unit: UnitOfWork) -> None:
    connections = unit.tracker_connections
    connections.save(SHOP)
    connections.record_failure(SHOP, "The token is not accepted.", at=NOON, stopped=True)
    connections.record_failure(SHOP, "No answer.", at=NOON + MINUTE)
    assert [one.stopped for one in connections.all()] == [True]

    renewed = replace(SHOP, secrets=b"new", saved_at=NOON + MINUTE)
    connections.save(renewed)

    refused = [
        connections.record_poll(SHOP, until=NOON, at=NOON),
        connections.record_failure(SHOP, "The token is not accepted.", at=NOON, stopped=True),
        connections.encrypt_again(SHOP, secrets=b"old", key_id="k2"),
    ]
    assert (refused, connections.all()) == ([False, False, False], [renewed])


def test_a_rejection_is_counted_by_one_of_two_processes(unit: UnitOfWork) -> None:
    connections = unit.tracker_connections
    connections.save(SHOP)
    for number, stopped in ((1, False), (2, True)):
        (held,), at = connections.all(), NOON + number * MINUTE
        counted = [
            connections.record_rejection(held, error, at=at, rejections=number, stopped=stopped)
            for error in ("HTTP 401 here", "HTTP 401 there")
        ]
        assert counted == [True, False], "the other process read the connection before"
        assert connections.all() == [
            replace(
                SHOP,
                failures=number,
                failed_at=at,
                error="HTTP 401 here",
                stopped=stopped,
                rejections=number,
                rejected_at=at,
            )
        ]
    renewed = replace(SHOP, secrets=b"new", saved_at=NOON + MINUTE)
    connections.save(renewed)
    assert not connections.record_rejection(SHOP, "HTTP 401", at=NOON, rejections=1, stopped=True)
    assert connections.all() == [renewed]


def test_encrypting_again_changes_nothing_else_and_happens_once(unit: UnitOfWork) -> None:
    connections = unit.tracker_connections
    connections.save(SHOP)
    connections.record_failure(SHOP, "No answer.", at=NOON)

    assert connections.encrypt_again(SHOP, secrets=b"again", key_id="k2")
    assert not connections.encrypt_again(SHOP, secrets=b"twice", key_id="k2")

    assert connections.all() == [
        replace(SHOP, secrets=b"again", key_id="k2", failures=1, failed_at=NOON, error="No answer.")
    ]
    assert connections.record_poll(SHOP, until=NOON, at=NOON), "a poll that was under way is recorded"


def test_a_request_is_kept_once_until_it_is_settled(unit: UnitOfWork) -> None:
    connections = unit.tracker_connections
    more = {"account": "chi@example.org", "secrets": b"", "key_id": "", "shown_in": "V1", "labels": ()}
    later = replace(CHECK, id="0", at=NOON + MINUTE, person=CHI, tracker=TrackerId("TR-1"), **more)
    assert [connections.save_check(one) for one in (later, CHECK, replace(CHECK, project="else"))] == [
        True,
        True,
        False,
    ]

    assert connections.checks() == [CHECK, later]
    assert connections.find_check("a") == CHECK
    assert (connections.forget_person(CHI), connections.checks()) == (1, [CHECK])
    assert [connections.delete_check("a") for _ in range(2)] == [True, False]
    assert connections.find_check("a") is None


def test_the_secrets_of_a_request_go_with_its_outcome(unit: UnitOfWork) -> None:
    connections = unit.tracker_connections
    connections.save_check(CHECK)

    assert [connections.settle_check("a", text) for text in ("TR-1 is connected.", "Again")] == [True, False]

    assert connections.checks() == [replace(CHECK, secrets=b"", key_id="", outcome="TR-1 is connected.")]


def test_connections_of_all_workspaces_are_listed_and_go_with_theirs(store: Store) -> None:
    for tenant in ("T2", "T1"):
        record(store, started(), stream=StreamId(f"{tenant}/TM-1"), key=f"start {tenant}")
        unit = store.unit(tenant)
        unit.tracker_connections.save(SHOP)
        unit.tracker_connections.save_check(CHECK)
    assert store.housekeeping.tracker_connections() == [("T1", SHOP), ("T2", SHOP)]

    store.remove_workspace("T1")

    assert store.housekeeping.tracker_connections() == [("T2", SHOP)]
    assert store.unit("T1").tracker_connections.checks() == []
