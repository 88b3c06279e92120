"""Threats that people saw: from a message, from the page, revised and withdrawn."""

import json
import time

import pytest

from bot.sandbox.api import VisibleMessage, interactive_elements
from bot.slack.handlers.message_text import first_line, plain_message_text
from domain.kernel.elements import ElementId
from domain.kernel.stride import Stride
from domain.kernel.threat import ThreatId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot

SAID = "The plumber came <without> asking.\nNobody looked at his papers & he had a key."


def test_a_message_becomes_a_threat_with_a_link_back(either_way: RunningBot) -> None:
    there = either_way
    create_collected_house(there)
    message = say(there, "dee", SAID)
    there.person("ben").message_shortcut(message, "report_as_threat")
    form = there.modal("ben", "Report a threat")
    assert form.values["What could go wrong?"] == "The plumber came <without> asking."
    assert form.values["Description"] == SAID
    there.person("ben").check("What sort of threat is it?", "Spoofing", "Elevation of privilege")
    there.person("ben").choose("What does it concern?", "EP-1")
    there.submit("ben")
    there.modal("ben", "Saved")
    threat = there.model().threats[ThreatId("TH-1")]
    assert threat.stride == (Stride.SPOOFING, Stride.ELEVATION_OF_PRIVILEGE)
    assert threat.element == ElementId("EP-1")
    assert threat.link.endswith(f"/archives/{message.channel}/p{message.ts.replace('.', '')}")
    there.card("1 threat")


def test_a_message_of_a_thread_is_linked_within_it(there: RunningBot) -> None:
    create_collected_house(there)
    parent = say(there, "dee", "About the doors")
    reply = there.person("chi").say("#house", "The back door has no lock", thread=parent.ts)
    report(there, "ben", reply)
    link = there.model().threats[ThreatId("TH-1")].link
    assert link.endswith(f"/p{reply.ts.replace('.', '')}?thread_ts={parent.ts}&cid={parent.channel}")


def test_a_report_that_comes_twice_is_one_threat_and_a_changed_one_revises_it(there: RunningBot) -> None:
    create_collected_house(there)
    report(there, "ben", say(there, "dee", "The curtains are thin"))
    submission = there.sandbox.last_act
    there.sandbox.repeat(submission)
    assert len(there.model().threats) == 1


def test_without_a_category_the_form_stays(there: RunningBot) -> None:
    create_collected_house(there)
    there.person("ben").message_shortcut(say(there, "dee", "Hm"), "report_as_threat")
    there.modal("ben", "Report a threat")
    assert there.person("ben").submit() is None, "Slack asks for one itself"


def test_where_there_are_several_models_one_is_chosen_and_offers_its_own_elements(there: RunningBot) -> None:
    create_collected_house(there)
    there.start(name="The Garden")
    there.person("ana").fill("Assets", "Roses")
    there.submit("ana")
    there.person("ana").close(all_of_them=True)
    there.person("ben").message_shortcut(say(there, "dee", "Deer eat everything"), "report_as_threat")
    assert "Front door" in offered(there, "ben")
    there.person("ben").fill("Description", "Last night")
    there.person("ben").choose("Threat model", "TM-2 The Garden")
    there.wait(lambda: "Roses" in offered(there, "ben"))
    assert "Front door" not in offered(there, "ben")
    assert there.modal("ben", "Report a threat").values["Description"] == "Last night"
    there.person("ben").check("What sort of threat is it?", "Denial of service")
    there.person("ben").choose("What does it concern?", "AS-1")
    there.submit("ben")
    assert [one.title for one in there.model(1).threats.values()] == ["Deer eat everything"]
    assert not there.model(0).threats


def test_where_there_is_no_model_yet_one_can_be_started(there: RunningBot) -> None:
    there.know()
    there.person("ben").message_shortcut(say(there, "dee", "Hm"), "report_as_threat")
    there.told("ben", "No threat model in this channel yet")


def test_where_the_model_is_closed_it_can_be_reopened(there: RunningBot) -> None:
    create_collected_house(there)
    close(there)
    there.person("ana").message_shortcut(say(there, "dee", "Hm"), "report_as_threat")
    there.told("ana", "The House (TM-1) is closed, so nothing can be added.")
    said = next(one for one in there.person("ana").sees("#house") if "is closed, so" in one.plain)
    there.person("ana").click(said, "Reopen TM-1")
    there.modal("ana", "Reopen the model")


