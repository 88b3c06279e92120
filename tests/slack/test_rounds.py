"""What may happen to a round: a ballot as it closes, deadlines, absent voters, threats that go."""

from datetime import timedelta
from pathlib import Path

from domain.commands import WithdrawThreat
from domain.kernel.threat import ThreatId
from tests.slack.running_bot import House, at_once, house
from tests.slack.voting_steps import (
    SOME,
    VOTERS,
    begin,
    clocked,
    direct,
    fill,
    opened,
    person_id,
    reveals,
    threatened,
    told,
    vote,
)


def test_a_ballot_that_arrives_while_the_facilitator_closes_is_counted_or_refused_in_words(
    either_way: House,
) -> None:
    there = either_way
    threatened(there, "Curtains left open")
    opened(there, "ana", "ben", "chi", "dee")
    for who in ("ana", "ben", "chi"):
        vote(there, who, {"TH-1": SOME})
    begin(there, "dee")
    fill(there, "dee", SOME)
    card = there.card("3 of 4 voted")
    at_once(lambda: there.person("ana").click(card, "Close the round"), lambda: there.submit("dee"))
    there.wait(lambda: reveals(there))
    view = there.person("dee").modal
    assert view is not None
    if len(there.model().ballots) == 4:
        assert not view.errors
        assert "4 ballots" in reveals(there)[0].plain
    else:
        assert "came too late" in " ".join(view.errors.values())
        assert "3 ballots" in reveals(there)[0].plain


def test_a_deadline_that_passes_while_the_bot_is_down_closes_the_round_once_it_is_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "threatmodel.db"
    with house(path) as there:
        threatened(there, "Curtains left open")
        opened(there, *VOTERS)
        for who in ("ana", "ben", "chi"):
            vote(there, who, {"TH-1": SOME})
        there.card("3 of 4 voted")
        there.wait(lambda: direct(there, "dee"))
        sandbox = there.sandbox
        there.bot.stop()
        sandbox.clock.move(timedelta(days=8).total_seconds())
        with house(path, sandbox=sandbox, clock=sandbox.clock.moment) as back:
            back.wait(lambda: reveals(back))
            assert "its time is over. 3 of 4 voted." in reveals(back)[0].plain
            assert told(back).count("RoundClosed") == 1
            back.wait(lambda: "is over" in direct(back, "dee")[-1].plain)
            assert len(direct(back, "dee")) == 1, "one message, kept true"


def test_below_the_quorum_a_round_is_extended_once_and_then_settled_with_a_reason(tmp_path: Path) -> None:
    with clocked(tmp_path / "threatmodel.db") as there:
        threatened(there, "Curtains left open")
        opened(there, *VOTERS)
        vote(there, "ana", {"TH-1": SOME})
        there.sandbox.clock.move(timedelta(days=8).total_seconds())
        there.card("1 of 4 voted", "extended")
        assert not reveals(there)
        there.sandbox.clock.move(timedelta(days=8).total_seconds())
        card = there.card("Next: settle the round about 1 threat", "too few voted")
        there.command("ben", "/threatmodel vote")
        there.told("ben", "No round is open for you")
        ana = there.person("ana")
        ana.click(card, "Settle…")
        there.modal("ana", "Settle the round")
        ana.fill("Why is that enough?", "The others are on leave")
        there.submit("ana")
        there.wait(lambda: reveals(there))
        assert "settled it below the quorum, because: The others are on leave" in reveals(there)[0].plain
        assert "1 of 4 voted, and no metric has numbers from 3 people" in reveals(there)[0].plain
        assert "Damage" not in reveals(there)[0].plain
        assert "ballot" not in reveals(there)[0].plain, "no picture either"


