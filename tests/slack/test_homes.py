"""Home tabs that people look at change when what they show does; the others are left alone."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery.pool import Pool
from bot.delivery.reconciler import Reconciler
from bot.delivery.work_dispatcher import WorkDispatcher
from bot.delivery.work_kinds import Waits
from bot.delivery.worker import Worker
from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.settings import Settings
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.installation import make_slack_api
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiUnreachable, SlackApi
from bot.slack.queries import home_overview
from bot.slack.queries.model_overviews import ModelOverviewCache
from bot.slack.sinks.outcomes import classify_failure
from bot.slack.slots.home_slots import LOOKED_AT, MAX_PEOPLE, HomeSlots
from bot.slack.slots.work_scheduler import Pace, WorkScheduler
from bot.store import Store, StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from domain.commands import AddAsset, NameElements, ReviseScope
from domain.kernel.elements import PersonId
from domain.register import ThreatRegister, register
from tests.queue_rows import are_waiting, claims_of
from tests.running_database import open_running
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, home, settings_for
from tests.slack.slot_contexts import make_context
from tests.waiting import patient_sandbox

MORNING = datetime(2027, 3, 1, 8, tzinfo=UTC)
QUICK = Pace(home=Waits(quiet=0.05, longest=0.2), retry_seconds=0.1, update=0.0)


def test_what_is_said_shows_on_the_home_tabs_that_were_opened(team: SlackTeam) -> None:
    begin(team)
    team.person("ben").open_home()
    team.wait(lambda: home(team, "ben").count("The House"))
    rename(team, "The Castle")
    team.wait(lambda: "The Castle" in home(team, "ben"))
    assert team.person("chi").home() is None, "nobody opened it"


def test_what_changes_nothing_on_it_publishes_nothing(team: SlackTeam) -> None:
    begin(team)
    team.person("ben").open_home()
    team.wait(lambda: home(team, "ben").count("The House"))
    published = len(team.sandbox.calls_of("views.publish"))
    say(team, "Valuables")
    team.card("Assets  1")
    say(team, "Photos")
    team.card("Assets  2")
    changed = len(team.sandbox.calls_of("views.publish")) - published
    assert changed <= 1, "the next step may be another one after the first asset, and is the same then"


def test_many_answers_are_published_together(team: SlackTeam) -> None:
    begin(team)
    team.person("ben").open_home()
    team.wait(lambda: home(team, "ben").count("The House"))
    published = len(team.sandbox.calls_of("views.publish"))
    # A publication that begins before all of them were said ends after that.
    with team.sandbox.faults.holding("views.publish"):
        for number in range(40):
            rename(team, f"House {number}")
    team.wait(lambda: "House 39" in home(team, "ben"))
    assert len(team.sandbox.calls_of("views.publish")) - published < 12


class HeldApi(SlackApi):
    """The way to Slack on which one call can be held up."""

    def __init__(self, settings: Settings) -> None:
        api = make_slack_api(settings, patient=False)
        super().__init__(token=settings.bot_token.reveal(), base_url=settings.api_url)
        self._api = api
        self._held: Held | None = None

    @contextmanager
    def held(self) -> Generator["Held"]:
        """Hold up the next call until the end of the block."""
        held = self._held = Held()
        yield held
        held.released.set()

    def call(self, method: str, **arguments: object) -> Json:
        held, self._held = self._held, None
        if held is not None:
            held.reached.set()
            held.released.wait(10)
        return self._api.call(method, **arguments)


class Held:
    """A call that waits."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()


