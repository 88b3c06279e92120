"""Settings: when one works, and what may be changed about a model."""

from datetime import time

from domain.kernel.elements import PersonId
from domain.working_hours import USUAL, WorkingHours
from tests.slack.slack_team import SlackTeam, errors_by_key
from tests.slack.voting_steps import begin_analysis_with


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
    assert [one.label for one in page.buttons] == [
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
        assert ("Take over" in [one.label for one in team.modal(who, "More").buttons]) is offered


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


def home(team: SlackTeam, who: str) -> str:
    seen = team.person(who).home()
    return seen.plain if seen else ""
