"""What was contested is asked again, once, and whoever is asked is told why first."""

import re

from tests.slack.slack_team import RunningBot
from tests.slack.voting_steps import (
    begin_analysis_with,
    cast_ballots,
    direct_messages_of,
    fill_ballot_page,
    open_ballot,
    open_round_for,
)


def test_the_last_voter_of_a_contested_round_reads_first_what_has_happened(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open", "Garage without a lock")
    open_round_for(there, "ana", "ben", "chi")
    agreed = {"TH-2": (5, 5, 5, 5, 5)}
    cast_ballots(there, "ana", {"TH-1": (9, 5, 5, 5, 5), **agreed})
    cast_ballots(there, "ben", {"TH-1": (2, 5, 5, 5, 5), **agreed})
    end = cast_ballots(there, "chi", {"TH-1": (1, 5, 5, 5, 5), **agreed})
    assert "your ballots are in, and round RD-1 is over with them" in end.plain
    assert "Damage of Curtains left open · TH-1" in end.plain
    assert "only this is asked again, once" in end.plain
    assert "Garage" not in end.plain

    there.card("Next: vote again on what is contested of 1 threat (RD-2) · 0 of 3 voted")
    there.command("chi", "/threatmodel vote")
    form = there.modal("chi", "Vote again")
    assert "The first vote is over. Opinions on Damage were far apart" in form.plain
    assert "The first time: 1 to 9, median 2; yours was 1." in form.plain
    assert "Exploitability" not in form.plain


def test_what_an_extreme_says_stands_before_those_who_vote_again(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    for who, damage in (("ana", 9), ("ben", 2), ("chi", 1)):
        cast_ballots(there, who, {"TH-1": (damage, 5, 5, 5, 5)})
    there.wait(lambda: any("Say why: Damage, TH-1" in one.plain for one in direct_messages_of(there, "ana")))
    ana = there.person("ana")
    ana.click(direct_messages_of(there, "ana")[-1], "Say why: Damage, TH-1")
    there.modal("ana", "Explain a number")
    ana.fill("What did you see that others may not?", "My aunt's house was emptied that way")
    there.submit("ana")
    there.command("ben", "/threatmodel vote")
    assert "• Damage: My aunt's house was emptied that way" in there.modal("ben", "Vote again").plain


def test_the_last_voter_of_an_agreed_round_is_thanked(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    for who in ("ana", "ben"):
        cast_ballots(there, who, {"TH-1": (5, 5, 5, 5, 5)})
    open_ballot(there, "chi")
    fill_ballot_page(there, "chi", (5, 5, 5, 5, 5))
    there.submit("chi")
    page = there.modal("chi", "My ballots")
    assert "round RD-1 is over with them. The result is in the thread of the card." in page.plain
    assert "far apart" not in page.plain


def test_the_turnout_of_a_second_vote_has_no_names(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    there.card("Waits for Ana, Ben, Chi")
    for who, damage in (("ana", 9), ("ben", 2), ("chi", 1)):
        cast_ballots(there, who, {"TH-1": (damage, 5, 5, 5, 5)})
    card = there.card("0 of 3 voted", "Waits for 3 voters")
    assert not re.search(r"\b(Ana|Ben|Chi)\b", card.plain.partition("Facilitator")[0])
    there.command("ben", "/threatmodel vote")
    there.modal("ben", "Vote again")
    fill_ballot_page(there, "ben", (2,))
    there.submit("ben")
    there.card("1 of 3 voted", "Waits for 2 voters")
    there.command("ana", "/threatmodel status")
    assert "Waits for 2 voters" in there.told("ana", "1 of 3 voted")