def test_a_direct_message_has_no_model_and_the_way_out_is_told(there: RunningBot) -> None:
    message = there.person("ben").say("@chi", "The back door has no lock")
    there.person("ben").message_shortcut(message, "report_as_threat")
    there.wait(
        lambda: any("models live in channels" in one.plain for one in there.person("ben").sees("@chi"))
    )


def test_a_stranger_reports_nothing(there: RunningBot) -> None:
    create_collected_house(there)
    message = say(there, "dee", "The back door has no lock")
    there.person("eve").message_shortcut(message, "report_as_threat")
    there.wait(lambda: "Only members" in " ".join(there.whispers("eve")))
    assert there.person("eve").modal is None


def test_a_threat_is_reported_revised_and_withdrawn_from_the_page(there: RunningBot) -> None:
    create_collected_house(there)
    there.command("ben", "/threatmodel threats")
    ben = there.person("ben")
    ben.click(there.modal("ben", "Threats"), "Report a threat")
    there.modal("ben", "Report a threat")
    ben.fill("What could go wrong?", "A football breaks a window")
    ben.check("What sort of threat is it?", "Repudiation")
    there.submit("ben")
    there.wait(lambda: "A football breaks a window · TH-1" in there.modal("ben", "Threats").plain)
    ben.click(there.modal("ben", "Threats"), "Revise")
    there.modal("ben", "Revise threat")
    ben.fill("What could go wrong?", "A tennis ball breaks a window")
    there.submit("ben")
    there.wait(lambda: "A tennis ball breaks a window" in there.modal("ben", "Threats").plain)
    ben.click(there.modal("ben", "Threats"), "Withdraw")
    there.wait(lambda: "tennis ball breaks a window”: withdrawn" in there.modal("ben", "Threats").plain)
    assert not there.model().threats


@pytest.mark.parametrize(
    ("marked_up", "plain"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("ask <@U1> or <@U2|ben>", "ask @Ana or @ben"),
        ("in <#C1|house>, <!channel>", "in #house, @channel"),
        ("see <https://a.example/x|the page>", "see the page (https://a.example/x)"),
        ("see <https://a.example/x>", "see https://a.example/x"),
        ("<!date^1764000000^{date}|24 Nov>", "24 Nov"),
        ("\u202eevil\x07", "evil"),
        ("a *bold* and _slanted_ ~no~ `code`", "a bold and slanted no code"),
        ("*_both_*", "both"),
        ("2*3*4, snake_case_name, *.log and *.txt", "2*3*4, snake_case_name, *.log and *.txt"),
    ],
)
def test_what_was_said_is_taken_over_as_people_read_it(marked_up: str, plain: str) -> None:
    assert plain_message_text(marked_up, lambda _: "Ana") == plain


def test_the_first_line_of_which_something_can_be_seen_is_the_title() -> None:
    assert first_line("\n  \n The plumber \nis none", 150) == "The plumber"
    assert first_line("x" * 200, 150) == "x" * 149 + "…"
    assert first_line("\n", 150) == ""


def test_a_message_of_forty_thousand_signs_is_reported_within_the_time_that_slack_waits(
    there: RunningBot,
) -> None:
    create_collected_house(there)
    message = say(there, "ben", "*a " * 13_333)
    began = time.process_time()
    delivery = there.person("ben").message_shortcut(message, "report_as_threat")
    assert delivery.acked
    there.modal("ben", "Report a threat")
    assert time.process_time() - began < 2, "it took eight seconds of computing once"


def say(there: RunningBot, who: str, words: str) -> VisibleMessage:
    return there.person(who).say("#house", words)


def offered(there: RunningBot, who: str) -> str:
    """What the threat may concern, as the form offers it."""
    options = (
        control.element for control in interactive_elements(there.modal(who, "Report a threat").blocks)
    )
    return json.dumps(list(options))


def report(there: RunningBot, who: str, message: VisibleMessage) -> None:
    there.person(who).message_shortcut(message, "report_as_threat")
    there.modal(who, "Report a threat")
    there.person(who).check("What sort of threat is it?", "Tampering")
    there.submit(who)
    there.modal(who, "Saved")


def close(there: RunningBot) -> None:
    there.command("ana", "/threatmodel close")
    there.modal("ana", "Close the model")
    there.explain_gates("ana", "Sold")
    there.submit("ana")
    there.card("Closed")
    there.person("ana").close(all_of_them=True)
