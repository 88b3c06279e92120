"""A round on many threats: pages of quick ballots, and a follow-up where two metrics are not enough."""

from bot.slack.queries.model_reader import MAX_CHARTS, ballot_charts, load_round_result
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.texts.score_texts import score_line
from domain.commands import (
    AnswerQuestions,
    BeginAnalysis,
    Command,
    ConfirmSuggestedThreats,
    OpenRound,
    Reply,
    ReportThreat,
)
from domain.dread.metrics import BallotLength, Metric
from domain.dread.scoring import Band
from domain.events import RoundClosed
from domain.kernel.answer import Answer
from domain.kernel.threat import Stride, SuggestedThreatId, ThreatId
from domain.kernel.voting_round import RoundId
from domain.register import register
from domain.voting.scores import ranked_threats
from tests.examples import reasons_for_conditions
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import (
    VOTERS,
    direct_messages_of,
    fields_of,
    fill_ballot_page,
    open_ballot,
    person_id,
    published_results,
)

PANEL = ("ana", "ben", "chi")


def test_many_threats_are_scored_in_one_round_of_quick_ballots(team: SlackTeam) -> None:
    threats = confirmed_threats(team, 8, reported=4)
    ana = team.person("ana")
    ana.click(team.card("Open a voting round on 12 threats"), "Open voting round")
    form = team.modal("ana", "Open voting round")
    assert "For 12 threats, a voter needs" in form.plain
    assert "full ballots about 13 minutes (12 pages, 60 numbers)" in form.plain
    assert "quick ballots about 9 minutes (6 pages, 36 numbers)" in form.plain
    ana.choose("Voters", "Ana", "Ben", "Chi")
    team.submit("ana")
    team.modal("ana", "Saved")
    ana.close()
    lengths = [ask.length for ask in team.model().rounds[RoundId("RD-1")].asks]
    assert lengths == [BallotLength.QUICK] * 8 + [BallotLength.FULL] * 4

    pages = vote_on_all(team, "ben", (8, 6))
    assert pages == [threats[:5], threats[5:8], *([threat] for threat in threats[8:])]
    team.card("1 of 3 voted", "12 of 36 ballots")
    vote_on_all(team, "ana", (8, 6))
    vote_on_all(team, "chi", (8, 6))

    team.wait(lambda: published_results(team))
    result = published_results(team)[0].plain
    assert result.count("High 7.0 ·") == 5
    assert "7 more are in the charts in the thread" in result
    assert "3 of 3 voted" in result
    quick = next(one for one in register(team.model()).ranked if one.score and one.score.tally.derived)
    assert quick.score is not None
    assert score_line(quick.score.tally) == "*High* · mean 7.0 of 2 metrics"
    closed = next(
        event.event
        for event in team.command_handler.events(team.streams[0])
        if isinstance(event.event, RoundClosed)
    )
    loaded = load_round_result("T0SANDBOX/TM-1", team.model(), closed)
    assert loaded is not None
    assert len(ballot_charts(loaded)) == MAX_CHARTS < len(loaded.results)
    scored = [threat.score for threat in ranked_threats(team.model())]
    assert all(one is not None and one.tally.band is Band.HIGH for one in scored)
    assert all(one and set(one.tally.medians) >= {Metric.DAMAGE, Metric.EXPLOITABILITY} for one in scored)


def test_a_page_says_which_numbers_were_left_out_and_a_ballot_can_be_changed_alone(team: SlackTeam) -> None:
    confirmed_threats(team, 2)
    open_quick_round(team)
    form = open_ballot(team, "ben")
    assert "Ballots 1 to 2 of 2" in form.plain
    assert "The other metrics are derived from the model." in form.plain
    assert "Reproducibility" not in form.plain
    assert "Reason" not in form.labels
    fill_quick_page(team, "ben", (8, 6))
    team.submit("ben")
    own = team.modal("ben", "My ballots")
    assert "Damage 8 · Exploitability 6" in own.plain
    team.person("ben").click(own, "Change")
    single = team.modal("ben", "Vote")
    assert single.labels[:2] == ("Damage", "Exploitability")
    assert "Reason" in single.labels


def test_a_requested_follow_up_asks_for_the_other_metrics_and_names_no_one(team: SlackTeam) -> None:
    (first, second) = confirmed_threats(team, 2)
    open_quick_round(team)
    end = ""
    for who in PANEL:
        open_ballot(team, who)
        fill_quick_page(team, who, (7, 6))
        if who == "ben":
            label = "Vote on the other metrics after this round"
            team.person("ben").check(label, *(o for o in options(team, "ben", label) if o.startswith(second)))
        team.submit(who)
        end = team.modal(who, "My ballots").plain
        team.person(who).close()
    assert "Two metrics are not enough for these threats" in end
    assert second in end

    team.command("ana", "/threatmodel vote")
    form = team.modal("ana", "Follow-up vote")
    assert "were not part of the quick ballot" in form.plain
    assert form.labels[:3] == ("Reproducibility", "Affected users", "Discoverability")
    assert "Ben" not in form.plain
    for who in PANEL:
        if who != "ana":
            team.command(who, "/threatmodel vote")
            team.modal(who, "Follow-up vote")
        fill_ballot_page(team, who, (10, 10, 10))
        team.submit(who)
        team.person(who).close()
    team.wait(lambda: len(published_results(team)) == 2)
    scores = {threat.threat.id: threat.score for threat in ranked_threats(team.model())}
    followed, plain = scores[ThreatId(second)], scores[ThreatId(first)]
    assert followed is not None
    assert plain is not None
    assert set(followed.tally.medians) == set(Metric)
    assert set(plain.tally.medians) == {Metric.DAMAGE, Metric.EXPLOITABILITY}
    assert "derived" in published_results(team)[0].plain


