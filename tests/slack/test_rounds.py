"""What may happen to a round: a ballot as it closes, deadlines, absent voters, threats that go."""

import re
from datetime import timedelta
from pathlib import Path

from bot.slack.queries.model_reader import load_round_result
from domain.commands import BallotEntry, CastBallots, WithdrawThreat
from domain.dread.metrics import Metric, Numbers
from domain.events import RoundClosed
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.voting.scores import ranked_threats
from tests.slack.slack_team import SlackTeam, run_at_the_same_time, run_bot
from tests.slack.voting_steps import (
    SOME,
    VOTERS,
    begin_analysis_with,
    cast_ballots,
    direct_messages_of,
    fields_of,
    fill_ballot_page,
    open_ballot,
    open_round_for,
    person_id,
    published_results,
    recorded_event_types,
    run_bot_on_workspace_clock,
)


def test_a_ballot_that_arrives_while_the_facilitator_closes_is_counted_or_refused_in_words(
    either_way: SlackTeam,
) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi", "dee")
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-1": SOME})
    open_ballot(team, "dee")
    fill_ballot_page(team, "dee", SOME)
    card = team.card("3 of 4 voted")
    run_at_the_same_time(lambda: team.person("ana").click(card, "Close round"), lambda: team.submit("dee"))
    team.wait(lambda: published_results(team))
    view = team.person("dee").modal
    assert view is not None
    if len(team.model().ballots) == 4:
        assert not view.errors
        assert "4 ballots" in published_results(team)[0].plain
    else:
        assert "was not counted" in " ".join(view.errors.values())
        assert "3 ballots" in published_results(team)[0].plain


def test_a_deadline_that_passes_while_the_bot_is_down_closes_the_round_once_it_is_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "threatmodel.db"
    with run_bot(path) as team:
        begin_analysis_with(team, "Curtains left open")
        open_round_for(team, *VOTERS)
        for who in ("ana", "ben", "chi"):
            cast_ballots(team, who, {"TH-1": SOME})
        team.card("3 of 4 voted")
        team.wait(lambda: direct_messages_of(team, "dee"))
        sandbox = team.sandbox
        team.bot.stop()
        sandbox.clock.move(timedelta(days=8).total_seconds())
        with run_bot(path, sandbox=sandbox, clock=sandbox.clock.moment) as back:
            back.wait(lambda: published_results(back))
            assert "the deadline has passed. 3 of 4 voted." in published_results(back)[0].plain
            assert recorded_event_types(back).count("RoundClosed") == 1
            back.wait(lambda: "has ended" in direct_messages_of(back, "dee")[-1].plain)
            assert len(direct_messages_of(back, "dee")) == 1, "one message, kept true"


