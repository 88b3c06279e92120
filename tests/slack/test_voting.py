"""A round from its opening to its result, as people meet it."""

from bot.sandbox.api import Delivery
from bot.slack.protocol.requests import Json
from domain.kernel.threat import ThreatId
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import (
    SOME,
    begin_analysis_with,
    cast_ballots,
    direct_messages_of,
    fill_ballot_page,
    open_ballot,
    open_round_for,
    person_id,
    published_results,
    submit_ballot_pages,
)

CURTAINS, GARAGE = (1, 10, 10, 10, 10), (10, 10, 5, 10, 8)


def test_a_round_is_opened_voted_on_closed_and_revealed(either_way: SlackTeam) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open", "Garage without a lock")
    ana, ben = team.person("ana"), team.person("ben")
    ana.click(team.card("Open a voting round on 2 threats"), "Open voting round")
    form = team.modal("ana", "Open voting round")
    assert "their numbers can be attributed to them" in form.plain
    ana.choose("Voters", "Ana", "Ben", "Chi")
    team.submit("ana")
    team.modal("ana", "Saved")

    team.card("0 of 3 voted", "Waiting for Ana, Ben, Chi")
    for who in ("ana", "ben", "chi"):
        team.wait(lambda who=who: direct_messages_of(team, who))
        assert "Vote on 2 threats" in direct_messages_of(team, who)[-1].plain

    ben.click(direct_messages_of(team, "ben")[-1], "Vote")
    first = team.modal("ben", "Vote")
    assert "Curtains left open · TH-1" in first.plain
    assert "Damage\nHow severe would the impact be?" in first.plain
    assert "Your numbers are sealed until the round is over" in first.plain
    end = submit_ballot_pages(team, "ben", {"TH-1": CURTAINS, "TH-2": GARAGE})
    assert "Your ballots are saved" in end.plain
    assert "Damage 10 · Reproducibility 10 · Exploitability 5" in end.plain
    team.card("1 of 3 voted", "Waiting for Ana, Chi")
    team.wait(lambda: "You have voted" in direct_messages_of(team, "ben")[-1].plain)

    cast_ballots(team, "ana", {"TH-1": CURTAINS, "TH-2": GARAGE})
    assert not published_results(team)
    cast_ballots(team, "chi", {"TH-1": CURTAINS, "TH-2": GARAGE})
    team.wait(lambda: published_results(team))
    result = published_results(team)[0].plain
    assert "all voters have voted. 3 of 3 voted." in result
    assert "Critical · mean 8.6, total 43 · 3 ballots · rank 1 of 2" in result
    assert "Medium · mean 8.2, total 41 · 3 ballots · rank 2 of 2" in result
    assert "Limited to medium because the damage is negligible." in result
    team.card("Begin remediation")
    team.wait(
        lambda: all("has ended" in direct_messages_of(team, who)[-1].plain for who in ("ana", "ben", "chi"))
    )