def test_who_was_far_from_the_median_is_asked_for_a_reason_after_the_round(team: SlackTeam) -> None:
    confirmed_threats(team, 1)
    open_quick_round(team, *VOTERS)
    for who in VOTERS:
        team.wait(lambda who=who: direct_messages_of(team, who))
    for who in VOTERS:
        open_ballot(team, who)
        fill_quick_page(team, who, (8 if who == "dee" else 3, 3))
        team.submit(who)
        team.person(who).close()
    team.wait(lambda: "far from the others" in direct_messages_of(team, "dee")[-1].plain)
    team.wait(lambda: all("has ended" in direct_messages_of(team, who)[-1].plain for who in VOTERS))
    assert all("far from" not in direct_messages_of(team, who)[-1].plain for who in VOTERS[:3])
    dee = team.person("dee")
    dee.click(direct_messages_of(team, "dee")[-1], "Explain Damage, TH-1")
    team.modal("dee", "Explain your rating")
    dee.fill("Reason", "The backup burns as well")
    team.submit("dee")
    team.wait(lambda: any("The backup burns as well" in result.plain for result in published_results(team)))
    assert "Dee" not in published_results(team)[0].plain
    assert not team.model().open_rounds(), "one person alone contests nothing"


def confirmed_threats(team: SlackTeam, count: int, *, reported: int = 0) -> list[str]:
    """The House in analysis with that many suggested threats confirmed, and others; return their IDs."""
    stream = create_collected_house(team, at=team.now())
    by, at = person_id(team, "ana"), team.now()

    def do(*commands: Command) -> None:
        for command in commands:
            team.command_handler.execute(command, stream=stream, key=team.key())

    for _ in range(4):  # an answer may raise further questions
        asked = register(team.model()).questions
        replies = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.NO) for one in asked)
        if replies:
            do(AnswerQuestions(by=by, at=at, replies=replies))
    do(BeginAnalysis(by=by, at=at, reasons=reasons_for_conditions()))
    found = [
        SuggestedThreatId(suggested_threat.id)
        for suggested_threat in register(team.model()).suggested_threats
    ]
    assert len(found) >= count
    do(*(ConfirmSuggestedThreats(by=by, at=at, suggested_threats=(one,)) for one in found[:count]))
    for number in range(reported):
        do(ReportThreat(by=by, at=at, title=f"Rumor {number}", stride=(Stride.TAMPERING,)))
    return [threat.id for threat in register(team.model()).threats]


def open_quick_round(team: SlackTeam, *voters: str) -> None:
    command = OpenRound(
        by=person_id(team, "ana"),
        at=team.now(),
        threats=tuple(threat.id for threat in register(team.model()).threats),
        voters=tuple(person_id(team, voter) for voter in voters or PANEL),
        length=BallotLength.QUICK,
    )
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())


def vote_on_all(team: SlackTeam, who: str, numbers: tuple[int, int]) -> list[list[str]]:
    """Vote on page after page; return the threats of each."""
    open_ballot(team, who)
    pages: list[list[str]] = []
    while (view := team.person(who).modal) is not None and view.callback_id == "ballot":
        pages.append([threat for threat, _ in fill_quick_page(team, who, numbers)])
        if "Reproducibility" in view.labels:
            fill_ballot_page(team, who, (numbers[0], 7, numbers[1], 7, 7))
        team.submit(who)
        assert len(pages) < 20, view.plain
    team.modal(who, "My ballots")
    team.person(who).close()
    return pages


def fill_quick_page(team: SlackTeam, who: str, numbers: tuple[int, int]) -> list[tuple[str, str]]:
    """Fill in Damage and Exploitability of all threats of a page; return threats with their Damage field."""
    view = team.person(who).modal
    assert view is not None
    filled: list[tuple[str, str]] = []
    for metric, number in zip((Metric.DAMAGE, Metric.EXPLOITABILITY), numbers, strict=True):
        for block_id in fields_of(view, metric):
            team.person(who).choose(block_id, str(number))
            if metric is Metric.DAMAGE:
                filled.append((field_key(block_id).partition("/")[2], block_id))
    return filled


def options(team: SlackTeam, who: str, label: str) -> list[str]:
    view = team.person(who).modal
    assert view is not None
    block = next(one for one in view.blocks if one["type"] == "input" and one["label"]["text"] == label)
    return [one["text"]["text"] for one in block["element"]["options"]]
