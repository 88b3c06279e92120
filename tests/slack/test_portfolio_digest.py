"""The weekly digest of the portfolio: once a week, in working hours, where an administrator chose."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.delivery.work_kinds import Done
from bot.sandbox.api import TEAM_ID
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import ApiRefused
from bot.slack.sinks.outcomes import FAULTS, channel_outcome
from bot.slack.slots.digest_slots import DigestSlots
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.workspace_directory import Person
from bot.store.work_queue import Claim
from domain.kernel.elements import ChannelId
from domain.portfolio.digest_schedule import digest_week, last_digest, next_digest
from domain.reminders.reachability import Reachability
from tests.slack.access_harness import TEAM, AccessHarness, open_access_harness, person_id_of
from tests.slack.reminder_steps import set_workspace_clock
from tests.slack.voting_steps import run_bot_on_workspace_clock

FRIDAY = datetime(2027, 1, 15, 12, tzinfo=UTC)
MONDAY = datetime(2027, 1, 18, 9, tzinfo=UTC)
PLACE = ChannelId("C0PUBLIC")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Channel:
    """A channel that takes messages, or refuses them."""

    faults = FAULTS

    def __init__(self) -> None:
        self.posted: list[str] = []
        self.refuses = ""

    def post(self, record: DeliveryRecord, content: Message) -> PostPlace:
        if self.refuses:
            raise ApiRefused(self.refuses)
        self.posted.append(f"{record.place} {content.text} {content.blocks}")
        return PostPlace(external_id=f"{len(self.posted)}.0")

    def update(self, record: DeliveryRecord, content: Message) -> None:
        raise AssertionError("a digest is not edited")

    def delete_post(self, record: DeliveryRecord) -> None:
        raise AssertionError("a digest is not deleted")

    def find(self, record: DeliveryRecord) -> NoPost:
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        return channel_outcome(fault)


class Desk:
    """A workspace with a clock, a channel, and as many processes as are asked for."""

    def __init__(self, path: Path) -> None:
        self.now = FRIDAY
        self.channel = Channel()
        self.learned: list[str] = []
        self._opened = open_access_harness(path, lambda: self.now)
        self.harness: AccessHarness = self._opened.__enter__()

    def close(self) -> None:
        self._opened.__exit__(None, None, None)

    def work(self) -> datetime | None:
        """One process does what is due; returns when it is due again."""
        due: list[DeliveryRecord] = []
        deliveries = self.harness.store.unit(TEAM).deliveries
        slots = DigestSlots(
            deliveries,
            self.channel,
            self.harness.services,
            touch=due.append,
            learn=lambda _, why: self.learned.append(why),
        )
        done = slots.planning().run(cast("Claim", None))
        assert isinstance(done, Done)
        for one in due:
            Reconciler(deliveries, [slots.slots()], touch=lambda _: None).reconcile(one.slot)
        return done.again_at


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path / "threatmodel.db")
    yield opened
    opened.close()


def chosen(desk: Desk) -> Desk:
    desk.harness.begin("public")
    said = desk.harness.say("administrator", "public", "portfolio digest")
    assert "first working day of each week" in said, said
    return desk


def test_it_is_posted_once_a_week_however_many_processes_there_are(desk: Desk) -> None:
    chosen(desk)
    assert (desk.work(), desk.channel.posted) == (MONDAY, [])

    desk.now = MONDAY
    for _ in range(3):
        desk.work()
    assert len(desk.channel.posted) == 1
    assert desk.work() == MONDAY + 7 * DAY
    assert desk.channel.posted[0].startswith(f"{PLACE} Threat models this week: 1 model")
    assert "Found: 2 (2 unscored)" in desk.channel.posted[0]
    for secret in ("The House", "plumber", "TM-1"):
        assert secret not in desk.channel.posted[0]

    desk.now = MONDAY + 7 * DAY
    desk.work()
    assert len(desk.channel.posted) == 2


def test_a_late_one_waits_for_working_hours_and_is_left_out_after_three_days(desk: Desk) -> None:
    chosen(desk)
    desk.now = MONDAY.replace(hour=20)
    assert (desk.work(), desk.channel.posted) == (MONDAY + DAY, [])
    desk.now = MONDAY + 4 * DAY
    assert (desk.work(), desk.channel.posted) == (MONDAY + 7 * DAY, [])


def test_only_administrators_choose_and_it_can_be_turned_off(desk: Desk) -> None:
    chosen(desk)
    for who in ("member", "facilitator"):
        assert "Only administrators" in desk.harness.say(who, "public", "portfolio digest off")
    assert "shared with another organization" in desk.harness.say(
        "administrator", "shared", "portfolio digest"
    )
    assert "is off" in desk.harness.say("administrator", "public", "portfolio digest off")
    desk.now = MONDAY
    assert (desk.work(), desk.channel.posted) == (None, [])


def test_a_removed_bot_is_learned_and_the_digest_follows_its_return(desk: Desk) -> None:
    chosen(desk)
    desk.now, desk.channel.refuses = MONDAY, "not_in_channel"
    assert desk.work() == MONDAY + timedelta(hours=1)
    assert (desk.learned, desk.channel.posted) == (["not_in_channel"], [])

    desk.now, desk.channel.refuses = MONDAY + timedelta(hours=1), ""
    desk.work()
    assert len(desk.channel.posted) == 1


def test_without_an_account_of_the_person_who_chose_it_nothing_is_posted(desk: Desk) -> None:
    chosen(desk)
    desk.now = MONDAY
    gone = Person(id=person_id_of("administrator"), name="x", home=TEAM, deactivated=True)
    desk.harness.directory.records.learn_person(gone, MONDAY)
    desk.work()
    assert desk.channel.posted == []


def test_weeks_begin_at_the_first_working_hour_of_the_person_in_their_zone() -> None:
    tokyo = Reachability(zone=ZoneInfo("Asia/Tokyo"), holidays=frozenset({date(2027, 1, 18)}))
    tuesday = datetime(2027, 1, 19, tzinfo=UTC)  # 09:00 in Tokyo
    assert [(last_digest(now, tokyo), next_digest(now, tokyo)) for now in (tuesday - MINUTE, tuesday)] == [
        (datetime(2027, 1, 11, tzinfo=UTC), tuesday),
        (tuesday, datetime(2027, 1, 25, tzinfo=UTC)),
    ]
    assert digest_week(tuesday, tokyo) == "2027-W03"
    berlin = Reachability(zone=ZoneInfo("Europe/Berlin"))
    across = [next_digest(datetime(2027, 3, day, 12, tzinfo=UTC), berlin) for day in (22, 29)]
    assert across == [datetime(2027, 3, 29, 7, tzinfo=UTC), datetime(2027, 4, 5, 7, tzinfo=UTC)]


def test_the_whole_bot_posts_it_when_the_clock_of_the_workspace_reaches_monday(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        set_workspace_clock(team, FRIDAY)
        team.read_channel()
        team.command("ana", "/threatmodel portfolio digest")

        def posted() -> list[str]:
            return [str(one.arguments["text"]) for one in team.sandbox.calls_of("chat.postMessage")]

        team.wait(lambda: team.command_handler.settings.current(TEAM_ID).digest_channel is not None)
        set_workspace_clock(team, MONDAY + timedelta(hours=6))
        team.wait(lambda: posted() == ["Threat models this week: 0 models"])
        team.sandbox.clock.move(DAY.total_seconds())
        set_workspace_clock(team, MONDAY + timedelta(days=7, hours=6))
        team.wait(lambda: len(posted()) == 2)
