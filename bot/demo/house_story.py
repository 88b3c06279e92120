"""House example: a family home with its doors and valuables, six threats and a blind vote of four people."""

from collections.abc import Sequence
from datetime import datetime

from bot.demo.story_runner import (
    PEOPLE,
    Step,
    TimedStep,
    confirm_step,
    element_named,
    open_round_step,
    report_step,
    vote_step,
    with_times,
)
from domain.commands import (
    AnswerQuestions,
    BeginAnalysis,
    Command,
    CompleteRegister,
    DrawFlows,
    FlowByNames,
    NameElements,
    PlaceComponents,
    Placement,
    RecordAssumption,
    Reply,
    ReviseThreat,
    StartThreatModel,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import ChannelId, ComponentKind, Kind, PersonId
from domain.kernel.stride import Stride
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel


def house_story(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> list[Step]:
    """Return the commands of the House by four people; each depends on the model before it."""
    return with_times(*house_steps(channel, people))


def house_steps(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> tuple[TimedStep, ...]:
    """Return the same steps without times, so that another story can continue from them."""
    house = _House(channel, people)
    return house.start, house.name, house.assume, house.draw, house.place, house.answer, house.complete


class _House:
    """The commands of the story."""

    def __init__(self, channel: ChannelId, people: Sequence[PersonId]) -> None:
        self._channel = channel
        self._first, self._second, self._third, self._fourth = people

    def start(self, model: ThreatModel, at: datetime) -> Command:
        del model
        return StartThreatModel(
            by=self._first,
            at=at,
            name="The House",
            channel=self._channel,
            description="A family home with a garage, its doors and its valuables",
            out_of_scope="The street and the neighbors' houses",
            participants=(self._first, self._second, self._third, self._fourth),
        )

    def name(self, model: ThreatModel, at: datetime) -> Command:
        del model
        return NameElements(
            by=self._first,
            at=at,
            external_dependencies=("Alarm monitoring", "Power", "Water"),
            entry_points=("Front door", "Back door", "Garage door"),
            assets=("Valuables", "Important papers", "Family photos", "Utility bill"),
            trust_levels=("Passers-by", "Visitors", "Guests", "Residents"),
        )

    def assume(self, model: ThreatModel, at: datetime) -> Command:
        del model
        return RecordAssumption(
            by=self._second, at=at, text="The windows are nailed shut", held_by=self._second
        )

    def draw(self, model: ThreatModel, at: datetime) -> Command:
        del model
        flows = (
            ("Resident", "House", ("Valuables", "Important papers"), "Front door"),
            ("Guest", "House", ("Family photos",), "Back door"),
            ("Visitor", "House", ("Utility bill",), "Front door"),
            ("Resident", "Garage", ("Valuables",), "Garage door"),
            ("Garage", "House", ("Valuables",), ""),
        )
        return DrawFlows(
            by=self._third,
            at=at,
            flows=tuple(
                FlowByNames(source=source, target=target, assets=assets, entry_point=entry_point)
                for source, target, assets, entry_point in flows
            ),
        )

    def place(self, model: ThreatModel, at: datetime) -> Command:
        person, room = ComponentKind.EXTERNAL_ENTITY, ComponentKind.PROCESS
        # The garage is inside the same boundary as the house but has a lower trust level: X02 finds this.
        places = (
            ("Resident", person, "Residents", ""),
            ("Guest", person, "Guests", ""),
            ("Visitor", person, "Visitors", ""),
            ("House", room, "Residents", "Locks"),
            ("Garage", room, "Visitors", "Locks"),
        )
        return PlaceComponents(
            by=self._fourth,
            at=at,
            placements=tuple(
                Placement(
                    component=element_named(model, Kind.COMPONENT, name),
                    sort=sort,
                    trust_level=element_named(model, Kind.TRUST_LEVEL, level),
                    boundary=boundary,
                )
                for name, sort, level, boundary in places
            ),
        )

    def answer(self, model: ThreatModel, at: datetime) -> Command:
        replies = (
            ("Front door", "caller_authenticated", Answer.NO),
            ("Back door", "caller_authenticated", Answer.UNKNOWN),
            ("Garage door", "caller_authenticated", Answer.YES),
        )
        return AnswerQuestions(
            by=self._second,
            at=at,
            replies=tuple(
                Reply(element=element_named(model, Kind.ENTRY_POINT, entry_point), fact=fact, answer=answer)
                for entry_point, fact, answer in replies
            ),
        )

    def complete(self, model: ThreatModel, at: datetime) -> Command:
        del model
        return CompleteRegister(by=self._first, at=at, register=Kind.EXTERNAL_DEPENDENCY)


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