def test_a_round_that_fell_short_is_extended_and_its_numbers_are_shown_then(tmp_path: Path) -> None:
    with clocked(tmp_path / "threatmodel.db") as there:
        threatened(there, "Curtains left open")
        opened(there, "ana", "ben", "chi")
        vote(there, "ben", {"TH-1": SOME})
        there.sandbox.clock.move(timedelta(days=8).total_seconds())
        there.card("1 of 3 voted", "extended")
        there.sandbox.clock.move(timedelta(days=8).total_seconds())
        there.person("ana").click(there.card("settle the round about 1 threat"), "Extend")
        there.card("1 of 3 voted", "extended", "Waits for Ana, Chi")
        for who in ("ana", "chi"):
            vote(there, who, {"TH-1": SOME})
        there.wait(lambda: reveals(there))
        assert "3 of 3 voted" in reveals(there)[0].plain
        assert "sealed" not in reveals(there)[0].plain


def test_everybody_abstaining_on_one_metric_leaves_it_out_of_the_score(either_way: House) -> None:
    there = either_way
    threatened(there, "Curtains left open")
    opened(there, "ana", "ben", "chi")
    for who in ("ana", "ben", "chi"):
        vote(there, who, {"TH-1": (5, 5, 5, 5, "?")})
    there.wait(lambda: reveals(there))
    assert "Discoverability: sealed" in reveals(there)[0].plain
    assert "fewer than 3 people gave a number: Discoverability" in reveals(there)[0].plain
    assert "mean 5.0, total 20" in reveals(there)[0].plain


def test_a_voter_who_leaves_the_channel_is_not_waited_for(either_way: House) -> None:
    there = either_way
    threatened(there, "Curtains left open")
    opened(there, *VOTERS)
    there.wait(lambda: direct(there, "dee"))
    for who in ("ana", "ben", "chi"):
        vote(there, who, {"TH-1": SOME})
    there.person("dee").leave("#house")
    there.wait(lambda: reveals(there))
    assert "everyone who is still in it has voted. 3 of 4 voted." in reveals(there)[0].plain


def test_when_all_others_leave_the_numbers_of_the_only_voter_stay_sealed(either_way: House) -> None:
    there = either_way
    threatened(there, "Curtains left open")
    opened(there, "ana", "ben", "chi")
    there.wait(lambda: direct(there, "chi"))
    vote(there, "ben", {"TH-1": (9, 8, 7, 6, 5)})
    there.person("ana").leave("#house")
    there.person("chi").leave("#house")
    there.wait(lambda: reveals(there))
    shown = reveals(there)[0].plain
    assert "1 of 3 voted, and no metric has numbers from 3 people, so all numbers stay sealed" in shown
    assert "Open a new round" in [one.label for one in reveals(there)[0].buttons]
    assert "Damage" not in shown


def test_a_threat_that_is_withdrawn_during_the_round_is_asked_no_longer(either_way: House) -> None:
    there = either_way
    threatened(there, "Curtains left open", "Garage without a lock")
    opened(there, "ana", "ben", "chi")
    begin(there, "ben")
    fill(there, "ben", SOME, reason="they are thin")
    withdraw = WithdrawThreat(by=person_id(there, "ana"), at=there.now(), threat=ThreatId("TH-1"))
    there.command_handler.execute(withdraw, stream=there.streams[0], key=there.key())
    there.submit("ben")
    view = there.person("ben").modal
    assert view is not None
    assert "not about TH-1" in " ".join(view.errors.values())
    assert view.values["Why?"] == "they are thin"
    there.person("ben").close()
    for who in ("ana", "ben", "chi"):
        vote(there, who, {"TH-2": SOME})
    there.wait(lambda: reveals(there))
    assert "TH-1" not in reveals(there)[0].plain


def test_with_fewer_than_three_voters_everybody_is_told_what_that_means(there: House) -> None:
    threatened(there, "Curtains left open")
    opened(there, "ana", "ben")
    there.wait(lambda: direct(there, "ben"))
    assert "your numbers can be attributed to you when it is over" in direct(there, "ben")[-1].plain
