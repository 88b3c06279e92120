"""What is contested is voted on again, once, after those at the ends were asked to say why."""

from bot.sandbox.api import VisibleView
from tests.depth import deep_only
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import (
    VOTERS,
    begin_analysis_with,
    cast_ballots,
    direct_messages_of,
    open_round_for,
    published_results,
    recorded_event_types,
)

FAR_APART = {"ana": (2, 5, 5, 5, 5), "ben": (9, 5, 5, 5, 5), "chi": (4, 5, 5, 5, 5), "dee": (5, 5, 5, 5, 5)}


def test_a_contested_metric_is_explained_voted_on_again_and_stands_then(either_way: SlackTeam) -> None:
    team = either_way
    contested(team)
    first = published_results(team)[0]
    assert "Damage 4.5" in first.plain
    assert "Contested: Damage (voted on again)" in first.plain
    assert "Vote again" in [one.label for one in first.buttons]

    form = say_why(team, "ben")
    assert "Your rating of Damage was far from the other votes" in form.plain
    team.person("ben").fill("Reason", "A ladder leans on the wall")
    team.submit("ben")
    team.person("ben").click(team.modal("ben", "Saved"), "Vote")
    team.modal("ben", "Vote again")

    again = begin_again(team, "ana")
    assert again.labels == ("Damage", "Reason", "Confidence"), "only what was contested is asked"
    assert "A ladder leans on the wall" in again.plain
    assert "Ben" not in again.plain, "no reason is shown with a name"
    assert "First vote: 2 to 9, median 4.5; yours was 2" in again.plain
    for who in VOTERS:
        vote_again(team, who, 8)
    team.wait(lambda: len(published_results(team)) == 2)
    second = next(one.plain for one in published_results(team) if "Result of the second vote" in one.plain)
    assert "Damage 8" in second
    assert "A ladder leans on the wall" in second
    assert recorded_event_types(team).count("RoundOpened") == 2
    team.card("Begin remediation")


@deep_only
def test_opinions_that_stay_apart_are_not_voted_on_a_third_time(team: SlackTeam) -> None:
    contested(team)
    for who, damage in zip(VOTERS, (2, 9, 4, 5), strict=True):
        vote_again(team, who, damage)
    team.wait(lambda: len(published_results(team)) == 2)
    second = next(one.plain for one in published_results(team) if "Result of the second vote" in one.plain)
    assert "Contested: Damage" in second
    assert "voted on again" not in second
    assert recorded_event_types(team).count("RoundOpened") == 2
    assert not team.model().open_rounds()


def test_a_reason_is_asked_for_and_shown_without_a_name(team: SlackTeam) -> None:
    contested(team)
    form = say_why(team, "ana")
    assert "shown without your name" in form.plain
    assert form.labels == ("Reason",)
    team.person("ana").fill("Reason", "There is a copy")
    team.submit("ana")
    team.wait(lambda: "BallotExplained" in recorded_event_types(team))
    shown = begin_again(team, "ben").plain
    assert "There is a copy" in shown
    assert "Ana" not in shown


def test_only_those_at_the_ends_are_asked_why_and_no_one_else_can_say(either_way: SlackTeam) -> None:
    team = either_way
    contested(team)
    for who in ("ana", "ben"):
        assert "Explain Damage, TH-1" in [one.label for one in direct_messages_of(team, who)[-1].buttons]
    for who in ("chi", "dee"):
        assert [one.label for one in direct_messages_of(team, who)[-1].buttons] == ["Vote"]
    say_why(team, "ben")
    team.person("ben").fill("Reason", "A ladder")
    sent = team.submit("ben").payload
    chi = {**sent, "user": {**sent["user"], "id": team.person("chi").id}}
    theirs = team.sandbox.client.sender.send("interactive", {**chi, "view": {**sent["view"], "id": "V0CHI"}})
    assert "a number far from the median" in str(theirs.response)
    assert recorded_event_types(team).count("BallotExplained") == 1


def test_a_form_to_say_why_that_was_open_until_the_second_vote_was_over_says_so_and_keeps_the_words(
    team: SlackTeam,
) -> None:
    contested(team)
    say_why(team, "ben")
    team.person("ben").fill("Reason", "A ladder")
    for who in ("ana", "chi", "dee"):
        vote_again(team, who, 8)
    team.person("ana").click(team.card("(RD-2) · 3 of 4 voted"), "Close round")
    team.wait(lambda: not team.model().open_rounds())
    team.submit("ben")
    form = team.person("ben").modal
    assert form is not None
    assert "far from the median" in " ".join(form.errors.values())
    assert form.values["Reason"] == "A ladder"


def contested(team: SlackTeam) -> None:
    """A first vote in which Ana and Ben are far apart on the damage, and the invitations to the second."""
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, *VOTERS)
    team.wait(lambda: all(direct_messages_of(team, who) for who in VOTERS))
    for who, numbers in FAR_APART.items():
        cast_ballots(team, who, {"TH-1": numbers})
    team.wait(lambda: published_results(team))
    team.wait(lambda: all(len(direct_messages_of(team, who)) == 2 for who in VOTERS))
    assert all("diverged" in direct_messages_of(team, who)[-1].plain for who in VOTERS)


def say_why(team: SlackTeam, who: str) -> VisibleView:
    team.person(who).click(direct_messages_of(team, who)[-1], "Explain Damage, TH-1")
    return team.modal(who, "Explain your rating")


def begin_again(team: SlackTeam, who: str) -> VisibleView:
    team.person(who).click(direct_messages_of(team, who)[-1], "Vote")
    return team.modal(who, "Vote again")


def vote_again(team: SlackTeam, who: str, damage: int) -> None:
    if team.person(who).modal is None:
        team.command(who, "/threatmodel vote")
        team.modal(who, "Vote again")
    team.person(who).choose("Damage", str(damage))
    team.submit(who)
    team.modal(who, "My ballots")
    team.person(who).close()
