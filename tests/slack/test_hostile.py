"""Hostile words and hostile sizes, all the way through a workspace that refuses what Slack refuses."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import pytest

from bot.store import CommandKey
from domain.commands import DrawFlows, FlowByNames, NameElements
from domain.kernel.elements import PersonId
from tests.depth import deep_only, first
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam

WORDS = (
    "<!channel> <!here|x> @everyone",
    "<@U0ANA0001> <#C0HOUSE01> <https://evil.example|click me>",
    "*bold* _it_ ~no~ `code` > quote & &amp; &lt;",
    "\u202eevil\u202c \u200bzero\u0007bell",
    "👩‍👩‍👧‍👦 ß 漢字 عربى",
    "x" * 140,
)
ALIVE = ("<!channel>", "<!here", "<@U0", "<#C0HOUSE01>", "<https://evil", "@everyone", "@channel")


@pytest.mark.parametrize("words", first(1, WORDS))
def test_hostile_words_stay_words_on_every_page(team: SlackTeam, words: str) -> None:
    create_collected_house(team, steps=5)
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", words)
    team.person("ben").fill("Description", words)
    team.submit("ben")
    team.card("Assets  5")
    team.command("ben", "/threatmodel add data flow")
    team.modal("ben", "Add data flow")
    team.person("ben").choose("Source", "CO-3")
    team.person("ben").choose("Target", "CO-5")
    team.person("ben").choose("Data", "AS-5")
    team.person("ben").fill("Name", words)
    team.submit("ben")
    team.card("Data flows  6")
    look_at_everything(team)
    assert refused(team) == []
    assert come_alive(team) == []


def test_a_model_called_hostile_is_started_listed_and_shown(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ana", "/threatmodel start <!channel> & <@U0BEN0002>")
    team.modal("ana", "New threat model")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.card("TM-1")
    for word in ("status", "list", "history"):
        team.command("ben", f"/threatmodel {word}")
    team.private_message("ben", "TM-1")
    assert refused(team) == []
    assert come_alive(team) == []


@deep_only
def test_two_hundred_of_everything_can_still_be_seen_added_and_revised(team: SlackTeam) -> None:
    stream = create_collected_house(team, steps=1)
    ana = PersonId(team.person("ana").id)
    for number in range(2):
        many = tuple(f"Thing {number} {n} {'long ' * 20}" for n in range(100))
        names = NameElements(by=ana, at=datetime.now(UTC), assets=many, entry_points=many, trust_levels=many)
        team.command_handler.execute(names, stream=stream, key=CommandKey(f"names {number}"))
    flows = tuple(FlowByNames(source=f"Room {n}", target=f"Room {n + 1}") for n in range(200))
    for start in (0, 100):
        drawn = DrawFlows(by=ana, at=datetime.now(UTC), flows=flows[start : start + 100])
        team.command_handler.execute(drawn, stream=stream, key=CommandKey(f"flows {start}"))
    team.card("Assets  200", "Data flows  200")
    look_at_everything(team)
    for word in ("asset", "entry point", "data flow", "component", "trust level"):
        team.command("ben", f"/threatmodel add {word}")
        team.modal("ben", f"Add {word}")
        team.person("ben").close()
    team.command("ben", "/threatmodel add data flow")
    team.modal("ben", "Add data flow")
    team.person("ben").choose("Source", "CO-1")
    team.person("ben").choose("Target", "CO-200")
    team.submit("ben")
    team.card("Data flows  201")
    assert refused(team) == []


@deep_only
def test_a_list_of_two_hundred_is_turned_page_by_page(team: SlackTeam) -> None:
    stream = create_collected_house(team, steps=1)
    many = tuple(f"Thing {n}" for n in range(200))
    names = NameElements(by=PersonId(team.person("ana").id), at=datetime.now(UTC), assets=many)
    team.command_handler.execute(names, stream=stream, key=CommandKey("names"))
    team.person("ben").click(team.card("Assets  200"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Assets (200)")
    page = team.modal("ben", "Assets")
    seen = {name for name in many if f"\n{name} · " in page.plain}
    while len(seen) < 200:
        (label,) = [one.label for one in page.buttons if "Next" in one.label or "→" in one.label]
        team.person("ben").click(page, label)
        team.wait(lambda old=page.plain: team.modal("ben", "Assets").plain != old)
        page = team.modal("ben", "Assets")
        more = {name for name in many if f"\n{name} · " in page.plain}
        assert more - seen, "every page shows something new"
        seen |= more


def test_what_people_write_is_in_no_log_line(
    team: SlackTeam, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        create_collected_house(team)
        team.command("ben", "/threatmodel add asset secret-of-ben")
        team.command("eve", "/threatmodel undo secret-of-eve")
        team.private_message("eve", "Only members")
        team.private_message("ben", "You added the asset")
        team.command("ben", "/threatmodel add assumption")
        team.modal("ben", "Add assumption")
        team.person("ben").fill("Assumption", "secret-of-the-house")
        team.submit("ben")
        team.card("2 assumptions")
    # Our own lines are printed, or records like the libraries' where the process has set up its logs.
    logged = "\n".join((capsys.readouterr().out, *(record.getMessage() for record in caplog.records)))
    assert "card posted" in logged
    for secret in ("secret-of", team.sandbox.bot_token, team.sandbox.app_token):
        assert secret not in logged


def look_at_everything(team: SlackTeam) -> None:
    """Open every page that the page More leads to, one after the other."""
    team.person("chi").click(team.card("TM-1"), "More…")
    leading_on = [one.label for one in team.modal("chi", "More").buttons]
    labels = [one for one in leading_on if one not in ("Take over", "Go to the card")]
    for label in labels:
        team.person("chi").click(team.modal("chi", "More"), label)
        team.wait(lambda: len(title(team)) and title(team) != "More")
        team.person("chi").close()


def title(team: SlackTeam) -> str:
    seen = team.person("chi").modal
    return seen.title if seen else ""


def refused(team: SlackTeam) -> list[str]:
    """The calls of the bot that Slack refused, with what it said of them."""
    calls = team.sandbox.api_calls
    return [f"{call.method}: {call.answer}" for call in calls if not call.answer.get("ok")]


def come_alive(team: SlackTeam) -> list[str]:
    """Marked-up texts of the bot in which something that people wrote would mention or lead."""
    texts = [text for call in team.sandbox.api_calls for text in marked_up(call.arguments)]
    texts += [text for delivery in team.sandbox.deliveries for text in marked_up(delivery.response)]
    return [text for text in texts if any(mark in text for mark in ALIVE)]


def marked_up(sent: object) -> Iterator[str]:
    """Every text in which Slack looks for marks: mrkdwn objects, and a message's own text."""
    match sent:
        case {"type": "mrkdwn", "text": str(text)}:  # pyrefly: ignore[not-callable]
            yield text
        case dict():
            for key, value in cast("dict[str, object]", sent).items():
                if key == "text" and isinstance(value, str) and "blocks" in sent:
                    yield value
                yield from marked_up(value)
        case list():
            for value in cast("list[object]", sent):
                yield from marked_up(value)
        case _:
            return
