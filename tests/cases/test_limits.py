"""Cases 16 and 17: as fast as Slack allows, and as much as it shows."""

import re
from datetime import UTC, datetime

from bot.store import CommandKey
from domain.commands import DrawFlows, FlowByNames, NameElements, ReportThreat, StartThreatModel
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.threat import Stride
from tests.cases.case_actions import asset_names, record_asset, refused_calls
from tests.depth import deep_only
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, run_at_the_same_time
from tests.waiting import PATIENCE

PRESSED_AT_ONCE = ("Take over", "Go to the card")
"""What on the page More opens nothing."""


def test_forty_answers_while_slack_says_slow_down_become_one_update(either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.card("TM-1")
    team.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=600)
    record_asset(team, "Valuables")
    team.wait(lambda: team.sandbox.calls_of("chat.update"))
    run_at_the_same_time(
        *(lambda number=number: record_asset(team, f"Asset {number}") for number in range(40))
    )
    team.pass_queue_time(600)
    team.card("Assets  41")
    assert len(team.sandbox.calls_of("chat.update")) == 2, "the one that was refused, and one for them all"
    assert len(asset_names(team)) == 41


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
def test_two_hundred_of_everything_and_two_hundred_threats_are_shown_page_by_page(team: SlackTeam) -> None:
    stream = create_collected_house(team, steps=1)
    ana = PersonId(team.person("ana").id)
    for hundred in range(2):
        many = tuple(f"Thing {hundred} {n} {'long ' * 20}" for n in range(100))
        names = NameElements(by=ana, at=datetime.now(UTC), assets=many, entry_points=many, trust_levels=many)
        team.command_handler.execute(names, stream=stream, key=CommandKey(f"names {hundred}"))
        flows = tuple(
            FlowByNames(source=f"Room {hundred} {n}", target=f"Hall {hundred} {n}") for n in range(100)
        )
        drawn = DrawFlows(by=ana, at=datetime.now(UTC), flows=flows)
        team.command_handler.execute(drawn, stream=stream, key=CommandKey(f"flows {hundred}"))
    for number in range(200):
        threat = ReportThreat(
            by=ana,
            at=datetime.now(UTC),
            title=f"Threat {number} {'dark ' * 20}",
            description="Very long. " * 200,
            stride=(Stride.TAMPERING,),
        )
        team.command_handler.execute(threat, stream=stream, key=CommandKey(f"threat {number}"))
    team.card("Assets  200", "Data flows  200")
    assert len(look_at_the_pages(team)) >= 5, "the long ones have more than one page"
    team.person("ben").open_home()
    team.wait(lambda: team.person("ben").home())
    assert refused_calls(team) == []


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


def look_at_the_pages(team: SlackTeam) -> list[str]:
    """Open everything that the page More leads to, and turn to the second page of what has one."""
    turned: list[str] = []
    chi = team.person("chi")
    chi.click(team.card("TM-1"), "More…")
    labels = [one.label for one in team.modal("chi", "More").buttons if one.label not in PRESSED_AT_ONCE]
    for label in labels:
        chi.click(team.modal("chi", "More"), label)
        team.wait(lambda: (seen := chi.modal) is not None and seen.title != "More")
        page = chi.modal
        assert page is not None
        if "Next page" in [button.label for button in page.buttons]:
            turned.append(label)
            chi.click(page, "Next page")
            team.wait(lambda old=page.plain: (seen := chi.modal) is not None and seen.plain != old)
        chi.close()
    return turned


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
