"""The format of libraries: the built-in catalog survives it, conditions follow Kleene's logic."""

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.built_in_catalog import BUILT_IN
from domain.catalog import Catalog
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind, kind_of
from domain.kernel.persistent_maps import values_of
from domain.library.grammar import ConditionError, condition_text, opposite, parse_condition
from domain.library.library_value import UnreadableLibrary
from domain.library.reading import MAX_SIZE, read_library
from domain.library.vocabulary import PREDICATES, QUANTIFIERS, SUBJECTS
from domain.library.writing import entry_text
from domain.model.crossings import crossings
from domain.rules.conditions import (
    AllOf,
    AnyAmong,
    AnyOf,
    Condition,
    FactHolds,
    Not,
    Structure,
    Truth,
    itself,
)
from domain.rules.model_index import ModelIndex
from tests.domain.catalogue.shop_model import shop
from tests.domain.generated_systems import generated_system

HEAD = '[library]\nname = "Acme"\nversion = "1"\n'


def test_the_built_in_catalog_can_be_written_and_read_back() -> None:
    entries = (*BUILT_IN.categories, *BUILT_IN.technologies, *BUILT_IN.facts.values(), *BUILT_IN.rules)
    library, problems = read_library(HEAD + "".join(map(entry_text, entries)), Catalog())
    assert problems == ()
    assert library.rules == BUILT_IN.rules
    assert library.facts == tuple(BUILT_IN.facts.values())
    assert library.technologies == BUILT_IN.technologies
    assert library.categories == BUILT_IN.categories


def test_a_control_can_be_written_and_read_back() -> None:
    controls = dict.fromkeys(control for rule in BUILT_IN.rules for control in rule.controls)
    entries = "".join(
        entry_text(control).replace("[[control]]", f'[[control]]\nid = "C-{number}"')
        for number, control in enumerate(controls)
    )
    facts = "".join(map(entry_text, BUILT_IN.facts.values()))
    library, problems = read_library(HEAD + facts + entries, Catalog())
    assert problems == ()
    assert [(one.text, one.control_class, one.protocols, one.fact) for one in library.controls] == [
        (one.text, one.control_class, one.protocols, one.fact) for one in controls
    ]


def _conditions(kind: Kind, *, controlled: bool, levels: int = 3) -> st.SearchStrategy[Condition]:
    facts = sorted(name for name, fact in BUILT_IN.facts.items() if kind in fact.kinds)
    subjects = [(itself, kind), *((found, of) for found, source, of in SUBJECTS.values() if source is kind)]
    held = st.builds(
        FactHolds,
        fact=st.sampled_from(facts),
        subject=st.just(subjects[0][0]),
        if_not_applicable=st.sampled_from([Truth.TRUE, Truth.FALSE]),
        negated=st.booleans(),
    )
    named = st.sampled_from(list(PREDICATES[kind].values()))
    negated = st.sampled_from([one for one in PREDICATES[kind].values() if isinstance(one, Structure)])
    simple = st.one_of(held, named, negated.map(Not))
    if not levels:
        return simple
    deeper = _conditions(kind, controlled=controlled, levels=levels - 1)
    parts = st.lists(deeper, min_size=2, max_size=3).map(tuple)
    groups = [one for one in QUANTIFIERS.values() if kind in one.kinds]
    among = [
        _conditions(one.of, controlled=controlled, levels=0).map(
            lambda part, one=one: AnyAmong(among=one.among, part=part)
        )
        for one in groups
    ]
    return st.one_of(simple, parts.map(AllOf), parts.map(AnyOf), *among)


@given(st.data(), st.sampled_from(sorted(PREDICATES)), st.booleans())
def test_every_condition_is_read_as_it_was_written(data: st.DataObject, kind: Kind, controlled: bool) -> None:
    condition = data.draw(_conditions(kind, controlled=controlled, levels=2))
    text = condition_text(condition, (kind,), controlled=controlled)
    assert parse_condition(text, (kind,), BUILT_IN.facts, controlled=controlled) == condition


OPPOSITES = {
    kind: [(condition, opposite(condition)) for condition in known.values()]
    for kind, known in PREDICATES.items()
}


@pytest.mark.parametrize("seed", range(3))
def test_every_predicate_can_be_asked_of_each_element_of_its_kind(seed: int) -> None:
    for model in (shop(), generated_system(60, seed)):
        index = ModelIndex(model, crossings(model))
        for element in values_of(model.elements):
            about = index.about(element)
            for condition, negation in OPPOSITES.get(kind_of(element), ()):
                known = {condition.of(about).truth, negation.of(about).truth}
                assert known in ({Truth.TRUE, Truth.FALSE}, {Truth.UNKNOWN})


