"""Cases 16 and 17: as fast as Slack allows, and as much as it shows."""

import re
from datetime import UTC, datetime

from bot.store import CommandKey
from domain.commands import DrawFlows, FlowByNames, NameElements, ReportThreat, StartThreatModel
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.stride import Stride
from tests.cases.case_actions import asset_names, record_asset, refused_calls
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot, run_at_the_same_time
from tests.waiting import PATIENCE

PRESSED_AT_ONCE = ("Take over", "Go to the card")
"""What on the page More opens nothing."""


def test_forty_answers_while_slack_says_slow_down_become_one_update(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    there.card("TM-1")
    there.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=1)
    record_asset(there, "Valuables")
    there.wait(lambda: there.sandbox.calls_of("chat.update"))
    run_at_the_same_time(
        *(lambda number=number: record_asset(there, f"Asset {number}") for number in range(40))
    )
    there.card("Assets  41")
    assert len(there.sandbox.calls_of("chat.update")) == 2, "the one that was refused, and one for them all"
    assert len(asset_names(there)) == 41


def test_a_card_never_goes_back_to_what_it_showed_before(there: RunningBot) -> None:
    """Answers keep coming while every other update is refused."""
    there.start()
    there.card("TM-1")
    for number in range(1, 5):
        there.sandbox.faults.fail_next("chat.update", "ratelimited", retry_after=0)
        record_asset(there, f"Asset {number}")
        there.card(f"Assets  {number}")
    shown = [
        counted(str(call.arguments)) for call in there.sandbox.calls_of("chat.update") if call.answer["ok"]
    ]
    assert shown == sorted(shown)
    assert shown[-1] == 4


def test_a_form_waits_as_long_as_slack_says_and_opens_then(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    there.card("TM-1")
    there.sandbox.faults.fail_next("views.open", "ratelimited", retry_after=1)
    assert there.command("ben", "/threatmodel add asset").acked
    there.modal("ben", "Add asset")


def test_a_form_that_would_have_to_wait_too_long_is_offered_again(there: RunningBot) -> None:
    there.start()
    there.card("TM-1")
    there.sandbox.faults.fail_next("views.open", "ratelimited", retry_after=1)
    there.command("ben", "/threatmodel add asset")
    there.sandbox.clock.move(PATIENCE + 1)
    there.told("ben", "three seconds")
    there.person("ben").click(there.person("ben").sees("#house")[-1], "Open again")
    there.modal("ben", "Add asset")


def test_two_hundred_of_everything_and_two_hundred_threats_are_shown_page_by_page(there: RunningBot) -> None:
    stream = create_collected_house(there, steps=1)
    ana = PersonId(there.person("ana").id)
    for hundred in range(2):
        many = tuple(f"Thing {hundred} {n} {'long ' * 20}" for n in range(100))
        names = NameElements(by=ana, at=datetime.now(UTC), assets=many, entry_points=many, trust_levels=many)
        there.command_handler.execute(names, stream=stream, key=CommandKey(f"names {hundred}"))
        flows = tuple(
            FlowByNames(source=f"Room {hundred} {n}", target=f"Hall {hundred} {n}") for n in range(100)
        )
        drawn = DrawFlows(by=ana, at=datetime.now(UTC), flows=flows)
        there.command_handler.execute(drawn, stream=stream, key=CommandKey(f"flows {hundred}"))
    for number in range(200):
        threat = ReportThreat(
            by=ana,
            at=datetime.now(UTC),
            title=f"Threat {number} {'dark ' * 20}",
            description="Very long. " * 200,
            stride=(Stride.TAMPERING,),
        )
        there.command_handler.execute(threat, stream=stream, key=CommandKey(f"threat {number}"))
    there.card("Assets  200", "Data flows  200")
    assert len(look_at_the_pages(there)) >= 5, "the long ones have more than one page"
    there.person("ben").open_home()
    there.wait(lambda: there.person("ben").home())
    assert refused_calls(there) == []


def test_a_channel_with_sixty_models_is_listed_in_what_one_message_holds(there: RunningBot) -> None:
    """More than Slack's fifty blocks, and each model's name is as long as names may be."""
    there.know()
    for number in range(60):
        start_past_slack(there, number)
    there.command("ben", "/threatmodel list")
    there.told("ben", "60 threat models in this channel")
    there.person("ben").open_home()
    there.wait(lambda: there.person("ben").home())
    there.wait(lambda: len(there.cards()) == 60)
    assert refused_calls(there) == []


def look_at_the_pages(there: RunningBot) -> list[str]:
    """Open everything that the page More leads to, and turn to the second page of what has one."""
    turned: list[str] = []
    chi = there.person("chi")
    chi.click(there.card("TM-1"), "More…")
    labels = [one.label for one in there.modal("chi", "More").buttons if one.label not in PRESSED_AT_ONCE]
    for label in labels:
        chi.click(there.modal("chi", "More"), label)
        there.wait(lambda: (seen := chi.modal) is not None and seen.title != "More")
        page = chi.modal
        assert page is not None
        if "Next page" in [one.label for one in page.buttons]:
            turned.append(label)
            chi.click(page, "Next page")
            there.wait(lambda old=page.plain: (seen := chi.modal) is not None and seen.plain != old)
        chi.close()
    return turned


def start_past_slack(there: RunningBot, number: int) -> None:
    start = StartThreatModel(
        by=PersonId(there.person("ana").id),
        at=datetime.now(UTC),
        name=f"House {number} {'with many rooms ' * 7}",
        channel=ChannelId(there.sandbox.workspace.channel("#house").id),
    )
    there.command_handler.start(start, tenant="T0SANDBOX", key=CommandKey(f"start {number}"))


def counted(card: str) -> int:
    found = re.search(r"\*Assets\*\s+(\d+)", card)
    assert found is not None, card
    return int(found[1])
