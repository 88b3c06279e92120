"""Prompts to think further among the suggestions: one at a time, answered by a line or by one press."""

import pytest

from bot.slack.protocol.targets import SelectionTarget, StaleButton
from domain.commands import RemoveElement
from domain.kernel.elements import DataFlow, PersonId
from domain.kernel.thought_prompt import PromptKind
from domain.kernel.threat import ThreatId
from domain.register import register
from domain.replay import replay
from tests.domain.suggested_threats import FRONT, HOUSE
from tests.domain.test_thought_prompts import answer
from tests.examples import at, decide_all
from tests.slack.collected_house import create_collected_house
from tests.slack.form_cases import open_form_view
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model
from tests.slack.limit_checks import view_faults
from tests.slack.slack_team import SlackTeam, errors_by_key
from tests.slack.view_contents import register_in_step, render_page, replay_register, view_text

QUESTION = PromptKind.ALLOWED_HARM.question


def test_one_prompt_stands_among_the_suggestions() -> None:
    text = view_text(render_page("seen", replay_register(HOUSE)))
    assert text.count("Think further") == 1
    assert f"Think further · Front door (EP-1)\n{QUESTION}" in text
    assert "Prompt 1 of 4." in text


def test_the_next_one_follows_an_answer() -> None:
    text = view_text(render_page("seen", replay_register(decide_all(answer(), after=HOUSE))))
    assert "Prompt 2 of 4." in text
    assert "Front door (EP-1)\nWhat harm" not in text


def test_an_archived_model_asks_for_nothing() -> None:
    assert "Think further" not in view_text(render_page("seen", register_in_step("archived")))


def test_coverage_says_who_considered_how_many() -> None:
    known = replay_register(decide_all(answer("Visitors copy the key"), after=HOUSE))
    assert "Think further: 1 prompt considered by Benji, which led to 1 threat." in view_text(
        render_page("coverage", known)
    )


@pytest.mark.parametrize("text", ["&" * 3000, "<!channel> *_" * 200])
def test_the_page_has_room_for_it_whatever_the_suggestions_are(text: str) -> None:
    known = register(build_model(LARGE, [text] * 4, known=CollectionProgress.ANSWERED))
    assert known.prompts
    view = render_page("seen", known)
    assert "Think further" in view_text(view)
    assert len(view["blocks"]) <= 100
    assert view_faults(view) == []


@pytest.mark.parametrize("selection", ["", "forged", "<!channel>"])
def test_a_forged_prompt_opens_no_form(selection: str) -> None:
    target = SelectionTarget(name="think", stream=STREAM, element=FRONT, selection=selection)
    with pytest.raises(StaleButton):
        open_form_view("think", replay(HOUSE), target)


def test_a_line_becomes_a_threat_at_its_place_and_the_next_prompt_follows(team: SlackTeam) -> None:
    create_collected_house(team)
    ben = team.person("ben")
    team.command("ben", "/threatmodel findings")
    ben.click(team.modal("ben", "Findings"), "Report a threat…")
    team.modal("ben", "Think further")
    ben.fill("What could go wrong?", "Visitors copy the key <!channel>")
    team.submit("ben")
    team.wait(lambda: "Prompt 2 of" in team.modal("ben", "Findings").plain)
    threat = team.model().threats[ThreatId("TH-1")]
    assert (threat.title, threat.element) == ("Visitors copy the key <!channel>", FRONT)
    assert [one.threat for one in team.model().prompts.values()] == [threat.id]


def test_nothing_here_is_one_press(team: SlackTeam) -> None:
    create_collected_house(team)
    ben = team.person("ben")
    team.command("ben", "/threatmodel findings")
    ben.click(team.modal("ben", "Findings"), "Nothing here")
    team.wait(lambda: "Prompt 2 of" in team.modal("ben", "Findings").plain)
    (said,) = team.model().prompts.values()
    assert (said.element, said.by, said.threat) == (FRONT, PersonId(ben.id), None)


def test_two_people_at_the_same_prompt_are_both_recorded(team: SlackTeam) -> None:
    create_collected_house(team)
    ben, chi = team.person("ben"), team.person("chi")
    for who in ("ben", "chi"):
        team.command(who, "/threatmodel findings")
        team.person(who).click(team.modal(who, "Findings"), "Report a threat…")
        team.modal(who, "Think further")
    ben.fill("What could go wrong?", "Visitors copy the key")
    chi.fill("What could go wrong?", "The postman looks in")
    team.submit("ben")
    team.submit("chi")
    team.wait(lambda: len(team.model().prompts) == 2)
    assert {one.title for one in team.model().threats.values()} == {
        "Visitors copy the key",
        "The postman looks in",
    }


def test_a_line_about_an_element_removed_meanwhile_stays_in_the_form(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    ben = team.person("ben")
    team.command("ben", "/threatmodel findings")
    ben.click(team.modal("ben", "Findings"), "Report a threat…")
    team.modal("ben", "Think further")
    ben.fill("What could go wrong?", "Visitors copy the key")
    through = [one.id for one in team.model().of_type(DataFlow) if one.entry_point == FRONT]
    for gone in (*through, FRONT):
        removing = RemoveElement(by=PersonId(team.person("ana").id), at=at(70), element=gone)
        team.command_handler.execute(removing, stream=stream, key=team.key())
    team.submit("ben")
    kept = team.modal("ben", "Think further")
    assert errors_by_key(kept) == {"title": "This model has no element EP-1. It may have been removed."}
    assert not team.model().prompts
