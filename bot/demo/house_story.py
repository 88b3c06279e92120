"""House example: a family home with its doors and valuables."""

from collections.abc import Sequence
from datetime import datetime

from bot.demo.story_runner import PEOPLE, Step, TimedStep, element_named, with_times
from domain.commands import (
    AnswerQuestions,
    Command,
    CompleteRegister,
    DrawFlows,
    FlowByNames,
    NameElements,
    PlaceComponents,
    Placement,
    RecordAssumption,
    Reply,
    StartThreatModel,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import ChannelId, ComponentKind, Kind, PersonId
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