def test_below_the_quorum_a_round_is_extended_once_and_then_settled_with_a_reason(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        begin_analysis_with(team, "Curtains left open")
        open_round_for(team, *VOTERS)
        cast_ballots(team, "ana", {"TH-1": SOME})
        team.sandbox.clock.move(timedelta(days=8).total_seconds())
        team.card("1 of 4 voted", "extended")
        assert not published_results(team)
        team.sandbox.clock.move(timedelta(days=8).total_seconds())
        card = team.card("Next: Close the round on 1 threat", "without a quorum")
        team.command("ben", "/threatmodel vote")
        team.private_message("ben", "You have no open voting round")
        ana = team.person("ana")
        ana.click(card, "Close anyway…")
        team.modal("ana", "Close without quorum")
        ana.fill("Why is this turnout sufficient?", "The others are on leave")
        team.submit("ana")
        team.wait(lambda: published_results(team))
        assert (
            "closed it without a quorum, because: The others are on leave" in published_results(team)[0].plain
        )
        assert "1 of 4 voted, and no metric has numbers from 3 people" in published_results(team)[0].plain
        assert "Damage" not in published_results(team)[0].plain
        assert "ballot" not in published_results(team)[0].plain, "no picture either"


def test_a_round_that_fell_short_is_extended_and_its_numbers_are_shown_then(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        begin_analysis_with(team, "Curtains left open")
        open_round_for(team, "ana", "ben", "chi")
        cast_ballots(team, "ben", {"TH-1": SOME})
        team.sandbox.clock.move(timedelta(days=8).total_seconds())
        team.card("1 of 3 voted", "extended")
        team.sandbox.clock.move(timedelta(days=8).total_seconds())
        team.person("ana").click(team.card("Close the round on 1 threat"), "Extend")
        team.card("1 of 3 voted", "extended", "Waiting for Ana, Chi")
        for who in ("ana", "chi"):
            cast_ballots(team, who, {"TH-1": SOME})
        team.wait(lambda: published_results(team))
        assert "3 of 3 voted" in published_results(team)[0].plain
        assert "sealed" not in published_results(team)[0].plain


def test_everyone_abstaining_on_one_metric_leaves_it_out_of_the_score(either_way: SlackTeam) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-1": (5, 5, 5, 5, "?")})
    team.wait(lambda: published_results(team))
    assert "Discoverability: sealed" in published_results(team)[0].plain
    assert "fewer than 3 people gave a number: Discoverability" in published_results(team)[0].plain
    assert "mean 5.0 of 4 metrics" in published_results(team)[0].plain


def test_a_voter_who_leaves_the_channel_is_not_waited_for(either_way: SlackTeam) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, *VOTERS)
    team.wait(lambda: direct_messages_of(team, "dee"))
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-1": SOME})
    team.person("dee").leave("#house")
    team.wait(lambda: published_results(team))
    assert "all remaining voters have voted. 3 of 4 voted." in published_results(team)[0].plain


def test_when_all_others_leave_the_numbers_of_the_only_voter_stay_sealed(either_way: SlackTeam) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    team.wait(lambda: direct_messages_of(team, "chi"))
    cast_ballots(team, "ben", {"TH-1": (9, 8, 7, 6, 5)})
    team.person("ana").leave("#house")
    team.person("chi").leave("#house")
    team.wait(lambda: published_results(team))
    shown = published_results(team)[0].plain
    assert "1 of 3 voted, and no metric has numbers from 3 people, so all numbers stay sealed" in shown
    assert "Open new round" in [button.label for button in published_results(team)[0].buttons]
    assert "Damage" not in shown


def test_a_threat_that_is_withdrawn_during_the_round_is_asked_no_longer(either_way: SlackTeam) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open", "Garage without a lock")
    open_round_for(team, "ana", "ben", "chi")
    open_ballot(team, "ben")
    fill_ballot_page(team, "ben", SOME, reason="they are thin")
    withdraw = WithdrawThreat(by=person_id(team, "ana"), at=team.now(), threat=ThreatId("TH-1"))
    team.command_handler.execute(withdraw, stream=team.streams[0], key=team.key())
    team.submit("ben")
    view = team.person("ben").modal
    assert view is not None
    assert "not part of" in " ".join(view.errors.values())
    assert view.values["Reason"] == "they are thin"
    team.person("ben").close()
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-2": SOME})
    team.wait(lambda: published_results(team))
    assert "TH-1" not in published_results(team)[0].plain


def test_the_form_says_before_a_round_opens_that_its_results_will_stay_sealed(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, *VOTERS)
    for who in VOTERS:
        cast_ballots(team, who, {"TH-1": SOME})
    team.wait(lambda: published_results(team))
    ana = team.person("ana")
    ana.click(team.card("The House"), "More…")
    ana.click(team.modal("ana", "More"), "Open voting round")
    form = team.modal("ana", "Open voting round")
    assert "Sealed results" not in form.labels
    ana.choose("Threats", "TH-1 Curtains left open")
    ana.choose("Voters", "ana", "ben", "chi")
    team.submit("ana")
    warned = team.modal("ana", "Open voting round")
    assert "With these voters, results of TH-1 will stay sealed, and the earlier ones stand" in warned.plain
    assert recorded_event_types(team).count("RoundOpened") == 1
    ana.choose("Sealed results", "Open the round although results will stay sealed")
    team.submit("ana")
    assert recorded_event_types(team).count("RoundOpened") == 2
    ana.close()
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-1": (9, 9, 9, 9, 9)})
    team.wait(lambda: len(published_results(team)) == 2)
    second = next(result.plain for result in published_results(team) if "RD-2" in result.plain)
    assert "The vote stays sealed, and the earlier score stands" in second


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


def test_a_second_vote_has_five_threats_a_page_each_with_its_contested_metrics(team: SlackTeam) -> None:
    titles = [f"Threat number {number}" for number in range(1, 8)]
    contested_round(team, *titles)

    def fill_in(number: str) -> None:
        for block in fields_of(team.modal("chi", "Vote again"), Metric.DAMAGE):
            team.person("chi").choose(block, number)

    team.command("chi", "/threatmodel vote")
    form = team.modal("chi", "Vote again")
    assert "Ballots 1 to 5 of 7" in form.plain
    assert form.plain.count("Damage: the votes diverged.") == 5
    assert form.plain.count("First vote: 1 to 9, median 2; yours was 1.") == 5
    assert form.labels == ("Damage",) * 5, "no reasons and no follow-ups"
    assert "Threat number 6" not in form.plain
    fill_in("5")
    team.submit("chi")
    form = team.modal("chi", "Vote again")
    assert "Ballots 6 to 7 of 7" in form.plain
    fill_in("6")
    team.submit("chi")
    assert team.modal("chi", "My ballots").plain.count("Damage 5") == 5
    cast = [ballot for (round_, _, _), ballot in team.model().ballots.items() if round_ == "RD-2"]
    assert [ballot.numbers.damage for ballot in cast].count(6) == 2


def test_the_facilitator_takes_the_medians_from_the_result_of_the_first_vote(team: SlackTeam) -> None:
    contested_round(team, "Curtains left open")
    team.wait(lambda: any("Take the medians" in one.plain for one in published_results(team)))
    team.person("ana").click(published_results(team, "ana")[0], "Take the medians")
    team.wait(lambda: len(published_results(team)) == 2)
    second = published_results(team)[1].plain
    assert "Ana took the medians of the first vote" in second
    assert "Damage 2 (1\N{EN DASH}9)" in second
    assert "The facilitator ended the second vote on Damage" in second
    team.wait(lambda: "Take the medians" not in published_results(team)[0].plain)
    assert "votes differ, the median counts" in published_results(team)[0].plain
    assert not team.model().open_rounds()


def contested_round(team: SlackTeam, *titles: str) -> None:
    """A round of Ana, Ben and Chi on these threats, over and with a second vote on the damage of each."""
    begin_analysis_with(team, *titles)
    open_round_for(team, "ana", "ben", "chi")
    for who, damage in (("ana", 9), ("ben", 2), ("chi", 1)):
        numbers = Numbers(**{metric.value: damage if metric is Metric.DAMAGE else 5 for metric in Metric})
        ballots = tuple(BallotEntry(threat=threat, numbers=numbers) for threat in team.model().threats)
        cast = CastBallots(by=person_id(team, who), at=team.now(), round=RoundId("RD-1"), ballots=ballots)
        team.command_handler.execute(cast, stream=team.streams[0], key=team.key())


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
    assert [threat.threat.id for threat in ranked_threats(team.model())] == ["TH-1", "TH-2"]
    team.wait(lambda: "Vote again" not in published_results(team)[0].plain)
    first = published_results(team)[0].plain
    assert first.index("Garage") < first.index("Curtains")
    closed = next(
        event.event
        for event in team.command_handler.events(team.streams[0])
        if isinstance(event.event, RoundClosed)
    )
    loaded = load_round_result("T0SANDBOX/TM-1", team.model(), closed)
    assert loaded is not None
    assert [result.threat.id for result in loaded.results] == ["TH-2", "TH-1"]


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
