"""Controls of one topic share a line, and a system of any size has few lines."""

from collections import Counter

import pytest
from msgspec.structs import replace

from domain.analysis.control_lines import control_lines
from domain.built_in_catalog import BUILT_IN
from domain.facts.screening_topics import SCREENING_GROUPS
from domain.kernel.answer import Answer
from domain.kernel.screening_answer import ScreeningAnswer
from domain.model import ThreatModel
from domain.register import register
from domain.screening.screened_facts import screening_lines
from tests.domain.generated_systems import generated_system
from tests.examples import ANA, at


def test_each_control_is_in_one_topic_at_most() -> None:
    facts = Counter(fact for topic in BUILT_IN.control_topics for fact in topic.facts)
    assert [fact for fact, number in facts.items() if number > 1] == []
    assert facts.keys() <= BUILT_IN.facts.keys()


def test_no_topic_has_the_name_of_a_fact_or_of_another() -> None:
    ids = [topic.id for topic in BUILT_IN.control_topics]
    assert len(ids) == len({*ids})
    assert not {*ids} & BUILT_IN.facts.keys()
    assert all(
        topic.question.endswith("?") and len(topic.question) < 120 for topic in BUILT_IN.control_topics
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_lines_ask_about_every_control_once(seed: int) -> None:
    controls = register(generated_system(20, seed)).control_questions
    lines = control_lines(BUILT_IN, controls)
    asked = [one for line in lines for one in line.controls]
    assert sorted(asked, key=controls.index) == list(controls)
    assert lines[0].controls[0] == controls[0], "what matters most comes first"


def test_a_control_alone_in_its_topic_keeps_its_own_question() -> None:
    controls = register(generated_system(20, 0)).control_questions
    (line,) = control_lines(BUILT_IN, controls[:1])
    assert (line.id, line.text) == (controls[0].fact, controls[0].text)


def asked_of_a_team(model: ThreatModel, has: set[str]) -> int:
    """The lines that a team answers about the whole system, with the topics that its system has.

    They are groups of the screening, where each feature is, and controls.
    """
    groups = sum(one.open for one in screening_lines(register(model).screening))
    known = tuple(model.elements)
    for topic in BUILT_IN.topics:
        said = ScreeningAnswer(
            topic=topic, answer=Answer.YES if topic in has else Answer.NO, by=ANA, at=at(1), known=known
        )
        model = replace(model, screening=model.screening.insert(topic, said))
    possible = register(model).question_counter.possible
    facts = {fact for topic in has for fact in BUILT_IN.topics[topic].facts}
    where = {fact for _, fact in possible if fact in facts}
    for id, fact in possible:
        if fact in where:
            model = replace(model, facts=model.facts.insert((id, fact), Answer.YES))
    return groups + len(where) + len(register(model).control_lines)


@pytest.mark.parametrize(
    ("elements", "first", "third"), [(10, 26, 43), (20, 29, 42), (50, 33, 45), (100, 36, 52)]
)
def test_a_system_has_few_lines(elements: int, first: int, third: int) -> None:
    """At first, and so of a system with no rare feature; and with a third of them wherever it can be."""
    topics = [*BUILT_IN.topics]
    for seed in range(6):
        model = generated_system(elements, seed)
        known = register(model)
        groups = sum(one.open for one in screening_lines(known.screening))
        assert groups + len(known.control_lines) <= first
        assert asked_of_a_team(model, {*topics[seed % 3 :: 3]}) <= third


def test_each_topic_is_in_one_group_of_the_screening() -> None:
    assert sorted(topic for one in SCREENING_GROUPS for topic in one.topics) == sorted(BUILT_IN.topics)
