"""What each repository of a workspace answers."""

from datetime import timedelta

from msgspec.structs import replace

from bot.store import CommandKey, StreamId, UnitOfWork
from bot.store.records import StreamState
from bot.store.repositories.cards import Card
from bot.store.repositories.directory import (
    ACCOUNT,
    JOINED,
    LEFT,
    MEMBERSHIP,
    Channel,
    Person,
    Told,
)
from bot.store.repositories.directs import ATTEMPTED, Direct
from bot.store.repositories.drafts import ImportDraft
from bot.store.repositories.exports import Order, Ordered
from bot.store.repositories.homes import OpenedHome
from bot.store.repositories.open_forms import OpenForm
from bot.store.repositories.pending_requests import PendingRequest
from bot.store.repositories.pictures import Owed, Shown
from bot.store.repositories.shown_nudges import ShownNudge
from bot.store.repositories.thread_messages import SittingParameters, sitting_of, version_of
from bot.store.repositories.uploads import Upload
from domain.kernel.elements import ChannelId, PersonId
from tests.store.saying import HOUSE, NOON, asset, say, started

SHOP = StreamId("T1/TM-2")
ANA, BEN, CHI = PersonId("U1"), PersonId("U2"), PersonId("U3")
CHANNEL = ChannelId("C1")
LATER = NOON + timedelta(hours=1)


def test_a_card_stays_where_it_is_until_its_channel_has_another_id(unit: UnitOfWork) -> None:
    unit.cards.rest(HOUSE, "r")
    assert unit.cards.find(HOUSE) is None, "what is not there cannot rest"
    unit.cards.want(HOUSE, CHANNEL)
    unit.cards.want(HOUSE, ChannelId("C9"))
    unit.cards.rest(HOUSE, "r")
    unit.cards.tell(HOUSE, "t")

    found = Card(stream=HOUSE, channel=CHANNEL, resting="r", told="t")
    assert unit.cards.find(HOUSE) == found
    unit.deliveries.follow(CHANNEL, ChannelId("C9"))
    unit.cards.rest(HOUSE, None)
    assert unit.cards.all() == [replace(found, channel=ChannelId("C9"), resting=None)]
    unit.cards.forget()
    assert unit.cards.find(HOUSE) is None


def test_a_thread_is_remembered_by_sittings_and_results(unit: UnitOfWork) -> None:
    card, messages = Card(stream=HOUSE, channel=CHANNEL, ts="1.1"), unit.thread_messages
    late = messages.want_sitting(card, 12, SittingParameters(last=12, until=LATER))
    early = messages.want_sitting(card, 4, SittingParameters(last=5, until=NOON))
    (ten, nine) = messages.want_results(card, [10, 9])
    assert messages.want_results(card, [9]) == [], "it is wanted already"

    assert (late.place, late.thread, version_of(late), sitting_of(late).until) == ("C1", "1.1", 12, LATER)
    assert messages.sittings(HOUSE) == [early, late]
    assert messages.results(HOUSE) == [nine, ten]
    unit.deliveries.put(replace(nine, external_id="1.2"))
    unit.deliveries.put(replace(late, over=True))
    assert messages.owed(HOUSE) == [early, ten]
    messages.extend(early, SittingParameters(last=7, until=LATER))
    messages.move(ten, "2.1")
    assert [sitting_of(one).last for one in messages.sittings(HOUSE)] == [7, 12]
    assert [one.thread for one in messages.results(HOUSE)] == ["1.1", "2.1"]


def test_how_far_a_thread_is_told(unit: UnitOfWork) -> None:
    assert unit.thread_messages.told(HOUSE) == StreamState(version=0, erasures=0)
    unit.thread_messages.tell(HOUSE, StreamState(version=4, erasures=1))
    assert unit.thread_messages.told(HOUSE) == StreamState(version=4, erasures=1)