class Desk:
    """Home tabs over a workspace, with what they show and the time in the test's hand."""

    def __init__(
        self, sandbox: Sandbox, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.sandbox = sandbox
        self.monkeypatch = monkeypatch
        self.words = "first"
        self.now = MORNING
        self.queue = store.work
        self.dispatcher = WorkDispatcher(store.work, Pool(), now=lambda: self.now, pace=QUICK.work)
        self.worker = Worker(self.dispatcher, TEAM_ID, failed=classify_failure, ended=lambda _: None)
        self.scheduler = WorkScheduler(self.worker, TEAM_ID, QUICK)
        self.api = HeldApi(settings)
        unit = store.unit(TEAM_ID)
        self.deliveries = unit.deliveries
        context = make_context(unit, api=self.api, scheduler=self.scheduler, pace=QUICK)
        self.slots = HomeSlots(context, home=self.view, now=lambda: self.now)
        self.reconciler = Reconciler(
            self.deliveries, self.slots.slots(), touch=self.scheduler.schedule_message
        )

    def start(self) -> None:
        kinds = [*self.slots.work(), *self.reconciler.work()]
        self.worker.start(kinds)
        self.dispatcher.start()

    def view(self, person: PersonId) -> View:
        text = {"type": "plain_text", "text": f"{self.words} for {person}"}
        return {"type": "home", "blocks": [{"type": "section", "text": text}]}

    def open(self, person: PersonId, version: str | None = None) -> None:
        """Open a Home tab, and publish it as the bot does."""
        self.reconciler.reconcile(self.slots.opened(person, version))

    def look_at(self, person: PersonId) -> None:
        """Have a Home tab kept up to date that shows what it should."""
        self.slots.opened(person, "some version")

    def look_back(self, *, then: Callable[[], None]) -> None:
        """Have something begin after the next look at whose Home tabs are old, and give it time."""
        of_kind, at = self.deliveries.of_kind, iter([then])

        def looked(kind: str) -> list[DeliveryRecord]:
            records = of_kind(kind)
            if (begin := next(at, None)) is not None:
                begin()
                threading.Event().wait(0.2)
            return records

        self.monkeypatch.setattr(self.deliveries, "of_kind", looked)

    def seen(self, who: str) -> str:
        home = self.sandbox.person(who).home()
        return home.plain if home else ""

    def say(self, words: str) -> None:
        self.words = words
        self.scheduler.schedule_workspace("homes")

    def published(self) -> list[str]:
        return [str(call.arguments["user_id"]) for call in self.sandbox.calls_of("views.publish")]


@pytest.fixture
def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Desk]:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        settings = settings_for(sandbox, tmp_path / "homes.db")
        store = open_running(tmp_path / "homes.db")
        harness = Desk(sandbox, settings, store, monkeypatch)
        harness.start()
        yield harness
        harness.dispatcher.end()


def test_after_a_working_day_no_one_is_thought_to_look_any_more(harness: Desk) -> None:
    harness.look_at(person(harness, "ana"))
    harness.now = MORNING + LOOKED_AT - timedelta(minutes=1)
    harness.look_at(person(harness, "ben"))
    harness.now = MORNING + LOOKED_AT + timedelta(minutes=1)
    harness.say("second")
    harness.sandbox.wait_until(harness.published)
    harness.say("third")
    harness.sandbox.wait_until(lambda: len(harness.published()) == 2)
    assert set(harness.published()) == {person(harness, "ben")}


def test_a_home_tab_that_is_opened_while_old_ones_are_forgotten_is_kept_up_to_date(harness: Desk) -> None:
    ana = person(harness, "ana")
    harness.look_at(ana)
    harness.now = MORNING + LOOKED_AT + timedelta(minutes=1)
    opening = threading.Thread(target=harness.look_at, args=(ana,))
    harness.look_back(then=opening.start)
    harness.say("second")
    harness.sandbox.wait_until(lambda: opening.ident and not opening.is_alive())
    wait_until_idle(harness)
    harness.say("third")
    harness.sandbox.wait_until(lambda: "third" in harness.seen("ana"))


def test_of_too_many_people_those_who_looked_last_are_kept(harness: Desk) -> None:
    harness.look_at(person(harness, "ana"))
    for number in range(MAX_PEOPLE - 1):
        harness.now += timedelta(seconds=1)
        harness.look_at(PersonId(f"U0GONE{number:03}"))
    harness.now += timedelta(seconds=1)
    harness.look_at(person(harness, "ben"))
    harness.say("second")
    harness.sandbox.wait_until(lambda: len(harness.published()) >= MAX_PEOPLE, 120)
    assert person(harness, "ben") in harness.published()
    assert person(harness, "ana") not in harness.published()


def test_slack_asking_to_slow_down_is_heeded_and_nothing_lost(harness: Desk) -> None:
    harness.open(person(harness, "ana"))
    harness.sandbox.faults.fail_next("views.publish", "ratelimited", retry_after=1)
    harness.say("second")
    harness.sandbox.wait_until(
        lambda: (seen := harness.sandbox.person("ana").home()) and "second" in seen.plain
    )


def test_an_older_home_tab_that_lands_late_is_not_left_standing(harness: Desk) -> None:
    ana = person(harness, "ana")
    harness.open(ana)
    harness.words = "second"
    with harness.api.held() as late:
        harness.scheduler.schedule_message(f"home/{ana}")
        assert late.reached.wait(10), "the second is on its way"
        harness.words = "third"
        harness.open(ana)
        assert "third" in harness.seen("ana")
    harness.sandbox.wait_until(lambda: len(harness.published()) == 3)
    harness.say("third")
    wait_until_idle(harness)
    assert "third" in harness.seen("ana")
    assert len(harness.published()) == 3, "Slack refused the second, and nothing had to be repaired"


def test_an_older_first_home_tab_that_lands_late_is_replaced(harness: Desk) -> None:
    ana = person(harness, "ana")
    with harness.api.held() as late:
        opening = threading.Thread(target=harness.open, args=(ana,))
        opening.start()
        assert late.reached.wait(10), "the first is on its way"
        harness.words = "second"
        harness.open(ana)
        assert "second" in harness.seen("ana")
    opening.join(10)
    wait_until_idle(harness)
    assert "second" in harness.seen("ana")


