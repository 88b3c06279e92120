"""House example: a family home with its doors and valuables, six threats and a blind vote of four people."""

from collections.abc import Sequence
from datetime import datetime

from bot.demo.story_runner import (
    PEOPLE,
    Step,
    TimedStep,
    ballots,
    element_named,
    open_round_step,
    report_step,
    step,
    suggested_threats,
    vote_step,
    with_times,
)
from domain.commands import (
    AnswerQuestions,
    BeginAnalysis,
    Command,
    CompleteRegister,
    ConfirmSuggestedThreats,
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
from domain.kernel.threat import Stride
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel

_FLOWS = (
    ("Resident", "House", ("Valuables", "Important papers"), "Front door"),
    ("Guest", "House", ("Family photos",), "Back door"),
    ("Visitor", "House", ("Utility bill",), "Front door"),
    ("Resident", "Garage", ("Valuables",), "Garage door"),
    ("Garage", "House", ("Valuables",), ""),
)
_PERSON, _ROOM = ComponentKind.EXTERNAL_ENTITY, ComponentKind.PROCESS
# The garage is inside the same boundary as the house but has a lower trust level: X02 finds this.
_PLACES = (
    ("Resident", _PERSON, "Residents", ""),
    ("Guest", _PERSON, "Guests", ""),
    ("Visitor", _PERSON, "Visitors", ""),
    ("House", _ROOM, "Residents", "Locks"),
    ("Garage", _ROOM, "Visitors", "Locks"),
)
_LOCKED = {"Front door": Answer.NO, "Back door": Answer.UNKNOWN, "Garage door": Answer.YES}


def house_story(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> list[Step]:
    """Return the commands of the House by four people; each depends on the model before it."""
    return with_times(*_house_steps(channel, people))


def _house_steps(channel: ChannelId, people: Sequence[PersonId]) -> tuple[TimedStep, ...]:
    first, second, third, fourth = people
    return (
        step(
            first,
            StartThreatModel,
            name="The House",
            channel=channel,
            description="A family home with a garage, its doors and its valuables",
            out_of_scope="The street and the neighbors' houses",
            participants=tuple(people),
        ),
        step(
            first,
            NameElements,
            external_dependencies=("Alarm monitoring", "Power", "Water"),
            entry_points=("Front door", "Back door", "Garage door"),
            assets=("Valuables", "Important papers", "Family photos", "Utility bill"),
            trust_levels=("Passers-by", "Visitors", "Guests", "Residents"),
        ),
        step(second, RecordAssumption, text="The windows are nailed shut", held_by=second),
        step(third, DrawFlows, flows=tuple(_flow(*flow) for flow in _FLOWS)),
        step(fourth, PlaceComponents, placements=_placements),
        step(second, AnswerQuestions, replies=_replies),
        step(first, CompleteRegister, register=Kind.EXTERNAL_DEPENDENCY),
    )


def _flow(source: str, target: str, assets: tuple[str, ...], entry_point: str) -> FlowByNames:
    return FlowByNames(source=source, target=target, assets=assets, entry_point=entry_point)


def _placements(model: ThreatModel) -> tuple[Placement, ...]:
    return tuple(
        Placement(
            component=element_named(model, Kind.COMPONENT, name),
            sort=sort,
            trust_level=element_named(model, Kind.TRUST_LEVEL, level),
            boundary=boundary,
        )
        for name, sort, level, boundary in _PLACES
    )


def _replies(model: ThreatModel) -> tuple[Reply, ...]:
    return tuple(
        Reply(
            element=element_named(model, Kind.ENTRY_POINT, name), fact="caller_authenticated", answer=answer
        )
        for name, answer in _LOCKED.items()
    )


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
_BALLOTS = {
    _REPORTED[0][0]: ballots("7 6 6 7 6, 8 6 7 8 5, 8 5 6 8 6, 9 7 5 8 6"),
    _REPORTED[1][0]: ballots("9 7 8 9 3, 10 6 8 10 4, 8 7 9 10 4, 9 7 7 10 5"),
    _REPORTED[2][0]: ballots("3 5 9 4 6, 3 4 8 5 7, 4 5 9 5 6, 3 5 10 5 5"),
    _REPORTED[3][0]: ballots("1 10 10 10 10, 1 10 10 10 10, 1 10 9 10 10, 2 9 10 9 10"),
    _REPORTED[4][0]: ballots("4 8 9 9 7, 4 9 9 10 8, 5 8 8 9 8, 3 8 9 9 8"),
    _GARAGE: ballots("10 10 5 10 8, 10 9 5 10 8, 9 10 6 9 7, 10 10 4 10 9"),
}


def scored_house_story(channel: ChannelId, people: Sequence[PersonId] = PEOPLE) -> list[Step]:
    """Return the commands of the House up to the scores of its threats."""
    first, second, third, fourth = people
    reporters = (first, second, third, fourth, first)
    return with_times(
        *_house_steps(channel, people),
        step(first, BeginAnalysis),
        *(report_step(person, *one) for person, one in zip(reporters, _REPORTED, strict=True)),
        # No participant reports the garage: a rule finds it, because house and garage share a boundary.
        step(
            second,
            ConfirmSuggestedThreats,
            suggested_threats=suggested_threats(("X02", "Garage → House: Valuables")),
        ),
        lambda model, at: _renamed(model, second, at),
        open_round_step(first, people, tuple(_BALLOTS)),
        *(
            vote_step(person, RoundId("RD-1"), title, numbers)
            for title, given in _BALLOTS.items()
            for person, numbers in zip(people, given, strict=True)
        ),
    )


def _renamed(model: ThreatModel, by: PersonId, at: datetime) -> Command:
    garage = next(threat for threat in model.threats.values() if threat.suggested_threats)
    return ReviseThreat(
        by=by,
        at=at,
        threat=garage.id,
        title=_GARAGE,
        stride=garage.stride,
        element=garage.element,
        description="Garage doors are easy to open, and there is no lock between garage and house.",
    )
