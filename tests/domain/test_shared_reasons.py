"""What a group and its threat state of several places is true of each place that it is stated of."""

import re

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.analysis.rule_findings import SuggestedThreat
from domain.analysis.suggested_threat_groups import missing_controls, shared_reasons
from domain.analysis.threat_statements import threat_statements
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind
from domain.kernel.threat import Stride, SuggestedThreatId, Threat, ThreatId, elements_of
from domain.model import ThreatModel
from domain.remediation.suggestions import control_class_of, planned_controls, suggest_controls
from domain.rules.conditions import facts_of
from tests.domain.differing_places import (
    CREDENTIALS,
    DEFAULTS,
    NODES,
    SERVICES,
    different_defaults,
    nodes,
    suggested,
)

TH1 = ThreatId("TH-1")
OF_NODES = tuple(
    rule
    for rule in BUILT_IN.rules_of_kind[Kind.COMPONENT]
    if sum(bool(control.fact) for control in rule.controls) > 1
)
"""The rules about components that need several controls."""
ANSWERS = st.fixed_dictionaries(
    {
        (node, fact): st.sampled_from([*Answer, Answer.NO, Answer.NO])
        for node in NODES
        for rule in OF_NODES
        for fact in sorted(facts_of(rule.controlled) | facts_of(rule.applies))
    }
)


def confirmed(model: ThreatModel, every: list[SuggestedThreat]) -> tuple[ThreatModel, Threat]:
    """The model with these as the places of one threat."""
    places = tuple(SuggestedThreatId(one.id) for one in every)
    threat = Threat(id=TH1, title="One", stride=(Stride.SPOOFING,), suggested_threats=places)
    return replace(model, threats=model.threats.insert(TH1, threat)), threat


def statement_of(model: ThreatModel, every: list[SuggestedThreat]) -> str:
    """The statement of the threat that these become."""
    model, _ = confirmed(model, every)
    return " ".join(threat_statements(model, {}, every)[TH1])


def test_a_reason_that_is_not_true_of_each_place_names_those_that_it_is_true_of() -> None:
    _, every = different_defaults()
    assert {one.statement: one.elements for one in shared_reasons(every)} == {
        "it is software": (),
        "default credentials are changed": (NODES[0],),
        "unused services are disabled": (),
    }


def test_a_statement_names_the_places_of_a_denial_that_is_not_true_of_each() -> None:
    said = statement_of(*different_defaults())
    assert "unused services are enabled" in said
    assert "default credentials are still valid (Node 1)" in said
    assert "unused services are enabled (" not in said


def test_the_control_that_most_places_miss_is_suggested_first_and_others_name_their_places() -> None:
    model, threat = confirmed(*different_defaults())
    controls = suggest_controls(model, threat)
    assert [one.title for one in controls if one.rule] == [
        "Disable unused services and ports",
        "Change default credentials before going live: Node 1",
    ]
    assert all(control_class_of(BUILT_IN, one.title) is one.control for one in controls if one.rule)
    assert [one.text for one, _ in planned_controls([(threat, controls)])] == [
        "Disable unused services and ports"
    ]


def test_where_places_miss_different_controls_each_place_gets_one_of_the_planned() -> None:
    told = {(node, fact): Answer.YES for node in NODES for fact in (CREDENTIALS, SERVICES)}
    told |= {(node, SERVICES): Answer.NO for node in NODES[1:]}
    model = nodes(told | {(NODES[0], CREDENTIALS): Answer.NO})
    model, threat = confirmed(model, suggested(model, DEFAULTS))
    assert [one.text for one, _ in planned_controls([(threat, suggest_controls(model, threat))])] == [
        "Disable unused services and ports: Node 2, Node 3 and Node 4",
        "Change default credentials before going live: Node 1",
    ]


def test_a_statement_claims_nothing_of_a_place_where_the_answer_has_changed_since() -> None:
    model, every = different_defaults()
    model = replace(model, facts=model.facts.insert((NODES[3], SERVICES), Answer.YES))
    model, threat = confirmed(model, every)
    said = " ".join(threat_statements(model, {}, suggested(model, DEFAULTS))[TH1])
    assert "unused services are enabled (Node 1, Node 2 and Node 3)" in said
    assert suggest_controls(model, threat)[0].at == "Node 1, Node 2 and Node 3"


def test_every_denied_control_of_a_rule_that_needs_several_is_named_by_one() -> None:
    for rule in BUILT_IN.rules:
        named = {control.fact for control in rule.controls if control.fact}
        assert named <= facts_of(rule.controlled), rule.id
        assert not named or len(named) > 1, rule.id


def denied_at(model: ThreatModel, fact: str) -> set[ElementId]:
    """The components of which a fact is denied."""
    return {node for node in NODES if model.facts.get((node, fact)) is Answer.NO}


@given(told=ANSWERS)
def test_no_reason_and_no_control_contradicts_an_answer(
    told: dict[tuple[ElementId, str], Answer],
) -> None:
    model = nodes(told)
    fact_of = {fact.statement: fact.name for fact in BUILT_IN.facts.values() if Kind.COMPONENT in fact.kinds}
    for rule in OF_NODES:
        every = suggested(model, rule)
        places = [one.element for one in every]
        for reason in shared_reasons(every):
            if reason.answer:
                answers = {
                    model.facts[about, fact_of[reason.statement]] for about in reason.elements or places
                }
                assert answers == {reason.answer}
        for control, at in missing_controls(every):
            assert not control.fact or set(at or places) <= denied_at(model, control.fact)
        if every:
            whole, threat = confirmed(model, every)
            named = {control.text: control.fact for control in rule.controls}
            for one in suggest_controls(whole, threat):
                needed = named.get(one.text)
                about = {elements_of(place)[0] for place in one.places} or set(places)
                assert not needed or about <= denied_at(model, needed)


@given(told=ANSWERS)
def test_no_statement_contradicts_an_answer(told: dict[tuple[ElementId, str], Answer]) -> None:
    model = nodes(told)
    for rule in OF_NODES:
        if not (every := suggested(model, rule)):
            continue
        said, places = statement_of(model, every), {one.element for one in every}
        for name in (control.fact for control in rule.controls if control.fact):
            fact, denied = BUILT_IN.facts[name], denied_at(model, name) & places
            words = "|".join(re.escape(one) for one in (fact.denial, fact.denial_of_several) if one)
            found = re.search(rf"(?:{words})(?: \(([^)]*)\))?", said)
            named = set(re.findall(r"Node \d", found[1])) if found and found[1] else None
            if not denied:
                assert found is None
            else:
                assert found
                expected = None if denied == places else {f"Node {node[-1]}" for node in denied}
                assert named == expected
