"""Every rule fires where it should, spares where it should, and asks where nobody has said."""

from msgspec.structs import replace

from domain.analysis.rule_findings import RuleFindings, apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from domain.model import ThreatModel
from domain.replay import EMPTY
from tests.domain.catalogue.rule_examples import EXAMPLES, Example
from tests.for_each import for_each

each = for_each("example", EXAMPLES, ids=lambda one: one.rule)


def test_every_rule_has_its_examples() -> None:
    assert [example.rule for example in EXAMPLES] == [rule.id for rule in BUILT_IN.rules]


@each
def test_it_fires_on_a_missing_control(example: Example) -> None:
    assert example.finding in found(example, example.fires)


@each
def test_it_spares_what_is_guarded(example: Example) -> None:
    assert not [one for one in found(example, example.spares) if one.startswith(example.rule)]
    assert example.rule not in asking(example, example.spares, example.question)


@each
def test_an_unanswered_fact_is_a_question_and_no_finding(example: Example) -> None:
    assert example.finding not in found(example, example.asks)
    assert example.rule in asking(example, example.asks, example.question)


@each
def test_an_answer_of_do_not_know_is_no_finding_and_stays_a_question(example: Example) -> None:
    element, fact = example.question
    asked = (ElementId(element), fact)
    unknown = replace(example.asks, facts=example.asks.facts.insert(asked, Answer.UNKNOWN))
    assert example.finding not in found(example, unknown)
    assert example.rule in asking(example, unknown, example.question)


@each
def test_it_finds_nothing_while_nothing_is_answered(example: Example) -> None:
    silent = replace(example.fires, facts=EMPTY.facts)
    structural = {"X02", "X03", "X05", "X01"}
    assert example.rule in structural or example.finding not in found(example, silent)


@each
def test_the_answer_that_fires_it_is_asked_no_more(example: Example) -> None:
    assert example.rule not in asking(example, example.fires, example.question)


def found(example: Example, model: ThreatModel) -> list[str]:
    analysis = of(example, model)
    return [one.id for one in (*analysis.candidates, *analysis.cautions)]


def asking(example: Example, model: ThreatModel, question: tuple[str, str]) -> tuple[str, ...]:
    asked = {(one.element, one.fact): one.rules for one in of(example, model).questions}
    return {(str(element), fact): rules for (element, fact), rules in asked.items()}.get(question, ())


def of(example: Example, model: ThreatModel) -> RuleFindings:
    return apply_rules(model, accepted=example.accepted)
