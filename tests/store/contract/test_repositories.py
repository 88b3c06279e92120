"""What each repository of a workspace answers."""

from datetime import timedelta

from msgspec.structs import replace

from bot.store import StreamId, UnitOfWork
from bot.store.records import StreamState
from bot.store.repositories.cards import Card
from bot.store.repositories.open_forms import OpenForm
from bot.store.repositories.pending_requests import PendingRequest
from bot.store.repositories.stored_imports import StoredImport
from bot.store.repositories.thread_messages import SessionParameters, session_of, version_of
from bot.store.repositories.workspace_directory import (
    ACCOUNT,
    JOINED,
    LEFT,
    MEMBERSHIP,
    Channel,
    DirectoryChange,
    MembershipRecords,
    Person,
)
from domain.kernel.elements import ChannelId, PersonId
from tests.store.saying import HOUSE, NOON, asset, started

SHOP = StreamId("T1/TM-2")
ANA, BEN, CHI = PersonId("U1"), PersonId("U2"), PersonId("U3")
CHANNEL = ChannelId("C1")
LATER = NOON + timedelta(hours=1)


def test_a_card_stays_where_it_is_until_its_channel_has_another_id(unit: UnitOfWork) -> None:
    unit.cards.record_suspension(HOUSE, "r")
    assert unit.cards.find(HOUSE) is None, "what is not there cannot rest"
    unit.cards.request(HOUSE, CHANNEL)
    unit.cards.request(HOUSE, ChannelId("C9"))
    unit.cards.record_suspension(HOUSE, "r")
    unit.cards.record_notice(HOUSE, "t")

    found = Card(stream=HOUSE, channel=CHANNEL, suspension_reason="r", notified_reason="t")
    assert unit.cards.find(HOUSE) == found
    unit.deliveries.change_channel_id(CHANNEL, ChannelId("C9"))
    unit.cards.record_suspension(HOUSE, None)
    assert unit.cards.all() == [replace(found, channel=ChannelId("C9"), suspension_reason=None)]
    unit.cards.forget()
    assert unit.cards.find(HOUSE) is None


def test_a_thread_is_remembered_by_sittings_and_results(unit: UnitOfWork) -> None:
    card, messages = Card(stream=HOUSE, channel=CHANNEL, ts="1.1"), unit.thread_messages
    late = messages.request_session(card, 12, SessionParameters(last=12, until=LATER))
    early = messages.request_session(card, 4, SessionParameters(last=5, until=NOON))
    (ten, nine) = messages.request_results(card, [10, 9])
    assert messages.request_results(card, [9]) == [], "it is wanted already"

    assert (late.place, late.thread, version_of(late), session_of(late).until) == ("C1", "1.1", 12, LATER)
    assert messages.sessions(HOUSE) == [early, late]
    assert messages.results(HOUSE) == [nine, ten]
    unit.deliveries.put(replace(nine, external_id="1.2"))
    unit.deliveries.put(replace(late, final=True))
    assert messages.unposted(HOUSE) == [early, ten]
    messages.extend(early, SessionParameters(last=7, until=LATER))
    messages.move(ten, "2.1")
    assert [session_of(session).last for session in messages.sessions(HOUSE)] == [7, 12]
    assert [result.thread for result in messages.results(HOUSE)] == ["1.1", "2.1"]


def test_how_far_a_thread_is_told(unit: UnitOfWork) -> None:
    assert unit.thread_messages.announced(HOUSE) == StreamState(version=0, erasures=0)
    unit.thread_messages.record_announced(HOUSE, StreamState(version=4, erasures=1))
    assert unit.thread_messages.announced(HOUSE) == StreamState(version=4, erasures=1)


def test_a_request_waits_once_until_it_is_settled(unit: UnitOfWork) -> None:
    body = {"text": "Grüße 🏠", "nested": [1, {"a": None}]}
    first = PendingRequest(key="a", channel=CHANNEL, person=BEN, kind="slash", body=body, at=LATER)
    earlier = replace(first, key="b", at=NOON)
    saved = [unit.pending.save(one) for one in (first, replace(first, kind="click"), earlier)]
    assert saved == [True, False, True]

    assert unit.pending.find("a") == first
    assert unit.pending.all() == [earlier, first]
    unit.pending.settle(first)
    assert unit.pending.all() == [earlier]


def test_a_request_is_claimed_by_one_of_those_who_read_it(unit: UnitOfWork) -> None:
    first = PendingRequest(key="a", channel=CHANNEL, person=BEN, kind="slash", body={"text": "x"}, at=NOON)
    other = replace(first, key="b")
    for one in (first, other):
        unit.pending.save(one)
    (read, _), (read_too, _) = unit.pending.all(), unit.pending.all()

    assert [unit.pending.claim(one, at=LATER) for one in (read, read_too)] == [True, False]

    claimed = replace(first, at=LATER)
    assert unit.pending.all() == [other, claimed]
    assert unit.pending.claim(claimed, at=LATER + timedelta(microseconds=1))
    unit.pending.settle(first)
    assert not unit.pending.claim(claimed, at=LATER)
    assert unit.pending.all() == [other]