def test_a_picture_is_owed_to_a_posted_result_until_it_is_shown(unit: UnitOfWork) -> None:
    (result,) = unit.thread_messages.want_results(Card(stream=HOUSE, channel=CHANNEL, ts="1.1"), [5])
    assert unit.pictures.owing() == set()
    unit.deliveries.put(replace(result, external_id="1.2"))

    assert unit.pictures.owed(HOUSE) == [Owed(version=5, thread="1.1")]
    assert unit.pictures.owing() == {HOUSE}
    shown = Shown(stream=HOUSE, version=5, files=("F1", "F2"), words="w", erasures=1)
    unit.pictures.keep(shown)
    assert (unit.pictures.of(HOUSE), unit.pictures.owing()) == ([shown], set())
    unit.pictures.forget(shown)
    assert unit.pictures.owing() == {HOUSE}


def test_a_diagram_is_asked_for_once_and_again_while_it_is_drawn(unit: UnitOfWork) -> None:
    one, two = CommandKey("1"), CommandKey("2")
    assert unit.diagrams.ask(HOUSE, one)
    assert unit.diagrams.ask(HOUSE, one)
    assert not unit.diagrams.ask(HOUSE, two)
    found = unit.diagrams.find(HOUSE)
    assert found is not None
    assert (found.asked, found.answered) == (2, 0)

    assert unit.diagrams.ask(HOUSE, two)
    unit.diagrams.keep(replace(found, asked=1, answered=2, shown="F1"))
    assert unit.diagrams.find(HOUSE) == replace(found, answered=2, shown="F1")
    assert unit.diagrams.ask(HOUSE, CommandKey("3")), "none of those before waits any more"
    unit.diagrams.forget(HOUSE)
    assert unit.diagrams.all() == []
    unit.diagrams.keep(found)
    assert unit.diagrams.all() == [], "what nobody asked for is not kept"


def test_one_order_waits_for_each_person_and_format(unit: UnitOfWork) -> None:
    order = Order(stream=HOUSE, key=CommandKey("1"), person=ANA, form="pdf", word="pdf")
    assert unit.exports.ask(order)
    assert unit.exports.ask(order)
    assert not unit.exports.ask(replace(order, key=CommandKey("2")))
    assert unit.exports.ask(replace(order, key=CommandKey("3"), form="otm", word="otm"))
    assert unit.exports.ask(replace(order, key=CommandKey("4"), person=BEN))
    assert unit.exports.ask(replace(order, key=CommandKey("0"), stream=SHOP))

    assert [one.key for one in unit.exports.of(HOUSE)] == ["1", "3", "4"]
    assert [one.key for one in unit.exports.all()] == ["1", "3", "4", "0"]
    first = unit.exports.of(HOUSE)[0]
    unit.exports.keep(replace(first, file="F1", message="1.2", over=True, erasures=2))
    assert unit.exports.of(HOUSE)[0] == replace(first, file="F1", message="1.2", over=True, erasures=2)
    assert unit.exports.ask(replace(order, key=CommandKey("5"))), "the first one is over"
    unit.exports.forget(first)
    assert [one.key for one in unit.exports.of(HOUSE)] == ["3", "4", "5"]


def test_a_canvas_is_kept_beside_the_orders(unit: UnitOfWork) -> None:
    canvas = Ordered(stream=HOUSE, key=CommandKey("canvas"), word="canvas", file="F1")
    unit.exports.put(canvas)
    unit.exports.put(replace(canvas, file="F2", over=True, erasures=1))

    assert unit.exports.canvas(HOUSE) == replace(canvas, file="F2", over=True, erasures=1)
    assert unit.exports.canvas(SHOP) is None


