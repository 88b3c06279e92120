"""Hostile words and hostile sizes, all the way through a workspace that refuses what Slack refuses."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import pytest

from bot.store import CommandKey
from domain.commands import DrawFlows, FlowByNames, NameElements
from domain.kernel.elements import PersonId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot

WORDS = (
    "<!channel> <!here|x> @everyone",
    "<@U0ANA0001> <#C0HOUSE01> <https://evil.example|click me>",
    "*bold* _it_ ~no~ `code` > quote & &amp; &lt;",
    "\u202eevil\u202c \u200bzero\u0007bell",
    "👩‍👩‍👧‍👦 ß 漢字 عربى",
    "x" * 140,
)
ALIVE = ("<!channel>", "<!here", "<@U0", "<#C0HOUSE01>", "<https://evil", "@everyone", "@channel")


@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_stay_words_on_every_page(there: RunningBot, words: str) -> None:
    create_collected_house(there, steps=5)
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", words)
    there.person("ben").fill("Description", words)
    there.submit("ben")
    there.card("Assets  5")
    there.command("ben", "/threatmodel add data flow")
    there.modal("ben", "Add data flow")
    there.person("ben").choose("From", "CO-3")
    there.person("ben").choose("To", "CO-5")
    there.person("ben").choose("What flows?", "AS-5")
    there.person("ben").fill("Name", words)
    there.submit("ben")
    there.card("Data flows  6")
    look_at_everything(there)
    assert refused(there) == []
    assert come_alive(there) == []


def test_a_model_called_hostile_is_started_listed_and_shown(there: RunningBot) -> None:
    there.know()
    there.command("ana", "/threatmodel start <!channel> & <@U0BEN0002>")
    there.modal("ana", "New threat model")
    there.submit("ana")
    there.modal("ana", "Name what there is")
    there.card("TM-1")
    for word in ("status", "list", "history"):
        there.command("ben", f"/threatmodel {word}")
    there.told("ben", "TM-1")
    assert refused(there) == []
    assert come_alive(there) == []


def test_two_hundred_of_everything_can_still_be_seen_added_and_revised(there: RunningBot) -> None:
    stream = create_collected_house(there, steps=1)
    ana = PersonId(there.person("ana").id)
    for number in range(2):
        many = tuple(f"Thing {number} {n} {'long ' * 20}" for n in range(100))
        names = NameElements(by=ana, at=datetime.now(UTC), assets=many, entry_points=many, trust_levels=many)
        there.command_handler.execute(names, stream=stream, key=CommandKey(f"names {number}"))
    flows = tuple(FlowByNames(source=f"Room {n}", target=f"Room {n + 1}") for n in range(200))
    for start in (0, 100):
        drawn = DrawFlows(by=ana, at=datetime.now(UTC), flows=flows[start : start + 100])
        there.command_handler.execute(drawn, stream=stream, key=CommandKey(f"flows {start}"))
    there.card("Assets  200", "Data flows  200")
    look_at_everything(there)
    for word in ("asset", "entry point", "data flow", "component", "trust level"):
        there.command("ben", f"/threatmodel add {word}")
        there.modal("ben", f"Add {word}")
        there.person("ben").close()
    there.command("ben", "/threatmodel add data flow")
    there.modal("ben", "Add data flow")
    there.person("ben").choose("From", "CO-1")
    there.person("ben").choose("To", "CO-200")
    there.submit("ben")
    there.card("Data flows  201")
    assert refused(there) == []


def test_a_list_of_two_hundred_is_turned_page_by_page(there: RunningBot) -> None:
    stream = create_collected_house(there, steps=1)
    many = tuple(f"Thing {n}" for n in range(200))
    names = NameElements(by=PersonId(there.person("ana").id), at=datetime.now(UTC), assets=many)
    there.command_handler.execute(names, stream=stream, key=CommandKey("names"))
    there.person("ben").click(there.card("Assets  200"), "More…")
    there.person("ben").click(there.modal("ben", "More"), "Assets (200)")
    page = there.modal("ben", "Assets")
    seen = {name for name in many if f"\n{name} · " in page.plain}
    while len(seen) < 200:
        (label,) = [one.label for one in page.buttons if "Next" in one.label or "→" in one.label]
        there.person("ben").click(page, label)
        there.wait(lambda old=page.plain: there.modal("ben", "Assets").plain != old)
        page = there.modal("ben", "Assets")
        more = {name for name in many if f"\n{name} · " in page.plain}
        assert more - seen, "every page shows something new"
        seen |= more


def test_what_people_write_is_in_no_log_line(
    there: RunningBot, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        create_collected_house(there)
        there.command("ben", "/threatmodel add asset secret-of-ben")
        there.command("eve", "/threatmodel undo secret-of-eve")
        there.told("eve", "Only members")
        there.told("ben", "You added the asset")
        there.command("ben", "/threatmodel add assumption")
        there.modal("ben", "Add assumption")
        there.person("ben").fill("What do we take for true?", "secret-of-the-house")
        there.submit("ben")
        there.card("2 assumptions")
    # Our own lines are printed, or records like the libraries' where the process has set up its logs.
    logged = "\n".join((capsys.readouterr().out, *(record.getMessage() for record in caplog.records)))
    assert "card posted" in logged
    for secret in ("secret-of", there.sandbox.bot_token, there.sandbox.app_token):
        assert secret not in logged


def look_at_everything(there: RunningBot) -> None:
    """Open every page that the page More leads to, one after the other."""
    there.person("chi").click(there.card("TM-1"), "More…")
    leading_on = [one.label for one in there.modal("chi", "More").buttons]
    labels = [one for one in leading_on if one not in ("Take over", "Go to the card")]
    for label in labels:
        there.person("chi").click(there.modal("chi", "More"), label)
        there.wait(lambda: len(title(there)) and title(there) != "More")
        there.person("chi").close()


def title(there: RunningBot) -> str:
    seen = there.person("chi").modal
    return seen.title if seen else ""


def refused(there: RunningBot) -> list[str]:
    """The calls of the bot that Slack refused, with what it said of them."""
    calls = there.sandbox.api_calls
    return [f"{call.method}: {call.answer}" for call in calls if not call.answer.get("ok")]


def come_alive(there: RunningBot) -> list[str]:
    """Marked-up texts of the bot in which something that people wrote would mention or lead."""
    texts = [text for call in there.sandbox.api_calls for text in marked_up(call.arguments)]
    texts += [text for delivery in there.sandbox.deliveries for text in marked_up(delivery.response)]
    return [text for text in texts if any(mark in text for mark in ALIVE)]


def marked_up(sent: object) -> Iterator[str]:
    """Every text in which Slack looks for marks: mrkdwn objects, and a message's own text."""
    match sent:
        case {"type": "mrkdwn", "text": str(text)}:
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