def test_a_draft_is_replaced_or_imported(unit: UnitOfWork) -> None:
    draft = StoredImport(
        channel=CHANNEL, person=BEN, digest="d", preview=b"{}", events=(started(), asset("A")), at=NOON
    )
    unit.imports.save(replace(draft, events=()))
    unit.imports.save(draft)

    assert unit.imports.find(CHANNEL, BEN, "d") == draft
    assert unit.imports.find(CHANNEL, ANA, "d") is None
    unit.imports.forget(CHANNEL, BEN, "d")
    assert unit.imports.find(CHANNEL, BEN, "d") is None


def test_an_open_form_stays_as_it_was_first_shown(unit: UnitOfWork) -> None:
    form = OpenForm(token="t", stream=HOUSE, version=2, shown=b'{"name":1}', at=NOON)
    unit.open_forms.save(form)
    unit.open_forms.save(replace(form, version=9))

    assert unit.open_forms.find("t") == form


def test_the_directory_knows_people_and_channels(unit: UnitOfWork) -> None:
    known = unit.directory
    ana = Person(id=ANA, name="Ana", zone="Europe/Lisbon", home="T1", teams=("T1", "T3"), admin=True)
    channel = Channel(id=CHANNEL, name="house", private=True, shared=True)
    known.learn_channel(channel, NOON)
    known.learn_members(CHANNEL, [BEN, ANA])
    assert known.learn_person(ana, NOON)
    assert known.learn_person(Person(id=BEN, name="Ben", admin=True, deactivated=True), NOON)

    assert (known.channel(CHANNEL), known.person(ANA)) == (channel, ana)
    assert (known.members(CHANNEL), known.channels(BEN)) == ((ANA, BEN), (CHANNEL,))
    assert known.administrators(CHANNEL) == (ANA,)
    assert known.unread_people([ANA, PersonId("U9")], NOON) == ("U9",)
    assert known.unread_people([ANA], LATER) == (ANA,)
    assert known.membership(CHANNEL, ANA) == MembershipRecords(person=ana, channel=channel, is_member=True)
    unknown = MembershipRecords(person=None, channel=None, is_member=False)
    assert known.membership(ChannelId("C9"), PersonId("U9")) == unknown
    known.learn_members(CHANNEL, [BEN])
    assert not known.is_member(CHANNEL, ANA)


def test_an_event_that_comes_late_changes_nothing(unit: UnitOfWork) -> None:
    known = unit.directory
    left = DirectoryChange(
        kind=MEMBERSHIP, moment="000000000002.000000", state=LEFT, channel=CHANNEL, person=BEN
    )
    joined = replace(left, moment="000000000001.000000", state=JOINED)
    known.learn_members(CHANNEL, [BEN])

    assert known.record_departure(left, NOON)
    assert not known.is_member(CHANNEL, BEN)
    assert not known.record_event(joined, NOON)
    assert not known.record_departure(left, NOON)
    assert known.record_event(replace(joined, moment=""), NOON), "what has no moment is believed"


def test_a_person_who_left_during_a_look_up_stays_out(unit: UnitOfWork) -> None:
    known = unit.directory
    left = DirectoryChange(kind=MEMBERSHIP, moment="2", state=LEFT, channel=CHANNEL, person=BEN)
    joined = DirectoryChange(kind=MEMBERSHIP, moment="2", state=JOINED, channel=CHANNEL, person=ANA)
    known.record_event(joined, NOON)
    known.record_departure(left, LATER)
    assert known.is_expected(CHANNEL, ANA)

    known.learn_members(CHANNEL, [ANA, BEN], LATER)

    assert known.members(CHANNEL) == (ANA,)
    assert not known.is_expected(CHANNEL, ANA), "the look has confirmed it"


def test_an_older_account_changes_nothing(unit: UnitOfWork) -> None:
    known = unit.directory
    new = Person(id=BEN, name="Benedikt", changed="000000000002.000000/000000000003.000000")
    told = DirectoryChange(kind=ACCOUNT, person=BEN, moment=new.changed)
    assert known.learn_person(new, NOON, told)

    assert not known.learn_person(replace(new, name="Ben", changed="000000000001.000000/"), LATER)
    assert known.learn_person(replace(new, name="Benno", changed="000000000002.000000/"), LATER)
    assert not known.learn_person(new, LATER, told)
    found = known.person(BEN)
    assert found is not None
    assert found.name == "Benno"
