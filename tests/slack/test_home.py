"""The Home tab: what this is at first, then the models of one's channels."""

import pytest

from bot.sandbox.api import blocks_text, visible_buttons
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import button
from bot.slack.protocol.targets import ButtonKind, Target
from bot.slack.screens.page_data import ModelListItem
from bot.slack.ui.home.app_home import HomeDetails, HomeTask, home_view
from domain.kernel.elements import ModelKey
from tests.slack.slack_team import SlackTeam


def test_someone_new_learns_what_this_is_and_can_start_from_there(team: SlackTeam) -> None:
    team.person("ana").open_home()
    team.wait(lambda: team.person("ana").home())
    home = team.person("ana").home()
    assert home is not None
    assert "Collaborative threat modeling" in home.plain
    team.person("ana").click(home, "Start a threat model")
    assert "Channel" in " ".join(team.modal("ana", "New threat model").labels)


def test_the_models_of_ones_channels_are_there_with_what_comes_next(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    team.person("ben").open_home()
    team.wait(lambda: "The House" in _home(team, "ben"))
    assert "Next: Add the data flows" in _home(team, "ben")
    home = team.person("ben").home()
    assert home is not None
    team.person("ben").click(home, "More…")
    team.modal("ben", "More")


def test_a_stranger_sees_none_of_them(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    team.person("eve").open_home()
    team.wait(lambda: _home(team, "eve"))
    assert "The House" not in _home(team, "eve")


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
    assert [one.label for one in visible_buttons(blocks)].count("Open") == 3 * pressed
    assert len(blocks) <= slack_limits.VIEW_BLOCKS
    assert "The House" in said_in(blocks)


def said_in(blocks: object) -> str:
    return blocks_text(blocks, str)


def _home(team: SlackTeam, who: str) -> str:
    seen = team.person(who).home()
    return seen.plain if seen else ""
