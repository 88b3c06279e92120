"""What the rules bring up, judged in Slack: confirmed, dismissed, covered, merged."""

from domain.commands import AnswerQuestions, Reply, ReportThreat
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.threat import Stride, SuggestedThreatId, ThreatId
from domain.register import register
from tests.examples import id_of_element
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam

ALL_OF_THE_STORY = 7
GARAGE = SuggestedThreatId("X02@DF-5")
TH1, TH2 = ThreatId("TH-1"), ThreatId("TH-2")


def came_up(team: SlackTeam, who: str) -> None:
    team.command(who, "/threatmodel suggested threats")
    team.modal(who, "Findings")


def test_a_suggested_threat_is_confirmed_with_one_press(either_way: SlackTeam) -> None:
    team = either_way
    create_collected_house(team)
    ben = team.person("ben")
    ben.click(team.card("1 suggested threat"), "Findings")
    page = team.modal("ben", "Findings")
    for words in (
        "X02",
        "CWE-653",
        "trusted as Visitors",
        "Usual control",
        "False positive if",
        "Elevation",
    ):
        assert words in page.plain
    ben.click(page, "Confirm")
    team.wait(lambda: "X02" not in team.modal("ben", "Findings").plain)
    assert team.model().threats[TH1].suggested_threats == (GARAGE,)
    card = team.card("1 threat")
    ben.close(all_of_them=True)
    ben.click(card, "Threats")
    assert (
        "From X02@DF-5 · CWE-653 Improper Isolation or Compartmentalization"
        in team.modal("ben", "Threats").plain
    )


def test_a_suggested_threat_is_dismissed_with_a_reason_and_another_look_brings_it_back(
    either_way: SlackTeam,
) -> None:
    team = either_way
    create_collected_house(team)
    ben = team.person("ben")
    came_up(team, "ben")
    ben.click(team.modal("ben", "Findings"), "Dismiss…")
    team.modal("ben", "Dismiss suggestion")
    ben.fill("Why does this threat not apply?", "<!channel> It is bricked up")
    team.submit("ben")
    team.wait(lambda: "Dismissed (1)" in team.modal("ben", "Findings").plain)
    assert team.model().dismissals[GARAGE].reason == "<!channel> It is bricked up"
    ben.click(team.modal("ben", "Findings"), "Dismissed (1)")
    dismissed = team.modal("ben", "Dismissed suggestions")
    assert "Dismissed by Ben: “<!channel> It is bricked up”" in dismissed.plain
    ben.click(dismissed, "Reopen")
    team.wait(lambda: "0 dismissed suggested threats" in team.modal("ben", "Dismissed suggestions").plain)
    assert not team.model().dismissals


def test_two_people_who_judge_the_same_at_once_are_told_in_words(team: SlackTeam) -> None:
    create_collected_house(team)
    ben, chi = team.person("ben"), team.person("chi")
    came_up(team, "ben")
    came_up(team, "chi")
    chi.click(team.modal("chi", "Findings"), "Dismiss…")
    team.modal("chi", "Dismiss suggestion")
    ben.click(team.modal("ben", "Findings"), "Confirm")
    team.wait(lambda: team.model().threats)
    chi.fill("Why does this threat not apply?", "It is bricked up")
    team.submit("chi")
    (sentence,) = team.modal("chi", "Dismiss suggestion").errors.values()
    assert sentence.startswith("Ben confirmed the threat “")
    assert "(TH-1), suggested as “No boundary between different trust levels” at Garage" in sentence
    assert not team.model().dismissals


def test_a_press_on_an_outdated_page_updates_the_page_behind_the_refusal(team: SlackTeam) -> None:
    create_collected_house(team)
    ben, chi = team.person("ben"), team.person("chi")
    for who in ("ben", "chi"):
        came_up(team, who)
    chi.click(team.modal("chi", "Findings"), "Confirm")
    team.wait(lambda: "X02" not in team.modal("chi", "Findings").plain)
    ben.click(team.modal("ben", "Findings"), "Confirm")
    assert "Chi confirmed the threat" in team.modal("ben", "Not possible").plain
    ben.close()
    assert "X02" not in team.modal("ben", "Findings").plain
    assert "1 threat" in team.modal("ben", "Findings").plain