def test_a_control_that_is_not_applicable_is_not_missing() -> None:
    told = {Answer.YES: Truth.TRUE, Answer.NO: Truth.FALSE, Answer.NOT_APPLICABLE: Truth.TRUE}
    kinds = (Kind.COMPONENT,)
    isolated = parse_condition("isolated", kinds, BUILT_IN.facts, controlled=True)
    shared = parse_condition("not shares_runtime", kinds, BUILT_IN.facts, controlled=True)
    features = parse_condition("shares_runtime", kinds, BUILT_IN.facts)
    assert isinstance(isolated, FactHolds)
    assert isolated.if_not_applicable is told[Answer.NOT_APPLICABLE]
    assert isinstance(shared, FactHolds)
    assert (shared.if_not_applicable, shared.negated) == (Truth.FALSE, True)
    assert isinstance(features, FactHolds)
    assert features.if_not_applicable is Truth.FALSE


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("is_process and", 14, "a name is missing here."),
        (
            "is_proces",
            0,
            "“is_proces” is not a fact or predicate about components. Did you mean “is_process”?",
        ),
        ("crosses", 0, "“crosses” is not a fact or predicate about components."),
        ("is_process is_store", 11, "“is_store” is not expected here. Join conditions by “and” or “or”."),
        ("(is_process", 11, "“)” is missing here."),
        ("any of carried (confidential)", 7, "“carried” is not a group of elements of components."),
        ("isolated else maybe", 14, "“yes” or “no” is missing after “else”."),
        ("__import__", 0, "a name is missing before “_”."),
        ("is_process.__class__", 10, "“.” is not expected here. Join conditions by “and” or “or”."),
        ("(" * 20 + "is_process" + ")" * 20, 12, "a condition has 12 levels of brackets or fewer."),
        ("not " * 400 + "is_process", 1000, "a condition has 1000 characters or fewer."),
    ],
)
def test_a_text_that_is_no_condition_is_refused_at_its_character(
    text: str, position: int, message: str
) -> None:
    with pytest.raises(ConditionError) as refused:
        parse_condition(text, (Kind.COMPONENT,), BUILT_IN.facts)
    assert (refused.value.position, str(refused.value)) == (position, message)


HOSTILE = {
    "deep brackets": "a = " + "[" * 100_000,
    "deep tables": "a = " + "{ b = " * 50_000,
    "dotted keys": ".".join(["a"] * 100_000) + " = 1",
    "dotted header": "[" + ".".join(["a"] * 100_000) + "]",
    "a million rules": "[[rule]]\n" * 1_000_000,
    "many rules": "[[rule]]\n" * 100_000,
    "many tables": "".join(f"[t{number}]\n" for number in range(100_000)),
    "many keys": "".join(f"k{number} = 1\n" for number in range(70_000)),
    "an endless text": 'a = "' + "x" * 900_000,
    "an endless word": "x" * 900_000,
    "a large number": "a = " + "9" * 900_000,
    "not TOML": "rule: T01\n",
    "null characters": "\0" * 1000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_cheaply(name: str) -> None:
    begun = process_time()
    try:
        _, problems = read_library(HOSTILE[name], BUILT_IN)
    except UnreadableLibrary as error:
        problems = (error.problem,)
    assert problems
    assert all(0 < len(one.message) < 400 for one in problems)
    assert process_time() - begun < 5


def test_a_file_at_the_limit_is_read() -> None:
    library, problems = read_library(HEAD + "#" * (MAX_SIZE - len(HEAD)), BUILT_IN)
    assert (library.name, problems) == ("Acme", ())


SMALL = """[library]
name = "Acme"
version = "1"
[[category]]
key = "kiosk"
name = "Kiosk"
questions = { paved = "Is it?" }
[[technology]]
key = "acme_gateway"
name = "Acme API gateway"
category = "kiosk"
managed = true
assume.paved = { answer = "yes", source = "https://wiki.example" }
[[fact]]
name = "paved"
about = "component"
question = "Is it?"
yes = "it is"
[[control]]
id = "ACME-C1"
text = "Do it"
[[rule]]
id = "ACME-01"
version = 1
category = "tampering"
about = ["component"]
title = "Title"
applies = "is_process"
controlled = "paved"
question = "Why?"
explanation = "It."
action = "do {element}"
false_alarm = "No."
cwe = [1357]
cell = "itself"
controls = ["ACME-C1"]
examples = [{ lines = "A -> B: c", answers = { "B.paved" = "no" }, finds = ["B"] }]
[adjust]
E04 = { off = true, reason = "Away" }
"""
WRONG = ("3", '"x"', "[3]", "[[]]", "{ a = [] }", "[{ answers = { a = [] }, finds = [[]] }]", "true", "nan")


@pytest.mark.parametrize("value", [*WRONG, "{ paved = { answer = [] } }", "2026-01-01"])
def test_a_value_of_any_type_is_no_more_than_a_problem(value: str) -> None:
    assert read_library(SMALL, BUILT_IN)[1] == ()
    for found in re.finditer(r"(?m)(?<= = ).*$", SMALL):
        read_library(SMALL[: found.start()] + value + SMALL[found.end() :], BUILT_IN)
    for name in ("library", "category", "technology", "fact", "control", "rule", "adjust"):
        others = re.sub(rf"(?ms)^\[+{name}\]+.*?(?=^\[|\Z)", "", SMALL)
        assert read_library(f"{name} = {value}\n{others}", BUILT_IN)[1]
