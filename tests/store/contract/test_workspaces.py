"""Two workspaces with the same channels, people and model keys never see each other's rows.

Every repository of a unit of work is filled in one workspace and asked in the other. A repository that is
missing from `FILLED` fails a test, so that a new one finds its place here.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from msgspec.structs import fields

from bot.store import CommandKey, ForeignStream, Store, StreamId, UnitOfWork
from bot.store.records import StreamState
from bot.store.repositories.access_tokens import AccessToken
from bot.store.repositories.agent_calls import AgentCall
from bot.store.repositories.cards import Card
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.open_forms import OpenForm
from bot.store.repositories.pending_requests import PendingRequest
from bot.store.repositories.portfolio_entries import PortfolioRecord
from bot.store.repositories.stored_imports import StoredImport
from bot.store.repositories.tracker_connections import TrackerCheck, TrackerConnection
from bot.store.repositories.workspace_directory import JOINED, MEMBERSHIP, Channel, DirectoryChange, Person
from domain.drafts.draft import Draft, DraftSource
from domain.drafts.settlement import DraftId
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.tracked_issue import TrackerId, TrackerKind
from domain.reminder_deliveries import ReminderKey
from domain.reminders import Occasion, Reminder
from tests.store.saying import LISTED, NOON, asset, say, started

MINE, THEIRS = "T1", "T2"
BEN, HOUSE = PersonId("U2"), ChannelId("C1")
LATER = NOON + timedelta(days=365)

Seen = Callable[[UnitOfWork], object]


def model(unit: UnitOfWork) -> StreamId:
    return StreamId(f"{unit.tenant}/TM-1")


def fill_events(unit: UnitOfWork) -> None:
    say(unit.events, asset("Valuables"), stream=model(unit), expected=1, key="once", request=b"once")


def fill_reminders(unit: UnitOfWork) -> None:
    reminder = Reminder(
        key=ReminderKey("TM-1:U2:overdue:MI-1:2026-11-20+3"),
        model=ModelKey("TM-1"),
        to=BEN,
        occasion=Occasion.OVERDUE,
        subject="MI-1",
        occurs=NOON,
        due=NOON,
    )
    day = date(2026, 11, 24)
    assert unit.reminders.attempt([reminder], place=BEN, day=day, now=NOON, overtaken=()) is not None


def fill_directory(unit: UnitOfWork) -> None:
    unit.directory.learn_channel(Channel(id=HOUSE, name=f"house of {unit.tenant}"), NOON)
    unit.directory.learn_members(HOUSE, [BEN], NOON)
    unit.directory.learn_person(Person(id=BEN, name=f"Ben of {unit.tenant}", admin=True), NOON)
    joined = DirectoryChange(kind=MEMBERSHIP, moment="1", state=JOINED, channel=HOUSE, person=PersonId("U3"))
    unit.directory.record_event(joined, NOON)


def fill_pending(unit: UnitOfWork) -> None:
    unit.pending.save(
        PendingRequest(key="k", channel=HOUSE, person=BEN, kind="slash", body={"in": unit.tenant}, at=NOON)
    )


def fill_imports(unit: UnitOfWork) -> None:
    preview = unit.tenant.encode()
    unit.imports.save(
        StoredImport(channel=HOUSE, person=BEN, digest="d", preview=preview, events=(started(),), at=NOON)
    )


def fill_drafts(unit: UnitOfWork) -> None:
    source = DraftSource(name=f"{unit.tenant}.yaml", format="Compose file", sha256="ab")
    unit.drafts.add("TM-1", Draft(sources=(source,)), person=BEN, client="", at=NOON)


def fill_open_forms(unit: UnitOfWork) -> None:
    unit.open_forms.save(OpenForm(token="t", stream=model(unit), version=1, shown=b"{}", at=NOON))


def fill_access_tokens(unit: UnitOfWork) -> None:
    unit.access_tokens.save(
        AccessToken(id="a", person=BEN, digest=b"d", scopes="read", created_at=NOON, expires_at=LATER)
    )


def fill_agent_calls(unit: UnitOfWork) -> None:
    call = AgentCall(id="1", token="a", person=BEN, operation="threats", model="TM-1", at=NOON)
    assert unit.agent_calls.begin(call, most=1, since=NOON)


def fill_tracker_connections(unit: UnitOfWork) -> None:
    unit.tracker_connections.save(
        TrackerConnection(tracker=TrackerId("TR-1"), secrets=b"s", key_id="k", saved_at=NOON, polled_at=NOON)
    )
    check = TrackerCheck(
        id="c",
        person=BEN,
        at=NOON,
        kind=TrackerKind.JIRA_CLOUD,
        url="https://acme.example",
        project="SHOP",
        secrets=b"s",
        key_id="k",
    )
    assert unit.tracker_connections.save_check(check)


def fill_deliveries(unit: UnitOfWork) -> None:
    card = DeliveryRecord(slot="card/TM-1", sink="channel", stream=model(unit), place=HOUSE)
    unit.deliveries.add_missing(card)
    unit.deliveries.begin(card, "a1")


def seen_of_deliveries(unit: UnitOfWork) -> object:
    return (
        unit.deliveries.find("card/TM-1"),
        unit.deliveries.of_model(model(unit)),
        unit.deliveries.of_kind("card"),
        unit.deliveries.in_place(HOUSE),
        unit.deliveries.by_attempt("a1"),
    )


def fill_projections(unit: UnitOfWork) -> None:
    unit.projections.save("thread", model(unit), StreamState(version=1, erasures=0))


def seen_of_events(unit: UnitOfWork) -> object:
    stream = model(unit)
    return (
        unit.events.streams(),
        unit.events.streams(channel=HOUSE),
        unit.events.tail(unit.tenant, 1, 9),
        unit.events.state(stream),
        unit.events.answered(unit.tenant, CommandKey("once"), b"once"),
        unit.events.heads(),
        unit.events.verify(),
    )


def seen_of_reminders(unit: UnitOfWork) -> object:
    reminders = unit.reminders
    key = ReminderKey("TM-1:U2:overdue:MI-1:2026-11-20+3")
    return (
        reminders.attempts(),
        reminders.waits_until(BEN, NOON),
        reminders.of(ModelKey("TM-1")),
        reminders.outcomes_of(ModelKey("TM-1")),
        reminders.outcomes([key]),
        reminders.erasures(),
    )


def seen_of_directory(unit: UnitOfWork) -> object:
    known = unit.directory
    return (
        known.channel(HOUSE),
        known.person(BEN),
        known.members(HOUSE),
        known.channels(BEN),
        known.administrators(HOUSE),
        known.is_member(HOUSE, BEN),
        known.membership(HOUSE, BEN),
        known.is_expected(HOUSE, PersonId("U3")),
        known.unread_people([BEN], NOON),
    )


FILLED: dict[str, tuple[Callable[[UnitOfWork], None], Seen]] = {
    "events": (fill_events, seen_of_events),
    "reminders": (fill_reminders, seen_of_reminders),
    "directory": (fill_directory, seen_of_directory),
    "pending": (fill_pending, lambda unit: (unit.pending.all(), unit.pending.find("k"))),
    "imports": (fill_imports, lambda unit: unit.imports.find(HOUSE, BEN, "d")),
    "drafts": (
        fill_drafts,
        lambda unit: (unit.drafts.find(DraftId("TM-1/D-1")), unit.drafts.of_home("TM-1")),
    ),
    "open_forms": (fill_open_forms, lambda unit: unit.open_forms.find("t")),
    "access_tokens": (
        fill_access_tokens,
        lambda unit: (unit.access_tokens.find("a"), unit.access_tokens.of_person(BEN)),
    ),
    "agent_calls": (
        fill_agent_calls,
        lambda unit: (unit.agent_calls.of_token("a"), unit.agent_calls.last_call("a")),
    ),
    "tracker_connections": (
        fill_tracker_connections,
        lambda unit: (unit.tracker_connections.all(), unit.tracker_connections.checks()),
    ),
    "deliveries": (fill_deliveries, seen_of_deliveries),
    "portfolio_entries": (
        lambda unit: unit.portfolio_entries.save(
            PortfolioRecord(stream=model(unit), version=1, erasures=0, fold="f", data=b"{}")
        ),
        lambda unit: unit.portfolio_entries.all(),
    ),
    "projections": (
        fill_projections,
        lambda unit: (unit.projections.find("thread", model(unit)), unit.projections.behind("thread")),
    ),
}
"""How each repository is filled in one workspace, and everything that is then asked in the other."""


@pytest.fixture
def both(store: Store) -> tuple[UnitOfWork, UnitOfWork]:
    """The two workspaces, with one model each."""
    for tenant in (MINE, THEIRS):
        say(store, started(), stream=StreamId(f"{tenant}/TM-1"), key=f"start {tenant}", summary=LISTED)
    return store.unit(MINE), store.unit(THEIRS)


def test_every_repository_is_tried() -> None:
    assert set(FILLED) == {field.name for field in fields(UnitOfWork)} - {"tenant", "epoch"}, (
        "say in FILLED how a repository is filled and what it then must not tell another workspace"
    )


@pytest.mark.parametrize("name", FILLED)
def test_what_is_kept_in_one_workspace_changes_nothing_in_another(
    both: tuple[UnitOfWork, UnitOfWork], name: str
) -> None:
    mine, theirs = both
    fill, seen = FILLED[name]
    before, there_before = seen(mine), seen(theirs)

    fill(mine)

    assert seen(mine) != before, "the test fills nothing"
    assert seen(theirs) == there_before


@pytest.mark.parametrize("name", FILLED)
def test_the_same_in_both_workspaces_stays_apart(
    both: tuple[UnitOfWork, UnitOfWork], store: Store, name: str
) -> None:
    mine, theirs = both
    fill, seen = FILLED[name]
    fill(mine)
    there = seen(mine)

    fill(theirs)

    if name != "events":  # the whole file is verified with both
        assert seen(mine) == there
    store.remove_workspace(THEIRS)
    assert seen(mine) == there


FOREIGN: list[Callable[[UnitOfWork, StreamId], object]] = [
    lambda unit, stream: unit.portfolio_entries.save(
        PortfolioRecord(stream=stream, version=1, erasures=0, fold="f", data=b"{}")
    ),
    lambda unit, stream: unit.deliveries.add_missing(
        DeliveryRecord(slot="card/TM-1", sink="s", stream=stream)
    ),
    lambda unit, stream: unit.projections.save("thread", stream, StreamState(version=1, erasures=0)),
    lambda unit, stream: unit.cards.request(stream, HOUSE),
    lambda unit, stream: unit.thread_messages.record_announced(stream, StreamState(version=1, erasures=0)),
    lambda unit, stream: unit.thread_messages.request_results(Card(stream=stream, channel=HOUSE), [1]),
    lambda unit, stream: unit.open_forms.save(
        OpenForm(token="t", stream=stream, version=1, shown=b"{}", at=NOON)
    ),
    lambda unit, stream: say(unit.events, started(), stream=stream),
    lambda unit, stream: unit.events.streams("T2"),
    lambda unit, stream: unit.events.erase_stream(stream),
    lambda unit, stream: list(unit.events.read(stream)),
    lambda unit, stream: unit.events.state(stream),
]


@pytest.mark.parametrize("write", FOREIGN)
def test_a_unit_of_work_refuses_a_stream_of_another_workspace(
    both: tuple[UnitOfWork, UnitOfWork], write: Callable[[UnitOfWork, StreamId], object]
) -> None:
    mine, theirs = both
    with pytest.raises(ForeignStream, match="does not belong to workspace T1"):
        write(mine, model(theirs))


def test_a_stream_of_another_workspace_is_not_found(both: tuple[UnitOfWork, UnitOfWork]) -> None:
    mine, theirs = both
    for name in ("deliveries",):
        FILLED[name][0](theirs)
    stream = model(theirs)

    assert mine.cards.find(stream) is None
    assert mine.thread_messages.results(stream) == []
    assert theirs.cards.find(stream) is not None


def test_a_channel_that_gets_another_id_in_one_workspace_keeps_it_in_the_other(
    both: tuple[UnitOfWork, UnitOfWork],
) -> None:
    mine, theirs = both
    for unit in both:
        for name in ("deliveries", "directory", "pending"):
            FILLED[name][0](unit)
    new = ChannelId("C9")

    for follow in (
        mine.deliveries.change_channel_id,
        mine.directory.change_channel_id,
        mine.pending.change_channel_id,
    ):
        follow(HOUSE, new)

    assert [one.channel for one in mine.cards.all()] == [new]
    assert [one.channel for one in theirs.cards.all()] == [HOUSE]
    assert (mine.directory.members(new), theirs.directory.members(HOUSE)) == ((BEN,), (BEN,))
    assert (mine.directory.is_expected(new, PersonId("U3")), mine.directory.channel(HOUSE)) == (True, None)
    assert [one.channel for one in mine.pending.all()] == [new]
    assert [one.channel for one in theirs.pending.all()] == [HOUSE]


def test_cards_of_a_workspace_that_begins_again_are_forgotten_there_alone(
    both: tuple[UnitOfWork, UnitOfWork],
) -> None:
    mine, theirs = both
    for unit in both:
        fill_deliveries(unit)

    mine.cards.forget()

    assert (mine.cards.all(), len(theirs.cards.all())) == ([], 1)
