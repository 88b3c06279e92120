"""Cases 9 to 12, and voters of 23: ballots that come late or at once, curious people, strangers."""

import json
import threading
from datetime import timedelta
from pathlib import Path

from bot.sandbox.api import MOST_EXCHANGES
from domain.kernel.threat import ThreatId
from tests.cases.case_actions import bot_direct_messages
from tests.slack.slack_team import RunningBot, run_at_the_same_time
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
    either_way: RunningBot,
) -> None:
    there = either_way
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, *VOTERS)
    for who in ("ana", "ben", "chi"):
        cast_ballots(there, who, {"TH-1": SOME})
    card = there.card("3 of 4 voted")
    open_ballot(there, "dee")
    fill_ballot_page(there, "dee", SOME, reason="the cat saw it")
    there.sandbox.faults.reorder_seconds = 30
    there.sandbox.faults.reorder_acts = 1
    late = threading.Thread(target=lambda: there.submit("dee"))
    late.start()
    there.wait(lambda: not there.sandbox.faults.reorder_acts)
    there.person("ana").click(card, "Close the round")
    late.join(40)
    form = there.person("dee").modal
    assert form is not None
    assert "came too late and was not counted" in " ".join(form.errors.values())
    assert form.values["Why?"] == "the cat saw it"
    there.wait(lambda: published_results(there))
    assert "3 ballots" in published_results(there)[0].plain


def test_of_a_round_that_was_closed_early_nobody_is_reminded_any_more(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as there:
        begin_analysis_with(there, "Curtains left open")
        open_round_for(there, *VOTERS)
        there.wait(lambda: direct_messages_of(there, "dee"))
        for who in ("ana", "ben", "chi"):
            cast_ballots(there, who, {"TH-1": SOME})
        there.person("ana").click(there.card("3 of 4 voted"), "Close the round")
        there.wait(lambda: "is over" in direct_messages_of(there, "dee")[-1].plain)
        events = recorded_event_types(there)
        for _ in range(4):
            there.sandbox.clock.move(timedelta(days=1).total_seconds())
            said = there.command("dee", "/threatmodel vote")  # and the bot has looked at the clock meanwhile
            assert said.acked
        there.wait(lambda: len(there.whispers("dee")) == 4)
        assert len(bot_direct_messages(there, "dee")) == 1, "the invitation, which says that it is over"
        assert recorded_event_types(there) == events


def test_the_last_two_ballots_at_once_end_the_round_once_and_the_result_is_told_until_it_is_there(
    either_way: RunningBot,
) -> None:
    there = either_way
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    there.wait(lambda: all(direct_messages_of(there, who) for who in ("ana", "ben", "chi")))
    cast_ballots(there, "ana", {"TH-1": SOME})
    for who in ("ben", "chi"):
        open_ballot(there, who)
        fill_ballot_page(there, who, SOME)
    there.card("1 of 3 voted")
    there.sandbox.faults.fail_next("chat.postMessage", "internal_error", times=2)
    there.sandbox.faults.fail_next("chat.update", "internal_error", times=2)
    run_at_the_same_time(lambda: there.submit("ben"), lambda: there.submit("chi"))
    there.wait(lambda: published_results(there))
    there.card("Move on to remediation")
    refused = [one.method for one in there.sandbox.api_calls if one.answer.get("error") == "internal_error"]
    assert refused.count("chat.postMessage") == 2
    assert recorded_event_types(there).count("RoundClosed") == 1
    assert len(published_results(there)) == 1
    assert len(there.model().ballots) == 3


def test_a_ballot_that_was_changed_counts_as_it_is_and_neither_is_told_to_anybody_before(
    either_way: RunningBot,
) -> None:
    there = either_way
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    ben = there.person("ben")
    open_ballot(there, "ben")
    fill_ballot_page(there, "ben", (1, 1, 1, 1, 1), reason="aardvark")
    there.submit("ben")
    ben.click(there.modal("ben", "My ballots"), "Change")
    there.modal("ben", "Vote")
    fill_ballot_page(there, "ben", (7, 7, 7, 7, 7), reason="zebra")
    there.submit("ben")
    assert "“zebra”" in there.modal("ben", "My ballots").plain
    ben.close()
    cast_ballots(there, "ana", {"TH-1": (7, 7, 7, 7, 7)})
    for word in ("status", "threats", "history", "vote"):
        there.command("ana", f"/threatmodel {word}")
    there.card("2 of 3 voted")
    exchanges = there.sandbox.exchanges
    assert len(exchanges) < MOST_EXCHANGES
    told_by_ben = [one for one in exchanges if '"callback_id": "ballot' in json.dumps(one.request)]
    others = [one for one in exchanges if one not in told_by_ben]
    assert [one.title for one in others if "aardvark" in str(one) or "zebra" in str(one)] == []
    cast_ballots(there, "chi", {"TH-1": (7, 7, 7, 7, 7)})
    there.wait(lambda: published_results(there))
    result = published_results(there)[0].plain
    assert "Damage 7 ·" in result
    assert "zebra" in result
    assert "aardvark" not in result
    assert recorded_event_types(there).count("BallotCast") == 4, "the first one stays in the history"


def test_the_form_says_what_is_secret_and_that_the_bot_knows_who_has_not_voted(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    form = open_ballot(there, "ben").plain
    assert "Your numbers are sealed until the round is over. Then a metric is shown without names" in form
    assert "The bot records who has voted, to remind only those who have not" in form


def test_the_ballot_of_somebody_of_another_organisation_is_refused_like_every_answer_of_theirs(
    either_way: RunningBot,
) -> None:
    there = either_way
    pat = there.sandbox.add_person("pat", "#house", team="T0PARTNER")
    there.sandbox.change_channel("#house", is_ext_shared=True)
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    there.command("pat", "/threatmodel vote")
    there.person("pat").click(there.card("0 of 3 voted"), "Vote")
    open_ballot(there, "ben")
    fill_ballot_page(there, "ben", SOME)
    mine = there.submit("ben").payload
    theirs = {
        **mine,
        "user": {**mine["user"], "id": pat.id, "team_id": "T0PARTNER"},
        "view": {**mine["view"], "id": "V0PAT"},
    }
    refused = there.sandbox.client.sender.send("interactive", theirs)
    assert "other organisations" in str(refused.response)
    there.wait(lambda: len(there.whispers("pat")) == 2)
    assert all("other organisations" in one for one in there.whispers("pat"))
    assert there.person("pat").modal is None
    assert {voter for _, _, voter in there.model().ballots} == {person_id(there, "ben")}
    assert ThreatId("TH-1") in there.model().threats