def test_files_are_checked_until_they_appear(unit: UnitOfWork) -> None:
    uploads = unit.uploads("export")
    one = Upload(stream=HOUSE, surface="export", about="a", files=("F1",), at=NOON, tries=1)
    failed = replace(one, about="b", files=())
    uploads.keep(one)
    uploads.keep(failed)
    unit.uploads("diagram").keep(replace(one, surface="diagram", about="c"))

    assert (uploads.find(HOUSE, "a"), uploads.of(HOUSE)) == (one, [one, failed])
    assert uploads.streams() == {HOUSE}
    uploads.forget(HOUSE, "a")
    assert uploads.streams() == set(), "a try that failed is not waited for"
    uploads.forget_all(HOUSE)
    assert (uploads.of(HOUSE), unit.uploads("diagram").of(HOUSE)) == ([], [])


def test_a_direct_message_is_noted_once_and_settled_once(unit: UnitOfWork) -> None:
    directs = unit.handovers
    attempt = Direct(stream=HOUSE, about="3", person=BEN, digest=ATTEMPTED)
    assert directs.claim(attempt)
    assert not directs.claim(replace(attempt, digest=""))
    assert (directs.unclear(), directs.waiting()) == ({HOUSE}, set())

    directs.release(attempt)
    assert (directs.unclear(), directs.waiting()) == (set(), {HOUSE})
    posted = replace(attempt, channel="D1", ts="1.1", digest="shown")
    assert not directs.settle(attempt, posted), "it is known that nothing was posted"
    assert directs.settle(replace(attempt, digest=""), posted)
    assert directs.of(HOUSE) == {("3", BEN): posted}
    assert unit.invitations.of(HOUSE) == {}, "the two kinds are kept apart"


def test_models_are_followed_as_far_as_people_were_told(unit: UnitOfWork) -> None:
    say(unit.events, started())
    say(unit.events, started("TM-2"), stream=SHOP)
    assert (unit.followed.until(HOUSE), unit.followed.behind()) == (None, {HOUSE, SHOP})

    unit.followed.follow(HOUSE, 1)
    unit.followed.follow(SHOP, 1)
    say(unit.events, asset("Valuables"), expected=1)

    assert (unit.followed.until(HOUSE), unit.followed.behind()) == (1, {HOUSE})


def test_home_tabs_are_remembered_for_the_people_who_opened_theirs_last(unit: UnitOfWork) -> None:
    for minutes, person in enumerate((ANA, BEN, CHI)):
        unit.homes.keep(OpenedHome(person=person, opened_at=NOON + timedelta(minutes=minutes)))
    unit.homes.keep(OpenedHome(person=ANA, opened_at=NOON, shown="a digest"))
    assert unit.homes.find(ANA) == OpenedHome(person=ANA, opened_at=NOON, shown="a digest")
    assert [one.person for one in unit.homes.since(NOON, most=2)] == [CHI, BEN]
    unit.homes.forget_before(NOON + timedelta(minutes=1))
    unit.homes.forget(CHI)
    assert [one.person for one in unit.homes.since(NOON, most=9)] == [BEN]


def test_what_is_shown_can_be_doubted(unit: UnitOfWork) -> None:
    tried = Direct(stream=HOUSE, about="1", person=BEN, digest=ATTEMPTED)
    sent = Direct(stream=HOUSE, about="2", person=BEN, channel="D1", ts="1.1", digest="d")
    for one in (tried, sent):
        unit.handovers.keep(one)
    unit.handovers.doubt(HOUSE)
    assert set(unit.handovers.of(HOUSE).values()) == {tried, replace(sent, digest="")}


def test_the_message_of_nudges_is_remembered_by_its_place(unit: UnitOfWork) -> None:
    shown = ShownNudge(channel="D1", ts="1.1", digest="d")
    assert unit.shown_nudges.find("D1", "1.1") is None
    unit.shown_nudges.keep(shown)
    unit.shown_nudges.keep(replace(shown, over=True))
    assert unit.shown_nudges.find("D1", "1.1") == replace(shown, over=True)


