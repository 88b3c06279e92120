"""The House goes on: six threats, and a blind vote of four people over all of them."""

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
_GARAGE = "Whoever opens the garage door walks on into the house"
_REPORTED: tuple[tuple[str, Stride, Kind, str, str], ...] = (
    (
        "A plumber whom nobody called is let in",
        Stride.SPOOFING,
        Kind.ENTRY_POINT,
        "Front door",
        "He says that a housemate called him; we cannot tell, and he looks round for valuables",
    ),
    (
        "A housemate disables the smoke alarm",
        Stride.TAMPERING,
        Kind.COMPONENT,
        "House",
        "To smoke in the bedroom when it rains outside",
    ),
    (
        "A football breaks the window, and nobody knows whose it was",
        Stride.REPUDIATION,
        Kind.COMPONENT,
        "House",
        "We cannot prove which child of the neighbourhood kicked it",
    ),
    (
        "Without curtains everybody sees who is at home",
        Stride.INFORMATION_DISCLOSURE,
        Kind.COMPONENT,
        "House",
        "We have only just moved in",
    ),
    (
        "Glue in the locks shuts us out",
        Stride.DENIAL_OF_SERVICE,
        Kind.ENTRY_POINT,
        "Front door",
        "A prank on the new neighbours",
    ),
)
# What each of the four votes, in the order of the letters: D, R, E, A, D.
_BALLOTS: dict[str, tuple[tuple[int, int, int, int, int], ...]] = {
    _REPORTED[0][0]: ((7, 6, 6, 7, 6), (8, 6, 7, 8, 5), (8, 5, 6, 8, 6), (9, 7, 5, 8, 6)),
    _REPORTED[1][0]: ((9, 7, 8, 9, 3), (10, 6, 8, 10, 4), (8, 7, 9, 10, 4), (9, 7, 7, 10, 5)),
    _REPORTED[2][0]: ((3, 5, 9, 4, 6), (3, 4, 8, 5, 7), (4, 5, 9, 5, 6), (3, 5, 10, 5, 5)),
    _REPORTED[3][0]: ((1, 10, 10, 10, 10), (1, 10, 10, 10, 10), (1, 10, 9, 10, 10), (2, 9, 10, 9, 10)),
    _REPORTED[4][0]: ((4, 8, 9, 9, 7), (4, 9, 9, 10, 8), (5, 8, 8, 9, 8), (3, 8, 9, 9, 8)),
    _GARAGE: ((10, 10, 5, 10, 8), (10, 9, 5, 10, 8), (9, 10, 6, 9, 7), (10, 10, 4, 10, 9)),
}


def scored_house_story(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> list[Step]:
    """Return the House until its threats have their scores."""
    first, second, third, fourth = people
    reporters = (first, second, third, fourth, first)
    return with_times(
        *house_steps(channel, people),
        lambda _, at: BeginAnalysis(by=first, at=at),
        *(report_step(person, *told) for person, told in zip(reporters, _REPORTED, strict=True)),
        # The garage is no story of ours: a rule finds it, as house and garage lie within the same boundary.
        confirm_step(second, ("X02", "Garage → House: Valuables")),
        _telling_in_our_words(second),
        open_round_step(first, people, tuple(_BALLOTS)),
        *(
            vote_step(person, _ROUND, title, numbers)
            for title, ballots in _BALLOTS.items()
            for person, numbers in zip(people, ballots, strict=True)
        ),
    )


def _telling_in_our_words(by: PersonId) -> TimedStep:
    def revise(model: ThreatModel, at: datetime) -> Command:
        garage = next(one for one in model.threats.values() if one.candidates)
        return ReviseThreat(
            by=by,
            at=at,
            threat=garage.id,
            title=_GARAGE,
            stride=garage.stride,
            element=garage.element,
            description="Garage doors are said to be easy to open, and there is no lock between the two",
        )

    return revise
