"""What the rules make of a model: candidates, and the questions that are worth asking."""

import pytest

from domain.built_in_catalog import BUILT_IN
from domain.commands import AddDataFlow, AnswerQuestions, RemoveElement, ReviseAsset, ReviseDataFlow
from domain.kernel.answer import Answer
from domain.kernel.elements import ID_PREFIX, Rating
from domain.register import register
from domain.replay import replay
from tests.domain.placed_components import (
    ENTITY,
    HOME,
    PROCESS,
    STORE,
    element_id,
    place,
    placed_model,
    register_after,
    reply,
)
from tests.examples import ANA, at, house

SOFTWARE = reply("CO-2", "software", Answer.YES)


def test_nothing_answered_gives_no_candidate_but_a_short_list_of_questions() -> None:
    found = register_after(placed_model(*HOME))
    assert found.candidates == ()
    assert [(one.element, one.fact) for one in found.questions] == [
        ("CO-2", "software"),
        ("CO-3", "software"),
        ("AS-1", "availability_critical"),
        ("EP-1", "authorization_checked"),
        ("EP-1", "anonymous_by_design"),
    ]
    assert all(one.why for one in found.questions)


def test_nothing_placed_asks_nothing() -> None:
    assert register_after(placed_model()).questions == ()


def test_what_is_no_software_is_not_asked_what_only_software_can_do() -> None:
    no = [reply(id, "software", Answer.NO) for id in ("CO-2", "CO-3")]
    asked = {one.fact for one in register_after(placed_model(*HOME), *no).questions}
    assert asked == {"anonymous_by_design", "authorization_checked", "availability_critical"}


def test_whether_a_rule_is_about_it_is_asked_before_its_control() -> None:
    before = asked_of("EP-1", SOFTWARE)
    assert "takes_input" in before
    assert not before & {"takes_files", "uploads_never_run"}
    takes = reply("EP-1", "takes_input", Answer.YES)
    assert "takes_files" in asked_of("EP-1", SOFTWARE, takes)
    assert "uploads_never_run" not in asked_of("EP-1", SOFTWARE, takes)
    files = reply("EP-1", "takes_files", Answer.YES)
    assert "uploads_never_run" in asked_of("EP-1", SOFTWARE, takes, files)


@pytest.mark.parametrize("answer", [Answer.NO, Answer.NOT_APPLICABLE])
def test_what_does_not_come_in_is_not_asked_about_any_further(answer: Answer) -> None:
    asked = asked_of("EP-1", SOFTWARE, reply("EP-1", "takes_input", answer))
    assert not asked & {"takes_input", "takes_files", "reaches_query", "input_bounded"}


def test_no_question_is_asked_twice() -> None:
    found = register_after(placed_model(*HOME), SOFTWARE, reply("EP-1", "takes_input", Answer.YES)).questions
    asked = [(one.element, one.fact) for one in found]
    assert len(asked) == len(set(asked))


def test_one_answer_may_settle_several_rules() -> None:
    software = next(one for one in register_after(placed_model(*HOME)).questions if one.fact == "software")
    assert len(software.rules) > 20
    assert len(software.why) == 1


def test_the_questions_of_one_element_come_together_after_what_is_software() -> None:
    found = register_after(placed_model(*HOME), SOFTWARE).questions
    elements = [one.element for one in found]
    runs = [id for place, id in enumerate(elements) if place == 0 or elements[place - 1] != id]
    assert runs == ["CO-3", "AS-1", "EP-1", "DF-1", "CO-2"]


@pytest.mark.parametrize(
    ("answered", "candidates", "asked"),
    [
        (reply("EP-1", "caller_authenticated", Answer.NO), ["S01@DF-1"], False),
        (reply("EP-1", "caller_authenticated", Answer.YES), [], False),
        (reply("EP-1", "caller_authenticated", Answer.NOT_APPLICABLE), [], False),
        (reply("EP-1", "caller_authenticated", Answer.UNKNOWN), [], True),
    ],
)
def test_no_fires_yes_spares_and_unknown_goes_on_asking(
    answered: AnswerQuestions, candidates: list[str], asked: bool
) -> None:
    found = register_after(placed_model(*HOME), answered)
    assert [one.id for one in found.candidates] == candidates
    again = [one.answered_unknown for one in found.questions if one.fact == "caller_authenticated"]
    assert again == ([True] if asked else [])


def test_a_candidate_tells_the_facts_and_the_predicates_that_fired_it() -> None:
    found = register_after(placed_model(*HOME), reply("EP-1", "caller_authenticated", Answer.NO)).candidates[
        0
    ]
    assert [(one.element, one.fact, one.answer) for one in found.facts] == [
        ("EP-1", "caller_authenticated", Answer.NO)
    ]
    assert [(one.element, one.statement) for one in found.observed] == [
        ("DF-1", "it crosses a trust boundary")
    ]


def test_a_flow_of_little_confidentiality_is_not_asked_about() -> None:
    assert "encrypted" in asked_of("DF-1", SOFTWARE)
    low = ReviseAsset(
        by=ANA,
        at=at(3),
        element=element_id("AS-1"),
        name="Key",
        confidentiality=Rating.LOW,
        integrity=Rating.LOW,
    )
    assert "encrypted" not in asked_of("DF-1", SOFTWARE, low)


