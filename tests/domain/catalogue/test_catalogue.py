"""The catalogue as a whole: every rule complete, ids that stay, weaknesses that were reviewed."""

import re
from pathlib import Path

import msgspec
import pytest

from domain.facts import FACTS, Fact
from domain.kernel.cwe_weaknesses import WEAKNESSES
from domain.kernel.elements import Kind
from domain.kernel.stride import ControlClass, Stride
from domain.rules import RULES
from domain.rules.conditions import facts_of
from domain.rules.rule import Rule

HERE = Path(__file__).parent
ATTACKS: dict[int, str] = msgspec.json.decode((HERE / "attacks.json").read_bytes(), type=dict[int, str])
"""CAPEC ids with their names as MITRE gives them, each looked at for the rules that name it."""

NAMES: dict[int, str] = msgspec.json.decode((HERE / "weaknesses.json").read_bytes(), type=dict[int, str])
"""CWE ids with their names, taken from MITRE's list 4.14; 1427 came later and was added by hand."""

NOT_WEAKNESSES = frozenset(
    {2, 16, 19, 254, 255, 264, 275, 310, 320, 388, 399, 635, 699, 840, 888, 1000, 1003, 1008, 1194, 1344}
)
"""Categories and views: they gather weaknesses and are none."""

ANSWERS_IT = {
    Stride.SPOOFING: ControlClass.AUTHENTICATION,
    Stride.TAMPERING: ControlClass.INTEGRITY,
    Stride.REPUDIATION: ControlClass.NON_REPUDIATION,
    Stride.INFORMATION_DISCLOSURE: ControlClass.CONFIDENTIALITY,
    Stride.DENIAL_OF_SERVICE: ControlClass.AVAILABILITY,
    Stride.ELEVATION_OF_PRIVILEGE: ControlClass.AUTHORIZATION,
}
NO_WEAKNESS = {"D04", "X03", "X05"}

each = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_no_rule_is_ever_renamed_or_its_id_used_again() -> None:
    assert [rule.id for rule in RULES] == (HERE / "rules.txt").read_text().split()


def test_each_category_has_the_rules_of_the_catalogue() -> None:
    told = [rule.id for rule in RULES]
    counts = {"S": 10, "T": 12, "R": 5, "I": 12, "D": 7, "E": 10, "X": 5}
    assert told == [f"{letter}{n:02}" for letter, count in counts.items() for n in range(1, count + 1)]


@each
def test_a_rule_says_all_there_is_to_say(rule: Rule) -> None:
    assert rule.version >= 1
    for text in (rule.title, rule.question, rule.why, rule.false_alarm, *(one.text for one in rule.controls)):
        assert text.strip() == text
        assert text
        assert len(text) <= 110, text
    assert rule.controls
    assert rule.question.endswith("?")
    assert rule.why.endswith(".")
    assert rule.why.count(". ") == 0, "one sentence"
    assert rule.false_alarm.endswith(".")
    assert not rule.title.endswith(".")


def test_the_version_of_a_rule_counts_from_its_first_change_after_a_release() -> None:
    changed = {rule.id: rule.version for rule in RULES if rule.version != 1}
    assert changed == dict.fromkeys(("S01", "S10", "T08", "T11", "I04", "E01", "X01"), 2)


@each
def test_a_rule_stands_in_the_module_of_its_category(rule: Rule) -> None:
    assert rule.id[0] in {rule.category.value, "X"}


@each
def test_usual_controls_are_of_the_class_that_answers_the_category(rule: Rule) -> None:
    assert {control.control_class for control in rule.controls} == {ANSWERS_IT[rule.category]}


@each
def test_a_rule_names_weaknesses_that_were_reviewed(rule: Rule) -> None:
    assert bool(rule.cwe) != (rule.id in NO_WEAKNESS)
    assert set(rule.cwe) <= WEAKNESSES.keys()
    assert set(rule.capec) <= ATTACKS.keys()


def test_the_list_of_weaknesses_holds_what_is_used_and_no_category_or_view() -> None:
    assert WEAKNESSES.keys() == {number for rule in RULES for number in rule.cwe}
    assert list(WEAKNESSES) == sorted(WEAKNESSES)
    assert not NOT_WEAKNESSES & WEAKNESSES.keys()


def test_each_weakness_has_the_name_that_mitre_gives_to_its_number() -> None:
    assert WEAKNESSES == NAMES


def test_the_list_of_attacks_holds_what_is_used() -> None:
    assert ATTACKS.keys() == {number for rule in RULES for number in rule.capec}
    assert list(ATTACKS) == sorted(ATTACKS)


def test_a_fact_is_declared_if_a_rule_needs_it_and_only_then() -> None:
    needed = {fact for rule in RULES for fact in facts_of(rule.applies) | facts_of(rule.controlled)}
    assert needed == FACTS.keys()


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_a_fact_is_asked_in_one_short_question(fact: Fact) -> None:
    assert fact.name in FACTS
    assert FACTS[fact.name] is fact
    assert re.fullmatch(r"[a-z_]+", fact.name)
    assert fact.question.endswith("?")
    assert len(fact.question) <= 75, fact.question
    assert not fact.statement.endswith(".")
    assert fact.kinds <= {*Kind}


def test_no_two_facts_of_one_kind_are_asked_in_the_same_words() -> None:
    asked = [(kind, fact.question) for fact in FACTS.values() for kind in fact.kinds]
    assert len(asked) == len(set(asked))
