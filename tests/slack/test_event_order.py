"""Events of Slack's come late, twice and in any order: what is known of people ends up the same."""

from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any, cast

import pytest

from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.handlers.dispatch_table import EVENT_HANDLERS
from bot.slack.handlers.event_handlers import EventContext
from bot.slack.handlers.handler_responses import ReadChannel
from bot.slack.protocol.requests import Json, SlackEvent
from bot.slack.protocol.web_api_client import ApiUnreachable, SlackApi
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.store import SqliteStore, open_store
from domain.kernel.elements import ChannelId, PersonId
from tests.fresh_database import copy_fresh_file

HOUSE, ANA, BEN, BOT = ChannelId("C1"), PersonId("U1"), PersonId("U2"), PersonId("UBOT")


class Slack:
    """What Slack would say now; `away` if nobody answers."""

    def __init__(self) -> None:
        self.members = {ANA, BEN, BOT}
        self.people: dict[str, Json] = {one: {"id": one, "name": one, "updated": 100} for one in (ANA, BEN)}
        self.away = False
        self.reads = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def call(self, method: str, **arguments: Any) -> Json:
        if self.away:
            raise ApiUnreachable("timeout")
        match method:
            case "conversations.info":
                return {
                    "channel": {
                        "id": HOUSE,
                        "name": "house",
                        "is_private": True,
                        "is_member": BOT in self.members,
                    }
                }
            case "conversations.members":
                self.reads += 1
                members = sorted(self.members)
                self.meanwhile()
                return {"members": members}
            case _:
                who = arguments["user"]
                return {"user": self.people.get(who, {"id": who, "name": who})}


class _Suspensions:
    def resume(self, channel: ChannelId) -> None:
        del channel

    def suspend(self, channel: ChannelId, why: str) -> None:
        del channel, why


class Ear:
    """The bot's ear and its directory; `restart` begins with what is stored alone."""

    def __init__(self, store: SqliteStore) -> None:
        self.slack, self._store = Slack(), store
        self.restart()
        self.lookup.read_channel(HOUSE)

    def restart(self) -> None:
        self.directory = Directory(self._store.unit("T1"))
        self.lookup = DirectoryLookup(
            self.directory,
            cast("SlackApi", self.slack),
            tenant="T1",
            now=lambda: datetime.now(UTC),
            renamed=lambda: None,
        )
        self.watch = EventContext(
            bot_user=BOT,
            lookup=self.lookup,
            suspensions=cast("ChannelSuspensions", _Suspensions()),
            answer=lambda _kind, _body: pytest.fail("nobody asked"),
            change_channel_id=lambda _old, _new: None,
            stop_sending=lambda _why: None,
        )

    def hear(self, *events: Json) -> None:
        """Deliver events, and do what follows from each as far as Slack answers."""
        for event in events:
            happening = SlackEvent(type=event["type"], event=event, teams=("T1",))
            for after in EVENT_HANDLERS[event["type"]](self.watch, happening):
                try:
                    match after:
                        case ReadChannel(only=person) if person:
                            self.lookup.confirm(after.channel, person)
                        case ReadChannel():
                            self.lookup.read_channel(after.channel)
                        case _:
                            pass
                except ApiUnreachable:
                    pass

    def status(self, person: PersonId = BEN) -> Membership:
        return self.directory.status(HOUSE, person)


@pytest.fixture
def ear(tmp_path: Path) -> Generator[Ear]:
    copy_fresh_file(tmp_path / "threatmodel.db")
    store = open_store(f"sqlite:///{tmp_path / 'threatmodel.db'}")
    yield Ear(store)
    store.close()


def join(moment: int, person: PersonId = BEN) -> Json:
    return {"type": "member_joined_channel", "channel": HOUSE, "user": person, "event_ts": f"{moment}.000100"}


def leave(moment: int, person: PersonId = BEN) -> Json:
    return {"type": "member_left_channel", "channel": HOUSE, "user": person, "event_ts": f"{moment}.000100"}


def account(moment: int, *, deleted: bool, after: str = "000100") -> Json:
    user = {"id": BEN, "name": BEN, "deleted": deleted, "updated": moment}
    return {"type": "user_change", "user": user, "event_ts": f"{moment}.{after}"}


def deliveries(*events: Json) -> list[tuple[Json, ...]]:
    """Every order of the events, and every order in which one of them comes twice."""
    twice = [(*events, again) for again in events]
    return [order for some in ((events,), twice) for each in some for order in permutations(each)]


GONE = (join(200), leave(300))
BACK = (leave(200), join(300))


def test_an_old_join_after_a_leave_lets_no_one_in(ear: Ear) -> None:
    ear.slack.members.discard(BEN)
    ear.slack.away = True
    ear.hear(leave(300), join(200))
    assert ear.status() is Membership.UNKNOWN
    assert BEN not in ear.directory.records.members(HOUSE)


def test_a_join_alone_opens_nothing_until_a_look_has_confirmed_it(ear: Ear) -> None:
    ear.hear(leave(200))
    ear.slack.away = True
    ear.hear(join(300))
    assert ear.status() is Membership.UNKNOWN, "what they say is kept meanwhile"
    ear.slack.away = False
    assert ear.lookup.check(HOUSE, BEN) is Membership.MEMBER


