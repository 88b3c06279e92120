"""What voters are told of the secrecy of their numbers depends on how many of them there are."""

import pytest
from msgspec.structs import replace

from domain.dread.metrics import Metric
from domain.replay import replay
from domain.voting.scores import scores_of
from domain.voting.turnout import SMALLEST_PANEL, is_attributable
from domain.wording.sealed_results import withheld_text
from domain.wording.secrecy_notices import attribution_notice, reason_notice, secrecy_notice
from tests.domain.voting_story import OPENED, TH1, VOTERS, ballot_of
from tests.examples import decide_all


@pytest.mark.parametrize("panel", range(1, 8))
def test_a_small_panel_is_told_that_its_numbers_can_be_attributed(panel: int) -> None:
    attributable = is_attributable(panel)
    assert ("can be attributed" in secrecy_notice(panel).replace("\n", " ")) is attributable
    assert bool(attribution_notice(panel)) is attributable
    assert ("others can tell that it is yours" in reason_notice(panel)) is attributable
    assert ("without names" in secrecy_notice(panel)) is not attributable


def test_the_only_voter_is_told_so() -> None:
    assert "only voter" in secrecy_notice(1)
    assert attribution_notice(1).startswith("Only one person votes")


def test_how_many_are_enough_is_the_same_everywhere() -> None:
    assert is_attributable(SMALLEST_PANEL - 1)
    assert not is_attributable(SMALLEST_PANEL)
    assert f"at least {SMALLEST_PANEL}" in secrecy_notice(SMALLEST_PANEL)
    assert f"at least {SMALLEST_PANEL}" in reason_notice(SMALLEST_PANEL)


@pytest.mark.parametrize(
    ("fewest", "why"),
    [
        (1, "no one gave a number"),
        (2, "fewer than 2 people gave a number"),
        (3, "fewer than 3 people gave a number"),
    ],
)
def test_a_metric_that_is_not_counted_says_how_many_numbers_it_lacks(fewest: int, why: str) -> None:
    score = scores_of(replay(decide_all(*(ballot_of(one, 5) for one in VOTERS), after=OPENED)))[TH1]
    assert withheld_text(score) == []
    withheld = replace(score, tally=replace(score.tally, fewest=fewest, withheld=(Metric.DAMAGE,)))
    assert withheld_text(withheld) == [f"Sealed and not counted, because {why}: Damage."]
    again = replace(score, sealed_again=(Metric.DAMAGE,))
    assert withheld_text(again)[0].startswith("Too few gave a number in the second vote on Damage, so")
