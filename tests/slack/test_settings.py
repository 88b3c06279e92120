"""Settings: when one works, and what may be changed about a model."""

from datetime import time

from domain.kernel.elements import PersonId
from domain.working_hours import USUAL, WorkingHours
from tests.slack.slack_team import RunningBot, errors_by_key
from tests.slack.voting_steps import begin_analysis_with


def test_the_page_shows_my_hours_with_my_zone_and_the_model_i_came_from(there: RunningBot) -> None:
    started(there)
    there.command("ben", "/threatmodel settings")
    page = there.modal("ben", "Settings")
    assert "Working hours: Monday to Friday, 09:00 to 17:00" in page.plain
    assert (
        "Your time zone is America/New_York. It comes from your Slack profile: change it in Slack."
        in page.plain
    )
    assert "This model: The House · TM-1" in page.plain
    assert [one.label for one in page.buttons] == [
        "Change",
        "Name and scope",
        "Participants",
        "Hand over",
        "Take over",
        "Change",
    ]


def test_where_there_is_no_model_only_mine_are_there(there: RunningBot) -> None:
    there.know()
    there.command("ben", "/threatmodel hours")
    assert "This model" not in there.modal("ben", "Settings").plain


def test_hours_are_kept_and_the_page_behind_follows(either_way: RunningBot) -> None:
    there = either_way
    started(there)
    there.command("ben", "/threatmodel settings")
    there.person("ben").click(there.modal("ben", "Settings"), "Change")
    form = there.modal("ben", "Working hours")
    assert form.values["From"] == "09:00"
    there.person("ben").check("Days", "Monday", "Wednesday")
    there.person("ben").fill("From", "10:30")
    there.person("ben").fill("Until", "18:00")
    there.submit("ben")
    chosen = WorkingHours(days=(1, 3), starts=time(10, 30), ends=time(18))
    assert hours_of(there, "ben") == chosen
    there.wait(lambda: "Monday, Wednesday, 10:30 to 18:00" in there.modal("ben", "Settings").plain)
    assert hours_of(there, "chi") == USUAL


def test_what_cannot_be_is_said_beside_the_field(there: RunningBot) -> None:
    started(there)
    there.command("ben", "/threatmodel settings")
    there.person("ben").click(there.modal("ben", "Settings"), "Change")
    there.modal("ben", "Working hours")
    there.person("ben").fill("Until", "08:00")
    there.submit("ben")
    assert "The end must be later" in errors_by_key(there.modal("ben", "Working hours"))["ends"]
    there.person("ben").fill("Until", "17:00")
    there.person("ben").check("Days")
    assert there.person("ben").submit() is None, "Slack asks for a day itself"
    assert hours_of(there, "ben") == USUAL


def test_hours_that_come_twice_are_kept_once_and_changed_ones_replace_them(there: RunningBot) -> None:
    there.person("ben").open_home()
    there.start()
    there.card("TM-1")
    there.wait(lambda: "The House" in home(there, "ben"))
    seen = there.person("ben").home()
    assert seen is not None
    there.person("ben").click(seen, "Change")
    there.modal("ben", "Working hours")
    there.person("ben").fill("From", "08:00")
    there.submit("ben")
    delivery = there.sandbox.last_act
    there.sandbox.repeat(delivery)
    assert hours_of(there, "ben").starts == time(8)
    there.wait(lambda: "08:00 to 17:00" in home(there, "ben"))


def test_the_facilitator_is_not_offered_to_take_over(there: RunningBot) -> None:
    started(there)
    for who, offered in (("ana", False), ("ben", True)):
        there.person(who).click(there.card("TM-1"), "More…")
        assert ("Take over" in [one.label for one in there.modal(who, "More").buttons]) is offered


def test_a_form_opened_from_the_settings_leaves_the_settings_behind_it(there: RunningBot) -> None:
    started(there)
    there.command("ana", "/threatmodel settings")
    there.person("ana").click(there.modal("ana", "Settings"), "Name and scope")
    there.modal("ana", "Scope")
    there.person("ana").fill("Name", "The Castle")
    there.submit("ana")
    there.wait(lambda: "This model: The Castle" in there.modal("ana", "Settings").plain)


def test_the_facilitator_says_what_votes_begin_with_and_the_next_round_does(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    ana = there.person("ana")
    there.command("ana", "/threatmodel settings")
    page = there.modal("ana", "Settings")
    assert "Votes begin with: half must vote, three at least; Discoverability voted" in page.plain
    ana.click(page, action_id="open:terms")
    there.modal("ana", "Votes and reminders")
    ana.choose("How many must vote?", "4")
    ana.choose("Discoverability", "Left out")
    there.submit("ana")
    there.wait(lambda: "4 must vote; Discoverability left out" in there.modal("ana", "Settings").plain)
    ana.close()
    ana.click(there.card("Let the team score 1 threat"), "Open a round")
    form = there.modal("ana", "Open a round")
    assert "'value': '4'" in str(form.values["How many must vote?"])
    assert "left_out" in str(form.values["Discoverability"])


def started(there: RunningBot) -> None:
    there.start("ana", "The House")
    there.person("ana").close()
    there.card("TM-1")


def hours_of(there: RunningBot, who: str) -> WorkingHours:
    return there.command_handler.working_hours("T0SANDBOX", PersonId(there.person(who).id))


def home(there: RunningBot, who: str) -> str:
    seen = there.person(who).home()
    return seen.plain if seen else ""
