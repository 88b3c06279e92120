"""Looking back on the work once a model is closed, and looking at it again after 90 days."""

from datetime import timedelta
from pathlib import Path

from bot.slack.protocol.requests import Json
from domain.commands import CloseThreatModel
from domain.kernel.retrospective import RetrospectiveQuestion
from tests.examples import anyway
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot
from tests.slack.voting_steps import person_id, run_bot_on_workspace_clock

SURPRISE, _, _, _, NEXT_TIME = (one.words for one in RetrospectiveQuestion)


def closed(there: RunningBot) -> None:
    """The House, closed by Ana without any more ado."""
    stream = create_collected_house(there, at=there.now())
    close = CloseThreatModel(by=person_id(there, "ana"), at=there.now(), reasons=anyway("we moved out"))
    there.command_handler.execute(close, stream=stream, key=there.key())


def inputs(there: RunningBot, who: str) -> list[Json]:
    return [one for one in there.modal(who, "Look back on the work").blocks if one["type"] == "input"]


def home(there: RunningBot, who: str) -> str:
    seen = there.person(who).home()
    return seen.plain if seen else ""


def test_whoever_closes_a_model_may_look_back_on_the_work_at_once(there: RunningBot) -> None:
    create_collected_house(there)
    there.command("ana", "/threatmodel close")
    ana = there.person("ana")
    there.modal("ana", "Close the model")
    there.explain_gates("ana", "We moved out")
    there.submit("ana")
    ana.click(there.modal("ana", "Saved"), "Look back on the work")
    form = there.modal("ana", "Look back on the work")
    assert len(form.labels) == len(RetrospectiveQuestion)
    ana.fill(SURPRISE, "<!channel> how many doors there are")
    there.submit("ana")
    answers = there.modal("ana", "Retrospective").plain
    assert f"{SURPRISE}\nAna: “<!channel> how many doors there are”" in answers
    assert NEXT_TIME not in answers, "nobody has answered that"


def test_others_answer_from_the_card_and_home_and_read_everybodys_answers(either_way: RunningBot) -> None:
    there = either_way
    closed(there)
    ben, chi = there.person("ben"), there.person("chi")
    ben.open_home()
    there.wait(lambda: "Look back" in home(there, "ben"))
    seen = ben.home()
    assert seen is not None
    ben.click(seen, "Look back")
    there.modal("ben", "Look back on the work")
    ben.fill(NEXT_TIME, "Ask the neighbours")
    there.submit("ben")
    there.modal("ben", "Retrospective")
    there.wait(lambda: "Look back" not in home(there, "ben"))
    chi.click(there.card("1 person has answered"), "Read the answers")
    page = there.modal("chi", "Retrospective")
    assert "Ben: “Ask the neighbours”" in page.plain
    chi.click(page, "Answer")
    there.modal("chi", "Look back on the work")
    chi.fill(NEXT_TIME, "Begin with the garage")
    there.submit("chi")
    answers = there.modal("chi", "Retrospective")
    assert "Chi: “Begin with the garage”" in answers.plain
    chi.click(answers, "Change my answers")
    boxes = [block["element"].get("initial_value") for block in inputs(there, "chi")]
    assert boxes[-1] == "Begin with the garage"


def test_nobody_looks_back_without_a_word(there: RunningBot) -> None:
    closed(there)
    there.person("ben").click(there.card("Five short questions"), "Look back on the work")
    there.modal("ben", "Look back on the work")
    there.submit("ben")
    assert "Please answer at least one" in str(there.modal("ben", "Look back on the work").errors)


def test_a_press_after_the_model_was_reopened_says_why_it_is_too_late(there: RunningBot) -> None:
    closed(there)
    card = there.card("Five short questions")
    there.command("ana", "/threatmodel reopen")
    there.modal("ana", "Reopen the model")
    there.submit("ana")
    there.person("ben").click(card, "Look back on the work")
    there.told("ben", "TM-1 is in collection; this belongs to closed")


def test_ninety_days_later_the_card_asks_to_look_at_the_model_again(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as there:
        there.start()
        there.person("ana").close()
        close = CloseThreatModel(
            by=person_id(there, "ana"), at=there.sandbox.clock.moment(), reasons=anyway("we moved out")
        )
        there.command_handler.execute(close, stream=there.streams[0], key=there.key())
        there.card("To be looked at again on")
        there.sandbox.clock.move(timedelta(days=91).total_seconds())
        there.person("ana").click(there.card("That was 90 days ago"), "Reopen the model")
        there.modal("ana", "Reopen the model")
