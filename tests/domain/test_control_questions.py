"""Questions about controls for the whole system: one answer settles a rule wherever the control exists."""

import pytest
from msgspec.structs import replace

from domain.analysis.model_analysis import analyze
from domain.analysis.rule_findings import apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerOpenQuestions, BulkReply, MissingControl
from domain.decide import decide
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId
from domain.model import ThreatModel
from domain.rejections import NoSuchQuestion
from domain.replay import replay
from tests.domain.catalogue.shop_model import PAGE, SHOP, SOFTWARE, STORE, answered, shop
from tests.domain.suggested_threats import HOUSE
from tests.examples import at


def model_of_software() -> ThreatModel:
    return replace(answered(shop(), SOFTWARE), version=1, step="collection", participants=(PersonId("UANA"),))


def controls(model: ThreatModel) -> dict[str, tuple[ElementId, ...]]:
    return {one.fact: one.elements for one in analyze(model).counter.controls}


def answer(
    model: ThreatModel, bulk: tuple[BulkReply, ...] = (), missing: tuple[MissingControl, ...] = ()
) -> ThreatModel:
    command = AnswerOpenQuestions(by=PersonId("UANA"), at=at(5), bulk=bulk, missing=missing)
    return replay(decide(command, model), model)


def asked(model: ThreatModel) -> set[tuple[ElementId, str]]:
    questions = apply_rules(model).questions
    return {(one.element, one.fact) for one in questions if not one.answered_unknown}


def test_a_control_is_asked_about_before_whether_a_rule_applies() -> None:
    model = model_of_software()
    assert PAGE in controls(model)["queries_parameterized"]
    assert (PAGE, "reaches_query") not in asked(model), "one by one, the gates come first"


def test_yes_for_all_elements_settles_the_rule_without_asking_whether_it_applies() -> None:
    model = answered(model_of_software(), [f"{PAGE} takes_input"])
    assert (PAGE, "reaches_query") in asked(model)
    reply = BulkReply(
        fact="queries_parameterized", elements=controls(model)["queries_parameterized"], answer=Answer.YES
    )
    after = answer(model, bulk=(reply,))
    assert (PAGE, "reaches_query") not in asked(after)
    assert "queries_parameterized" not in controls(after)
    assert analyze(after).counter.progress.settled > analyze(model).counter.progress.settled


def test_a_missing_control_presupposes_that_it_is_needed_there() -> None:
    model = model_of_software()
    assert not apply_rules(model).candidates
    after = answer(model, missing=(MissingControl(element=PAGE, fact="queries_parameterized"),))
    assert [one.id for one in apply_rules(after).candidates] == [f"T01@{PAGE}"]
    assert after.facts[PAGE, "queries_parameterized"] is Answer.NO
    assert after.facts[PAGE, "takes_input"] is Answer.YES
    assert after.facts[PAGE, "reaches_query"] is Answer.YES


def test_a_question_about_a_control_states_what_a_missing_one_presupposes() -> None:
    model = model_of_software()
    questions = {one.fact: one for one in analyze(model).counter.controls}
    assert questions["queries_parameterized"].needed_where == "input reaches a database query"
    for one in questions.values():
        for element in one.elements:
            after = answer(model, missing=(MissingControl(element=element, fact=one.fact),))
            presupposed = {about for about in after.facts if about not in model.facts}
            said = {fact for _, fact in presupposed - {(element, one.fact)}}
            assert not said or one.needed_where in {BUILT_IN.facts[fact].statement for fact in said}


def test_what_an_element_is_and_how_it_is_rated_is_not_presupposed() -> None:
    model = replace(shop(), version=1, step="collection", participants=(PersonId("UANA"),))
    after = answer(model, missing=(MissingControl(element=STORE, fact="encrypted_at_rest"),))
    assert (STORE, "software") not in after.facts
    assert not apply_rules(after).candidates


def test_an_answer_that_someone_gave_meanwhile_is_left_as_it_is() -> None:
    model = answered(model_of_software(), [f"{PAGE} queries_parameterized"])
    after = answer(model, missing=(MissingControl(element=PAGE, fact="queries_parameterized"),))
    assert after.facts == model.facts


def test_a_missing_control_of_another_kind_of_element_is_refused() -> None:
    with pytest.raises(NoSuchQuestion):
        answer(model_of_software(), missing=(MissingControl(element=STORE, fact="queries_parameterized"),))


def test_a_control_that_nobody_knows_of_asks_nothing_more() -> None:
    model = answered(model_of_software(), [f"{PAGE} takes_input"])
    reply = BulkReply(fact="queries_parameterized", elements=(PAGE,), answer=Answer.UNKNOWN)
    assert (PAGE, "reaches_query") not in asked(answer(model, bulk=(reply,)))


def test_what_an_element_is_comes_before_its_controls() -> None:
    assert not {"default_credentials_changed", "least_privilege"} & controls(shop()).keys()
    assert SHOP in controls(model_of_software())["least_privilege"]
    assert len(controls(replay(HOUSE))) < 5, "nobody is asked about the queries of a plumber"


def test_a_control_with_little_at_stake_everywhere_can_wait() -> None:
    model = model_of_software()
    lines = controls(model)
    at_stake = {one.fact for one in analyze(model).found.questions if one.at_stake}
    assert at_stake & lines.keys()
    assert all(elements for elements in lines.values())
