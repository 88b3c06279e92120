"""Home tabs that people look at change when what they show does; the others are left alone."""

import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery.kinds import Waits
from bot.delivery.pool import Pool
from bot.delivery.worker import Worker
from bot.manifest import build_manifest
from bot.metrics import Metrics
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.settings import Settings
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.installation import make_slack_api
from bot.slack.protocol.web_api_client import ApiRefused
from bot.slack.sinks.failure_classification import classify_failure
from bot.slack.slots.delivery_pace import Pace
from bot.slack.slots.home_slots import LOOKED_AT, MOST_PEOPLE, Homes
from bot.slack.slots.work_scheduler import WorkScheduler
from bot.store import Store, open_store
from domain.commands import NameElements, ReviseScope
from domain.kernel.elements import PersonId
from tests.slack.slack_team import SlackTeam, settings_for
from tests.waiting import patient_sandbox

MORNING = datetime(2027, 3, 1, 8, tzinfo=UTC)
QUICK = Pace(home=Waits(quiet=0.05, longest=0.2), again=0.1, update=0.0)


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
    for number in range(40):
        rename(team, f"House {number}")
    team.wait(lambda: "House 39" in home(team, "ben"))
    assert len(team.sandbox.calls_of("views.publish")) - published < 12


class Desk:
    """Home tabs over a workspace, with what they show and the time in the test's hand."""

    def __init__(self, sandbox: Sandbox, settings: Settings, store: Store) -> None:
        self.sandbox = sandbox
        self.words = "first"
        self.now = MORNING
        self.worker = Worker(
            store.work,
            TEAM_ID,
            Pool(),
            failed=classify_failure,
            ended=lambda _: None,
            now=lambda: self.now,
            pace=QUICK.work,
        )
        self.touching = WorkScheduler(self.worker, TEAM_ID, QUICK)
        self.homes = Homes(
            store.unit(TEAM_ID).homes,
            make_slack_api(settings, patient=False),
            home=self.view,
            touch=self.touch,
            now=lambda: self.now,
            metrics=Metrics(),
            pace=QUICK,
        )

    def touch(self, person: PersonId) -> None:
        self.worker.touch(self.touching.touch("home", person, lane=person, waits=False))

    def view(self, person: PersonId) -> View:
        text = {"type": "plain_text", "text": f"{self.words} for {person}"}
        return {"type": "home", "blocks": [{"type": "section", "text": text}]}

    def open(self, person: PersonId, publish: Callable[[View], object] = lambda _: None) -> None:
        self.homes.opened(person, publish)

    def say(self, words: str) -> None:
        self.words = words
        self.touching.of_workspace("homes")

    def published(self) -> list[str]:
        return [str(call.arguments["user_id"]) for call in self.sandbox.calls_of("views.publish")]


@pytest.fixture
def harness(tmp_path: Path) -> Generator[Desk]:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        settings = settings_for(sandbox, tmp_path / "homes.db")
        store = open_store(settings.database_url)
        harness = Desk(sandbox, settings, store)
        harness.worker.start(harness.homes.kinds(), lambda _item, _channel: ())
        yield harness
        harness.worker.end()


def test_after_a_working_day_nobody_is_thought_to_look_any_more(harness: Desk) -> None:
    harness.open(person(harness, "ana"))
    harness.now = MORNING + LOOKED_AT - timedelta(minutes=1)
    harness.open(person(harness, "ben"))
    harness.now = MORNING + LOOKED_AT + timedelta(minutes=1)
    harness.say("second")
    harness.sandbox.wait_until(harness.published)
    harness.say("third")
    harness.sandbox.wait_until(lambda: len(harness.published()) == 2)
    assert set(harness.published()) == {person(harness, "ben")}


def test_of_too_many_people_those_who_looked_last_are_kept(harness: Desk) -> None:
    harness.open(person(harness, "ana"))
    for number in range(MOST_PEOPLE - 1):
        harness.now += timedelta(seconds=1)
        harness.open(PersonId(f"U0GONE{number:03}"))
    harness.now += timedelta(seconds=1)
    harness.open(person(harness, "ben"))
    harness.say("second")
    harness.sandbox.wait_until(lambda: len(harness.published()) >= MOST_PEOPLE, 30)
    assert person(harness, "ben") in harness.published()
    assert person(harness, "ana") not in harness.published()


def test_slack_asking_to_slow_down_is_heeded_and_nothing_lost(harness: Desk) -> None:
    harness.open(person(harness, "ana"))
    harness.sandbox.faults.fail_next("views.publish", "ratelimited", retry_after=1)
    harness.say("second")
    harness.sandbox.wait_until(
        lambda: (seen := harness.sandbox.person("ana").home()) and "second" in seen.plain
    )


def test_what_is_said_while_a_home_tab_is_on_its_way_shows_on_it_in_the_end(harness: Desk) -> None:
    ana = person(harness, "ana")
    api = make_slack_api(settings_for(harness.sandbox, Path("unused.db")), patient=False)

    def slowly(view: View) -> None:
        harness.say("second")
        time.sleep(0.4)  # in which the second would be published, if it did not wait for the first
        api.call("views.publish", user_id=ana, view=view)

    harness.open(ana, slowly)
    harness.sandbox.wait_until(lambda: len(harness.published()) == 2)
    seen = harness.sandbox.person("ana").home()
    assert seen is not None
    assert "second" in seen.plain


def test_a_home_tab_that_slack_did_not_take_is_tried_again_with_the_next_word(harness: Desk) -> None:
    def refused(view: View) -> None:
        raise ApiRefused("internal_error")

    with pytest.raises(ApiRefused):
        harness.open(person(harness, "ana"), refused)
    harness.touching.of_workspace("homes")
    harness.sandbox.wait_until(lambda: harness.published() == [person(harness, "ana")])


def test_somebody_who_is_gone_is_not_tried_again(harness: Desk) -> None:
    harness.open(PersonId("U0GONE000"))
    harness.open(person(harness, "ana"))
    harness.say("second")
    harness.sandbox.wait_until(lambda: len(harness.published()) == 2)
    harness.say("third")
    harness.sandbox.wait_until(lambda: len(harness.published()) == 3)
    assert harness.published().count("U0GONE000") == 1


def person(harness: Desk, who: str) -> PersonId:
    return PersonId(harness.sandbox.person(who).id)


def begin(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")


def home(team: SlackTeam, who: str) -> str:
    seen = team.person(who).home()
    return seen.plain if seen else ""


def say(team: SlackTeam, name: str) -> None:
    command = NameElements(by=PersonId(team.person("ana").id), at=team.now(), assets=(name,))
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())


def rename(team: SlackTeam, name: str) -> None:
    command = ReviseScope(by=PersonId(team.person("ana").id), at=team.now(), name=name)
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())
