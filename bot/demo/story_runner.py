"""Creation of an example's model by ordinary commands, once for each channel, and the steps of its story."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey
from domain.analysis.rule_findings import apply_rules
from domain.commands import CastBallot, Command, OpenRound, ReportThreat, StartThreatModel
from domain.decide import decide
from domain.dread.metrics import Metric, Numbers
from domain.kernel.elements import ElementId, Kind, ModelKey, PersonId
from domain.kernel.threat import Stride, SuggestedThreatId, Threat
from domain.kernel.voting_round import RoundId
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
    return [_timed(step, _BEGIN + number * timedelta(minutes=7)) for number, step in enumerate(steps)]


def _timed(step: TimedStep, at: datetime) -> Step:
    return lambda model: step(model, at)


def step(by: PersonId, command: Callable[..., Command], **fields: Any) -> TimedStep:
    """Return a step in which a person gives a command; a function among the fields takes the model so far."""

    def timed(model: ThreatModel, at: datetime) -> Command:
        values = {name: value(model) if callable(value) else value for name, value in fields.items()}
        return command(by=by, at=at, **values)

    return timed


def element_named(model: ThreatModel, kind: Kind, name: str) -> ElementId:
    """Return the ID of the element with that name."""
    return next(element.id for element in model.of_kind(kind) if element.name == name)


def named(kind: Kind, name: str) -> Callable[[ThreatModel], ElementId | None]:
    """Return the field of a step that is the element with that name; None without a name."""
    return lambda model: element_named(model, kind, name) if name else None


def all_named(kind: Kind, names: Sequence[str]) -> Callable[[ThreatModel], tuple[ElementId, ...]]:
    """Return the field of a step that is the elements with those names."""
    return lambda model: tuple(element_named(model, kind, one) for one in names)


SuggestedThreatsOn = tuple[str, str]
"""A suggested threat by its rule and the name of its element."""


def suggested_threats(*wanted: SuggestedThreatsOn) -> Callable[[ThreatModel], tuple[SuggestedThreatId, ...]]:
    """Return the field of a step that is those suggested threats."""

    def found(model: ThreatModel) -> tuple[SuggestedThreatId, ...]:
        ids = {
            (one.rule.id, one.element_name): SuggestedThreatId(one.id)
            for one in apply_rules(model).suggested_threats
        }
        return tuple(ids[one] for one in wanted)

    return found


def report_step(
    by: PersonId, title: str, category: Stride, kind: Kind, element: str, description: str
) -> TimedStep:
    """Return a step in which a person reports a threat."""
    at = named(kind, element)
    return step(by, ReportThreat, title=title, stride=(category,), element=at, description=description)


Ballot = tuple[int | None, ...]
"""Five numbers, in the order D, R, E, A, D."""


def ballots(text: str) -> tuple[Ballot, ...]:
    """Return the ballots of the voters, in their order: `8 10 7 3 6, 9 10 8 4 7`."""
    return tuple(tuple(map(int, one.split())) for one in text.split(","))


def open_round_step(by: PersonId, voters: Sequence[PersonId], titles: Sequence[str]) -> TimedStep:
    """Return a step in which a person opens a round on the threats with those titles."""
    return lambda model, at: OpenRound(
        by=by, at=at, threats=tuple(threat_titled(model, title).id for title in titles), voters=tuple(voters)
    )


def vote_step(by: PersonId, round: RoundId, title: str, ballot: Ballot) -> TimedStep:
    """Return a step in which a person votes on one threat."""
    numbers = Numbers(**{one.value: number for one, number in zip(Metric, ballot, strict=True)})
    return lambda model, at: CastBallot(
        by=by, at=at, round=round, threat=threat_titled(model, title).id, numbers=numbers
    )


def threat_titled(model: ThreatModel, title: str) -> Threat:
    """Return the threat with that title."""
    return next(threat for threat in model.threats.values() if threat.title == title)
