"""Where a mitigation belongs: its places by name, beside its title."""

from msgspec.structs import replace

from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.replay import replay
from tests.domain.placed_mitigation import FOUR_PLACES, PLACED
from tests.examples import decide_all


def test_a_mitigation_names_its_places_once_each() -> None:
    seen = register(replay(decide_all(FOUR_PLACES, after=PLACED)))
    assert seen.mitigations[0].at == "Web shop, Billing, Search, Archive"
    assert seen.next.act is NextStepKind.PUT_IN_PLACE
    assert seen.next.text == (
        "Implement “Limit requests” (MI-1) at Web shop, Billing, Search, Archive: due 6 March 2026"
    )


def test_a_title_that_names_the_place_is_enough() -> None:
    one = replace(FOUR_PLACES, also=(), title="Limit requests: Web shop")
    assert register(replay(decide_all(one, after=PLACED))).mitigations[0].at == ""
