"""What voters are told of the secrecy of their numbers depends on how many of them there are."""

import pytest

from domain.voting.turnout import SMALLEST_PANEL, is_attributable
from domain.wording.secrecy_notices import attribution_words, reason_words, secrecy_words


@pytest.mark.parametrize("panel", range(1, 8))
def test_a_small_panel_is_told_that_its_numbers_can_be_attributed(panel: int) -> None:
    attributable = is_attributable(panel)
    assert ("can be attributed" in secrecy_words(panel).replace("\n", " ")) is attributable
    assert bool(attribution_words(panel)) is attributable
    assert ("others can tell that it is yours" in reason_words(panel)) is attributable
    assert ("without names" in secrecy_words(panel)) is not attributable


def test_the_only_voter_is_told_so() -> None:
    assert "only voter" in secrecy_words(1)
    assert attribution_words(1).startswith("Only one person votes")


def test_how_many_are_enough_is_the_same_everywhere() -> None:
    assert is_attributable(SMALLEST_PANEL - 1)
    assert not is_attributable(SMALLEST_PANEL)
    assert f"at least {SMALLEST_PANEL}" in secrecy_words(SMALLEST_PANEL)
    assert f"at least {SMALLEST_PANEL}" in reason_words(SMALLEST_PANEL)
