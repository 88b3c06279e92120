"""History and files on the work once a model is closed, and looking at it again after 90 days."""

from datetime import timedelta
from pathlib import Path

from bot.slack.protocol.requests import Json
from domain.commands import CloseThreatModel
from domain.kernel.closing import RetrospectiveQuestion
from tests.examples import reasons_for_gates
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id, run_bot_on_workspace_clock

SURPRISE, _, _, _, NEXT_TIME = (one.text for one in RetrospectiveQuestion)


def closed(team: SlackTeam) -> None:
    """The House, closed by Ana without any more ado."""
    stream = create_collected_house(team, at=team.now())
    close = CloseThreatModel(
        by=person_id(team, "ana"), at=team.now(), reasons=reasons_for_gates("we moved out")
    )
    team.command_handler.execute(close, stream=stream, key=team.key())


def inputs(team: SlackTeam, who: str) -> list[Json]:
    return [one for one in team.modal(who, "Answer retrospective").blocks if one["type"] == "input"]


def home(team: SlackTeam, who: str) -> str:
    seen = team.person(who).home()
    return seen.plain if seen else ""


def test_anyone_who_closes_a_model_may_look_back_on_the_work_at_once(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ana", "/threatmodel close")
    ana = team.person("ana")
    team.modal("ana", "Close the model")
    team.explain_gates("ana", "We moved out")
    team.submit("ana")
    ana.click(team.modal("ana", "Saved"), "Answer retrospective")
    form = team.modal("ana", "Answer retrospective")
    assert len(form.labels) == len(RetrospectiveQuestion)
    ana.fill(SURPRISE, "<!channel> how many doors there are")
    team.submit("ana")
    answers = team.modal("ana", "Retrospective").plain
    assert f"{SURPRISE}\nAna: “<!channel> how many doors there are”" in answers
    assert NEXT_TIME not in answers, "nobody has answered that"


def test_others_answer_from_the_card_and_home_and_read_everybodys_answers(either_way: SlackTeam) -> None:
    team = either_way
    closed(team)
    ben, chi = team.person("ben"), team.person("chi")
    ben.open_home()
    team.wait(lambda: "Answer retrospective" in home(team, "ben"))
    seen = ben.home()
    assert seen is not None
    ben.click(seen, "Answer retrospective")
    team.modal("ben", "Answer retrospective")
    ben.fill(NEXT_TIME, "Ask the neighbours")
    team.submit("ben")
    team.modal("ben", "Retrospective")
    team.wait(lambda: "Answer retrospective" not in home(team, "ben"))
    chi.click(team.card("1 person has answered"), "Read answers")
    page = team.modal("chi", "Retrospective")
    assert "Ben: “Ask the neighbours”" in page.plain
    chi.click(page, "Answer")
    team.modal("chi", "Answer retrospective")
    chi.fill(NEXT_TIME, "Begin with the garage")
    team.submit("chi")
    answers = team.modal("chi", "Retrospective")
    assert "Chi: “Begin with the garage”" in answers.plain
    chi.click(answers, "Change my answers")
    boxes = [block["element"].get("initial_value") for block in inputs(team, "chi")]
    assert boxes[-1] == "Begin with the garage"


def test_an_empty_retrospective_is_refused(team: SlackTeam) -> None:
    closed(team)
    team.person("ben").click(team.card("five short questions"), "Answer retrospective")
    team.modal("ben", "Answer retrospective")
    team.submit("ben")
    assert "Answer at least one.'}" in str(team.modal("ben", "Answer retrospective").errors)


def test_a_press_after_the_model_was_reopened_says_why_it_is_too_late(team: SlackTeam) -> None:
    closed(team)
    card = team.card("five short questions")
    team.command("ana", "/threatmodel reopen")
    team.modal("ana", "Reopen the model")
    team.submit("ana")
    team.person("ben").click(card, "Answer retrospective")
    team.private_message("ben", "TM-1 is in the collection phase")


def test_ninety_days_later_the_card_asks_to_look_at_the_model_again(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        team.start()
        team.person("ana").close()
        close = CloseThreatModel(
            by=person_id(team, "ana"),
            at=team.sandbox.clock.moment(),
            reasons=reasons_for_gates("we moved out"),
        )
        team.command_handler.execute(close, stream=team.streams[0], key=team.key())
        team.card("Next review:")
        team.sandbox.clock.move(timedelta(days=91).total_seconds())
        team.person("ana").click(team.card("The next review is due."), "Reopen the model")
        team.modal("ana", "Reopen the model")
