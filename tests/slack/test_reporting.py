"""Threats that people saw: from a message, from the page, revised and withdrawn."""

import json
import time

import pytest

from bot.sandbox.api import VisibleMessage, interactive_elements
from bot.slack.handlers.submissions.report_threat import first_line, plain_message_text
from domain.kernel.elements import ElementId
from domain.kernel.threat import Stride, ThreatId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam

SAID = "The plumber came <without> asking.\nNobody looked at his papers & he had a key."


def test_a_message_becomes_a_threat_with_a_link_back(either_way: SlackTeam) -> None:
    team = either_way
    create_collected_house(team)
    message = say(team, "dee", SAID)
    team.person("ben").message_shortcut(message, "report_as_threat")
    form = team.modal("ben", "Report a threat")
    assert form.values["What could go wrong?"] == "The plumber came <without> asking."
    assert form.values["Description"] == SAID
    team.person("ben").check("STRIDE categories", "Spoofing", "Elevation of privilege")
    team.person("ben").choose("Affected element", "EP-1")
    team.submit("ben")
    team.modal("ben", "Saved")
    threat = team.model().threats[ThreatId("TH-1")]
    assert threat.stride == (Stride.SPOOFING, Stride.ELEVATION_OF_PRIVILEGE)
    assert threat.element == ElementId("EP-1")
    assert threat.link.endswith(f"/archives/{message.channel}/p{message.ts.replace('.', '')}")
    team.card("1 threat")


def test_a_message_of_a_thread_is_linked_within_it(team: SlackTeam) -> None:
    create_collected_house(team)
    parent = say(team, "dee", "About the doors")
    reply = team.person("chi").say("#house", "The back door has no lock", thread=parent.ts)
    report(team, "ben", reply)
    link = team.model().threats[ThreatId("TH-1")].link
    assert link.endswith(f"/p{reply.ts.replace('.', '')}?thread_ts={parent.ts}&cid={parent.channel}")


def test_a_report_that_comes_twice_is_one_threat_and_a_changed_one_revises_it(team: SlackTeam) -> None:
    create_collected_house(team)
    report(team, "ben", say(team, "dee", "The curtains are thin"))
    submission = team.sandbox.last_act
    team.sandbox.repeat(submission)
    assert len(team.model().threats) == 1


def test_without_a_category_the_form_stays(team: SlackTeam) -> None:
    create_collected_house(team)
    team.person("ben").message_shortcut(say(team, "dee", "Hm"), "report_as_threat")
    team.modal("ben", "Report a threat")
    assert team.person("ben").submit() is None, "Slack asks for one itself"


def test_where_there_are_several_models_one_is_chosen_and_offers_its_own_elements(team: SlackTeam) -> None:
    create_collected_house(team)
    team.start(name="The Garden")
    team.person("ana").fill("Assets", "Roses")
    team.submit("ana")
    team.person("ana").close(all_of_them=True)
    team.person("ben").message_shortcut(say(team, "dee", "Deer eat everything"), "report_as_threat")
    assert "Front door" in offered(team, "ben")
    team.person("ben").fill("Description", "Last night")
    team.person("ben").choose("Threat model", "TM-2 The Garden")
    team.wait(lambda: "Roses" in offered(team, "ben"))
    assert "Front door" not in offered(team, "ben")
    assert team.modal("ben", "Report a threat").values["Description"] == "Last night"
    team.person("ben").check("STRIDE categories", "Denial of service")
    team.person("ben").choose("Affected element", "AS-1")
    team.submit("ben")
    assert [threat.title for threat in team.model(1).threats.values()] == ["Deer eat everything"]
    assert not team.model(0).threats


def test_where_there_is_no_model_yet_one_can_be_started(team: SlackTeam) -> None:
    team.read_channel()
    team.person("ben").message_shortcut(say(team, "dee", "Hm"), "report_as_threat")
    team.private_message("ben", "No threat model in this channel yet")


def test_where_the_model_is_closed_it_can_be_reopened(team: SlackTeam) -> None:
    create_collected_house(team)
    close(team)
    team.person("ana").message_shortcut(say(team, "dee", "Hm"), "report_as_threat")
    team.private_message("ana", "The House (TM-1) is closed, so nothing can be added.")
    said = next(message for message in team.person("ana").sees("#house") if "is closed, so" in message.plain)
    team.person("ana").click(said, "Reopen TM-1")
    team.modal("ana", "Reopen the model")


def test_a_direct_message_has_no_model_and_the_way_out_is_told(team: SlackTeam) -> None:
    message = team.person("ben").say("@chi", "The back door has no lock")
    team.person("ben").message_shortcut(message, "report_as_threat")
    team.wait(
        lambda: any(
            "Threats belong to the threat model of a channel" in one.plain
            for one in team.person("ben").sees("@chi")
        )
    )


def test_a_stranger_reports_nothing(team: SlackTeam) -> None:
    create_collected_house(team)
    message = say(team, "dee", "The back door has no lock")
    team.person("eve").message_shortcut(message, "report_as_threat")
    team.wait(lambda: "Only members" in " ".join(team.private_messages("eve")))
    assert team.person("eve").modal is None


def test_a_threat_is_reported_revised_and_withdrawn_from_the_page(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel threats")
    ben = team.person("ben")
    ben.click(team.modal("ben", "Threats"), "Report a threat")
    team.modal("ben", "Report a threat")
    ben.fill("What could go wrong?", "A football breaks a window")
    ben.check("STRIDE categories", "Repudiation")
    team.submit("ben")
    team.wait(lambda: "A football breaks a window · TH-1" in team.modal("ben", "Threats").plain)
    ben.click(team.modal("ben", "Threats"), "Revise")
    team.modal("ben", "Revise threat")
    ben.fill("What could go wrong?", "A tennis ball breaks a window")
    team.submit("ben")
    team.wait(lambda: "A tennis ball breaks a window" in team.modal("ben", "Threats").plain)
    ben.click(team.modal("ben", "Threats"), "Withdraw")
    team.wait(lambda: "tennis ball breaks a window”: withdrawn" in team.modal("ben", "Threats").plain)
    assert not team.model().threats


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
    team: SlackTeam,
) -> None:
    create_collected_house(team)
    message = say(team, "ben", "*a " * 13_333)
    began = time.process_time()
    delivery = team.person("ben").message_shortcut(message, "report_as_threat")
    assert delivery.acked
    team.modal("ben", "Report a threat")
    assert time.process_time() - began < 2, "it took eight seconds of computing once"


def say(team: SlackTeam, who: str, words: str) -> VisibleMessage:
    return team.person(who).say("#house", words)


def offered(team: SlackTeam, who: str) -> str:
    """What the threat may concern, as the form offers it."""
    options = (control.element for control in interactive_elements(team.modal(who, "Report a threat").blocks))
    return json.dumps(list(options))


def report(team: SlackTeam, who: str, message: VisibleMessage) -> None:
    team.person(who).message_shortcut(message, "report_as_threat")
    team.modal(who, "Report a threat")
    team.person(who).check("STRIDE categories", "Tampering")
    team.submit(who)
    team.modal(who, "Saved")


def close(team: SlackTeam) -> None:
    team.command("ana", "/threatmodel close")
    team.modal("ana", "Close the model")
    team.explain_conditions("ana", "Sold")
    team.submit("ana")
    team.card("Closed")
    team.person("ana").close(all_of_them=True)
