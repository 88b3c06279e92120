"""Creation of an example's model by ordinary commands, once for each channel, and steps about its votes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey
from domain.analysis.rule_findings import apply_rules
from domain.commands import (
    CastBallot,
    Command,
    ConfirmCandidates,
    DismissCandidates,
    OpenRound,
    ReportThreat,
    StartThreatModel,
)
from domain.decide import decide
from domain.dread.metrics import Metric, Numbers
from domain.kernel.candidate_decisions import CandidateId
from domain.kernel.elements import ElementId, Kind, ModelKey, PersonId
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat
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


CandidatesOn = tuple[str, str]
"""A candidate by its rule and the name of its element."""

Ballot = tuple[int | None, ...]
"""Five numbers, in the order D, R, E, A, D."""


def report_step(
    by: PersonId, title: str, category: Stride, kind: Kind, element: str, description: str
) -> TimedStep:
    """Return a step in which a person reports a threat."""
    return lambda model, at: ReportThreat(
        by=by,
        at=at,
        title=title,
        stride=(category,),
        element=element_named(model, kind, element),
        description=description,
    )


def confirm_step(by: PersonId, *wanted: CandidatesOn) -> TimedStep:
    """Return a step in which a person confirms candidates."""
    return lambda model, at: ConfirmCandidates(by=by, at=at, candidates=candidate_ids(model, *wanted))


def dismiss_step(by: PersonId, wanted: CandidatesOn, reason: str) -> TimedStep:
    """Return a step in which a person dismisses candidates."""
    return lambda model, at: DismissCandidates(
        by=by, at=at, candidates=candidate_ids(model, wanted), reason=reason
    )


def open_round_step(by: PersonId, voters: Sequence[PersonId], titles: Sequence[str]) -> TimedStep:
    """Return a step in which a person opens a round on the threats with those titles."""
    return lambda model, at: OpenRound(
        by=by, at=at, threats=tuple(threat_titled(model, title).id for title in titles), voters=tuple(voters)
    )


def vote_step(by: PersonId, round: RoundId, title: str, ballot: Ballot) -> TimedStep:
    """Return a step in which a person votes on one threat."""
    return lambda model, at: CastBallot(
        by=by,
        at=at,
        round=round,
        threat=threat_titled(model, title).id,
        numbers=Numbers(**{one.value: number for one, number in zip(Metric, ballot, strict=True)}),
    )


def candidate_ids(model: ThreatModel, *wanted: CandidatesOn) -> tuple[CandidateId, ...]:
    """Return the IDs of these candidates."""
    ids = {(one.rule.id, one.element_name): CandidateId(one.id) for one in apply_rules(model).candidates}
    return tuple(ids[one] for one in wanted)


def threat_titled(model: ThreatModel, title: str) -> Threat:
    """Return the threat with that title."""
    return next(one for one in model.threats.values() if one.title == title)