def test_a_home_tab_whose_publication_was_not_answered_is_published_again(harness: Desk) -> None:
    ana = person(harness, "ana")
    harness.open(ana)
    harness.sandbox.faults.fail_next("views.publish", "answer_lost")
    harness.say("second")
    wait_until_idle(harness)
    harness.say("third")
    harness.sandbox.wait_until(lambda: "third" in harness.seen("ana"))


def test_opening_a_home_tab_that_shows_what_it_should_publishes_nothing(harness: Desk) -> None:
    ana = person(harness, "ana")
    harness.open(ana, "")
    shown = harness.sandbox.calls_of("views.publish")
    record = harness.deliveries.find(f"home/{ana}")
    assert record is not None
    harness.open(ana, record.external_id)
    assert len(harness.sandbox.calls_of("views.publish")) == len(shown)


@pytest.mark.parametrize("version", ["", "170000.abc"])
def test_opening_a_home_tab_that_shows_something_else_publishes_it(harness: Desk, version: str) -> None:
    ana = person(harness, "ana")
    harness.open(ana)
    published = len(harness.published())
    harness.open(ana, version)
    assert len(harness.published()) > published


def test_a_home_tab_that_slack_did_not_take_is_tried_again_with_the_next_word(harness: Desk) -> None:
    harness.sandbox.faults.fail_next("views.publish", "internal_error")
    with pytest.raises(ApiUnreachable):
        harness.open(person(harness, "ana"))
    harness.say("second")
    harness.sandbox.wait_until(lambda: "second" in harness.seen("ana"))


def test_a_home_tab_that_slack_never_shows_is_tried_again_when_it_is_opened(harness: Desk) -> None:
    ana = person(harness, "ana")
    harness.sandbox.faults.fail_next("views.publish", "not_enabled")
    harness.open(ana)
    harness.say("second")
    wait_until_idle(harness)
    assert not harness.seen("ana")
    harness.open(ana, "")
    assert "second" in harness.seen("ana")


def test_a_deactivated_person_is_not_tried_again(harness: Desk) -> None:
    harness.look_at(PersonId("U0GONE000"))
    harness.look_at(person(harness, "ana"))
    harness.say("second")
    harness.sandbox.wait_until(lambda: len(harness.published()) == 2)
    harness.say("third")
    harness.sandbox.wait_until(lambda: len(harness.published()) == 3)
    assert harness.published().count("U0GONE000") == 1


def wait_until_idle(harness: Desk) -> None:
    """Until nothing is due, under way or tried again soon."""
    harness.sandbox.wait_until(
        lambda: (
            not are_waiting(harness.queue, TEAM_ID, ("homes", "home"))
            and not claims_of(harness.queue, TEAM_ID)
        )
    )


def person(harness: Desk, who: str) -> PersonId:
    return PersonId(harness.sandbox.person(who).id)


def begin(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")


def say(team: SlackTeam, name: str) -> None:
    command = NameElements(by=PersonId(team.person("ana").id), at=team.now(), assets=(name,))
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())


def rename(team: SlackTeam, name: str) -> None:
    command = ReviseScope(by=PersonId(team.person("ana").id), at=team.now(), name=name)
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())


def test_an_overview_is_computed_again_only_after_a_change(team: SlackTeam) -> None:
    stream, model_overviews = create_collected_house(team), ModelOverviewCache()
    looked: list[StreamId] = []
    look = counting(team, looked)
    for _ in range(3):
        model_overviews.overview(team.store.streams()[0], look, team.now())
    assert looked == [stream]
    add(team, stream, "The cat")
    assert model_overviews.cached(team.store.streams()[0], team.now()) is None
    model_overviews.overview(team.store.streams()[0], look, team.now())
    assert looked == [stream, stream]


def test_a_list_that_would_take_too_long_is_given_without_the_next_steps(
    team: SlackTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_collected_house(team)
    team.read_channel()
    monkeypatch.setattr(home_overview, "SECONDS", 0.0)
    team.command("ben", "/threatmodel list")
    said = team.private_message("ben", "The House · TM-1")
    assert "Next:" not in said


def test_the_list_has_them_once_someone_has_looked(team: SlackTeam) -> None:
    create_collected_house(team)
    team.read_channel()
    team.command("ben", "/threatmodel list")
    assert "Next: Answer" in team.private_message("ben", "The House · TM-1")


def counting(team: SlackTeam, looked: list[StreamId]) -> Callable[[StreamId], ThreatRegister]:
    def look(stream: StreamId) -> ThreatRegister:
        looked.append(stream)
        return register(team.command_handler.model(stream))

    return look


def add(team: SlackTeam, stream: StreamId, name: str) -> None:
    added = AddAsset(by=PersonId(team.person("ben").id), at=team.now(), name=name)
    team.command_handler.execute(added, stream=stream, key=team.key())
