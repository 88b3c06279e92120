"""Cases 9 to 12, and voters of 23: ballots that come late or at once, curious people, strangers."""

import json
import threading
from datetime import timedelta
from pathlib import Path

from bot.sandbox.api import MAX_EXCHANGES
from domain.kernel.threat import ThreatId
from tests.cases.case_actions import bot_direct_messages
from tests.slack.slack_team import SlackTeam, run_at_the_same_time
from tests.slack.voting_steps import (
    SOME,
    VOTERS,
    begin_analysis_with,
    cast_ballots,
    direct_messages_of,
    fill_ballot_page,
    open_ballot,
    open_round_for,
    person_id,
    published_results,
    recorded_event_types,
    run_bot_on_workspace_clock,
)


def test_a_ballot_that_the_closing_overtook_is_refused_in_words_and_stays_in_the_form(
    either_way: SlackTeam,
) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, *VOTERS)
    for who in ("ana", "ben", "chi"):
        cast_ballots(team, who, {"TH-1": SOME})
    card = team.card("3 of 4 voted")
    open_ballot(team, "dee")
    fill_ballot_page(team, "dee", SOME, reason="the cat saw it")
    team.sandbox.faults.reorder_seconds = 30
    team.sandbox.faults.reorder_acts = 1
    late = threading.Thread(target=lambda: team.submit("dee"))
    late.start()
    team.wait(lambda: not team.sandbox.faults.reorder_acts)
    team.person("ana").click(card, "Close round")
    late.join(40)
    form = team.person("dee").modal
    assert form is not None
    assert "ballot was not counted:" in " ".join(form.errors.values())
    assert form.values["Reason"] == "the cat saw it"
    team.wait(lambda: published_results(team))
    assert "3 ballots" in published_results(team)[0].plain


def test_of_a_round_that_was_closed_early_no_one_is_reminded_any_more(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        begin_analysis_with(team, "Curtains left open")
        open_round_for(team, *VOTERS)
        team.wait(lambda: direct_messages_of(team, "dee"))
        for who in ("ana", "ben", "chi"):
            cast_ballots(team, who, {"TH-1": SOME})
        team.person("ana").click(team.card("3 of 4 voted"), "Close round")
        team.wait(lambda: "has ended" in direct_messages_of(team, "dee")[-1].plain)
        events = recorded_event_types(team)
        for _ in range(4):
            team.sandbox.clock.move(timedelta(days=1).total_seconds())
            said = team.command("dee", "/threatmodel vote")  # and the bot has looked at the clock meanwhile
            assert said.acked
        team.wait(lambda: len(team.private_messages("dee")) == 4)
        assert len(bot_direct_messages(team, "dee")) == 1, "the invitation, which says that it is over"
        assert recorded_event_types(team) == events


def test_the_last_two_ballots_at_once_end_the_round_once_and_the_result_is_told_until_it_is_there(
    either_way: SlackTeam,
) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    team.wait(lambda: all(direct_messages_of(team, who) for who in ("ana", "ben", "chi")))
    cast_ballots(team, "ana", {"TH-1": SOME})
    for who in ("ben", "chi"):
        open_ballot(team, who)
        fill_ballot_page(team, who, SOME)
    team.card("1 of 3 voted")
    team.sandbox.faults.fail_next("chat.postMessage", "internal_error", times=2)
    team.sandbox.faults.fail_next("chat.update", "internal_error", times=2)
    run_at_the_same_time(lambda: team.submit("ben"), lambda: team.submit("chi"))
    team.wait(lambda: published_results(team))
    team.card("Begin remediation")
    refused = [call.method for call in team.sandbox.api_calls if call.answer.get("error") == "internal_error"]
    assert refused.count("chat.postMessage") == 2
    assert recorded_event_types(team).count("RoundClosed") == 1
    assert len(published_results(team)) == 1
    assert len(team.model().ballots) == 3


def test_a_ballot_that_was_changed_counts_as_it_is_and_neither_is_told_to_anyone_before(
    either_way: SlackTeam,
) -> None:
    team = either_way
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    ben = team.person("ben")
    open_ballot(team, "ben")
    fill_ballot_page(team, "ben", (1, 1, 1, 1, 1), reason="aardvark")
    team.submit("ben")
    ben.click(team.modal("ben", "My ballots"), "Change")
    team.modal("ben", "Vote")
    fill_ballot_page(team, "ben", (7, 7, 7, 7, 7), reason="zebra")
    team.submit("ben")
    assert "“zebra”" in team.modal("ben", "My ballots").plain
    ben.close()
    cast_ballots(team, "ana", {"TH-1": (7, 7, 7, 7, 7)})
    for word in ("status", "threats", "history", "vote"):
        team.command("ana", f"/threatmodel {word}")
    team.card("2 of 3 voted")
    exchanges = team.sandbox.exchanges
    assert len(exchanges) < MAX_EXCHANGES
    told_by_ben = [one for one in exchanges if '"callback_id": "ballot' in json.dumps(one.request)]
    others = [exchange for exchange in exchanges if exchange not in told_by_ben]
    assert [other.title for other in others if "aardvark" in str(other) or "zebra" in str(other)] == []
    cast_ballots(team, "chi", {"TH-1": (7, 7, 7, 7, 7)})
    team.wait(lambda: published_results(team))
    result = published_results(team)[0].plain
    assert "Damage 7 ·" in result
    assert "zebra" in result
    assert "aardvark" not in result
    assert recorded_event_types(team).count("BallotCast") == 4, "the first one stays in the history"


def test_the_form_says_what_is_secret_and_that_the_bot_knows_who_has_not_voted(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    form = open_ballot(team, "ben").plain
    assert "Your numbers are sealed until the round is over. Then a metric is shown without names" in form
    assert "The bot records who has voted, to remind only those who have not" in form


def test_the_ballot_of_someone_of_another_organisation_is_refused_like_every_answer_of_theirs(
    either_way: SlackTeam,
) -> None:
    team = either_way
    pat = team.sandbox.add_person("pat", "#house", team="T0PARTNER")
    team.sandbox.change_channel("#house", is_ext_shared=True)
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", "chi")
    team.command("pat", "/threatmodel vote")
    team.person("pat").click(team.card("0 of 3 voted"), "Vote")
    open_ballot(team, "ben")
    fill_ballot_page(team, "ben", SOME)
    mine = team.submit("ben").payload
    theirs = {
        **mine,
        "user": {**mine["user"], "id": pat.id, "team_id": "T0PARTNER"},
        "view": {**mine["view"], "id": "V0PAT"},
    }
    refused = team.sandbox.client.sender.send("interactive", theirs)
    assert "other organizations" in str(refused.response)
    team.wait(lambda: len(team.private_messages("pat")) == 2)
    assert all("other organizations" in message for message in team.private_messages("pat"))
    assert team.person("pat").modal is None
    assert {voter for _, _, voter in team.model().ballots} == {person_id(team, "ben")}
    assert ThreatId("TH-1") in team.model().threats
