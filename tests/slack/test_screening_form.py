"""Screening: one form for the whole system before the first question, and where each feature exists."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import SelectionTarget
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.modals.analysis.open_questions_form import next_places
from domain.built_in_catalog import BUILT_IN
from domain.commands import AddEntryPoint, AnswerQuestions, Reply
from domain.events import ScreeningAnswered
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, ElementId, Kind, PersonId
from domain.register import register
from tests.depth import deep_also
from tests.slack.collected_house import create_collected_house
from tests.slack.form_cases import SOME, WORDS, open_form_view
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model
from tests.slack.question_steps import block_id_of
from tests.slack.slack_team import SlackTeam, errors_by_key


def answer_line(team: SlackTeam, who: str, topic: str, answer: str) -> None:
    form = team.modal(who, "Screening")
    team.person(who).choose(block_id_of(form, f"topic/{topic}"), answer)


def open_screening(team: SlackTeam, who: str) -> None:
    team.person(who).click(team.card("The House · TM-1"), "Answer questions")
    team.modal(who, "Screening")


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
    assert said == {**dict.fromkeys(BUILT_IN.topics, Answer.UNKNOWN), "xml": Answer.NO}
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
    where = team.modal("ben", "Feature locations")
    team.person("ben").check(block_id_of(where, "tick/takes_files"), first)
    team.submit("ben")
    team.modal("ben", "Open questions")
    answered = {
        about: answer for (about, fact), answer in team.model().facts.items() if fact == "takes_files"
    }
    assert answered.pop(first) is Answer.YES
    assert answered, "the elements that are not ticked do not have it"
    assert {*answered.values()} == {Answer.NO}


def test_a_feature_that_exists_is_not_denied_for_every_element(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *_ = [one.id for one in team.model().of_kind(Kind.ENTRY_POINT)]
    open_screening(team, "ben")
    answer_line(team, "ben", "file_uploads", "Yes")
    team.submit("ben")
    where = team.modal("ben", "Feature locations")
    team.submit("ben")
    refused = errors_by_key(team.modal("ben", "Feature locations"))
    assert list(refused) == ["tick/takes_files"]
    assert "takes_files" not in {fact for _, fact in team.model().facts}
    team.person("ben").choose(block_id_of(where, "others/takes_files"), "Answer later")
    team.submit("ben")
    team.modal("ben", "Open questions")
    team.person("ben").close()
    # Where it is known to be at one element, the others may all be denied.
    team.person("ben").click(team.card("The House · TM-1"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Screening")
    team.modal("ben", "Screening")
    team.submit("ben")
    where = team.modal("ben", "Feature locations")
    yes = (Reply(element=ElementId(first), fact="takes_files", answer=Answer.YES),)
    command = AnswerQuestions(by=PersonId(team.person("ana").id), at=datetime.now(UTC), replies=yes)
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())
    team.submit("ben")
    team.modal("ben", "Open questions")
    answered = {answer for (_, fact), answer in team.model().facts.items() if fact == "takes_files"}
    assert answered == {Answer.YES, Answer.NO}


@pytest.mark.parametrize("character", ["&", *deep_also(('"',), ("\\",), ("é",))])
def test_features_of_many_elements_are_asked_page_by_page(character: str) -> None:
    model = build_model(LARGE, [character * 149] * 4, known=CollectionProgress.PLACED)
    target: SelectionTarget | None = SelectionTarget(
        stream=STREAM, name="where", selection=",".join(BUILT_IN.topics)
    )
    asked: list[str] = []
    while target is not None:
        view = open_form_view("where", model, target)  # raises ValueError if it is too large
        page = {key.removeprefix("tick/") for key in keys_of(view) if key.startswith("tick/")}
        assert page
        asked += page
        target = next_places(register(model), target, page)
    assert len(asked) == len(set(asked))
    looked_for = {fact for _, fact in register(model).question_counter.possible}
    assert {*asked} == {fact for one in BUILT_IN.topics.values() for fact in one.facts} & looked_for


def keys_of(view: View) -> list[str]:
    """The keys of the fields of a view."""
    return [field_key(str(one["block_id"])) for one in view["blocks"] if one["type"] == "input"]


def test_where_lists_only_elements_at_which_a_rule_looks_for_the_feature() -> None:
    model = build_model(SOME, WORDS, known=CollectionProgress.PLACED)
    store, *_ = model.of_type(Component)
    kept_data = replace(store, sort=ComponentKind.DATA_STORE)
    model = replace(model, elements=model.elements.insert(store.id, kept_data))
    target = SelectionTarget(stream=STREAM, name="where", selection="shared_tenancy")
    shown = {
        option["value"]
        for block in open_form_view("where", model, target)["blocks"]
        if "tick/multi_tenant" in str(block.get("block_id"))
        for option in block["element"]["options"]
    }
    assert shown == {store.id}


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
    team.person("ben").click(team.modal("ben", "Open questions"), "Screening…")
    assert "Avatar upload was added" in team.modal("ben", "Screening").plain


def test_a_second_person_confirms_on_the_page_of_the_coverage(team: SlackTeam) -> None:
    create_collected_house(team)
    open_screening(team, "ben")
    answer_line(team, "ben", "file_uploads", "No")
    answer_line(team, "ben", "xml", "No")
    team.submit("ben")
    team.modal("ben", "Open questions")
    team.command("ben", "/threatmodel coverage")
    own = team.modal("ben", "Coverage")
    assert "Screened out by Ben, not confirmed yet: File uploads, XML." in own.plain
    assert "Confirm" not in own.plain
    team.command("ana", "/threatmodel coverage")
    team.person("ana").click(team.modal("ana", "Coverage"), "Confirm")
    team.wait(lambda: "confirmed by Ana" in team.modal("ana", "Coverage").plain)
    known = {one.topic.id: one for one in register(team.model()).screening}
    assert not known["xml"].unconfirmed
