"""The numbers that quick ballots leave out, derived from rule, place and setting."""

import pytest
from msgspec.structs import replace

from domain.built_in_catalog import BUILT_IN
from domain.dread.metrics import HIGHEST, LOWEST, Discoverability, Metric, Numbers
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import Asset, ElementId, Kind
from domain.kernel.threat import Threat, ThreatId
from domain.model import ThreatModel
from domain.replay import replay
from domain.voting.derived_numbers import (
    TIMING_DECIDES,
    TYPICAL_DISCOVERABILITY,
    can_be_derived,
    derived_numbers,
)
from tests.domain.suggested_threats import HOUSE
from tests.examples import id_of_element

MODEL = replay(HOUSE)
FRONT = id_of_element(MODEL, Kind.ENTRY_POINT, "Front door")


def threat(*candidates: str, element: ElementId | None = None) -> Threat:
    ids = tuple(CandidateId(one) for one in candidates)
    return Threat(id=ThreatId("TH-1"), title="A threat", stride=(), candidates=ids, element=element)


def derived(
    *candidates: str,
    model: ThreatModel = MODEL,
    policy: Discoverability = Discoverability.VOTED,
    element: ElementId | None = None,
) -> Numbers:
    (one,) = derived_numbers(model, [threat(*candidates, element=element)], policy)
    return one.numbers


def test_a_threat_needs_a_rule_and_a_place() -> None:
    assert can_be_derived(MODEL, threat("S01@DF-1"))
    assert not can_be_derived(MODEL, threat(element=FRONT)), "no rule"
    assert not can_be_derived(MODEL, threat("S01@DF-99")), "no place"


def test_an_attack_can_be_repeated_unless_timing_decides() -> None:
    assert derived("S01@DF-1").reproducibility == HIGHEST
    assert derived("T11@DF-1").reproducibility == 5
    assert derived("T11@DF-1", "S01@DF-1").reproducibility == HIGHEST, "the easier way counts"


def test_discoverability_is_typical_of_the_rule_unless_the_setting_says_otherwise() -> None:
    assert derived("E07@EP-1").discoverability == 10
    assert derived("R02@EP-1").discoverability == 3
    assert derived("R02@EP-1", "E07@EP-1").discoverability == 10
    assert derived("Z99@EP-1").discoverability == 5, "a rule without a typical number"
    assert derived("R02@EP-1", policy=Discoverability.FIXED).discoverability == HIGHEST
    assert derived("R02@EP-1", policy=Discoverability.LEFT_OUT).discoverability is None


def test_every_rule_with_a_typical_number_exists() -> None:
    known = {rule.id for rule in BUILT_IN.rules}
    assert {*TYPICAL_DISCOVERABILITY, *TIMING_DECIDES} <= known
    assert all(LOWEST <= number <= HIGHEST for number in TYPICAL_DISCOVERABILITY.values())


LEVELS = [level.id for level in MODEL.trust_levels()]


@pytest.mark.parametrize(
    ("users", "number"),
    [
        ((), 5),  # nobody says who uses it
        (LEVELS[:1], 5),
        (LEVELS[-1:], 10),  # the administrators
        (LEVELS[:2], 5),
        (LEVELS[:3], 8),
        (LEVELS, 10),
    ],
)
def test_affected_users_follow_from_the_trust_levels_that_use_the_assets(
    users: list[ElementId], number: int
) -> None:
    assert len(LEVELS) == 4
    asset = next(one for one in MODEL.of_type(Asset))
    lonely = replace(asset, readers=tuple(users), writers=())
    model = replace(MODEL, elements=MODEL.elements.insert(asset.id, lonely))
    assert derived(f"I02@{asset.id}", model=model).affected_users == number


def test_every_derived_number_is_one_that_could_be_voted() -> None:
    for rule in BUILT_IN.rules:
        for element in MODEL.elements:
            numbers = derived(f"{rule.id}@{element}")
            given = [numbers.of(metric) for metric in Metric]
            assert given[0] is given[2] is None
            assert all(one is None or LOWEST <= one <= HIGHEST for one in given)