def test_a_request_waits_once_until_it_is_settled(unit: UnitOfWork) -> None:
    body = {"text": "Grüße 🏠", "nested": [1, {"a": None}]}
    first = PendingRequest(key="a", channel=CHANNEL, person=BEN, kind="slash", body=body, at=LATER)
    earlier = replace(first, key="b", at=NOON)
    unit.pending.keep(first)
    unit.pending.keep(replace(first, kind="click"))
    unit.pending.keep(earlier)

    assert unit.pending.find("a") == first
    assert unit.pending.all() == [earlier, first]
    unit.pending.settle(first)
    assert unit.pending.all() == [earlier]


def test_a_draft_is_replaced_imported_or_too_old(unit: UnitOfWork) -> None:
    draft = ImportDraft(
        channel=CHANNEL, person=BEN, digest="d", preview=b"{}", events=(started(), asset("A")), at=NOON
    )
    unit.drafts.keep(replace(draft, events=()))
    unit.drafts.keep(draft)

    assert unit.drafts.find(CHANNEL, BEN, "d") == draft
    assert unit.drafts.find(CHANNEL, ANA, "d") is None
    unit.drafts.forget_before(NOON)
    assert unit.drafts.find(CHANNEL, BEN, "d") == draft
    unit.drafts.forget_before(LATER)
    assert unit.drafts.find(CHANNEL, BEN, "d") is None
    unit.drafts.keep(draft)
    unit.drafts.forget(CHANNEL, BEN, "d")
    assert unit.drafts.find(CHANNEL, BEN, "d") is None


def test_an_open_form_stays_as_it_was_first_shown(unit: UnitOfWork) -> None:
    form = OpenForm(token="t", stream=HOUSE, version=2, shown=b'{"name":1}', at=NOON)
    unit.open_forms.keep([form])
    unit.open_forms.keep([replace(form, version=9)])

    assert unit.open_forms.find("t") == form
    unit.open_forms.forget_before(LATER)
    assert unit.open_forms.find("t") is None


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
    known.learn_members(CHANNEL, [BEN])
    assert not known.is_member(CHANNEL, ANA)


def test_an_event_that_comes_late_changes_nothing(unit: UnitOfWork) -> None:
    known = unit.directory
    left = Told(kind=MEMBERSHIP, moment="000000000002.000000", says=LEFT, channel=CHANNEL, person=BEN)
    joined = replace(left, moment="000000000001.000000", says=JOINED)
    known.learn_members(CHANNEL, [BEN])

    assert known.leave(left, NOON)
    assert not known.is_member(CHANNEL, BEN)
    assert not known.hear(joined, NOON)
    assert not known.leave(left, NOON)
    assert known.hear(replace(joined, moment=""), NOON), "what has no moment is believed"


def test_who_left_while_somebody_looked_stays_outside(unit: UnitOfWork) -> None:
    known = unit.directory
    left = Told(kind=MEMBERSHIP, moment="2", says=LEFT, channel=CHANNEL, person=BEN)
    joined = Told(kind=MEMBERSHIP, moment="2", says=JOINED, channel=CHANNEL, person=ANA)
    known.hear(joined, NOON)
    known.leave(left, LATER)
    assert known.is_expected(CHANNEL, ANA)

    known.learn_members(CHANNEL, [ANA, BEN], LATER)

    assert known.members(CHANNEL) == (ANA,)
    assert not known.is_expected(CHANNEL, ANA), "the look has confirmed it"


def test_an_older_account_changes_nothing(unit: UnitOfWork) -> None:
    known = unit.directory
    new = Person(id=BEN, name="Benedikt", changed="000000000002.000000/000000000003.000000")
    told = Told(kind=ACCOUNT, person=BEN, moment=new.changed)
    assert known.learn_person(new, NOON, told)

    assert not known.learn_person(replace(new, name="Ben", changed="000000000001.000000/"), LATER)
    assert known.learn_person(replace(new, name="Benno", changed="000000000002.000000/"), LATER)
    assert not known.learn_person(new, LATER, told)
    found = known.person(BEN)
    assert found is not None
    assert found.name == "Benno"
