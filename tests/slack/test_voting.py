"""A round from its opening to its result, as people meet it."""

from bot.sandbox.api import Delivery
from bot.slack.protocol.requests import Json
from domain.kernel.threat import ThreatId
from tests.slack.slack_team import RunningBot
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


def test_a_round_is_opened_voted_on_closed_and_revealed(either_way: RunningBot) -> None:
    there = either_way
    begin_analysis_with(there, "Curtains left open", "Garage without a lock")
    ana, ben = there.person("ana"), there.person("ben")
    ana.click(there.card("Let the team score 2 threats"), "Open a round")
    form = there.modal("ana", "Open a round")
    assert "their numbers can be attributed to them" in form.plain
    ana.choose("Who votes?", "Ana", "Ben", "Chi")
    there.submit("ana")
    there.modal("ana", "Saved")

    there.card("0 of 3 voted", "Waits for Ana, Ben, Chi")
    for who in ("ana", "ben", "chi"):
        there.wait(lambda who=who: direct_messages_of(there, who))
        assert "Please vote on 2 threats" in direct_messages_of(there, who)[-1].plain

    ben.click(direct_messages_of(there, "ben")[-1], "Vote")
    first = there.modal("ben", "Vote")
    assert "Curtains left open · TH-1" in first.plain
    assert "Damage\nHow bad would it be?" in first.plain
    assert "Your numbers are sealed until the round is over" in first.plain
    end = submit_ballot_pages(there, "ben", {"TH-1": CURTAINS, "TH-2": GARAGE})
    assert "your ballots are in" in end.plain
    assert "Damage 10 · Reproducibility 10 · Exploitability 5" in end.plain
    there.card("1 of 3 voted", "Waits for Ana, Chi")
    there.wait(lambda: "You have voted" in direct_messages_of(there, "ben")[-1].plain)

    cast_ballots(there, "ana", {"TH-1": CURTAINS, "TH-2": GARAGE})
    assert not published_results(there)
    cast_ballots(there, "chi", {"TH-1": CURTAINS, "TH-2": GARAGE})
    there.wait(lambda: published_results(there))
    result = published_results(there)[0].plain
    assert "everyone has voted. 3 of 3 voted." in result
    assert "Critical · mean 8.6, total 43 · 3 ballots · number 1 of 2" in result
    assert "Medium · mean 8.2, total 41 · 3 ballots · number 2 of 2" in result
    assert "Held at medium: next to nothing is damaged." in result
    there.card("Move on to remediation")
    there.wait(
        lambda: all("is over" in direct_messages_of(there, who)[-1].plain for who in ("ana", "ben", "chi"))
    )


