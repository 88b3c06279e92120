"""The described systems are consistent: names lead somewhere, and verdicts agree with the controls."""

import re
from collections import Counter

import pytest

from domain.built_in_catalog import BUILT_IN
from tests.effort.described_systems import (
    REVIEWED_FILES,
    SYSTEM_FILES,
    DescribedFlow,
    DescribedSystem,
    described_system,
)
from tests.effort.effort_measures import elements_asked_about
from tests.effort.suggested_threat_review import reviewed_suggested_threats
from tests.effort.team_knowledge import stated_answers, without_direction

SYSTEMS = [described_system(name) for name in SYSTEM_FILES]
each_system = pytest.mark.parametrize("system", SYSTEMS, ids=SYSTEM_FILES)


@each_system
def test_a_system_has_the_size_of_a_real_one(system: DescribedSystem) -> None:
    assert 20 <= elements_asked_about(system) <= 70
    assert {entry.verdict for entry in system.review} >= {"must find", "may keep", "must not raise"}
    assert any(control.default for control in system.controls)


@each_system
def test_every_place_has_one_name(system: DescribedSystem) -> None:
    assert [name for name, times in Counter(system.places()).items() if times > 1] == []


@each_system
def test_every_name_in_a_description_leads_to_something(system: DescribedSystem) -> None:
    levels, components = set(system.trust_levels), {component.name for component in system.components}
    boundaries = {boundary.name for boundary in system.boundaries} | {""}
    entry_points = {point.name for point in system.entry_points} | {""}
    assets = {one.name for one in system.assets}
    assert {boundary.within for boundary in (*system.boundaries, *system.components)} <= boundaries
    assert {one.trust for one in system.components} | {one.lowest for one in system.entry_points} <= levels
    assert {point.at for point in system.entry_points} <= components
    for asset in system.assets:
        assert {*asset.readers, *asset.writers} <= levels, asset.name
        assert set(asset.stored) <= components, asset.name
    for flow in system.flows:
        assert set(flow.ends) <= components, flow.line
        assert flow.through in entry_points, flow.line
        assert {*flow.carries, *flow.back} <= assets, flow.line
        assert flow.two_way == bool(flow.back), flow.line


@each_system
def test_a_line_tells_the_boundary_that_its_component_lies_in(system: DescribedSystem) -> None:
    within = {component.name: component.within for component in system.components}
    for flow in system.flows:
        assert flow.boundaries.items() <= within.items(), flow.line


@each_system
def test_an_entry_point_belongs_to_the_component_that_its_flows_reach(system: DescribedSystem) -> None:
    at = {point.name: point.at for point in system.entry_points}
    reached = {flow.through for flow in system.flows}
    assert reached <= {*at, ""}
    for flow in system.flows:
        assert not flow.through or at[flow.through] == flow.ends[1], flow.line


@each_system
def test_every_control_and_threat_is_at_places_that_exist(system: DescribedSystem) -> None:
    places = set(system.places())
    for control in (*system.controls, *system.review):
        assert set(control.at), control
        assert set(control.at) <= places, control


@each_system
def test_every_component_entry_point_and_dependency_has_a_stated_control(system: DescribedSystem) -> None:
    stated = {place for control in system.controls for place in control.at}
    named = (*system.components, *system.entry_points, *system.dependencies, *system.flows)
    assert {one.name for one in named} - stated <= WITHOUT_CONTROLS


# People and machines of others: the controls of the flows to them say what there is to say.
WITHOUT_CONTROLS = {
    "Merchant browser",
    "Merchant system",
    "Recipient browser",
    "Contractor browser",
    "Staff browser",
    "Team pipeline",
    "Team application",
    "Patient phone",
    "Data scientist laptop",
}


@each_system
def test_control_ids_and_threats_occur_once(system: DescribedSystem) -> None:
    assert len({control.id for control in system.controls}) == len(system.controls)
    assert len({entry.threat for entry in system.review}) == len(system.review)


@each_system
def test_a_verdict_follows_from_the_state_of_a_control(system: DescribedSystem) -> None:
    wanted = {"must not raise": {"in place", "not applicable"}, "ask about": {"not known"}}
    for entry in system.review:
        states = {system.control(control).state for control in entry.because}
        assert states, entry.threat
        assert states <= wanted.get(entry.verdict, {"missing"}), entry.threat


@pytest.mark.parametrize("name", REVIEWED_FILES)
def test_an_expert_gives_each_threat_a_severity(name: str) -> None:
    assert all(1 <= entry.severity <= 10 for entry in described_system(name).review)


@each_system
def test_every_missing_control_is_in_the_review(system: DescribedSystem) -> None:
    told = {control for entry in system.review for control in entry.because}
    assert [one.id for one in system.controls if one.state == "missing" and one.id not in told] == []


@each_system
def test_no_place_has_two_states_of_one_control(system: DescribedSystem) -> None:
    states: dict[tuple[str, str], set[str]] = {}
    for control in system.controls:
        for place in control.at:
            states.setdefault((control.subject, place), set()).add(control.state)
    assert [key for key, told in states.items() if len(told) > 1] == []


@pytest.mark.parametrize("name", SYSTEM_FILES)
def test_the_answers_of_a_team_are_about_places_that_exist(name: str) -> None:
    places, back = set(described_system(name).places()), re.compile(r" \(back\)$")
    for fact, stated in stated_answers(name).items():
        named = (*stated.yes, *stated.no, *stated.not_applicable)
        assert {back.sub("", one) for one in named} <= places, fact
        assert len(set(named)) == len(named), fact
        assert stated.rest in ("", "yes", "no", "not_applicable"), fact


@pytest.mark.parametrize("name", SYSTEM_FILES)
def test_a_team_has_answers_to_nearly_all_facts(name: str) -> None:
    unanswered = sorted(BUILT_IN.facts.keys() - stated_answers(name).keys())
    assert len(unanswered) <= len(BUILT_IN.facts) * 0.15, unanswered


@pytest.mark.parametrize("name", SYSTEM_FILES)
def test_reviewed_suggested_threats_are_of_rules_at_places_and_threats_that_exist(name: str) -> None:
    places, threats = (
        set(described_system(name).places()),
        {one.threat for one in described_system(name).review},
    )
    rules = {rule.id for rule in BUILT_IN.rules}
    for row in reviewed_suggested_threats(name):
        rule, _, place = row.suggested_threat.partition(" ")
        assert rule in rules
        assert {without_direction(end) for end in place.split(" · ")} <= places, row.suggested_threat
        assert row.threat in threats if row.keep else not row.threat, row.suggested_threat
    keys = [row.suggested_threat for row in reviewed_suggested_threats(name)]
    assert len(set(keys)) == len(keys)


def test_a_flow_line_is_taken_apart() -> None:
    flow = DescribedFlow(line="API [Python, in VPC] <-> Orders db [PostgreSQL]: orders (TLS)", carries=())
    assert (flow.ends, flow.name, flow.protocol) == (("API", "Orders db"), "orders", "TLS")
    assert flow.two_way
    assert flow.boundaries == {"API": "VPC"}


def test_words_in_parentheses_that_name_no_protocol_belong_to_the_name() -> None:
    flow = DescribedFlow(line="Ward -> Pharmacy: prescription data (PHI)", carries=())
    assert (flow.name, flow.protocol) == ("prescription data (PHI)", "")


def test_a_line_without_an_arrow_is_refused() -> None:
    with pytest.raises(ValueError, match="no flow"):
        _ = DescribedFlow(line="no flow at all", carries=()).name
