"""What was contested is asked again, once, and whoever is asked is told why first."""

import re

from bot.slack.queries.model_reader import load_round_result
from domain.events import RoundClosed
from domain.voting.scores import ranked_threats
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import (
    begin_analysis_with,
    cast_ballots,
    direct_messages_of,
    fill_ballot_page,
    open_ballot,
    open_round_for,
    published_results,
)


def test_the_last_voter_of_a_contested_round_reads_first_what_has_happened(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open", "Garage without a lock")
    open_round_for(team, "ana", "ben", "chi")
    agreed = {"TH-2": (5, 5, 5, 5, 5)}
    cast_ballots(team, "ana", {"TH-1": (9, 5, 5, 5, 5), **agreed})
    cast_ballots(team, "ben", {"TH-1": (2, 5, 5, 5, 5), **agreed})
    end = cast_ballots(team, "chi", {"TH-1": (1, 5, 5, 5, 5), **agreed})
    assert "Your ballots are saved, and round RD-1 has ended" in end.plain
    assert "Damage of Curtains left open · TH-1" in end.plain
    assert "which are voted on again" in end.plain
    assert "Garage" not in end.plain

    team.card("Next: Vote again on 1 threat (RD-2) · 0 of 3 voted")
    team.command("chi", "/threatmodel vote")
    form = team.modal("chi", "Vote again")
    assert "The first vote has ended. The votes on Damage diverged" in form.plain
    assert "First vote: 1 to 9, median 2; yours was 1." in form.plain
    assert "Exploitability" not in form.plain


def test_the_result_of_the_first_vote_keeps_its_order_after_the_second(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open", "Garage without a lock")
    open_round_for(team, "ana", "ben", "chi")
    for who, damage in (("ana", 9), ("ben", 2), ("chi", 1)):
        cast_ballots(team, who, {"TH-1": (damage, 5, 5, 5, 5), "TH-2": (5, 5, 5, 5, 5)})
    for who in ("ana", "ben", "chi"):
        team.command(who, "/threatmodel vote")
        team.modal(who, "Vote again")
        fill_ballot_page(team, who, (10,))
        team.submit(who)
    team.wait(lambda: len(published_results(team)) == 2)
    assert [one.threat.id for one in ranked_threats(team.model())] == ["TH-1", "TH-2"]
    team.wait(lambda: "Vote again" not in published_results(team)[0].plain)
    first = published_results(team)[0].plain
    assert first.index("Garage") < first.index("Curtains")
    closed = next(
        one.event
        for one in team.command_handler.events(team.streams[0])
        if isinstance(one.event, RoundClosed)
    )
    loaded = load_round_result("T0SANDBOX/TM-1", team.model(), closed)
    assert loaded is not None
    assert [one.threat.id for one in loaded.results] == ["TH-2", "TH-1"]


def test_what_an_extreme_says_stands_before_those_who_vote_again(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    for who, damage in (("ana", 9), ("ben", 2), ("chi", 1)):
        cast_ballots(team, who, {"TH-1": (damage, 5, 5, 5, 5)})
    team.wait(lambda: any("Explain Damage, TH-1" in one.plain for one in direct_messages_of(team, "ana")))
    ana = team.person("ana")
    ana.click(direct_messages_of(team, "ana")[-1], "Explain Damage, TH-1")
    team.modal("ana", "Explain your rating")
    ana.fill("Reason", "My aunt's house was emptied that way")
    team.submit("ana")
    team.command("ben", "/threatmodel vote")
    assert "• Damage: My aunt's house was emptied that way" in team.modal("ben", "Vote again").plain


def test_the_last_voter_of_an_agreed_round_is_thanked(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    for who in ("ana", "ben"):
        cast_ballots(team, who, {"TH-1": (5, 5, 5, 5, 5)})
    open_ballot(team, "chi")
    fill_ballot_page(team, "chi", (5, 5, 5, 5, 5))
    team.submit("chi")
    page = team.modal("chi", "My ballots")
    assert "round RD-1 has ended. The result is in the thread of the card." in page.plain
    assert "diverged" not in page.plain


def test_the_turnout_of_a_second_vote_has_no_names(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    team.card("Waiting for Ana, Ben, Chi")
    for who, damage in (("ana", 9), ("ben", 2), ("chi", 1)):
        cast_ballots(team, who, {"TH-1": (damage, 5, 5, 5, 5)})
    card = team.card("0 of 3 voted", "Waiting for 3 voters")
    assert not re.search(r"\b(Ana|Ben|Chi)\b", card.plain.partition("Facilitator")[0])
    team.command("ben", "/threatmodel vote")
    team.modal("ben", "Vote again")
    fill_ballot_page(team, "ben", (2,))
    team.submit("ben")
    team.card("1 of 3 voted", "Waiting for 2 voters")
    team.command("ana", "/threatmodel status")
    assert "Waiting for 2 voters" in team.private_message("ana", "1 of 3 voted")
