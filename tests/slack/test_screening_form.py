"""Screening: one form for the whole system before the first question, and where each feature exists."""

from datetime import UTC, datetime

from domain.commands import AddEntryPoint
from domain.events import ScreeningAnswered
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind, PersonId
from domain.register import register
from domain.screening.screening_topics import TOPICS
from tests.slack.collected_house import create_collected_house
from tests.slack.question_steps import block_id_of
from tests.slack.slack_team import SlackTeam


def answer_line(team: SlackTeam, who: str, topic: str, answer: str) -> None:
    form = team.modal(who, "The whole system")
    team.person(who).choose(block_id_of(form, f"topic/{topic}"), answer)


def open_screening(team: SlackTeam, who: str) -> None:
    team.person(who).click(team.card("The House · TM-1"), "Answer questions")
    team.modal(who, "The whole system")


def test_the_first_question_is_about_the_whole_system_and_the_others_follow(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    open_screening(team, "ben")
    answer_line(team, "ben", "xml", "No")
    team.submit("ben")
    team.modal("ben", "Open questions")
    said = {
        one.event.screening.topic: one.event.screening.answer
        for one in team.command_handler.events(stream)
        if isinstance(one.event, ScreeningAnswered)
    }
    assert said == {**dict.fromkeys(TOPICS, Answer.UNKNOWN), "xml": Answer.NO}
    team.person("ben").close()
    team.wait(lambda: '"w":"questions"' in str(team.card("The House · TM-1").blocks))
    team.person("ben").click(team.card("The House · TM-1"), "Answer questions")
    team.modal("ben", "Open questions")


def test_yes_asks_where_and_ticked_elements_have_it(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *_ = [one.id for one in team.model().of_kind(Kind.ENTRY_POINT)]
    open_screening(team, "ben")
    answer_line(team, "ben", "file_uploads", "Yes")
    team.submit("ben")
    where = team.modal("ben", "Where?")
    team.person("ben").check(block_id_of(where, "tick/takes_files"), first)
    team.submit("ben")
    team.modal("ben", "Open questions")
    assert team.model().facts[first, "takes_files"] is Answer.YES
    assert sum(fact == "takes_files" for _, fact in team.model().facts) == 1


def test_a_later_element_that_suggests_a_feature_is_named_on_the_page_of_questions(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    open_screening(team, "ben")
    answer_line(team, "ben", "file_uploads", "No")
    team.submit("ben")
    team.modal("ben", "Open questions")
    adding = AddEntryPoint(by=PersonId(team.person("ana").id), at=datetime.now(UTC), name="Avatar upload")
    team.command_handler.execute(adding, stream=stream, key=team.key())
    team.command("ben", "/threatmodel questions")
    team.wait(lambda: "Avatar upload was added: do they accept" in team.modal("ben", "Open questions").plain)
    team.person("ben").click(team.modal("ben", "Open questions"), "Whole system…")
    assert "Avatar upload was added" in team.modal("ben", "The whole system").plain


def test_a_second_person_confirms_on_the_page_of_the_coverage(team: SlackTeam) -> None:
    create_collected_house(team)
    open_screening(team, "ben")
    answer_line(team, "ben", "xml", "No")
    team.submit("ben")
    team.modal("ben", "Open questions")
    team.command("ben", "/threatmodel coverage")
    own = team.modal("ben", "Coverage")
    assert "XML: screened out by Ben" in own.plain
    assert "Confirm" not in own.plain
    team.command("ana", "/threatmodel coverage")
    team.person("ana").click(team.modal("ana", "Coverage"), "Confirm")
    team.wait(lambda: "confirmed by Ana" in team.modal("ana", "Coverage").plain)
    known = {one.topic.id: one for one in register(team.model()).screening}
    assert not known["xml"].unconfirmed
