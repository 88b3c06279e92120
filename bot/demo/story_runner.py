"""Creation of an example's model by ordinary commands, once for each channel."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey
from domain.commands import Command, StartThreatModel
from domain.decide import decide
from domain.kernel.elements import ElementId, Kind, ModelKey, PersonId
from domain.model import ThreatModel
from domain.replay import EMPTY, replay

Step = Callable[[ThreatModel], Command]
"""One step of a story: returns a command for the model so far."""

TimedStep = Callable[[ThreatModel, datetime], Command]
"""A step that takes its time as an argument."""

PEOPLE = tuple(PersonId(f"U{name}") for name in ("AMINA", "BENJI", "CHIYO", "DARIO"))
"""Default participants of a story."""

# A fixed day, so that a second run is the same.
_BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def run_story(
    command_handler: CommandHandler, story: Sequence[Step], *, workspace: str, key: str
) -> ModelKey:
    """Run a story, unless it was run there before under the same key; returns the model's key.

    Each step is computed from the story itself, not from later changes by people, so a second run produces
    the same commands.
    """
    begin, *steps = story
    start = begin(EMPTY)
    if not isinstance(start, StartThreatModel):
        raise TypeError("a story must begin with StartThreatModel")
    done = command_handler.start(start, tenant=workspace, key=CommandKey(key))
    model = replay(decide(start, EMPTY))
    for number, next_command in enumerate(steps):
        command = next_command(model)
        model = replay(decide(command, model), model)
        done = command_handler.execute(command, stream=done.stream, key=CommandKey(f"{key}/{number}"))
    return done.model.key


def with_times(*steps: TimedStep) -> list[Step]:
    """Give steps their times, a few minutes apart."""
    clock = _every_few_minutes()
    return [_timed(step, next(clock)) for step in steps]


def element_named(model: ThreatModel, kind: Kind, name: str) -> ElementId:
    """Return the ID of the element with that name."""
    return next(element.id for element in model.of_kind(kind) if element.name == name)


def _timed(step: TimedStep, at: datetime) -> Step:
    return lambda model: step(model, at)


def _every_few_minutes() -> Iterator[datetime]:
    at = _BEGIN
    while True:
        yield at
        at += timedelta(minutes=7)
