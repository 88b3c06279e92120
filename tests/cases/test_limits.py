"""Cases 16 and 17: as fast as Slack allows, and as much as it shows."""

import re
from datetime import UTC, datetime

from bot.store import CommandKey
from domain.commands import StartThreatModel
from domain.kernel.elements import ChannelId, PersonId
from tests.cases.case_actions import record_asset, refused_calls
from tests.depth import deep_only
from tests.slack.slack_team import SlackTeam
from tests.waiting import PATIENCE


def test_a_card_never_goes_back_to_what_it_showed_before(team: SlackTeam) -> None:
    """Answers keep coming while every other update is refused."""
    team.start()
    team.card("TM-1")
    for number in range(1, 5):
        team.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=0)
        record_asset(team, f"Asset {number}")
        team.card(f"Assets  {number}")
    shown = [
        counted(str(call.arguments)) for call in team.sandbox.calls_of("chat.update") if call.answer["ok"]
    ]
    assert shown == sorted(shown)
    assert shown[-1] == 4


def test_a_form_waits_as_long_as_slack_says_and_opens_then(either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.card("TM-1")
    team.sandbox.faults.fail_next("views.open", "ratelimited", retry_after=1)
    assert team.command("ben", "/threatmodel add asset").acked
    team.modal("ben", "Add asset")


def test_a_form_that_would_have_to_wait_too_long_is_offered_again(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    team.sandbox.faults.fail_next("views.open", "ratelimited", retry_after=1)
    team.command("ben", "/threatmodel add asset")
    team.sandbox.clock.move(PATIENCE + 1)
    team.private_message("ben", "three seconds")
    team.person("ben").click(team.person("ben").sees("#house")[-1], "Open again")
    team.modal("ben", "Add asset")


@deep_only
def test_a_channel_with_sixty_models_is_listed_in_what_one_message_holds(team: SlackTeam) -> None:
    """More than Slack's fifty blocks, and each model's name is as long as names may be."""
    team.read_channel()
    for number in range(60):
        start_past_slack(team, number)
    team.command("ben", "/threatmodel list")
    team.private_message("ben", "60 threat models in this channel")
    team.person("ben").open_home()
    team.wait(lambda: team.person("ben").home())
    team.wait(lambda: len(team.cards()) == 60)
    assert refused_calls(team) == []


def start_past_slack(team: SlackTeam, number: int) -> None:
    start = StartThreatModel(
        by=PersonId(team.person("ana").id),
        at=datetime.now(UTC),
        name=f"House {number} {'with many rooms ' * 7}",
        channel=ChannelId(team.sandbox.workspace.channel("#house").id),
    )
    team.command_handler.start(start, tenant="T0SANDBOX", key=CommandKey(f"start {number}"))


def counted(card: str) -> int:
    found = re.search(r"\*Assets\*\s+(\d+)", card)
    assert found is not None, card
    return int(found[1])
