"""The Home tab: what this is at first, then the models of one's channels."""

import pytest

from bot.sandbox.api import blocks_text, visible_buttons
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import button
from bot.slack.protocol.interactions import ButtonKind, PageName, Target
from bot.slack.screens.page_data import ModelListItem
from bot.slack.ui.home.app_home import HomeDetails, HomeTask, home_view
from domain.kernel.elements import ModelKey
from tests.slack.slack_team import RunningBot


def test_somebody_new_learns_what_this_is_and_can_start_from_there(there: RunningBot) -> None:
    there.person("ana").open_home()
    there.wait(lambda: there.person("ana").home())
    home = there.person("ana").home()
    assert home is not None
    assert "Threat models, made together" in home.plain
    there.person("ana").click(home, "Start a threat model")
    assert "Channel" in " ".join(there.modal("ana", "New threat model").labels)


def test_the_models_of_ones_channels_are_there_with_what_comes_next(there: RunningBot) -> None:
    there.start()
    there.card("TM-1")
    there.person("ben").open_home()
    there.wait(lambda: "The House" in _home(there, "ben"))
    assert "Next: Name what there is" in _home(there, "ben")
    home = there.person("ben").home()
    assert home is not None
    there.person("ben").click(home, "More…")
    there.modal("ben", "More")


def test_a_stranger_sees_none_of_them(there: RunningBot) -> None:
    there.start()
    there.card("TM-1")
    there.person("eve").open_home()
    there.wait(lambda: _home(there, "eve"))
    assert "The House" not in _home(there, "eve")


@pytest.mark.parametrize(
    ("owned", "pressed", "said"),
    [
        (0, 0, "✓ Nothing waits for you."),
        (3, 3, "MI-3"),
        (60, 12, "• Mitigation · MI-60"),
        (200, 12, "• Mitigation · MI-200"),
        (900, 12, "more"),
    ],
)
def test_whatever_somebody_owns_is_there_in_brief_where_it_is_much(
    owned: int, pressed: int, said: str
) -> None:
    opened = Target(what=PageName.RESPONSE, stream="T0/TM-1")
    tasks = tuple(
        HomeTask(
            words=f"Mitigation · MI-{number}",
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


def _home(there: RunningBot, who: str) -> str:
    seen = there.person(who).home()
    return seen.plain if seen else ""