@pytest.mark.parametrize("restarting", [False, True])
@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize(("events", "inside"), [(GONE, False), (BACK, True), ((*GONE, join(400)), True)])
def test_every_order_of_deliveries_ends_in_what_slack_says(
    ear: Ear, events: Sequence[Json], inside: bool, away: bool, restarting: bool
) -> None:
    (ear.slack.members.add if inside else ear.slack.members.discard)(BEN)
    for number, order in enumerate(deliveries(*events)):
        later = [{**one, "event_ts": f"{float(one['event_ts']) + 1000 * (number + 1):.6f}"} for one in order]
        ear.slack.away = False
        ear.lookup.read_channel(HOUSE)
        ear.slack.away = away
        for event in later:
            if restarting:
                ear.restart()
            ear.hear(event)
        if away:
            assert inside or ear.status() is not Membership.MEMBER, "an event alone lets nobody in"
            ear.slack.away = False
            ear.lookup.check(HOUSE, BEN)
        assert (ear.status() is Membership.MEMBER) is inside, order


@pytest.mark.parametrize("restarting", [False, True])
@pytest.mark.parametrize("last", [True, False])
def test_every_order_of_changes_of_an_account_ends_in_the_last_one(
    ear: Ear, last: bool, restarting: bool
) -> None:
    ear.slack.away = True
    for number, order in enumerate(
        deliveries(*(account(one, deleted=one % 2 == last) for one in (201, 202, 203)))
    ):
        later = [
            {**one, "user": {**one["user"], "updated": one["user"]["updated"] + 1000 * (number + 1)}}
            for one in order
        ]
        for event in later:
            if restarting:
                ear.restart()
            ear.hear(event)
        known = ear.directory.person(BEN)
        assert known is not None
        assert known.deactivated is last, order


def test_of_two_changes_within_one_second_the_later_event_counts(ear: Ear) -> None:
    first, second = account(200, deleted=False, after="000100"), account(200, deleted=True, after="000200")
    for order in permutations((first, second)):
        ear.hear(*order)
        assert ear.status() is Membership.DEACTIVATED


def test_a_look_that_slack_answers_with_an_older_account_reactivates_no_one(ear: Ear) -> None:
    ear.hear(account(300, deleted=True))
    ear.lookup.read_people([BEN])
    assert ear.status() is Membership.DEACTIVATED
    ear.slack.people[BEN] = {"id": BEN, "name": BEN, "updated": 400}
    ear.lookup.read_people([BEN])
    assert ear.status() is Membership.MEMBER


def test_who_leaves_while_a_look_is_under_way_stays_outside(ear: Ear) -> None:
    ear.slack.meanwhile = lambda: ear.hear(leave(500))
    ear.lookup.read_channel(HOUSE)
    assert ear.status() is not Membership.MEMBER


def test_many_who_come_at_once_share_one_look(ear: Ear) -> None:
    reads = ear.slack.reads
    joins = [
        SlackEvent(type="member_joined_channel", event=join(500 + n, PersonId(f"U{n}")), teams=())
        for n in range(9)
    ]
    after = [
        one for happening in joins for one in EVENT_HANDLERS["member_joined_channel"](ear.watch, happening)
    ]
    ear.slack.people.update({f"U{n}": {"id": f"U{n}", "name": "x"} for n in range(9)})
    for one in after:
        assert isinstance(one, ReadChannel)
        assert one.only is not None
        ear.lookup.confirm(one.channel, one.only)
    assert ear.slack.reads == reads + 1


def test_an_old_join_of_the_bot_shows_no_former_members_of_a_private_channel(ear: Ear) -> None:
    left = {"type": "group_left", "channel": HOUSE, "event_ts": "300.000100"}
    ear.slack.members.discard(BOT)
    ear.hear(left)
    assert ear.status() is Membership.UNSEEN
    ear.hear(join(200, BOT))
    assert ear.status() is Membership.UNSEEN
    ear.slack.away = True
    ear.hear(join(400, BOT))
    assert ear.status() is Membership.UNSEEN, "only a look shows that"


@pytest.mark.parametrize(
    ("events", "is_so"),
    [
        (("group_archive", "group_unarchive"), False),
        (("group_unarchive", "group_archive"), True),
    ],
)
def test_every_order_of_archiving_ends_in_the_last_one(
    ear: Ear, events: tuple[str, str], is_so: bool
) -> None:
    ear.slack.away = True
    told = [{"type": one, "channel": HOUSE, "event_ts": f"{200 + n}.000100"} for n, one in enumerate(events)]
    for order in permutations(told):
        ear.hear(*order)
        known = ear.directory.channel(HOUSE)
        assert known is not None
        assert known.archived is is_so


def test_an_event_without_a_moment_takes_away_and_gives_nothing(ear: Ear) -> None:
    ear.slack.away = True
    ear.hear({"type": "member_left_channel", "channel": HOUSE, "user": BEN})
    ear.hear({"type": "member_joined_channel", "channel": HOUSE, "user": BEN})
    assert ear.status() is Membership.UNKNOWN


def test_who_was_told_to_have_come_is_expected_until_a_look_has_shown_whether_they_did(ear: Ear) -> None:
    ear.slack.away = True
    ear.hear(leave(200), join(300))
    assert ear.directory.records.is_expected(HOUSE, BEN)
    ear.slack.away = False
    ear.slack.members.discard(BEN)
    ear.lookup.read_channel(HOUSE)
    assert not ear.directory.records.is_expected(HOUSE, BEN)
    assert ear.status() is Membership.UNKNOWN
