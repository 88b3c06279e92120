"""A model is analyzed by its catalog alone."""

import ast
from pathlib import Path

import pytest

import domain
from domain.catalog import Catalog
from domain.commands import AnswerQuestions, Reply
from domain.decide import decide
from domain.facts.fact import Fact
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, ElementId, Kind
from domain.kernel.stride import ControlClass, Stride
from domain.model import ThreatModel, replay_from
from domain.register import register
from domain.rejections import NoSuchQuestion
from domain.rules.conditions import guarded, it_is, itself
from domain.rules.rule import Control, Rule
from domain.rules.threat_sources import ThreatSource
from domain.wording import describe_event
from tests.examples import ANA, at, started

BILLING = Component(id=ElementId("CO-1"), name="Billing", sort=ComponentKind.PROCESS)


def fact(name: str, question: str) -> Fact:
    """Declare a fact about components."""
    return Fact(
        name=name, kinds=frozenset({Kind.COMPONENT}), question=question, statement=name, denial=f"no {name}"
    )


def rule(id: str, applies: str, controlled: str) -> Rule:
    """Declare a rule about components with a control."""
    return Rule(
        id=id,
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.COMPONENT,
        title=f"Title of {id}",
        explanation=f"Explanation of {id}.",
        applies=it_is(applies),
        controlled=guarded(controlled),
        question="",
        source=ThreatSource.INSIDER,
        action="change {element}",
        controls=(Control(ControlClass.INTEGRITY, "Use the template"),),
        cwe=(),
        false_alarm="",
        cell=itself,
    )


TINY = Catalog(
    rules=(rule("ACME-01", "paved", "reviewed"), rule("ACME-02", "paved", "signed")),
    facts={
        one.name: one
        for one in (
            fact("paved", "Is it paved?"),
            fact("reviewed", "Is it reviewed?"),
            fact("signed", "Is it signed?"),
        )
    },
)
STARTED = replay_from(ThreatModel(catalog=TINY), [started()])
MODEL = ThreatModel(
    catalog=TINY,
    version=1,
    step="collection",
    facilitator=ANA,
    elements=STARTED.elements.insert(BILLING.id, BILLING),
)


def answers(**replies: Answer) -> AnswerQuestions:
    """Answer questions about the only component."""
    return AnswerQuestions(
        by=ANA,
        at=at(1),
        replies=tuple(Reply(element=BILLING.id, fact=name, answer=one) for name, one in replies.items()),
    )


def answered(**replies: Answer) -> ThreatModel:
    """Return the model with answers."""
    return replay_from(MODEL, decide(answers(**replies), MODEL))


def test_only_the_questions_of_the_catalog_are_asked() -> None:
    assert [one.text for one in register(MODEL).questions] == ["Is it paved?"]
    asked = register(answered(paved=Answer.YES)).questions
    assert [(one.text, one.rules) for one in asked] == [
        ("Is it reviewed?", ("ACME-01",)),
        ("Is it signed?", ("ACME-02",)),
    ]


def test_only_the_rules_of_the_catalog_find_threats() -> None:
    known = register(answered(paved=Answer.YES, reviewed=Answer.NO, signed=Answer.YES))
    assert [one.id for one in known.candidates] == ["ACME-01@CO-1"]
    assert known.question_progress.total == len(TINY.facts)
    assert known.screening == ()


def test_the_catalog_decides_which_answers_are_accepted_and_how_events_read() -> None:
    (event,) = decide(answers(paved=Answer.YES), MODEL)
    assert "Is it paved?" in describe_event(event, MODEL)
    with pytest.raises(NoSuchQuestion):
        decide(answers(software=Answer.YES), MODEL)


def test_only_the_built_in_catalog_reads_the_declarations() -> None:
    declared = {"RULES", "FACTS", "TECHNOLOGIES", "CATEGORIES", "PROTOCOLS", "TOPICS", "EXCLUDED_RULES"}
    root = Path(domain.__file__ or "").parent.parent
    readers = {
        str(path.relative_to(root))
        for part in ("domain", "bot")
        for path in (root / part).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and declared.intersection(one.name for one in node.names)
    }
    assert readers == {"domain/built_in_catalog.py"}
