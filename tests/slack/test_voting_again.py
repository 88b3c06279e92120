"""What is contested is voted on again, once, after those at the ends were asked to say why."""

from bot.sandbox.api import VisibleView
from tests.slack.slack_team import RunningBot
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


def test_a_contested_metric_is_explained_voted_on_again_and_stands_then(either_way: RunningBot) -> None:
    there = either_way
    contested(there)
    first = published_results(there)[0]
    assert "Damage 4.5" in first.plain
    assert "Contested: Damage (asked once more)" in first.plain
    assert "Vote again on what is contested" in [one.label for one in first.buttons]

    form = say_why(there, "ben")
    assert "Opinions on Damage were far apart, and yours was at one end" in form.plain
    there.person("ben").fill("What did you see that others may not?", "A ladder leans on the wall")
    there.submit("ben")
    there.person("ben").click(there.modal("ben", "Saved"), "Vote")
    there.modal("ben", "Vote again")

    again = begin_again(there, "ana")
    assert again.labels == ("Damage", "Why?", "How sure are you?"), "only what was contested is asked"
    assert "A ladder leans on the wall" in again.plain
    assert "Ben" not in again.plain, "he did not ask to be named"
    assert "The first time: 2 to 9, median 4.5; yours was 2" in again.plain
    for who in VOTERS:
        vote_again(there, who, 8)
    there.wait(lambda: len(published_results(there)) == 2)
    second = next(one.plain for one in published_results(there) if "Second vote: the result" in one.plain)
    assert "Damage 8" in second
    assert "A ladder leans on the wall" in second
    assert recorded_event_types(there).count("RoundOpened") == 2
    there.card("Move on to remediation")


def test_opinions_that_stay_apart_are_not_voted_on_a_third_time(there: RunningBot) -> None:
    contested(there)
    for who, damage in zip(VOTERS, (2, 9, 4, 5), strict=True):
        vote_again(there, who, damage)
    there.wait(lambda: len(published_results(there)) == 2)
    second = next(one.plain for one in published_results(there) if "Second vote: the result" in one.plain)
    assert "Contested: Damage" in second
    assert "asked once more" not in second
    assert recorded_event_types(there).count("RoundOpened") == 2
    assert not there.model().open_rounds()


def test_who_agrees_is_named_beside_their_sentence(there: RunningBot) -> None:
    contested(there)
    say_why(there, "ana")
    ana = there.person("ana")
    ana.fill("What did you see that others may not?", "There is a copy")
    ana.check("Your name", "Show my name beside it (others may work out my number)")
    there.submit("ana")
    there.wait(lambda: "BallotExplained" in recorded_event_types(there))
    assert "There is a copy (Ana)" in begin_again(there, "ben").plain


def test_only_those_at_the_ends_are_asked_why_and_nobody_else_can_say(either_way: RunningBot) -> None:
    there = either_way
    contested(there)
    for who in ("ana", "ben"):
        assert "Say why: Damage, TH-1" in [one.label for one in direct_messages_of(there, who)[-1].buttons]
    for who in ("chi", "dee"):
        assert [one.label for one in direct_messages_of(there, who)[-1].buttons] == ["Vote"]
    say_why(there, "ben")
    there.person("ben").fill("What did you see that others may not?", "A ladder")
    sent = there.submit("ben").payload
    chi = {**sent, "user": {**sent["user"], "id": there.person("chi").id}}
    theirs = there.sandbox.client.sender.send("interactive", {**chi, "view": {**sent["view"], "id": "V0CHI"}})
    assert "Only those are asked why whose number was the lowest or the highest" in str(theirs.response)
    assert recorded_event_types(there).count("BallotExplained") == 1


def test_a_form_to_say_why_that_was_open_until_the_second_vote_was_over_says_so_and_keeps_the_words(
    there: RunningBot,
) -> None:
    contested(there)
    say_why(there, "ben")
    there.person("ben").fill("What did you see that others may not?", "A ladder")
    for who in ("ana", "chi", "dee"):
        vote_again(there, who, 8)
    there.person("ana").click(there.card("(RD-2) · 3 of 4 voted"), "Close the round")
    there.wait(lambda: not there.model().open_rounds())
    there.submit("ben")
    form = there.person("ben").modal
    assert form is not None
    assert "while the metric is being voted on again" in " ".join(form.errors.values())
    assert form.values["What did you see that others may not?"] == "A ladder"


def contested(there: RunningBot) -> None:
    """A first vote in which Ana and Ben are far apart on the damage, and the invitations to the second."""
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, *VOTERS)
    there.wait(lambda: all(direct_messages_of(there, who) for who in VOTERS))
    for who, numbers in FAR_APART.items():
        cast_ballots(there, who, {"TH-1": numbers})
    there.wait(lambda: published_results(there))
    there.wait(lambda: all(len(direct_messages_of(there, who)) == 2 for who in VOTERS))
    assert all("Opinions were far apart" in direct_messages_of(there, who)[-1].plain for who in VOTERS)


def say_why(there: RunningBot, who: str) -> VisibleView:
    there.person(who).click(direct_messages_of(there, who)[-1], "Say why: Damage, TH-1")
    return there.modal(who, "Explain a number")


def begin_again(there: RunningBot, who: str) -> VisibleView:
    there.person(who).click(direct_messages_of(there, who)[-1], "Vote")
    return there.modal(who, "Vote again")


def vote_again(there: RunningBot, who: str, damage: int) -> None:
    if there.person(who).modal is None:
        there.command(who, "/threatmodel vote")
        there.modal(who, "Vote again")
    there.person(who).choose("Damage", str(damage))
    there.submit(who)
    there.modal(who, "My ballots")
    there.person(who).close()
