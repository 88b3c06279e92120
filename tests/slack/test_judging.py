"""What the rules bring up, judged in Slack: confirmed, dismissed, covered, merged."""

from domain.commands import AnswerQuestions, Reply, ReportThreat
from domain.kernel.answer import Answer
from domain.kernel.decisions import CandidateId
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.stride import Stride
from domain.kernel.threat import ThreatId
from domain.register import register
from tests.examples import id_called
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot

ALL_OF_THE_STORY = 7
GARAGE = CandidateId("X02@DF-5")
TH1, TH2 = ThreatId("TH-1"), ThreatId("TH-2")


def came_up(there: RunningBot, who: str) -> None:
    there.command(who, "/threatmodel candidates")
    there.modal(who, "What came up")


def test_a_candidate_is_confirmed_with_one_press(either_way: RunningBot) -> None:
    there = either_way
    create_collected_house(there)
    ben = there.person("ben")
    ben.click(there.card("1 candidate"), "What came up")
    page = there.modal("ben", "What came up")
    for words in ("X02", "CWE-653", "trusted as Visitors", "Usual control", "A false alarm if", "Elevation"):
        assert words in page.plain
    ben.click(page, "Confirm")
    there.wait(lambda: "X02" not in there.modal("ben", "What came up").plain)
    assert there.model().threats[TH1].candidates == (GARAGE,)
    card = there.card("1 threat")
    ben.close(all_of_them=True)
    ben.click(card, "Threats")
    assert (
        "From X02@DF-5 · CWE-653 Improper Isolation or Compartmentalization"
        in there.modal("ben", "Threats").plain
    )


def test_a_candidate_is_dismissed_with_a_reason_and_another_look_brings_it_back(
    either_way: RunningBot,
) -> None:
    there = either_way
    create_collected_house(there)
    ben = there.person("ben")
    came_up(there, "ben")
    ben.click(there.modal("ben", "What came up"), "Dismiss…")
    there.modal("ben", "Dismiss candidate")
    ben.fill("Why is this no threat here?", "<!channel> It is bricked up")
    there.submit("ben")
    there.wait(lambda: "Dismissed (1)" in there.modal("ben", "What came up").plain)
    assert there.model().dismissals[GARAGE].reason == "<!channel> It is bricked up"
    ben.click(there.modal("ben", "What came up"), "Dismissed (1)")
    dismissed = there.modal("ben", "Dismissed candidates")
    assert "Dismissed by Ben, because: “<!channel> It is bricked up”" in dismissed.plain
    ben.click(dismissed, "Look again")
    there.wait(lambda: "0 dismissed candidates" in there.modal("ben", "Dismissed candidates").plain)
    assert not there.model().dismissals


def test_two_people_who_judge_the_same_at_once_are_told_in_words(there: RunningBot) -> None:
    create_collected_house(there)
    ben, chi = there.person("ben"), there.person("chi")
    came_up(there, "ben")
    came_up(there, "chi")
    chi.click(there.modal("chi", "What came up"), "Dismiss…")
    there.modal("chi", "Dismiss candidate")
    ben.click(there.modal("ben", "What came up"), "Confirm")
    there.wait(lambda: there.model().threats)
    chi.fill("Why is this no threat here?", "It is bricked up")
    there.submit("chi")
    (sentence,) = there.modal("chi", "Dismiss candidate").errors.values()
    assert sentence.startswith("Ben confirmed the threat “")
    assert "(TH-1, from X02@DF-5)" in sentence
    assert not there.model().dismissals


def test_all_candidates_of_one_element_are_confirmed_after_one_question(there: RunningBot) -> None:
    stream = create_collected_house(there)
    front = id_called(there.model(), Kind.ENTRY_POINT, "Front door")
    # Two rules speak of one flow: nobody is asked at the door, and nobody encrypts the way.
    replies = (
        Reply(element=front, fact="caller_authenticated", answer=Answer.NO),
        Reply(element=ElementId("DF-1"), fact="encrypted", answer=Answer.NO),
    )
    ana = PersonId(there.person("ana").id)
    there.command_handler.execute(
        AnswerQuestions(by=ana, at=there.now(), replies=replies), stream=stream, key=there.key()
    )
    of_one = [one.element for one in register(there.model()).candidates]
    twice = next((one for one in of_one if of_one.count(one) > 1), None)
    if twice is None:
        return  # the catalogue has no second rule that fires here
    count = of_one.count(twice)
    came_up(there, "ben")
    there.person("ben").click(there.modal("ben", "What came up"), f"Confirm all {count}")
    there.wait(lambda: len(there.model().threats) == count)


def test_the_grid_shows_what_is_open_and_one_reason_settles_a_row(either_way: RunningBot) -> None:
    there = either_way
    create_collected_house(there)
    ben = there.person("ben")
    there.command("ben", "/threatmodel coverage")
    page = there.modal("ben", "Coverage")
    open_cells = register(there.model()).coverage.open_cells
    assert f"{open_cells} cells to decide" in page.plain
    ben.click(page, "No more…")
    form = there.modal("ben", "Nothing more here")
    assert "Could any of this happen?" in form.plain
    ben.fill("Nothing more to find here, because…", "We looked <twice>")
    there.submit("ben")
    there.wait(lambda: "We looked <twice>” (Ben)" in there.modal("ben", "Coverage").plain)
    assert register(there.model()).coverage.open_cells < open_cells
    ben.click(there.modal("ben", "Coverage"), "Look again")
    there.wait(lambda: f"{open_cells} cells to decide" in there.modal("ben", "Coverage").plain)


def test_two_threats_that_are_one_are_merged(either_way: RunningBot) -> None:
    there = either_way
    stream = create_collected_house(there)
    ana = PersonId(there.person("ana").id)
    for title, stride in (("A false plumber", Stride.SPOOFING), ("Who rings?", Stride.REPUDIATION)):
        report = ReportThreat(by=ana, at=there.now(), title=title, stride=(stride,))
        there.command_handler.execute(report, stream=stream, key=there.key())
    ben = there.person("ben")
    there.command("ben", "/threatmodel threats")
    ben.click(there.modal("ben", "Threats"), "Merge…")
    there.modal("ben", "Merge threats")
    ben.choose("Which threat is kept?", "TH-2 Who rings?")
    there.submit("ben")
    there.wait(lambda: "TH-1 “A false plumber”: merged into TH-2" in there.modal("ben", "Threats").plain)
    assert there.model().threats[TH2].stride == (Stride.SPOOFING, Stride.REPUDIATION)


def test_the_card_counts_what_came_up_and_says_what_comes_next(there: RunningBot) -> None:
    create_collected_house(there, steps=ALL_OF_THE_STORY)
    ana = there.person("ana")
    count = len(register(there.model()).candidates)
    there.card(f"{count} candidate")
    there.command("ana", "/threatmodel status")
    ana.click(there.card("The House"), "More…")
    ana.click(there.modal("ana", "More"), "Move on to analysis")
    there.modal("ana", "Move on to analysis")
    there.submit("ana")
    there.card(f"Next: Judge {count} candidate", "Judge candidates")