def test_all_suggested_threats_of_one_element_are_confirmed_after_one_question(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    front = id_of_element(team.model(), Kind.ENTRY_POINT, "Front door")
    # Two rules speak of one flow: nobody is asked at the door, and nobody encrypts the way.
    replies = (
        Reply(element=front, fact="caller_authenticated", answer=Answer.NO),
        Reply(element=ElementId("DF-1"), fact="encrypted", answer=Answer.NO),
    )
    ana = PersonId(team.person("ana").id)
    team.command_handler.execute(
        AnswerQuestions(by=ana, at=team.now(), replies=replies), stream=stream, key=team.key()
    )
    of_one = [suggested_threat.element for suggested_threat in register(team.model()).suggested_threats]
    twice = next((one for one in of_one if of_one.count(one) > 1), None)
    if twice is None:
        return  # the catalogue has no second rule that fires here
    count = of_one.count(twice)
    came_up(team, "ben")
    team.person("ben").click(team.modal("ben", "Findings"), f"Confirm all {count}")
    team.wait(lambda: len(team.model().threats) == count)


def test_the_grid_shows_what_is_open_and_one_reason_settles_a_row(either_way: SlackTeam) -> None:
    team = either_way
    create_collected_house(team)
    ben = team.person("ben")
    team.command("ben", "/threatmodel coverage")
    page = team.modal("ben", "Coverage")
    open_cells = register(team.model()).coverage.open_cells
    undecided = f"{open_cells} STRIDE cells on trust crossings are undecided"
    assert undecided in page.plain
    ben.click(page, "Mark as reviewed…")
    form = team.modal("ben", "Mark as reviewed")
    assert "Undecided categories:" in form.plain
    ben.fill("Why do no further threats apply?", "We looked <twice>")
    team.submit("ben")
    team.wait(lambda: "Reviewed by Ben: “We looked <twice>”" in team.modal("ben", "Coverage").plain)
    assert register(team.model()).coverage.open_cells < open_cells
    ben.click(team.modal("ben", "Coverage"), "Reopen row")
    team.wait(lambda: undecided in team.modal("ben", "Coverage").plain)


def test_two_threats_that_are_one_are_merged(either_way: SlackTeam) -> None:
    team = either_way
    stream = create_collected_house(team)
    ana = PersonId(team.person("ana").id)
    for title, stride in (("A false plumber", Stride.SPOOFING), ("Who rings?", Stride.REPUDIATION)):
        report = ReportThreat(by=ana, at=team.now(), title=title, stride=(stride,))
        team.command_handler.execute(report, stream=stream, key=team.key())
    ben = team.person("ben")
    team.command("ben", "/threatmodel threats")
    ben.click(team.modal("ben", "Threats"), "Merge…")
    team.modal("ben", "Merge threats")
    ben.choose("Threat to keep", "TH-2 Who rings?")
    team.submit("ben")
    team.wait(lambda: "TH-1 “A false plumber”: merged into TH-2" in team.modal("ben", "Threats").plain)
    assert team.model().threats[TH2].stride == (Stride.SPOOFING, Stride.REPUDIATION)


def test_the_card_counts_what_came_up_and_says_what_comes_next(team: SlackTeam) -> None:
    create_collected_house(team, steps=ALL_OF_THE_STORY)
    ana = team.person("ana")
    count = len(register(team.model()).suggested_threats)
    team.card(f"{count} suggested threat")
    team.command("ana", "/threatmodel status")
    ana.click(team.card("The House"), "More…")
    ana.click(team.modal("ana", "More"), "Begin analysis")
    team.modal("ana", "Begin analysis")
    team.submit("ana")
    team.card(f"Next: Review {count} suggested threat", "Review suggested threats")
