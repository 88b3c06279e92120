"""The Home tab: what this is at first, then the models of one's channels."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from bot.commands.command_handler import CommandHandler
from bot.sandbox.api import blocks_text, visible_buttons
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import button
from bot.slack.protocol.targets import ButtonKind, Target
from bot.slack.queries.home_overview import ballot_tasks
from bot.slack.queries.model_overviews import ModelOverviewCache
from bot.slack.queries.services import Services
from bot.slack.screens.page_data import ModelListItem
from bot.slack.ui.home.app_home import HomeDetails, HomeTask, home_view
from bot.store import CommandKey, SqliteStore, StreamId, open_store
from domain.commands import CloseThreatModel, ConfirmClosing, ReopenThreatModel
from domain.events import RecordedEvent
from domain.kernel.elements import ModelKey, PersonId
from domain.model import ThreatModel
from domain.register import ThreatRegister, register
from domain.replay import replay
from domain.voting.turnout import next_deadline
from tests.domain.voting_story import CONTESTED, DAY, OPENED, ballot_of, close_round_by_system
from tests.examples import ANA, BEN, at, decide_all, reasons_for_conditions
from tests.slack.slack_team import SlackTeam, home
from tests.store.saying import HOUSE, say, started
from tests.store.test_rounds import keep


def test_someone_new_learns_what_this_is_and_can_start_from_there(team: SlackTeam) -> None:
    team.person("ana").open_home()
    team.wait(lambda: team.person("ana").home())
    seen = team.person("ana").home()
    assert seen is not None
    assert "Collaborative threat modeling" in seen.plain
    team.person("ana").click(seen, "Start a threat model")
    assert "Channel" in " ".join(team.modal("ana", "New threat model").labels)


def test_the_models_of_ones_channels_are_there_with_what_comes_next(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    team.person("ben").open_home()
    team.wait(lambda: "The House" in home(team, "ben"))
    assert "Next: Add the data flows" in home(team, "ben")
    seen = team.person("ben").home()
    assert seen is not None
    team.person("ben").click(seen, "More…")
    team.modal("ben", "More")


def test_a_stranger_sees_none_of_them(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    team.person("eve").open_home()
    team.wait(lambda: home(team, "eve"))
    assert "The House" not in home(team, "eve")


@pytest.mark.parametrize(
    ("owned", "pressed", "said"),
    [
        (0, 0, "✓ You have no open tasks."),
        (3, 3, "MI-3"),
        (60, 12, "• Mitigation · MI-60"),
        (200, 12, "• Mitigation · MI-200"),
        (900, 12, "more"),
    ],
)
def test_home_shortens_long_lists_of_tasks(owned: int, pressed: int, said: str) -> None:
    opened = Target(name="response", stream="T0/TM-1")
    tasks = tuple(
        HomeTask(
            text=f"Mitigation · MI-{number}",
            pressed=button("Open", ButtonKind.SHOW, opened, suffix=f"{number}"),
        )
        for number in range(1, owned + 1)
    )
    model = ModelListItem(
        stream="T0/TM-1", key=ModelKey("TM-1"), name="The House", phase="closed", channel="", permalink=""
    )
    blocks = home_view(HomeDetails(models=(model,), mitigations=tasks, approvals=tasks, ballots=tasks))[
        "blocks"
    ]
    assert said in said_in(blocks)
    assert [visible_button.label for visible_button in visible_buttons(blocks)].count("Open") == 3 * pressed
    assert len(blocks) <= slack_limits.VIEW_BLOCKS
    assert "The House" in said_in(blocks)


def said_in(blocks: object) -> str:
    return blocks_text(blocks, str)


FIXTURES = Path(__file__).parent.parent / "store" / "fixtures"
DEADLINE = 2 * DAY + 5


class HomeServices:
    """What Home needs of the services; it lists the models that were loaded."""

    def __init__(self, store: SqliteStore) -> None:
        self.handler = CommandHandler(store)
        self.command_handler = self
        self.model_overviews = ModelOverviewCache()
        self.loaded: list[StreamId] = []

    def model(self, stream: StreamId) -> ThreatModel:
        self.loaded.append(stream)
        return self.handler.model(stream)

    def register(self, stream: StreamId) -> ThreatRegister:
        return register(self.model(stream), self.now())

    def now(self) -> datetime:
        return at(20)


def owed(services: HomeServices, store: SqliteStore, reader: PersonId) -> list[str]:
    """The keys of the models whose ballots a person still owes, as Home lists them."""
    tasks = ballot_tasks(cast("Services", services), store.streams("T1"), reader)
    return [str(task.pressed["accessibility_label"]).removeprefix("Vote in ") for task in tasks]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = open_store(f"sqlite:///{tmp_path / 'home.db'}")
    yield store
    store.close()


def test_only_a_model_with_an_open_round_is_loaded_for_its_ballots(store: SqliteStore) -> None:
    keep(store, OPENED)
    say(store, started("TM-7"), stream=StreamId("T1/TM-7"))
    services = HomeServices(store)
    assert owed(services, store, ANA) == ["TM-1"]
    assert sorted(services.loaded) == [HOUSE, HOUSE, "T1/TM-7"], "for the overviews, and for the ballots"
    services.loaded.clear()
    services.handler.execute(ballot_of(ANA, 5), stream=HOUSE, key=CommandKey("ana"))
    assert owed(services, store, ANA) == []
    assert owed(services, store, BEN) == ["TM-1"]
    assert set(services.loaded) == {HOUSE}


def closed_with_a_round(events: list[RecordedEvent]) -> list[RecordedEvent]:
    """The model is closed although a round is open."""
    return decide_all(
        CloseThreatModel(by=ANA, at=at(DEADLINE + 1), reasons=reasons_for_conditions()),
        ConfirmClosing(by=BEN, at=at(DEADLINE + 1)),
        after=events,
    )


def test_votes_are_awaited_as_long_as_a_round_has_a_deadline(store: SqliteStore) -> None:
    keep(store, OPENED)
    (listed,) = store.streams()
    extended = decide_all(close_round_by_system(DEADLINE), after=OPENED)
    closed = closed_with_a_round(extended)
    reopened = decide_all(ReopenThreatModel(by=ANA, at=at(DEADLINE + 2)), after=closed)
    fell_short = decide_all(close_round_by_system(DEADLINE + DAY), after=reopened)
    for story in (CONTESTED, closed, fell_short):
        for length in range(1, len(story) + 1):
            model = replay(story[:length])
            overview = ModelOverviewCache().overview(
                listed, lambda _, model=model: register(model, at(20)), at(20)
            )
            assert overview.awaits_votes == (next_deadline(model) is not None), story[length - 1]


def test_an_overview_is_computed_again_after_an_erasure(store: SqliteStore) -> None:
    keep(store, OPENED)
    services = HomeServices(store)
    assert owed(services, store, ANA) == ["TM-1"]
    opened = next(one.version for one in store.read(HOUSE) if type(one.event).__name__ == "RoundOpened")
    store.erase(HOUSE, [opened])
    assert owed(services, store, ANA) == []
    (listed,) = store.streams()
    assert services.model_overviews.cached(listed, services.now()) is not None
    assert not services.model_overviews.overview(listed, services.register, services.now()).awaits_votes
