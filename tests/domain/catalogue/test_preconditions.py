"""What a rule presupposes: what is known to be absent is not asked about, and no finding is hidden by it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from rpds import HashTrieMap

from domain.analysis.control_questions import rules_of_control
from domain.analysis.model_analysis import analyze
from domain.analysis.possible_questions import possible_questions
from domain.analysis.rule_findings import apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Component,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    PersonId,
)
from domain.kernel.screening_answer import ScreeningAnswer
from domain.model import ThreatModel
from domain.register import register
from domain.rules.conditions import FALSE, TRUE, facts_of
from domain.rules.model_index import ModelIndex
from domain.rules.preconditions import PRECONDITIONS, why_excluded
from domain.rules.rule import Rule
from domain.screening.screened_facts import topic_statuses, with_screening
from tests.depth import first
from tests.domain.catalogue.shop_model import ASKING, KEEPING, PAGE, SHOP, STORE, VISITOR, element, shop
from tests.domain.generated_systems import generated_system

SYSTEMS = [generated_system(20, seed) for seed in range(8)]
RULES = {one.id: one for one in BUILT_IN.rules}
WITHOUT_TOPICS = replace(BUILT_IN, topics={})
SCREENED = {fact for topic in BUILT_IN.topics.values() for fact in topic.facts}
SCREENED_RULES = [
    one.id for one in BUILT_IN.rules if one.peers is None and not facts_of(one.applies).isdisjoint(SCREENED)
]
BROWSER_RULES = ("S07", "S14", "I21")
SIGN_IN_RULES = ("S08", "S09", "S16", "D06", "T16", "I29")

PERSON, NOW = PersonId("UANA"), datetime(2026, 1, 5, tzinfo=UTC)
Place = tuple[str, ElementId]


def excluded(model: ThreatModel) -> dict[Place, str]:
    """The rules that are left out, each with its element, and why."""
    index = ModelIndex(model)
    return {
        (rule.id, one.id): reason
        for rule in BUILT_IN.rules
        if rule.peers is None
        for kind in rule.kinds
        for one in index.of_kind[kind]
        if (reason := why_excluded(rule, index.about(one)))
    }


def reasons_at(model: ThreatModel, id: ElementId) -> dict[str, str]:
    return {rule: reason for (rule, about), reason in excluded(model).items() if about == id}


def visited_by(
    technology: str, *, protocol: str = "HTTPS", behind: str = "server_application"
) -> ThreatModel:
    """The shop with one caller of its page, who alone has its lowest trust level."""
    visitor, page, seller = element(VISITOR), element(PAGE), element(SHOP)
    asking = element(ASKING)
    assert isinstance(visitor, Component)
    assert isinstance(seller, Component)
    assert isinstance(page, EntryPoint)
    assert isinstance(asking, DataFlow)
    return shop(
        replace(visitor, technology=technology),
        replace(seller, technology=behind),
        replace(page, component=SHOP, protocol=protocol, lowest_trust_level=visitor.trust_level),
        replace(asking, protocol=protocol),
    )


# What is known to be absent


def test_where_a_browser_calls_nothing_about_browsers_or_people_is_left_out() -> None:
    left_out = reasons_at(visited_by("browser"), PAGE)
    assert not left_out.keys() & {*BROWSER_RULES, *SIGN_IN_RULES}


def test_where_only_a_machine_calls_no_one_is_asked_about_browsers_and_people() -> None:
    left_out = reasons_at(visited_by("data_pipeline"), PAGE)
    assert {left_out[rule] for rule in BROWSER_RULES} == {"no browser calls it"}
    assert {left_out[rule] for rule in SIGN_IN_RULES} == {"no person calls it"}


def test_a_caller_that_is_not_known_may_be_a_browser() -> None:
    assert not reasons_at(visited_by(""), PAGE).keys() & {*BROWSER_RULES, *SIGN_IN_RULES}


def test_a_command_line_has_no_pages_but_a_person() -> None:
    left_out = reasons_at(visited_by("command_line_tool"), PAGE)
    assert {*BROWSER_RULES} <= left_out.keys()
    assert not left_out.keys() & {*SIGN_IN_RULES}


def test_requests_that_are_passed_on_come_from_the_callers_behind() -> None:
    visitor, office = element(VISITOR), ElementId("CO-5")
    assert isinstance(visitor, Component)
    passed = DataFlow(id=ElementId("DF-9"), source=VISITOR, target=office, protocol="HTTPS")
    asking, gateway = element(ASKING), element(office)
    assert isinstance(asking, DataFlow)
    assert isinstance(gateway, Component)
    for technology, browsers in (("browser", True), ("data_pipeline", False)):
        model = visited_by(technology)
        for changed in (passed, replace(gateway, technology="api_gateway"), replace(asking, source=office)):
            model = replace(model, elements=model.elements.insert(changed.id, changed))
        assert ("S07" not in reasons_at(model, PAGE)) is browsers


def test_a_protocol_that_no_browser_speaks_has_no_forms() -> None:
    left_out = reasons_at(visited_by("", protocol="AMQP"), PAGE)
    assert {left_out[rule] for rule in ("S07", "E09", "S15")} == {"its protocol is not of the web"}


@pytest.mark.parametrize("technology", ["relational_database", "message_queue", "object_store"])
def test_a_store_runs_no_program_of_the_team(technology: str) -> None:
    assert {"T01", "T10", "T16", "R04"} <= reasons_at(visited_by("", behind=technology), PAGE).keys()


def test_libraries_send_no_webhooks() -> None:
    library = ExternalDependency(id=ElementId("XD-9"), name="Parser", sort="library")
    assert reasons_at(shop(library), library.id) == {"S05": "it is code, and calls no one back"}
    provider = ExternalDependency(id=ElementId("XD-9"), name="Bank", sort="payments")
    assert not reasons_at(shop(provider), provider.id)


# What is not known excludes nothing


def less_known(model: ThreatModel) -> Iterator[ThreatModel]:
    """Yield the model with one attribute of one element not stated."""
    for one in model.elements.values():
        if isinstance(one, Component):
            changed: tuple[Element, ...] = (replace(one, technology=""), replace(one, sort=None))
        elif isinstance(one, EntryPoint):
            changed = (replace(one, protocol=""), replace(one, lowest_trust_level=None))
        elif isinstance(one, DataFlow):
            changed = (replace(one, protocol=""),)
        elif isinstance(one, ExternalDependency):
            changed = (replace(one, sort=""),)
        else:
            changed = ()
        for element_now in changed:
            if element_now != one:
                yield replace(model, elements=model.elements.insert(one.id, element_now))


@pytest.mark.parametrize("model", first(2, SYSTEMS))
def test_whoever_knows_less_is_asked_no_less(model: ThreatModel) -> None:
    before = excluded(model).keys()
    for less in less_known(model):
        assert not excluded(less).keys() - before


# No exclusion hides a finding


def with_it(model: ThreatModel, rule: Rule, id: ElementId) -> ThreatModel:
    """The model in which a person says that a rule applies to an element and its controls are missing."""
    for condition, wanted in ((rule.applies, TRUE), (rule.controlled, FALSE)):
        for _ in range(40):
            index = ModelIndex(model)
            found = condition.of(index.about(model.elements[id]))
            if found.truth is wanted or not found.open:
                break
            for answer in (Answer.YES, Answer.NO):
                said = replace(model, facts=model.facts.insert(found.open[0], answer))
                now = condition.of(ModelIndex(said).about(said.elements[id])).truth
                if now is not (FALSE if wanted is TRUE else TRUE):
                    model = said
                    break
            else:
                break
    return model


@pytest.mark.parametrize("model", first(2, SYSTEMS))
def test_no_exclusion_hides_a_finding_that_answers_raise(model: ThreatModel) -> None:
    left_out = list(excluded(model))
    assert left_out
    raised = 0
    for name, id in left_out:
        rule = RULES[name]
        told = with_it(model, rule, id)
        about = ModelIndex(told).about(told.elements[id])
        if rule.applies.of(about).truth is TRUE and rule.controlled.of(about).truth is FALSE:
            assert f"{rule.id}@{id}" in {one.id for one in apply_rules(told).suggested_threats}
            raised += 1
    assert raised


@pytest.mark.parametrize("model", first(2, SYSTEMS))
def test_nothing_excluded_is_asked(model: ThreatModel) -> None:
    left_out = excluded(model).keys()
    asking = {pair for question in apply_rules(model).questions for pair in question.asking}
    assert not asking & left_out
    assert {(one.element, one.fact) for one in apply_rules(model).questions} <= possible_questions(model)


# Nothing but an answer makes a finding


def finds(model: ThreatModel) -> set[str]:
    return {one.id for one in apply_rules(model).suggested_threats}


def without_technologies(model: ThreatModel) -> ThreatModel:
    for one in model.of_type(Component):
        model = replace(model, elements=model.elements.insert(one.id, replace(one, technology="")))
    return model


@pytest.mark.parametrize("model", first(2, SYSTEMS))
def test_no_technology_and_no_answer_to_the_screening_makes_a_finding(model: ThreatModel) -> None:
    by_structure = finds(without_technologies(model))
    assert finds(model) <= by_structure
    for topic in BUILT_IN.topics:
        for answer in Answer:
            said = ScreeningAnswer(topic=topic, answer=answer, by=PERSON, at=NOW)
            screened = with_screening(replace(model, screening=model.screening.insert(topic, said)))
            assert finds(screened) <= by_structure


# The screening


def test_a_topic_that_no_element_can_have_is_not_asked_and_says_why() -> None:
    machines = visited_by("data_pipeline")
    store = element(STORE)
    assert isinstance(store, Component)
    known = {"CO-4": "partner_system", "CO-5": "worker"}
    for id, technology in known.items():
        one = machines.elements[ElementId(id)]
        assert isinstance(one, Component)
        elements = machines.elements.insert(one.id, replace(one, technology=technology))
        machines = replace(machines, elements=elements)
    statuses = {one.topic.id: one for one in topic_statuses(machines)}
    assert statuses["cross_origin"].absent == "no browser calls it"
    assert not statuses["cross_origin"].open
    assert statuses["file_uploads"].open
    pages = {one.topic.id: one for one in topic_statuses(visited_by("browser"))}
    assert pages["cross_origin"].open


def test_a_model_without_flows_is_asked_about_every_topic() -> None:
    model = replace(shop(), elements=shop().elements.discard(KEEPING))
    for flow in list(model.of_type(DataFlow)):
        model = replace(model, elements=model.elements.discard(flow.id))
    assert all(one.open for one in topic_statuses(model))


def test_every_precondition_is_about_rules_of_the_catalog() -> None:
    for one in PRECONDITIONS:
        assert {*one.rules} <= RULES.keys()
        assert one.absent


def screened(model: ThreatModel, answer: Answer) -> ThreatModel:
    """The model with one answer about every topic, given when all its elements were known."""
    known = tuple(model.elements)
    said = {
        topic: ScreeningAnswer(topic=topic, answer=answer, by=PERSON, at=NOW, known=known)
        for topic in BUILT_IN.topics
    }
    return replace(model, screening=HashTrieMap(said))


def controls_asked(model: ThreatModel) -> set[tuple[ElementId, str]]:
    return {(id, one.fact) for one in analyze(model).counter.controls for id in one.elements}


@pytest.mark.parametrize("model", first(2, SYSTEMS))
def test_controls_wait_for_open_topics_alone_and_come_up_where_the_feature_may_exist(
    model: ThreatModel,
) -> None:
    """Without topics in the catalog nothing waits: each control that could be missing is asked about."""
    every = controls_asked(replace(model, catalog=WITHOUT_TOPICS))
    assert controls_asked(screened(model, Answer.YES)) == every
    waiting = every - controls_asked(model)
    assert waiting
    for _, control in waiting:
        assert {*rules_of_control(BUILT_IN, control)} & {*SCREENED_RULES}, control


@pytest.mark.parametrize("model", first(2, SYSTEMS))
def test_what_the_team_does_not_know_decides_nothing(model: ThreatModel) -> None:
    """No cell of the coverage is decided by *don't know*, and no control of such a feature is asked about."""
    known, unsure = analyze(model), analyze(screened(model, Answer.UNKNOWN))
    assert unsure.grid == known.grid
    assert {*unsure.found.undecided} == {*known.found.undecided}
    assert controls_asked(screened(model, Answer.UNKNOWN)) <= controls_asked(model)


@pytest.mark.parametrize("model", first(2, SYSTEMS))
@pytest.mark.parametrize("answer", [Answer.NO, Answer.UNKNOWN])
def test_no_answer_to_the_screening_hides_a_finding_that_answers_raise(
    model: ThreatModel, answer: Answer
) -> None:
    raised = 0
    for name in SCREENED_RULES:
        for id in (one.id for kind in RULES[name].kinds for one in ModelIndex(model).of_kind[kind][:3]):
            told = with_it(model, RULES[name], id)
            if f"{name}@{id}" in finds(told):
                assert f"{name}@{id}" in finds(with_screening(screened(told, answer)))
                raised += 1
    assert raised


def test_what_is_not_asked_is_named_with_the_reason_and_the_place() -> None:
    named = {one.absent: one for one in register(visited_by("data_pipeline")).excluded}
    browsers = named["no browser calls it"]
    assert {RULES[rule].title for rule in BROWSER_RULES} == {*browsers.titles}
    assert PAGE in browsers.elements
