"""A page of questions: facts with their elements as checkboxes, and one choice for the others."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from bot.demo import house_story
from bot.slack.handlers.submissions.question_pages import LOST
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import Action, PhaseTarget, SelectionTarget, Target, decode_target
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import Paragraph, field_key
from bot.slack.ui.modals.analysis.open_questions_form import (
    QUESTIONS,
    WHERE,
    features_of,
    next_places,
    selected_features,
)
from bot.slack.ui.modals.analysis.question_forms import REST
from bot.slack.ui.modals.modal_registry import target_of
from bot.slack.ui.modals.steering import model_forms
from bot.slack.ui.modals.steering.model_forms import open_facts
from bot.store import StreamId
from domain.built_in_catalog import BUILT_IN
from domain.commands import AddEntryPoint, AnswerQuestions, CloseThreatModel, Reply
from domain.events import BulkAnswered
from domain.facts.screening_topics import SCREENING_GROUPS
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, ElementId, Kind, ModelKey, PersonId
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.depth import deep_also
from tests.examples import ANA, HOUSE_CHANNEL, house, story_events
from tests.slack.collected_house import COLLECTED, create_collected_house
from tests.slack.form_cases import SOME, WORDS, open_form_view, requested_command, submitted_view
from tests.slack.hostile_models import LARGE, SMALL, STREAM, CollectionProgress, ModelSize, build_model
from tests.slack.question_steps import answer_one, block_id_of, choose_for_others
from tests.slack.slack_team import SlackTeam, errors_by_key

PAGE_BLOCKS = 30
PAGE_BYTES = 200_000
LONG = ["&" * 149, "é" * 148, "<!channel> " * 12, "é" * 140]
FACT = "caller_authenticated"


def doors(team: SlackTeam) -> list[ElementId]:
    """The elements about which the fact is asked on the first page."""
    asked = register(team.model()).questions
    return [one.element for one in asked if one.fact == FACT and one.at_stake]


def answers(model: ThreatModel, fact: str = FACT) -> dict[ElementId, Answer]:
    return {element: answer for (element, about), answer in model.facts.items() if about == fact}


def test_ticked_elements_get_yes_and_the_others_no_after_a_second_look(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    first, *others = doors(team)
    assert others
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    ben = team.person("ben")
    ben.check(f"tick/{FACT}", first)
    choose_for_others(team, "ben", FACT, "no")
    team.submit("ben")
    again = team.modal("ben", "Confirm answer “No”")
    assert all(other in again.plain for other in others)
    assert answers(team.model()) == {first: Answer.YES}, "what was ticked is saved, whatever follows"
    team.submit("ben")
    team.wait(lambda: len(answers(team.model())) == 1 + len(others))
    assert answers(team.model()) == {first: Answer.YES, **dict.fromkeys(others, Answer.NO)}
    (bulk,) = [one for one in team.command_handler.events(stream) if isinstance(one.event, BulkAnswered)]
    assert isinstance(bulk.event, BulkAnswered)
    assert (bulk.event.fact, {*bulk.event.elements}, bulk.event.reply) == (FACT, {*others}, Answer.NO)


def test_an_element_that_is_cleared_on_the_second_look_stays_open(team: SlackTeam) -> None:
    create_collected_house(team)
    _, *others = doors(team)
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    ben = team.person("ben")
    choose_for_others(team, "ben", FACT, "no")
    team.submit("ben")
    again = team.modal("ben", "Confirm answer “No”")
    ben.check(block_id_of(again, f"no/{FACT}"), *others)
    team.submit("ben")
    team.wait(lambda: len(answers(team.model())) == len(others))
    assert answers(team.model()) == dict.fromkeys(others, Answer.NO)


def test_the_others_are_asked_later_unless_someone_says_otherwise(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *_ = doors(team)
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    team.person("ben").check(f"tick/{FACT}", first)
    team.submit("ben")
    team.wait(lambda: answers(team.model()) == {first: Answer.YES})


@pytest.mark.parametrize("answer", [Answer.UNKNOWN, Answer.NOT_APPLICABLE])
def test_what_denies_nothing_of_the_others_needs_no_second_look(team: SlackTeam, answer: Answer) -> None:
    create_collected_house(team)
    first, *others = doors(team)
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    team.person("ben").check(f"tick/{FACT}", first)
    choose_for_others(team, "ben", FACT, answer)
    team.submit("ben")
    team.wait(lambda: answers(team.model()) == {first: Answer.YES, **dict.fromkeys(others, answer)})


def test_two_people_on_one_page_lose_nothing(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, *others = doors(team)
    for who in ("ana", "ben"):
        team.command(who, "/threatmodel questions")
        team.modal(who, "Open questions")
    team.person("ana").check(f"tick/{FACT}", first)
    team.submit("ana")
    team.wait(lambda: answers(team.model()) == {first: Answer.YES})
    team.person("ben").check(f"tick/{FACT}", second)
    choose_for_others(team, "ben", FACT, "no")
    team.submit("ben")
    team.modal("ben", "Confirm answer “No”")
    team.submit("ben")
    team.wait(lambda: len(answers(team.model())) == 2 + len(others))
    assert answers(team.model()) == {
        first: Answer.YES,
        second: Answer.YES,
        **dict.fromkeys(others, Answer.NO),
    }


def test_whoever_was_slower_hears_that_an_answer_was_left_as_it_is(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    first, second, *_ = doors(team)
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    no = (Reply(element=first, fact=FACT, answer=Answer.NO),)
    command = AnswerQuestions(by=PersonId(team.person("ana").id), at=datetime.now(UTC), replies=no)
    team.command_handler.execute(command, stream=stream, key=team.key())
    team.person("ben").check(f"tick/{FACT}", first, second)
    team.submit("ben")
    team.wait(lambda: answers(team.model()) == {first: Answer.NO, second: Answer.YES})
    seen = team.person("ben").modal
    assert seen is not None
    question = BUILT_IN.facts[FACT].question
    place = team.model().elements[first].name
    assert f"not changed: “{question}” at {place} (“no”)." in seen.plain


def test_a_no_that_others_overtook_is_not_listed_and_not_reported_as_saved(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    first, *others = doors(team)
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    answered(team, stream, first)
    choose_for_others(team, "ben", FACT, "no")
    team.submit("ben")
    again = team.modal("ben", "Confirm answer “No”")
    listed = set(again.plain.split())
    assert listed.issuperset(others)
    assert first not in listed
    assert "not changed" in again.plain
    assert "(“yes”)" in again.plain
    answered(team, stream, *others)
    team.submit("ben")
    seen = team.modal("ben", "Nothing changed")
    assert "Answered by someone else in the meantime and not changed" in seen.plain
    assert "saved" not in seen.plain
    assert answers(team.model()) == dict.fromkeys([first, *others], Answer.YES)


def test_a_page_that_others_answered_completely_asks_for_no_confirmation(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    asked = doors(team)
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    answered(team, stream, *asked)
    choose_for_others(team, "ben", FACT, "no")
    team.submit("ben")
    seen = team.person("ben").modal
    assert seen is not None
    assert seen.title != "Confirm answer “No”"
    assert "not changed" in seen.plain
    assert answers(team.model()) == dict.fromkeys(asked, Answer.YES)


def answered(team: SlackTeam, stream: StreamId, *elements: ElementId) -> None:
    """Ana answers yes for some elements, elsewhere."""
    yes = tuple(Reply(element=element, fact=FACT, answer=Answer.YES) for element in elements)
    command = AnswerQuestions(by=PersonId(team.person("ana").id), at=datetime.now(UTC), replies=yes)
    team.command_handler.execute(command, stream=stream, key=team.key())


def test_one_by_one_offers_all_four_answers(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, *_ = doors(team)
    team.command("ben", "/threatmodel questions")
    team.person("ben").click(team.modal("ben", "Open questions"), action_id=f"open:answers-{FACT}")
    team.modal("ben", "Answer one by one")
    answer_one(team, "ben", f"{first}/{FACT}", "Not applicable")
    answer_one(team, "ben", f"{second}/{FACT}", "No")
    team.submit("ben")
    team.wait(lambda: answers(team.model()) == {first: Answer.NOT_APPLICABLE, second: Answer.NO})


def test_a_page_opened_too_long_ago_asks_again_what_the_others_get(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *_ = doors(team)
    team.command("ben", "/threatmodel questions")
    opened = target_of(team.modal("ben", "Open questions").view.body).opened
    # What the page shows is written a moment after it was opened.
    team.wait(lambda: team.unit.open_forms.find(opened) is not None)
    team.person("ben").check(f"tick/{FACT}", first)
    choose_for_others(team, "ben", FACT, "no")
    team.store.housekeeping.forget_before({"open_forms": datetime.now(UTC) + timedelta(days=1)})
    team.submit("ben")
    team.wait(lambda: LOST in str(team.modal("ben", "Open questions").plain))
    assert not answers(team.model())
    team.submit("ben")
    team.modal("ben", "Confirm answer “No”")
    assert answers(team.model()) == {first: Answer.YES}


@pytest.mark.parametrize(
    ("size", "words"),
    [
        *((size, WORDS) for size in (*SMALL, SOME)),
        *deep_also((LARGE, LONG), (LARGE, WORDS), *((size, LONG) for size in (*SMALL, SOME))),
    ],
)
def test_a_page_has_at_most_thirty_blocks_and_keeps_what_it_showed_on_the_server(
    size: ModelSize, words: list[str]
) -> None:
    model = build_model(size, words, known=CollectionProgress.PLACED)
    for page in (0, 7):
        view = open_form_view("questions", model, Target(stream=STREAM, page=page))
        assert len(view["blocks"]) <= PAGE_BLOCKS
        assert len(msgspec.json.encode(view)) <= PAGE_BYTES
        assert len(view["private_metadata"]) < 200


@pytest.mark.parametrize("move", [Action.BEGIN_ANALYSIS, Action.BEGIN_REMEDIATION, Action.CLOSE])
def test_a_form_that_moves_on_leads_to_the_questions_that_could_wait(move: Action) -> None:
    model = build_model(SOME, WORDS, known=CollectionProgress.PLACED)
    view = open_form_view("move", model, PhaseTarget(stream=STREAM, move=move))
    (pressed,) = [one["accessory"] for one in view["blocks"] if "accessory" in one]
    assert pressed["text"]["text"] == "Answer questions"
    assert decode_target(pressed["value"], lambda _: SelectionTarget) == SelectionTarget(
        name="questions", stream=STREAM, selection=REST
    )


def test_closing_asks_for_a_reason_for_each_fact_that_stays_open() -> None:
    model = replay(house())
    facts = open_facts(register(model))
    assert facts
    target = PhaseTarget(stream=STREAM, move=Action.CLOSE)
    view = open_form_view("move", model, target)
    keys = [str(one["block_id"]) for one in view["blocks"] if one["type"] == "input"]
    asked = [one for one in keys if one.startswith("reason_no_unknowns/")]
    assert asked == [f"reason_no_unknowns/{fact}" for fact in facts]
    given = {key: f"because {number}" for number, key in enumerate(asked)}
    command = requested_command("move", submitted_view(view, **given))
    assert isinstance(command, CloseThreatModel)
    (reason,) = [one.reason for one in command.reasons if one.condition == "no_unknowns"]
    assert all(f"because {number}" in reason for number in range(len(asked)))


def test_many_open_facts_are_closed_over_with_one_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_forms, "MOST_FACTS", 3)
    model = build_model(LARGE, WORDS, known=CollectionProgress.PLACED)
    view = open_form_view("move", model, PhaseTarget(stream=STREAM, move=Action.CLOSE))
    keys = [str(one["block_id"]) for one in view["blocks"] if one["type"] == "input"]
    assert [key for key in keys if key.startswith("reason_no_unknowns")] == ["reason_no_unknowns"]


@pytest.mark.parametrize("form", ["questions", "answers"])
def test_a_form_of_questions_names_its_model_since_a_channel_may_have_several(form: str) -> None:
    model = msgspec.structs.replace(replay(house()), key=ModelKey("TM-7"), name="Parcels")
    asked = register(model).questions[0].fact
    shown = open_form_view(form, model, SelectionTarget(name=form, stream=STREAM, selection=asked))
    assert "*Parcels* (TM-7)" in str(shown["blocks"][0])


def test_a_page_asks_to_select_elements_only_if_it_has_any_to_select() -> None:
    known = register(replay(house()))
    at_stake = [question for question in known.questions if question.at_stake]
    single = tuple({one.fact: one for one in at_stake}.values())
    assert len(single) < len(at_stake)
    said: list[str] = []
    for questions in (tuple(at_stake), single):
        opening = FormContext(
            target=SelectionTarget(stream=STREAM),
            person=PersonId("UAMINA"),
            register=replace(known, questions=questions),
        )
        first = QUESTIONS.parts(opening)[0]
        assert isinstance(first, Paragraph)
        said.append(first.text)
    assert ["Select each element" in one for one in said] == [True, False]
    assert "Answer those that you know." in said[1]


def group_of(topic: str) -> str:
    return next(one.id for one in SCREENING_GROUPS if topic in one.topics)


def select(team: SlackTeam, who: str, what: str, *topics: str) -> None:
    """Select topics in the list `exists` or `unsure` of their group."""
    form = team.modal(who, "Screening")
    for group in dict.fromkeys(map(group_of, topics)):
        chosen = [topic for topic in topics if group_of(topic) == group]
        team.person(who).check(block_id_of(form, f"{what}/{group}"), *chosen)


def deny_others(team: SlackTeam, who: str, group: str) -> None:
    form = team.modal(who, "Screening")
    team.person(who).choose(block_id_of(form, f"others/{group}"), "Do not exist")


def open_screening(team: SlackTeam, who: str) -> None:
    team.person(who).click(team.card("The House · TM-1"), "Answer questions")
    team.modal(who, "Screening")


def said_of_topics(team: SlackTeam) -> dict[str, Answer]:
    return {id: one.answer for id, one in team.model().screening.items()}


def test_the_first_question_is_about_the_whole_system_and_the_others_follow(team: SlackTeam) -> None:
    create_collected_house(team)
    open_screening(team, "ben")
    deny_others(team, "ben", "processes")
    team.submit("ben")
    team.modal("ben", "Open questions")
    (processes,) = (one for one in SCREENING_GROUPS if one.id == "processes")
    assert said_of_topics(team) == dict.fromkeys(processes.topics, Answer.NO), "nothing for what nobody chose"
    assert [one.topic.id for one in register(team.model()).screening if one.absent] == ["shared_tenancy"]
    team.person("ben").close()
    open_screening(team, "ben")
    for group in SCREENING_GROUPS:
        deny_others(team, "ben", group.id)
    team.submit("ben")
    team.modal("ben", "Open questions")
    team.person("ben").close()
    team.wait(lambda: '"w":"questions"' in str(team.card("The House · TM-1").blocks))
    team.person("ben").click(team.card("The House · TM-1"), "Answer questions")
    team.modal("ben", "Open questions")


def test_each_topic_of_a_group_can_have_its_own_answer(team: SlackTeam) -> None:
    create_collected_house(team)
    open_screening(team, "ben")
    select(team, "ben", "exists", "file_uploads")
    select(team, "ben", "unsure", "xml")
    deny_others(team, "ben", "input")
    team.submit("ben")
    where = team.modal("ben", "Feature locations")
    answers = dict.fromkeys(("serialized_objects", "interpreters", "fetched_urls"), Answer.NO)
    assert said_of_topics(team) == {**answers, "file_uploads": Answer.YES, "xml": Answer.UNKNOWN}
    shown = {field_key(str(one["block_id"])): one for one in where.blocks if one["type"] == "input"}
    preset = {
        key: one["element"]["initial_option"]["value"]
        for key, one in shown.items()
        if key.startswith("others/")
    }
    assert preset == {"others/takes_files": Answer.NO, "others/takes_xml": Answer.UNKNOWN}
    team.person("ben").close()
    open_screening(team, "ben")
    team.submit("ben")
    team.modal("ben", "Feature locations")
    assert said_of_topics(team) == {**answers, "file_uploads": Answer.YES, "xml": Answer.UNKNOWN}


def test_yes_asks_where_and_ticked_elements_have_it(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *_ = [one.id for one in team.model().of_kind(Kind.ENTRY_POINT)]
    open_screening(team, "ben")
    select(team, "ben", "exists", "file_uploads")
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


def test_topics_that_no_element_can_have_are_named_where_the_others_are_asked() -> None:
    model = replay(story_events(house_story(HOUSE_CHANNEL)[:COLLECTED]))
    topics = [BUILT_IN.topics[topic] for topic in ("file_uploads", "shared_tenancy")]
    for selected, asks in ((topics, ["tick/takes_files", "others/takes_files"]), (topics[1:], [])):
        target = SelectionTarget(
            stream=STREAM, selection=selected_features(features_of(dict.fromkeys(selected, Answer.YES)))
        )
        parts = WHERE.parts(FormContext(target=target, person=ANA, register=register(model)))
        texts = [part.text for part in parts if isinstance(part, Paragraph)]
        keys = [getattr(part, "key", "") for part in parts if not isinstance(part, Paragraph)]
        assert keys == asks
        assert texts[-1].startswith("*Not asked*: Data store shared by tenants. No element of the model")


def test_a_feature_that_exists_is_not_denied_for_every_element(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *_ = [one.id for one in team.model().of_kind(Kind.ENTRY_POINT)]
    open_screening(team, "ben")
    select(team, "ben", "exists", "file_uploads")
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
        stream=STREAM,
        name="where",
        selection=selected_features(features_of(dict.fromkeys(BUILT_IN.topics.values(), Answer.YES))),
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
    assert {*asked} == {fact for topic in BUILT_IN.topics.values() for fact in topic.facts} & looked_for


def keys_of(view: View) -> list[str]:
    """The keys of the fields of a view."""
    return [field_key(str(one["block_id"])) for one in view["blocks"] if one["type"] == "input"]


def test_where_lists_only_elements_at_which_a_rule_looks_for_the_feature() -> None:
    model = build_model(SOME, WORDS, known=CollectionProgress.PLACED)
    store, *_ = model.of_type(Component)
    kept_data = replace(store, sort=ComponentKind.DATA_STORE)
    model = replace(model, elements=model.elements.insert(store.id, kept_data))
    target = SelectionTarget(stream=STREAM, name="where", selection="shared_tenancy.multi_tenant")
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
    deny_others(team, "ben", "input")
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
    deny_others(team, "ben", "input")
    team.submit("ben")
    team.modal("ben", "Open questions")
    team.command("ben", "/threatmodel coverage")
    own = team.modal("ben", "Coverage")
    assert "Screened out by Ben, not confirmed yet: File uploads, XML, " in own.plain
    assert "Confirm" not in own.plain
    team.command("ana", "/threatmodel coverage")
    team.person("ana").click(team.modal("ana", "Coverage"), "Confirm")
    team.wait(lambda: "confirmed by Ana" in team.modal("ana", "Coverage").plain)
    known = {one.topic.id: one for one in register(team.model()).screening}
    assert not known["xml"].unconfirmed
