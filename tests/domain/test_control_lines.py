"""Controls of one topic share a line, and a system of any size has few lines."""

from collections import Counter

import pytest

from domain.analysis.control_lines import control_lines
from domain.built_in_catalog import BUILT_IN
from domain.register import register
from tests.domain.generated_systems import generated_system


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


@pytest.mark.parametrize(("elements", "most"), [(10, 55), (20, 60), (50, 65), (100, 80)])
def test_a_system_has_few_lines(elements: int, most: int) -> None:
    """Open topics of the screening and lines of controls, before anything is answered: the worst case."""
    counted = []
    for seed in range(6):
        known = register(generated_system(elements, seed))
        topics = sum(one.open for one in known.screening)
        counted.append(topics + len(known.control_lines))
    assert max(counted) <= most, counted
