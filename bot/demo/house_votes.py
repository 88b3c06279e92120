"""House example, analysis: six threats and a blind vote of four people."""

from collections.abc import Sequence
from datetime import datetime

from bot.demo.house_story import house_steps
from bot.demo.story_runner import PEOPLE, Step, TimedStep, with_times
from bot.demo.story_steps import confirm_step, open_round_step, report_step, vote_step
from domain.commands import BeginAnalysis, Command, ReviseThreat
from domain.kernel.elements import ChannelId, Kind, PersonId
from domain.kernel.stride import Stride
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel

_ROUND = RoundId("RD-1")
_GARAGE = "Anyone who opens the garage can enter the house"
_REPORTED: tuple[tuple[str, Stride, Kind, str, str], ...] = (
    (
        "An impostor posing as a plumber is let in",
        Stride.SPOOFING,
        Kind.ENTRY_POINT,
        "Front door",
        "He claims that a housemate called him. We cannot verify it, and he looks for valuables.",
    ),
    (
        "A housemate disables the smoke alarm",
        Stride.TAMPERING,
        Kind.COMPONENT,
        "House",
        "To smoke indoors when it rains",
    ),
    (
        "A football breaks a window and the culprit is unknown",
        Stride.REPUDIATION,
        Kind.COMPONENT,
        "House",
        "We cannot prove which neighborhood child kicked it.",
    ),
    (
        "Passers-by can see who is at home",
        Stride.INFORMATION_DISCLOSURE,
        Kind.COMPONENT,
        "House",
        "There are no curtains yet.",
    ),
    (
        "Glue in the locks keeps residents out",
        Stride.DENIAL_OF_SERVICE,
        Kind.ENTRY_POINT,
        "Front door",
        "A prank on the new neighbors",
    ),
)
# The ballots of the four voters, in the order D, R, E, A, D.
_BALLOTS: dict[str, tuple[tuple[int, int, int, int, int], ...]] = {
    _REPORTED[0][0]: ((7, 6, 6, 7, 6), (8, 6, 7, 8, 5), (8, 5, 6, 8, 6), (9, 7, 5, 8, 6)),
    _REPORTED[1][0]: ((9, 7, 8, 9, 3), (10, 6, 8, 10, 4), (8, 7, 9, 10, 4), (9, 7, 7, 10, 5)),
    _REPORTED[2][0]: ((3, 5, 9, 4, 6), (3, 4, 8, 5, 7), (4, 5, 9, 5, 6), (3, 5, 10, 5, 5)),
    _REPORTED[3][0]: ((1, 10, 10, 10, 10), (1, 10, 10, 10, 10), (1, 10, 9, 10, 10), (2, 9, 10, 9, 10)),
    _REPORTED[4][0]: ((4, 8, 9, 9, 7), (4, 9, 9, 10, 8), (5, 8, 8, 9, 8), (3, 8, 9, 9, 8)),
    _GARAGE: ((10, 10, 5, 10, 8), (10, 9, 5, 10, 8), (9, 10, 6, 9, 7), (10, 10, 4, 10, 9)),
}


def scored_house_story(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> list[Step]:
    """Return the commands of the House up to the scores of its threats."""
    first, second, third, fourth = people
    reporters = (first, second, third, fourth, first)
    return with_times(
        *house_steps(channel, people),
        lambda _, at: BeginAnalysis(by=first, at=at),
        *(report_step(person, *told) for person, told in zip(reporters, _REPORTED, strict=True)),
        # No participant reports the garage: a rule finds it, because house and garage share a boundary.
        confirm_step(second, ("X02", "Garage → House: Valuables")),
        _rename_step(second),
        open_round_step(first, people, tuple(_BALLOTS)),
        *(
            vote_step(person, _ROUND, title, numbers)
            for title, ballots in _BALLOTS.items()
            for person, numbers in zip(people, ballots, strict=True)
        ),
    )


def _rename_step(by: PersonId) -> TimedStep:
    def revise(model: ThreatModel, at: datetime) -> Command:
        garage = next(one for one in model.threats.values() if one.candidates)
        return ReviseThreat(
            by=by,
            at=at,
            threat=garage.id,
            title=_GARAGE,
            stride=garage.stride,
            element=garage.element,
            description="Garage doors are easy to open, and there is no lock between garage and house.",
        )

    return revise
