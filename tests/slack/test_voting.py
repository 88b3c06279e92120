"""A round from its opening to its result, as people meet it."""

import pytest
from msgspec.structs import replace

from bot.sandbox.api import Delivery, VisibleView
from bot.slack.protocol import slack_limits
from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import Target, VotingTarget
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.ui.forms.form import FormContext, OwedBallots
from bot.slack.ui.modals.modal_registry import FORMS
from bot.slack.ui.texts.score_texts import threat_label
from domain.dread.metrics import Discoverability, Metric
from domain.dread.rubric import NEWEST, RUBRICS
from domain.kernel.threat import Stride, Threat, ThreatId
from domain.kernel.voting_round import RoundId
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.depth import deep_only
from tests.examples import ANA, at, house, started
from tests.slack.slack_team import SlackTeam
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
        lambda: all(
            "The voting round RD-1 in" in direct_messages_of(team, who)[-1].plain
            for who in ("ana", "ben", "chi")
        )
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
    message = team.private_message("ben", "You have no open voting round")
    assert "“More…”, then “Open voting round”" in message


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
    return f"{refused.response} {[call.arguments for call in team.sandbox.calls_of('views.update')]}"


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


PAPER = BallotPaper(
    round=RoundId("RD-1"),
    threat=Threat(id=ThreatId("TH-1"), title="It rains in", stride=(Stride.TAMPERING,)),
    metrics=tuple(Metric),
    deadline=at(90),
    discoverability=Discoverability.VOTED,
    number=1,
    of=2,
    rubric=NEWEST,
    panel=4,
)


def test_a_round_can_be_opened_while_questions_are_open_and_the_form_says_so() -> None:
    assert "15 open questions and 3 undecided suggested threats" in begin_of_round_form(
        register(replay(house()))
    )
    assert "later round" not in begin_of_round_form(register(replay([started()])))


def begin_of_round_form(known: ThreatRegister) -> str:
    threat = Threat(id=ThreatId("TH-1"), title="It rains in", stride=(Stride.TAMPERING,))
    opening = FormContext(
        target=Target(stream="T1/TM-1"), person=ANA, register=replace(known, threats=(threat,))
    )
    return FORMS["open_round"].render(opening)["blocks"][0]["text"]["text"]


@pytest.mark.parametrize("rubric", RUBRICS)
def test_what_a_number_means_stands_whole_at_the_number_and_only_there(rubric: int) -> None:
    opening = FormContext(
        target=VotingTarget(stream="T1/TM-1", element="TH-1", voting_round=RoundId("RD-1")),
        person=ANA,
        register=register(replay([started()])),
        loaded=OwedBallots(paper=replace(PAPER, rubric=rubric)),
    )
    lists = {
        block["label"]["text"]: block
        for block in FORMS["ballot"].render(opening)["blocks"]
        if block["type"] == "input"
    }
    for metric, anchors in RUBRICS[rubric].items():
        block = lists[metric.label]
        offered = [option["text"]["text"] for option in block["element"]["options"]]
        assert len(offered) == 11
        assert {f"{number} · {text}" for number, text in anchors.items()} <= set(offered)
        assert block["hint"]["text"] == metric.question


FAR_APART = {"ana": (2, 5, 5, 5, 5), "ben": (9, 5, 5, 5, 5), "chi": (4, 5, 5, 5, 5), "dee": (5, 5, 5, 5, 5)}


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Missing rate limit: Search", "TH-1 Missing rate limit: Search"),
        (
            f"Sensitive data sent to an unauthorized recipient: {'Billing exports ' * 2}to mail",
            "TH-1 Sensitive data sent to an un…: Billing exports Billing exports to mail",
        ),
        (f"Injection: {'a' * 130}", f"TH-1 Injection: {'a' * 58}…"),
        ("b" * 130, f"TH-1 {'b' * 69}…"),
    ],
)
def test_a_long_title_in_a_menu_keeps_the_name_of_its_place(title: str, shown: str) -> None:
    assert threat_label(ThreatId("TH-1"), title) == shown
    assert len(shown) <= slack_limits.OPTION


def test_a_contested_metric_is_explained_voted_on_again_and_stands_then(either_way: SlackTeam) -> None:
    team = either_way
    contested(team)
    first = published_results(team)[0]
    assert "Damage 4.5" in first.plain
    assert "Contested: Damage (voted on again)" in first.plain
    assert "Vote again" in [button.label for button in first.buttons]

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
        assert [button.label for button in direct_messages_of(team, who)[-1].buttons] == ["Vote"]
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
