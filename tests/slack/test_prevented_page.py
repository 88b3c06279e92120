"""The page of threats that a control prevents, and what becomes of one whose answer is changed there."""

import pytest
from msgspec.structs import replace

from bot.demo import house_story
from bot.slack.protocol.targets import SelectionTarget, StaleButton
from domain.kernel.answer import Answer
from domain.kernel.elements import PersonId
from domain.register import register
from domain.replay import replay
from tests.domain.suggested_threats import HOUSE
from tests.domain.test_answer_basis import FACT, FIRST, for_all, stated
from tests.examples import HOUSE_CHANNEL, decide_all
from tests.slack.collected_house import create_collected_house
from tests.slack.form_cases import open_form_view
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model
from tests.slack.limit_checks import view_faults
from tests.slack.slack_team import SlackTeam
from tests.slack.view_contents import button_target, buttons_of, render_page, replay_register, view_text

WHOLE_STORY = len(house_story(HOUSE_CHANNEL))
E01 = f"E01@{FIRST}"
HOSTILE: list[str] = ["<!channel> *_&\u202e`" * 12] * 4


def test_it_says_by_which_control_on_whose_word_and_basis() -> None:
    known = replay_register(decide_all(for_all(), after=HOUSE))
    text = view_text(render_page("prevented", known))
    assert f"{len(known.prevented)} threats prevented by a control in place" in text
    assert "“authorization is checked on every request”: yes, stated for all by Benji, 2 Mar 2026" in text


def test_threats_and_coverage_lead_to_it_once_a_control_is_in_place() -> None:
    for page in ("threats", "coverage"):
        assert "Prevented (" not in view_text(render_page(page, replay_register(HOUSE)))
        known = replay_register(decide_all(for_all(), after=HOUSE))
        named = {one["text"]["text"]: button_target(one).name for one in buttons_of(render_page(page, known))}
        assert named[f"Prevented ({len(known.prevented)})"] == "prevented"


def test_without_a_control_in_place_it_says_what_to_do() -> None:
    assert "No control in place prevents a threat." in view_text(
        render_page("prevented", replay_register(HOUSE))
    )


def test_of_a_threat_that_came_up_the_findings_say_what_was_in_place_before() -> None:
    turned = (for_all(), stated(Answer.NO, by=PersonId("UAMINA"), minute=110))
    text = view_text(render_page("seen", replay_register(decide_all(*turned, after=HOUSE))))
    assert (
        "↩ Changed: “authorization is checked on every request” was in place before, stated for all by "
        "Benji, 2 Mar 2026; changed by Amina, 2 Mar 2026"
    ) in text


def test_an_answer_is_changed_from_it_and_the_threat_comes_up(team: SlackTeam) -> None:
    stream = create_collected_house(team, steps=WHOLE_STORY)
    said = replace(stated(), by=PersonId(team.person("ana").id))
    team.command_handler.execute(said, stream=stream, key=team.key())
    (prevented,) = register(team.model()).prevented
    ben = team.person("ben")
    team.command("ben", "/threatmodel coverage")
    ben.click(team.modal("ben", "Coverage"), "Prevented (1)")
    ben.click(team.modal("ben", "Prevented threats"), "Change…")
    team.modal("ben", "Change answers")
    ben.choose("Front door: Is authorization checked on every request?", "No")
    team.submit("ben")
    team.wait(lambda: "1 threat is newly suggested: “Missing authorization” (Front door)." in shown(team))
    assert team.model().facts.get((FIRST, FACT)) is Answer.YES
    team.submit("ben")
    team.wait(lambda: team.model().facts.get((FIRST, FACT)) is Answer.NO)
    found = {one.id: one for one in register(team.model()).suggested_threats}
    former = [used.basis.former_yes for used in found[prevented.id].facts if used.basis]
    assert [one.by for one in former if one] == [team.person("ana").id]


def shown(team: SlackTeam) -> str:
    seen = team.person("ben").modal
    return seen.plain if seen else ""


def test_a_button_about_a_control_that_is_no_longer_in_place_is_stale() -> None:
    target = SelectionTarget(name="change_answers", stream=STREAM, element=E01)
    open_form_view("change_answers", replay(decide_all(stated(), after=HOUSE)), target)
    with pytest.raises(StaleButton, match="No answer is behind this now"):
        open_form_view("change_answers", replay(HOUSE), target)


def test_a_large_model_fits_on_its_pages() -> None:
    known = register(build_model(LARGE, HOSTILE, known=CollectionProgress.ANSWERED))
    views = [render_page("prevented", known, number=page) for page in range(len(known.prevented) // 20 + 1)]
    assert len(known.prevented) > 100
    assert max(len(view["blocks"]) for view in views) <= 100
    assert [fault for view in views for fault in view_faults(view)] == []