def test_the_home_tab_says_first_which_ballots_are_owed(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    ben = team.person("ben")
    ben.open_home()
    team.wait(lambda: (home := ben.home()) and "Ballots to cast" in home.plain)
    home = ben.home()
    assert home is not None
    assert home.plain.index("Ballots to cast") < home.plain.index("Models in my channels")
    assert "The House · 1 ballot" in home.plain
    ben.click(home, "Vote")
    team.modal("ben", "Vote")
    submit_ballot_pages(team, "ben", {"TH-1": SOME})
    team.wait(lambda: (home := ben.home()) and "Ballots to cast" not in home.plain)


def test_a_vote_before_any_round_is_told_that_there_is_none(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    team.command("ben", "/threatmodel vote")
    assert "You have no open voting round" in team.private_message("ben", "You have no open voting round")


def test_a_ballot_before_its_round_is_opened_is_refused_in_words(either_way: SlackTeam) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    open_ballot(team, "ben")
    fill_ballot_page(team, "ben", SOME)
    sent = team.submit("ben")
    # Nobody has the form of a round that is not there yet, but somebody may know how Slack sends one.
    early = team.sandbox.client.sender.send("interactive", forged(sent, round_="RD-2"))
    assert "This model has no round RD-2" in str(early.response)
    assert len(team.model().ballots) == 1


def test_a_ballot_after_the_closing_is_refused_in_words_and_what_was_typed_stays(
    either_way: SlackTeam,
) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi", "dee")
    open_ballot(team, "dee")
    fill_ballot_page(team, "dee", (9, 9, 9, 9, 9), reason="I saw it happen")
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-1": SOME})
    team.person("ana").click(team.card("3 of 4 voted"), "Close round")
    team.wait(lambda: not team.model().open_rounds())
    team.submit("dee")
    late = team.person("dee").modal
    assert late is not None
    assert "ballot was not counted:" in " ".join(late.errors.values())
    assert late.values["Reason"] == "I saw it happen"
    assert len(team.model().ballots) == 3


def test_someone_who_was_not_invited_is_told_so_and_nothing_is_kept(either_way: SlackTeam) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    team.command("dee", "/threatmodel vote")
    team.private_message("dee", "You have no open voting round")
    open_ballot(team, "ben")
    dee = team.person("dee")
    dee.click(team.card("0 of 3 voted"), "Vote")
    team.wait(
        lambda: sum("You have no open voting round" in one for one in team.private_messages("dee")) == 2
    )
    fill_ballot_page(team, "ben", SOME)
    sent = team.submit("ben")
    for who, sentence in (
        ("dee", "not a voter of the round"),
        ("eve", "Only members of this model's channel"),
    ):
        theirs = forged(sent, person=team.person(who).id)
        refused = team.sandbox.client.sender.send("interactive", theirs)
        team.wait(lambda refused=refused, sentence=sentence: sentence in read(team, refused))
    assert {voter for _, _, voter in team.model().ballots} == {person_id(team, "ben")}


def forged(sent: Delivery, *, person: str = "", round_: str = "") -> Json:
    """A ballot as Slack sends it, from somebody else or for another round, in a view that nobody opened."""
    user, view = sent.payload["user"], sent.payload["view"]
    about = view["private_metadata"].replace('"d":"RD-1"', f'"d":"{round_ or "RD-1"}"')
    return {
        **sent.payload,
        "user": {**user, "id": person or user["id"]},
        "view": {**view, "id": f"V0{person}{round_}", "private_metadata": about},
    }


def read(team: SlackTeam, refused: Delivery) -> str:
    """The answer, and what was made of the view afterwards."""
    return f"{refused.response} {[one.arguments for one in team.sandbox.calls_of('views.update')]}"


def test_a_second_vote_changes_the_first_and_the_last_one_counts(either_way: SlackTeam) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    cast_ballots(team, "ben", {"TH-1": (1, 1, 1, 1, 1)})
    team.command("ben", "/threatmodel vote")
    page = team.modal("ben", "My ballots")
    assert "Damage 1 " in page.plain
    assert "Other participants cannot see your ballots." in page.plain
    team.person("ben").click(page, "Change")
    form = team.modal("ben", "Vote")
    assert "1 · Minor disruption" in str(form.values["Damage"])
    fill_ballot_page(team, "ben", (7, 7, 7, 7, 7))
    team.submit("ben")
    assert "Damage 7" in team.modal("ben", "My ballots").plain
    for who in ("ana", "chi"):
        cast_ballots(team, who, {"TH-1": (7, 7, 7, 7, 7)})
    team.wait(lambda: published_results(team))
    assert "Damage 7 ·" in published_results(team)[0].plain
    cast = [
        event
        for event in team.command_handler.events(team.streams[0])
        if "BallotCast" in str(type(event.event))
    ]
    assert len(cast) == 4, "the first ballot stays as history"


def test_the_same_click_and_the_same_page_three_times_count_once(either_way: SlackTeam) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    open_ballot(team, "ben")
    fill_ballot_page(team, "ben", SOME)
    handed_in = team.submit("ben")
    before = team.model().version
    for _ in range(2):
        again = team.sandbox.repeat(handed_in)
        assert again.acked
        assert "My ballots" in str(again.response)
    assert team.model().version == before


def test_a_scored_threat_becomes_a_reference_threat_that_stands_beside_the_rubric(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-1": (6, 6, 6, 6, 6)})
    team.wait(lambda: published_results(team))
    team.command("ben", "/threatmodel threats")
    assert "reference_threat" not in team.modal("ben", "Threats").plain, "only the facilitator is asked"
    team.command("ana", "/threatmodel threats")
    team.person("ana").click(team.modal("ana", "Threats"), "Use as reference")
    team.wait(lambda: ThreatId("TH-1") in team.model().reference_threats)
    open_round_for(team, "ana", "ben", "chi")
    team.command("ben", "/threatmodel vote")
    assert "Reference: TH-1 “Curtains left open” was rated 6." in team.modal("ben", "Vote").plain
