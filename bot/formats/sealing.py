"""Takes the voters out of a past: what a vote came to stays, and who voted what is in no file."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from domain.dread.metrics import Ballot
from domain.elements import PersonId
from domain.events import (
    BallotCast,
    BallotExplained,
    Erased,
    Event,
    ParticipantsChosen,
    Past,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    ThreatModelStarted,
    VoterLeft,
)
from domain.model import ThreatModel, id_order, replay
from domain.own_threats import ThreatId
from domain.rounds import Round, RoundId
from domain.voting import ballots_by_threat


class Unnamed:
    """A past in which voters are `voter-1`, `voter-2` and so on, counted anew for each threat.

    They are numbered by what they said, so that a number tells nothing of the person. Reasons stand with the
    ballots in the order of the alphabet: not with the one that they were given for. Of a round that is still
    open nothing is left, and nobody is named as a participant.
    """

    def __init__(self, past: Sequence[tuple[int, Past]]) -> None:
        self._past = past
        self._model: ThreatModel = replay([event for _, event in past])
        self._over = {one.id: one for one in self._model.rounds.values() if one.ending is not None}

    def events(self) -> list[tuple[int, Event]]:
        """What may leave, each with the version that it had, or that of what it is told with."""
        left: list[tuple[int, Event]] = []
        for version, event in self._past:
            if not isinstance(event, Erased):
                left += [(version, one) for one in self._of(event)]
        return left

    def _of(self, event: Event) -> Iterable[Event]:
        match event:
            case ThreatModelStarted() | ParticipantsChosen():
                return [replace(event, participants=())]
            case RoundOpened(round=round):
                return [self._opened(event, round)] if round.id in self._over else []
            case BallotCast() | VoterLeft() | BallotExplained():
                return []
            case RoundExtended(round=id) | RoundFellShort(round=id):
                return [event] if id in self._over else []
            case RoundClosed(round=id):
                return [*self._told_of(self._over[id], event), event] if id in self._over else [event]
            case _:
                return [event]

    def _opened(self, event: RoundOpened, round: Round) -> Event:
        known = self._over[round.id]
        most = max(
            len(known.voters) + len(known.left),
            *(len(self._unnamed(known, ask.threat)) for ask in known.asks),
            0,
        )
        return replace(event, round=replace(round, voters=tuple(_voter(n) for n in range(1, most + 1))))

    def _told_of(self, round: Round, closed: RoundClosed) -> Iterable[Event]:
        """The ballots of a round, all cast in the moment of its end, and the explanations it led to."""
        cast = ballots_by_threat(self._model, round)
        for ask in round.asks:
            names = self._unnamed(round, ask.threat)
            ballots = {names[person]: ballot for person, ballot in cast[ask.threat].items()}
            yield from _cast(round.id, ask.threat, ballots, closed)
        if round.revote_of is not None:
            yield from self._explained(round.revote_of, closed)

    def _unnamed(self, round: Round, threat: ThreatId) -> dict[PersonId, PersonId]:
        """The voters on a threat in a round and in the second vote on it, by what they said in both."""
        first = self._over.get(round.revote_of, round) if round.revote_of is not None else round
        both = [first, *sorted(self._again(first), key=lambda one: id_order(one.id))]
        said = [ballots_by_threat(self._model, one).get(threat, {}) for one in both]
        people = sorted({person for one in said for person in one})  # sorted: equal ballots in a fixed order
        people.sort(key=lambda person: [_numbers(one.get(person)) for one in said])
        return {person: _voter(number) for number, person in enumerate(people, start=1)}

    def _again(self, first: Round) -> list[Round]:
        return [one for one in self._over.values() if one.revote_of == first.id]

    def _explained(self, about: RoundId, closed: RoundClosed) -> Iterable[Event]:
        said = sorted(
            (threat, metric, one.text)
            for (round, threat, metric, _), one in self._model.explanations.items()
            if round == about
        )
        for number, (threat, metric, text) in enumerate(said, start=1):
            yield BallotExplained(
                by=_voter(number),
                at=closed.at,
                answer=closed.answer,
                round=about,
                threat=threat,
                metric=metric,
                text=text,
            )


def _cast(
    round: RoundId, threat: ThreatId, ballots: Mapping[PersonId, Ballot], closed: RoundClosed
) -> Iterable[Event]:
    reasons = iter(sorted(ballot.reason for ballot in ballots.values() if ballot.reason))
    at: datetime = closed.at
    for voter in sorted(ballots, key=lambda one: int(one.rpartition("-")[2])):
        ballot = Ballot(numbers=ballots[voter].numbers, reason=next(reasons, ""))
        yield BallotCast(by=voter, at=at, answer=closed.answer, round=round, threat=threat, ballot=ballot)


def _numbers(ballot: Ballot | None) -> bytes:
    return msgspec.json.encode(ballot.numbers) if ballot else b""


def _voter(number: int) -> PersonId:
    return PersonId(f"voter-{number}")
