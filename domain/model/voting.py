"""Event handlers of the model: voting rounds and ballots."""

from typing import Any

from msgspec.structs import replace

from domain.events import (
    BallotCast,
    BallotExplained,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    VoterLeft,
    YardstickMarked,
    YardstickUnmarked,
)
from domain.kernel.voting_round import Explanation, RoundEnd, RoundId
from domain.model.phase_steps import with_step
from domain.model.threat_model import ThreatModel, counter, handlers_by_event


def _round_opened(model: ThreatModel, event: RoundOpened, version: int) -> ThreatModel:
    stem, number = counter(event.round.id)
    opened = replace(
        model,
        version=version,
        rounds=model.rounds.insert(event.round.id, event.round),
        numbers=model.numbers.insert(stem, number),
    )
    return with_step(opened, model.step)


def _ballot_cast(model: ThreatModel, event: BallotCast, version: int) -> ThreatModel:
    place = (event.round, event.threat, event.by)
    return replace(model, version=version, ballots=model.ballots.insert(place, event.ballot))


def _round_extended(model: ThreatModel, event: RoundExtended, version: int) -> ThreatModel:
    return _round_changed(
        model, event.round, version, deadline=event.deadline, extended=True, fell_short=False
    )


def _round_fell_short(model: ThreatModel, event: RoundFellShort, version: int) -> ThreatModel:
    return _round_changed(model, event.round, version, fell_short=True)


def _voter_left(model: ThreatModel, event: VoterLeft, version: int) -> ThreatModel:
    known = model.rounds.get(event.round)
    if known is None:  # the event that opened it was erased
        return replace(model, version=version)
    left = tuple(dict.fromkeys((*known.left, event.voter)))
    return _round_changed(model, event.round, version, left=left)


def _round_closed(model: ThreatModel, event: RoundClosed, version: int) -> ThreatModel:
    ending = RoundEnd(
        at=event.at,
        cause=event.cause,
        threats=event.threats,
        reason=event.reason,
        derived=event.derived,
        results=event.results,
    )
    return with_step(_round_changed(model, event.round, version, ending=ending), model.step)


def _round_changed(model: ThreatModel, id: RoundId, version: int, **fields: Any) -> ThreatModel:
    known = model.rounds.get(id)
    if known is None:  # the event that opened it was erased
        return replace(model, version=version)
    return replace(model, version=version, rounds=model.rounds.insert(id, replace(known, **fields)))


def _ballot_explained(model: ThreatModel, event: BallotExplained, version: int) -> ThreatModel:
    place = (event.round, event.threat, event.metric, event.by)
    explanation = Explanation(text=event.text, named=event.named)
    return replace(model, version=version, explanations=model.explanations.insert(place, explanation))


def _yardstick_marked(model: ThreatModel, event: YardstickMarked, version: int) -> ThreatModel:
    return replace(model, version=version, yardsticks=model.yardsticks | {event.threat})


def _yardstick_unmarked(model: ThreatModel, event: YardstickUnmarked, version: int) -> ThreatModel:
    return replace(model, version=version, yardsticks=model.yardsticks - {event.threat})


VOTING_EVOLVERS = handlers_by_event(
    _round_opened,
    _ballot_cast,
    _round_extended,
    _round_fell_short,
    _voter_left,
    _round_closed,
    _ballot_explained,
    _yardstick_marked,
    _yardstick_unmarked,
)