def test_an_asset_that_no_one_rated_is_asked_about_in_plain_words() -> None:
    unrated = ReviseAsset(by=ANA, at=at(3), element=element_id("AS-1"), name="Key")
    assert "confidential" in asked_of("AS-1", SOFTWARE, unrated)
    harmless = reply("AS-1", "confidential", Answer.NO)
    assert "confidential" not in asked_of("AS-1", SOFTWARE, unrated, harmless)
    assert "I01" not in {
        rule
        for one in register_after(placed_model(*HOME), SOFTWARE, unrated, harmless).questions
        for rule in one.rules
    }


def test_a_protocol_that_keeps_listeners_out_suggests_the_answer_where_something_is_at_stake() -> None:
    secure = ReviseDataFlow(
        by=ANA,
        at=at(3),
        element=element_id("DF-1"),
        source=element_id("CO-1"),
        target=element_id("CO-2"),
        assets=(element_id("AS-1"),),
        entry_point=element_id("EP-1"),
        protocol="HTTPS",
    )
    asked = register_after(placed_model(*HOME), secure).questions
    (suggested,) = [one.suggested for one in asked if one.element == "DF-1" and one.fact == "encrypted"]
    assert suggested is not None
    assert suggested.follows_from == "HTTPS"
    assert not [one for one in asked if one.element == "CO-2" and one.fact == "software"]


def test_what_crosses_is_asked_about_before_the_rest() -> None:
    last = AddDataFlow(
        by=ANA, at=at(3), source=element_id("CO-2"), target=element_id("CO-1"), assets=(element_id("AS-1"),)
    )
    found = register_after(
        placed_model(*HOME), SOFTWARE, reply("CO-3", "software", Answer.YES), last
    ).questions
    elements = list(dict.fromkeys(one.element for one in found))
    assert elements.index(element_id("DF-3")) < elements.index(element_id("CO-3"))


def test_two_trust_levels_in_one_boundary_are_found() -> None:
    found = register_after(placed_model(HOME[0], HOME[1], place("CO-3", STORE, "TL-1", "Locks")))
    assert [one.id for one in found.candidates] == ["X02@DF-2"]
    assert found.candidates[0].rule.cwe == (653,)


def test_a_boundary_between_or_the_same_level_spare_it_and_no_boundaries_at_all_ask() -> None:
    for third in (place("CO-3", STORE, "TL-1", "Safe door"), HOME[2]):
        assert register_after(placed_model(HOME[0], HOME[1], third)).candidates == ()
    without = register_after(placed_model(place("CO-2", PROCESS, "TL-2"), place("CO-3", STORE, "TL-1")))
    assert without.candidates == ()
    assert ("DF-2", "kept_apart") in [(one.element, one.fact) for one in without.questions]


def test_in_the_house_the_missing_boundary_between_garage_and_house_is_found() -> None:
    found = register(replay(house()))
    missing = [one for one in found.candidates if one.rule.id == "X02"]
    assert [one.element_name for one in missing] == ["Garage → House: Valuables"]


def test_who_calls_an_external_entity_is_not_ours_to_ask() -> None:
    outside = placed_model(HOME[0], place("CO-2", ENTITY, "TL-2", "Locks"), HOME[2])
    assert [one.fact for one in register_after(outside).questions if one.element == "EP-1"] == []
    answered = reply("EP-1", "caller_authenticated", Answer.NO)
    assert "S01@DF-1" not in [one.id for one in register_after(outside, answered).candidates]


def test_without_a_trust_level_at_one_end_no_boundary_is_missed() -> None:
    found = register_after(placed_model(HOME[0], HOME[1], place("CO-3", STORE, None, "Locks")))
    assert found.candidates == ()


def test_a_flow_through_no_door_is_asked_itself() -> None:
    nowhere = ReviseDataFlow(
        by=ANA,
        at=at(3),
        element=element_id("DF-1"),
        source=element_id("CO-1"),
        target=element_id("CO-2"),
        assets=(element_id("AS-1"),),
    )
    gone = RemoveElement(by=ANA, at=at(4), element=element_id("EP-1"))
    asked = [
        one.element
        for one in register_after(placed_model(*HOME), nowhere, gone).questions
        if one.fact == "caller_authenticated"
    ]
    assert asked == ["DF-1"]


def test_a_fact_is_only_asked_of_the_kinds_that_it_is_declared_for() -> None:
    everything = [
        reply("EP-1", fact.name, Answer.YES)
        for fact in BUILT_IN.facts.values()
        if "entry_point" in fact.kinds
    ]
    for question in register_after(placed_model(*HOME), SOFTWARE, *everything).questions:
        assert question.element.partition("-")[0] in {
            ID_PREFIX[kind] for kind in BUILT_IN.facts[question.fact].kinds
        }


def asked_of(element: str, *commands: AnswerQuestions | ReviseAsset) -> set[str]:
    return {
        one.fact for one in register_after(placed_model(*HOME), *commands).questions if one.element == element
    }
