"""Why a dismissed candidate is up for decision again, in words."""

from bot.slack.ui.modals.analysis.candidates_page import return_reason
from domain.commands import DismissCandidates, PlaceComponents, Placement
from domain.kernel.elements import ComponentKind, Kind
from domain.kernel.threat import CandidateId
from domain.register import register
from domain.replay import replay
from tests.examples import at, decide_all, house, id_of_element

GARAGE = CandidateId("X02@DF-5")


def test_a_candidate_that_came_back_says_what_was_moved_and_who_had_said_what() -> None:
    model = replay(house())
    benji = model.facilitator
    dismiss = DismissCandidates(by=benji, at=at(300), candidates=(GARAGE,), reason="It is bricked up")
    moved = PlaceComponents(
        by=benji,
        at=at(301),
        placements=(
            Placement(
                component=id_of_element(model, Kind.COMPONENT, "Garage"),
                sort=ComponentKind.PROCESS,
                trust_level=id_of_element(model, Kind.TRUST_LEVEL, "Guests"),
                boundary="Locks",
            ),
        ),
    )
    team = register(replay(decide_all(dismiss, moved, after=house())))
    (back,) = (one.returned for one in team.candidates if one.id == GARAGE)
    assert back is not None
    assert return_reason(team, back, lambda _: "Amina") == (
        "↩ *Dismissed before* by Amina: “It is bricked up”. Since then: "
        "Garage was *trusted as Visitors, in Locks* and is *trusted as Guests, in Locks*"
    )