def test_the_home_tab_says_first_which_ballots_are_owed(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    ben = there.person("ben")
    ben.open_home()
    there.wait(lambda: (home := ben.home()) and "Ballots I owe" in home.plain)
    home = ben.home()
    assert home is not None
    assert home.plain.index("Ballots I owe") < home.plain.index("Models of my channels")
    assert "The House · 1 ballot" in home.plain
    ben.click(home, "Vote")
    there.modal("ben", "Vote")
    submit_ballot_pages(there, "ben", {"TH-1": SOME})
    there.wait(lambda: (home := ben.home()) and "Ballots I owe" not in home.plain)


def test_a_vote_before_any_round_is_told_that_there_is_none(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    there.command("ben", "/threatmodel vote")
    assert "No round is open for you" in there.told("ben", "No round is open")


def test_a_ballot_before_its_round_is_opened_is_refused_in_words(either_way: RunningBot) -> None:
    there = either_way
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    open_ballot(there, "ben")
    fill_ballot_page(there, "ben", SOME)
    sent = there.submit("ben")
    # Nobody has the form of a round that is not there yet, but somebody may know how Slack sends one.
    early = there.sandbox.client.sender.send("interactive", forged(sent, round_="RD-2"))
    assert "There is no round RD-2" in str(early.response)
    assert len(there.model().ballots) == 1


def test_a_ballot_after_the_closing_is_refused_in_words_and_what_was_typed_stays(
    either_way: RunningBot,
) -> None:
    there = either_way
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi", "dee")
    open_ballot(there, "dee")
    fill_ballot_page(there, "dee", (9, 9, 9, 9, 9), reason="I saw it happen")
    for who in ("ana", "ben", "chi"):
        cast_ballots(there, who, {"TH-1": SOME})
    there.person("ana").click(there.card("3 of 4 voted"), "Close the round")
    there.wait(lambda: not there.model().open_rounds())
    there.submit("dee")
    late = there.person("dee").modal
    assert late is not None
    assert "came too late and was not counted" in " ".join(late.errors.values())
    assert late.values["Why?"] == "I saw it happen"
    assert len(there.model().ballots) == 3


def test_somebody_who_was_not_invited_is_told_so_and_nothing_is_kept(either_way: RunningBot) -> None:
    there = either_way
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    there.command("dee", "/threatmodel vote")
    there.told("dee", "No round is open for you")
    open_ballot(there, "ben")
    dee = there.person("dee")
    dee.click(there.card("0 of 3 voted"), "Vote")
    there.wait(lambda: sum("No round is open for you" in one for one in there.whispers("dee")) == 2)
    fill_ballot_page(there, "ben", SOME)
    sent = there.submit("ben")
    for who, sentence in (("dee", "not among the voters"), ("eve", "Only members of this model's channel")):
        theirs = forged(sent, person=there.person(who).id)
        refused = there.sandbox.client.sender.send("interactive", theirs)
        there.wait(lambda refused=refused, sentence=sentence: sentence in read(there, refused))
    assert {voter for _, _, voter in there.model().ballots} == {person_id(there, "ben")}


def forged(sent: Delivery, *, person: str = "", round_: str = "") -> Json:
    """A ballot as Slack sends it, from somebody else or for another round, in a view that nobody opened."""
    user, view = sent.payload["user"], sent.payload["view"]
    about = view["private_metadata"].replace('"d":"RD-1"', f'"d":"{round_ or "RD-1"}"')
    return {
        **sent.payload,
        "user": {**user, "id": person or user["id"]},
        "view": {**view, "id": f"V0{person}{round_}", "private_metadata": about},
    }


def read(there: RunningBot, refused: Delivery) -> str:
    """The answer, and what was made of the view afterwards."""
    return f"{refused.response} {[one.arguments for one in there.sandbox.calls_of('views.update')]}"


def test_a_second_vote_changes_the_first_and_the_last_one_counts(either_way: RunningBot) -> None:
    there = either_way
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    cast_ballots(there, "ben", {"TH-1": (1, 1, 1, 1, 1)})
    there.command("ben", "/threatmodel vote")
    page = there.modal("ben", "My ballots")
    assert "Damage 1 " in page.plain
    there.person("ben").click(page, "Change")
    form = there.modal("ben", "Vote")
    assert "1 · A nuisance" in str(form.values["Damage"])
    fill_ballot_page(there, "ben", (7, 7, 7, 7, 7))
    there.submit("ben")
    assert "Damage 7" in there.modal("ben", "My ballots").plain
    for who in ("ana", "chi"):
        cast_ballots(there, who, {"TH-1": (7, 7, 7, 7, 7)})
    there.wait(lambda: published_results(there))
    assert "Damage 7 ·" in published_results(there)[0].plain
    cast = [
        event
        for event in there.command_handler.events(there.streams[0])
        if "BallotCast" in str(type(event.event))
    ]
    assert len(cast) == 4, "the first ballot stays as history"


def test_the_same_click_and_the_same_page_three_times_count_once(either_way: RunningBot) -> None:
    there = either_way
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    open_ballot(there, "ben")
    fill_ballot_page(there, "ben", SOME)
    handed_in = there.submit("ben")
    before = there.model().version
    for _ in range(2):
        again = there.sandbox.repeat(handed_in)
        assert again.acked
        assert "My ballots" in str(again.response)
    assert there.model().version == before


def test_a_scored_threat_becomes_a_yardstick_that_stands_beside_the_rubric(there: RunningBot) -> None:
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", "chi")
    for who in ("ana", "ben", "chi"):
        cast_ballots(there, who, {"TH-1": (6, 6, 6, 6, 6)})
    there.wait(lambda: published_results(there))
    there.command("ben", "/threatmodel threats")
    assert "yardstick" not in there.modal("ben", "Threats").plain, "only the facilitator is asked"
    there.command("ana", "/threatmodel threats")
    there.person("ana").click(there.modal("ana", "Threats"), "Make it a yardstick")
    there.wait(lambda: ThreatId("TH-1") in there.model().yardsticks)
    open_round_for(there, "ana", "ben", "chi")
    there.command("ben", "/threatmodel vote")
    assert "To measure by: TH-1 “Curtains left open” was 6." in there.modal("ben", "Vote").plain
