"""The House: the example everybody understands, told by four people through the ordinary commands."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.store import CommandKey
from bot.workshop import Workshop
from domain.commands import (
    AnswerQuestions,
    Command,
    CompleteRegister,
    DrawFlows,
    DrawnFlow,
    NameElements,
    PlaceComponents,
    Placement,
    RecordAssumption,
    Reply,
    StartThreatModel,
)
from domain.elements import ChannelId, ComponentKind, ElementId, Kind, ModelKey, PersonId
from domain.facts import Answer
from domain.model import EMPTY, ThreatModel

# A fixed day: told twice, it is word for word the same, so the second telling changes nothing.
_BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

_AMINA, _BENJI, _CHIYO, _DARIO = (PersonId(f"U{name}") for name in ("AMINA", "BENJI", "CHIYO", "DARIO"))


def tell_house(workshop: Workshop, *, workspace: str, channel: ChannelId) -> ModelKey:
    """Tell the House in a channel, unless it was told there before; returns the model's key."""
    told = f"demo/house/{channel}"
    begin, *story = house_story(channel)
    start = begin(EMPTY)
    if not isinstance(start, StartThreatModel):
        raise TypeError("a story begins with the start of a model")
    done = workshop.start(start, tenant=workspace, key=CommandKey(told))
    for number, next_command in enumerate(story):
        command = next_command(done.model)
        done = workshop.execute(command, stream=done.stream, key=CommandKey(f"{told}/{number}"))
    return done.model.key


def house_story(channel: ChannelId) -> list[Callable[[ThreatModel], Command]]:
    """The House, command by command; each is made from the model that the ones before it led to."""

    def start(model: ThreatModel, at: datetime) -> Command:
        del model
        return StartThreatModel(
            by=_AMINA,
            at=at,
            name="The House",
            channel=channel,
            description="A family home with a garage, its doors, and what is kept inside",
            out_of_scope="The street, the neighbours' houses, the toilet paper",
            participants=(_AMINA, _BENJI, _CHIYO, _DARIO),
        )

    clock = _every_few_minutes()
    return [partial(step, at=next(clock)) for step in (start, *_STORY)]


def _name(model: ThreatModel, at: datetime) -> Command:
    del model
    return NameElements(
        by=_AMINA,
        at=at,
        external_dependencies=("Alarm monitoring", "Power", "Water"),
        entry_points=("Front door", "Back door", "Garage door"),
        assets=("Valuables", "Important papers", "Family photos", "Utility bill"),
        trust_levels=("Passers-by", "Visitors", "Guests", "Residents"),
    )


def _assume(model: ThreatModel, at: datetime) -> Command:
    del model
    return RecordAssumption(by=_BENJI, at=at, text="The windows are nailed shut", held_by=_BENJI)


def _draw(model: ThreatModel, at: datetime) -> Command:
    del model
    flows = (
        ("Resident", "House", ("Valuables", "Important papers"), "Front door"),
        ("Guest", "House", ("Family photos",), "Back door"),
        ("Visitor", "House", ("Utility bill",), "Front door"),
        ("Resident", "Garage", ("Valuables",), "Garage door"),
        ("Garage", "House", ("Valuables",), ""),
    )
    return DrawFlows(
        by=_CHIYO,
        at=at,
        flows=tuple(
            DrawnFlow(source=source, target=target, assets=assets, entry_point=door)
            for source, target, assets, door in flows
        ),
    )


def _place(model: ThreatModel, at: datetime) -> Command:
    person, room = ComponentKind.EXTERNAL_ENTITY, ComponentKind.PROCESS
    # The garage lies behind the same locks as the house but is trusted less: that is what to find.
    places = (
        ("Resident", person, "Residents", ""),
        ("Guest", person, "Guests", ""),
        ("Visitor", person, "Visitors", ""),
        ("House", room, "Residents", "Locks"),
        ("Garage", room, "Visitors", "Locks"),
    )
    return PlaceComponents(
        by=_DARIO,
        at=at,
        placements=tuple(
            Placement(
                component=_named(model, Kind.COMPONENT, name),
                sort=sort,
                trust_level=_named(model, Kind.TRUST_LEVEL, level),
                boundary=boundary,
            )
            for name, sort, level, boundary in places
        ),
    )


def _answer(model: ThreatModel, at: datetime) -> Command:
    replies = (
        ("Front door", "caller_authenticated", Answer.NO),
        ("Back door", "caller_authenticated", Answer.UNKNOWN),
        ("Garage door", "caller_authenticated", Answer.YES),
    )
    return AnswerQuestions(
        by=_BENJI,
        at=at,
        replies=tuple(
            Reply(element=_named(model, Kind.ENTRY_POINT, door), fact=fact, answer=answer)
            for door, fact, answer in replies
        ),
    )


def _complete(model: ThreatModel, at: datetime) -> Command:
    del model
    return CompleteRegister(by=_AMINA, at=at, register=Kind.EXTERNAL_DEPENDENCY)


_STORY = (_name, _assume, _draw, _place, _answer, _complete)


def _named(model: ThreatModel, kind: Kind, name: str) -> ElementId:
    return next(element.id for element in model.of_kind(kind) if element.name == name)


def _every_few_minutes() -> Iterator[datetime]:
    at = _BEGIN
    while True:
        yield at
        at += timedelta(minutes=7)
