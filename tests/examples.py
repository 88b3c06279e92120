"""Shared example of the tests: four people and their house."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.demo import house_story
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AnswerScreening,
    CloseThreatModel,
    Command,
    ConfirmClosing,
    ScreeningReply,
    StartThreatModel,
)
from domain.decide import decide
from domain.events import Event, RecordedEvent, ThreatModelStarted
from domain.kernel.answer import Answer
from domain.kernel.closing import ConditionReason
from domain.kernel.elements import ChannelId, Element, ElementId, Kind, ModelKey, PersonId
from domain.model import ThreatModel
from domain.model.element_labels import label
from domain.phase_conditions import TITLES
from domain.rejections import Rejected
from domain.replay import EMPTY, replay

ANA, BEN, CHI, DEE = (PersonId(name) for name in ("UANA", "UBEN", "UCHI", "UDEE"))
STRANGER = PersonId("UEVE")
HOUSE_CHANNEL = ChannelId("CHOUSE")
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    """A moment of the morning on which the stories happen."""
    return MORNING + timedelta(minutes=minute)


def started(**fields: Any) -> ThreatModelStarted:
    """Ana has started to model the house; she is the facilitator."""
    told: dict[str, Any] = {
        "by": ANA,
        "at": at(0),
        "answer": 1,
        "key": ModelKey("TM-1"),
        "name": "The House",
        "channel": HOUSE_CHANNEL,
        "facilitator": ANA,
    }
    return ThreatModelStarted(**{**told, **fields})


def decide_all(
    *steps: Command | Callable[[ThreatModel], Command], after: Sequence[RecordedEvent] = ()
) -> list[RecordedEvent]:
    """Return the events after deciding commands in order; none may be rejected."""
    events: list[RecordedEvent] = list(after)
    for step in steps:
        model = replay(events)
        command = step if not callable(step) else step(model)
        events.extend(decide(command, model, lambda so_far=tuple(events): so_far))
    return events


def reasons_for_conditions(reason: str = "Enough for now") -> tuple[ConditionReason, ...]:
    """A reason for each gate there is; those that are not open need none, and keep none."""
    return tuple(ConditionReason(condition=condition, reason=reason) for condition in TITLES)


def closed(
    after: Sequence[RecordedEvent], *, minute: int, reason: str = "Enough for now"
) -> list[RecordedEvent]:
    """Ana closes the model whatever is open, and Ben confirms it where that takes two."""
    events = decide_all(
        CloseThreatModel(by=ANA, at=at(minute), reasons=reasons_for_conditions(reason)), after=after
    )
    waits = replay(events).closing is not None
    return decide_all(ConfirmClosing(by=BEN, at=at(minute)), after=events) if waits else events


def house() -> list[RecordedEvent]:
    """The House, as the demo tells it."""
    return story_events(house_story(HOUSE_CHANNEL))


def story_events(steps: Sequence[Callable[[ThreatModel], Command]]) -> list[RecordedEvent]:
    """The events of a story that begins with the start of a model."""
    events: list[RecordedEvent] = []
    for step in steps:
        model = replay(events)
        command = step(model)
        if isinstance(command, StartThreatModel):
            events.extend(decide(named_first(command), EMPTY))
        else:
            events.extend(decide(command, model, lambda so_far=tuple(events): so_far))
    return events


def named_first(command: StartThreatModel) -> StartThreatModel:
    """The store hands out keys; in the stories every model is the workspace's first."""
    return StartThreatModel(
        by=command.by,
        at=command.at,
        name=command.name,
        channel=command.channel,
        description=command.description,
        out_of_scope=command.out_of_scope,
        participants=command.participants,
        key=ModelKey("TM-1"),
    )


def answer_screening(by: PersonId = ANA) -> AnswerScreening:
    """Answer every topic of the screening with *don't know*, so that questions are counted."""
    replies = tuple(ScreeningReply(topic=topic, answer=Answer.UNKNOWN) for topic in BUILT_IN.topics)
    return AnswerScreening(by=by, at=at(90), replies=replies)


def element_named(model: ThreatModel, kind: Kind, name: str) -> Element:
    """The live element of that name; fails the test where there is none."""
    for element in model.of_kind(kind):
        if label(model, element) == name:
            return element
    raise AssertionError(f"there is no {kind} called {name!r}")


def id_of_element(model: ThreatModel, kind: Kind, name: str) -> ElementId:
    """The id of the live element of that name."""
    return element_named(model, kind, name).id


Recorded = Callable[[dict[str, Any]], Event]
"""An event without its author, its time and its answer."""


def recorded(kind: type[Event], **fields: Any) -> Recorded:
    """An event that the author of the command records at its time, as the next answer."""
    return lambda header: kind(**header, **fields)


class given:  # noqa: N801 (reads as a word of the sentence)
    """`given(events).when(command).then(events)`: one decision as a sentence."""

    def __init__(self, *events: RecordedEvent) -> None:
        self._events = events

    def when(self, command: Command) -> "_Decided":
        """Give a command to the model that the events lead to."""
        header = {"by": command.by, "at": command.at, "answer": len(self._events) + 1}
        try:
            return _Decided(decide(command, replay(self._events), lambda: self._events), None, header)
        except Rejected as refusal:
            return _Decided((), refusal, header)


class _Decided:
    def __init__(self, events: tuple[Event, ...], refusal: Rejected | None, header: dict[str, Any]) -> None:
        self._events = events
        self._refusal = refusal
        self._header = header

    def then(self, *expected: "Event | Recorded") -> None:
        """Exactly these events follow, in this order."""
        assert self._refusal is None, f"refused: {self._refusal}"
        assert self._events == tuple(one(self._header) if callable(one) else one for one in expected)

    def then_nothing_happens(self) -> None:
        """The command is fine and changes nothing."""
        self.then()

    def then_refused(self, kind: type[Rejected], sentence: str, *, field: str | None = None) -> None:
        """The command is refused with a sentence that holds these words."""
        assert self._refusal is not None, f"not refused: {self._events}"
        assert isinstance(self._refusal, kind), f"{type(self._refusal).__name__}: {self._refusal}"
        assert sentence in self._refusal.sentence
        assert self._refusal.field == field
