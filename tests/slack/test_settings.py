"""Settings: when one works, and what may be changed about a model."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.slack.protocol.requests import Json
from domain.commands import CloseThreatModel
from domain.kernel.closing import RetrospectiveQuestion
from domain.kernel.elements import PersonId
from domain.lifecycle import phase_of
from domain.working_hours import USUAL, WorkingHours
from tests.examples import reasons_for_conditions
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, errors_by_key, home
from tests.slack.voting_steps import begin_analysis_with, person_id, run_bot_on_workspace_clock


def test_the_page_shows_my_hours_with_my_zone_and_the_model_i_came_from(team: SlackTeam) -> None:
    started(team)
    team.command("ben", "/threatmodel settings")
    page = team.modal("ben", "Settings")
    assert "Working hours: Monday to Friday, 09:00 to 17:00" in page.plain
    assert (
        "Your time zone is America/New_York. It comes from your Slack profile: change it in Slack."
        in page.plain
    )
    assert "This model: The House · TM-1" in page.plain
    assert [button.label for button in page.buttons] == [
        "Change",
        "Name and scope",
        "Labels",
        "Participants",
        "Reassign facilitator",
        "Tracker",
        "Take over",
        "Change",
        "Change",
    ]
    assert (
        "Critical: due after 14 days; accepted for at most 90 days by any participant except the proposer"
        in (page.plain)
    )


def test_where_there_is_no_model_only_mine_are_there(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ben", "/threatmodel hours")
    assert "This model" not in team.modal("ben", "Settings").plain


def test_hours_are_kept_and_the_page_behind_follows(either_way: SlackTeam) -> None:
    team = either_way
    started(team)
    team.command("ben", "/threatmodel settings")
    team.person("ben").click(team.modal("ben", "Settings"), "Change")
    form = team.modal("ben", "Working hours")
    assert form.values["From"] == "09:00"
    team.person("ben").check("Days", "Monday", "Wednesday")
    team.person("ben").fill("From", "10:30")
    team.person("ben").fill("Until", "18:00")
    team.submit("ben")
    chosen = WorkingHours(days=(1, 3), starts=time(10, 30), ends=time(18))
    assert hours_of(team, "ben") == chosen
    team.wait(lambda: "Monday, Wednesday, 10:30 to 18:00" in team.modal("ben", "Settings").plain)
    assert hours_of(team, "chi") == USUAL


def test_what_cannot_be_is_said_beside_the_field(team: SlackTeam) -> None:
    started(team)
    team.command("ben", "/threatmodel settings")
    team.person("ben").click(team.modal("ben", "Settings"), "Change")
    team.modal("ben", "Working hours")
    team.person("ben").fill("Until", "08:00")
    team.submit("ben")
    assert "The end is not after" in errors_by_key(team.modal("ben", "Working hours"))["ends"]
    team.person("ben").fill("Until", "17:00")
    team.person("ben").check("Days")
    assert team.person("ben").submit() is None, "Slack asks for a day itself"
    assert hours_of(team, "ben") == USUAL


def test_hours_that_come_twice_are_kept_once_and_changed_ones_replace_them(team: SlackTeam) -> None:
    team.person("ben").open_home()
    team.start()
    team.card("TM-1")
    team.wait(lambda: "The House" in home(team, "ben"))
    seen = team.person("ben").home()
    assert seen is not None
    team.person("ben").click(seen, "Change")
    team.modal("ben", "Working hours")
    team.person("ben").fill("From", "08:00")
    team.submit("ben")
    delivery = team.sandbox.last_act
    team.sandbox.repeat(delivery)
    assert hours_of(team, "ben").starts == time(8)
    team.wait(lambda: "08:00 to 17:00" in home(team, "ben"))


def test_the_facilitator_is_not_offered_to_take_over(team: SlackTeam) -> None:
    started(team)
    for who, offered in (("ana", False), ("ben", True)):
        team.person(who).click(team.card("TM-1"), "More…")
        assert ("Take over" in [button.label for button in team.modal(who, "More").buttons]) is offered


def test_a_form_opened_from_the_settings_leaves_the_settings_behind_it(team: SlackTeam) -> None:
    started(team)
    team.command("ana", "/threatmodel settings")
    team.person("ana").click(team.modal("ana", "Settings"), "Name and scope")
    team.modal("ana", "Name and scope")
    team.person("ana").fill("Name", "The Castle")
    team.submit("ana")
    team.wait(lambda: "This model: The Castle" in team.modal("ana", "Settings").plain)


def test_the_facilitator_says_what_votes_begin_with_and_the_next_round_does(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    ana = team.person("ana")
    team.command("ana", "/threatmodel settings")
    page = team.modal("ana", "Settings")
    assert "Voting defaults: quorum half of the voters, at least three; Discoverability voted" in page.plain
    ana.click(page, action_id="open:terms")
    team.modal("ana", "Votes and reminders")
    ana.choose("Quorum", "4")
    ana.choose("Discoverability", "Not rated")
    team.submit("ana")
    team.wait(lambda: "quorum 4 voters; Discoverability left out" in team.modal("ana", "Settings").plain)
    ana.close()
    ana.click(team.card("Open a voting round on 1 threat"), "Open voting round")
    form = team.modal("ana", "Open voting round")
    assert "'value': '4'" in str(form.values["Quorum"])
    assert "left_out" in str(form.values["Discoverability"])


def started(team: SlackTeam) -> None:
    team.start("ana", "The House")
    team.person("ana").close()
    team.card("TM-1")


def hours_of(team: SlackTeam, who: str) -> WorkingHours:
    return team.command_handler.working_hours("T0SANDBOX", PersonId(team.person(who).id))


SURPRISE, _, _, _, NEXT_TIME = (one.text for one in RetrospectiveQuestion)


def closed(team: SlackTeam) -> None:
    """The House, closed by Ana without any more ado."""
    stream = create_collected_house(team, at=team.now())
    close = CloseThreatModel(
        by=person_id(team, "ana"), at=team.now(), reasons=reasons_for_conditions("we moved out")
    )
    team.command_handler.execute(close, stream=stream, key=team.key())


def inputs(team: SlackTeam, who: str) -> list[Json]:
    return [block for block in team.modal(who, "Answer retrospective").blocks if block["type"] == "input"]


def test_anyone_who_closes_a_model_may_look_back_on_the_work_at_once(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ana", "/threatmodel close")
    ana = team.person("ana")
    team.modal("ana", "Close the model")
    team.explain_conditions("ana", "We moved out")
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
            reasons=reasons_for_conditions("we moved out"),
        )
        team.command_handler.execute(close, stream=team.streams[0], key=team.key())
        team.card("Next review:")
        team.sandbox.clock.move(timedelta(days=91).total_seconds())
        team.person("ana").click(team.card("The next review is due"), "Review")
        team.person("ana").click(team.modal("ana", "Changes"), "Reopen")
        team.wait(lambda: team.model().review is not None)


def test_the_page_that_a_form_was_opened_from_is_shown_again_behind_it(team: SlackTeam) -> None:
    started(team)
    press(team, "ana", "Reassign facilitator")
    team.modal("ana", "Reassign facilitator")
    team.person("ana").choose("Facilitator", "chi")
    team.submit("ana")
    team.wait(lambda: "Chi is the facilitator" in team.modal("ana", "More").plain)


def test_participants_are_chosen_and_the_others_told_whom_to_ask(team: SlackTeam) -> None:
    started(team)
    press(team, "ana", "Participants")
    team.modal("ana", "Participants")
    team.person("ana").choose("Participants", "ana", "ben")
    team.submit("ana")
    assert set(team.model().participants) == {team.person("ana").id, team.person("ben").id}
    team.command("chi", "/threatmodel add asset")
    assert "not a participant of this model" in team.private_message("chi", "participant")
    assert team.person("chi").modal is None
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")


def test_a_closed_model_opens_no_form_for_answers(team: SlackTeam) -> None:
    started(team)
    team.command("ana", "/threatmodel close")
    team.modal("ana", "Close the model")
    team.explain_conditions("ana", "Sold the house.")
    team.submit("ana")
    team.command("ben", "/threatmodel add asset")
    assert "Reopen it first" in team.private_message("ben", "closed")
    assert team.person("ben").modal is None
    team.command("ana", "/threatmodel reopen")
    team.modal("ana", "Reopen the model")
    team.submit("ana")
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")


def test_archive_asks_which_model_if_one_is_open_and_another_one_closed(team: SlackTeam) -> None:
    for name in ("Orders", "Payments"):
        team.start("ana", name)
        team.person("ana").close(all_of_them=True)
    closing = CloseThreatModel(by=person_id(team, "ana"), at=team.now(), reasons=reasons_for_conditions())
    team.command_handler.execute(closing, stream=team.streams[0], key=team.key())
    team.command("ana", "/threatmodel archive")
    shown = team.private_message("ana", "Payments")
    assert "Orders" in shown


@pytest.mark.parametrize("word", ["close", "archive"])
def test_ending_the_work_is_the_facilitators(team: SlackTeam, word: str) -> None:
    started(team)
    team.command("chi", f"/threatmodel {word}")
    assert "Only the facilitator" in team.private_message("chi", "facilitator")
    assert team.person("chi").modal is None
    assert phase_of(team.model().step) == "collection"


def test_someone_who_writes_to_the_bot_in_a_thread_is_answered_there(team: SlackTeam) -> None:
    started(team)
    card = team.card("TM-1")
    team.person("ben").say("#house", "@threatmodel list", thread=card.ts)
    team.wait(lambda: [one for one in team.person("ben").thread("#house", card.ts) if one.ephemeral])
    said = next(one for one in team.person("ben").thread("#house", card.ts) if one.ephemeral)
    assert "The House" in said.plain
    team.person("ben").click(said, "Start another")
    team.modal("ben", "New threat model")
    assert not any(one.ephemeral for one in team.person("chi").thread("#house", card.ts))


def test_a_stranger_who_writes_to_the_bot_is_told_nothing_of_the_model(team: SlackTeam) -> None:
    team.start("ana", "The House")
    card = team.card("TM-1")
    team.person("eve").say("#house", "@threatmodel", thread=card.ts)
    team.wait(lambda: team.person("eve").direct_messages())
    said = team.person("eve").direct_messages()[-1].plain
    assert "Only members" in said
    assert "The House" not in said


def press(team: SlackTeam, who: str, label: str) -> None:
    """Press a button of the page behind “More…”."""
    team.person(who).click(team.card("TM-1"), "More…")
    team.person(who).click(team.modal(who, "More"), label)
