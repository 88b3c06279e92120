"""The House: the example everybody understands, told by four people through the ordinary commands."""

from collections.abc import Callable, Iterator, Sequence
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

PEOPLE = tuple(PersonId(f"U{name}") for name in ("AMINA", "BENJI", "CHIYO", "DARIO"))
"""Four who tell the House where nobody else is named."""


def tell_house(
    workshop: Workshop, *, workspace: str, channel: ChannelId, people: Sequence[PersonId] = PEOPLE
) -> ModelKey:
    """Tell the House in a channel, unless it was told there before; returns the model's key."""
    told = f"demo/house/{channel}"
    begin, *story = house_story(channel, people)
    start = begin(EMPTY)
    if not isinstance(start, StartThreatModel):
        raise TypeError("a story begins with the start of a model")
    done = workshop.start(start, tenant=workspace, key=CommandKey(told))
    for number, next_command in enumerate(story):
        command = next_command(done.model)
        done = workshop.execute(command, stream=done.stream, key=CommandKey(f"{told}/{number}"))
    return done.model.key


def house_story(
    channel: ChannelId, people: Sequence[PersonId] = PEOPLE
) -> list[Callable[[ThreatModel], Command]]:
    """The House by four people, command by command; each follows from the model that came before it."""
    house = _House(channel, people)
    steps = (house.start, house.name, house.assume, house.draw, house.place, house.answer, house.complete)
    clock = _every_few_minutes()
    return [partial(step, at=next(clock)) for step in steps]


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
            description="A family home with a garage, its doors, and what is kept inside",
            out_of_scope="The street, the neighbours' houses, the toilet paper",
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
                DrawnFlow(source=source, target=target, assets=assets, entry_point=door)
                for source, target, assets, door in flows
            ),
        )

    def place(self, model: ThreatModel, at: datetime) -> Command:
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
            by=self._fourth,
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
                Reply(element=_named(model, Kind.ENTRY_POINT, door), fact=fact, answer=answer)
                for door, fact, answer in replies
            ),
        )

    def complete(self, model: ThreatModel, at: datetime) -> Command:
        del model
        return CompleteRegister(by=self._first, at=at, register=Kind.EXTERNAL_DEPENDENCY)


def _named(model: ThreatModel, kind: Kind, name: str) -> ElementId:
    return next(element.id for element in model.of_kind(kind) if element.name == name)


def _every_few_minutes() -> Iterator[datetime]:
    at = _BEGIN
    while True:
        yield at
        at += timedelta(minutes=7)
