"""Removal of the voters' identity from a history, keeping the results of votes."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from domain.dread.metrics import Ballot, Metric, Numbers
from domain.events import (
    BallotCast,
    BallotExplained,
    Erased,
    Event,
    NudgeSnoozed,
    ParticipantsChosen,
    RecordedEvent,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    ThreatModelStarted,
    VoterLeft,
)
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel, replay
from domain.voting.scores import Score, scores_of_round
from domain.voting.turnout import ballots_by_threat, round_of_reminder
from domain.wording import displayed_author


class AnonymizedHistory:
    """History in which voters are `voter-1`, `voter-2` and so on, numbered for each threat of each round.

    They are numbered by the content of their ballots, so that a number reveals neither the person nor whether
    someone voted again. A ballot has no number for a metric that is withheld. Reasons are assigned to the
    ballots in alphabetical order, not to their own ballots. Of an open round nothing is exported, no one is
    named as a participant, and a round that all have voted in is ended by the system, not by the last voter.
    """

    def __init__(self, past: Sequence[tuple[int, RecordedEvent]]) -> None:
        self._past = past
        self._model: ThreatModel = replay([event for _, event in past])
        self._over = {one.id: one for one in self._model.rounds.values() if one.ending is not None}

    def events(self) -> list[tuple[int, Event]]:
        """Return the events to export, each with its version, or that of the event it is exported with."""
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
            case NudgeSnoozed(key=key) if round_of_reminder(self._model, key) is not None:
                return []
            case RoundExtended(round=id) | RoundFellShort(round=id):
                return [event] if id in self._over else []
            case RoundClosed(round=id):
                closed = replace(event, by=displayed_author(event, self._model))
                return [*self._vote_events(self._over[id], event), closed] if id in self._over else [closed]
            case _:
                return [event]

    def _opened(self, event: RoundOpened, round: Round) -> Event:
        voters = tuple(_voter(number) for number in range(1, len(round.voters) + 1))
        by = displayed_author(event, self._model)
        return replace(event, by=by, round=replace(round, voters=voters))

    def _vote_events(self, round: Round, closed: RoundClosed) -> Iterable[Event]:
        """Yield the ballots of a round, all cast at its end, and the explanations."""
        first = self._over.get(round.revote_of, round) if round.revote_of is not None else round
        shown = scores_of_round(self._model, first, round if round is not first else None)
        for ask in round.asks:
            cast = ballots_by_threat(self._model, round)[ask.threat].values()
            score = shown.get(ask.threat)
            metrics = _shown(score, second=round is not first)
            reasons = [one.reason for one in cast if score is not None and one.reason in score.reasons]
            numbers = [_only(one.numbers, metrics) for one in cast]
            yield from _cast(round.id, ask.threat, numbers, reasons, closed)
        if round is not first or not self._has_second_vote(round):
            yield from self._explained(first.id, shown, closed)

    def _has_second_vote(self, round: Round) -> bool:
        return any(one.revote_of == round.id for one in self._over.values())

    def _explained(
        self, about: RoundId, shown: Mapping[ThreatId, Score], closed: RoundClosed
    ) -> Iterable[Event]:
        sorted_reasons = sorted(
            (threat, one.metric, one.text) for threat, score in shown.items() for one in score.explained
        )
        for number, (threat, metric, text) in enumerate(sorted_reasons, start=1):
            yield BallotExplained(
                by=_voter(number),
                at=closed.at,
                answer=closed.answer,
                round=about,
                threat=threat,
                metric=metric,
                text=text,
            )


def _shown(score: Score | None, *, second: bool) -> tuple[Metric, ...]:
    """Return the metrics of which a round shows numbers."""
    if score is None:
        return ()
    return (*score.voted_again, *score.followed_up) if second else tuple(score.tally.numbers)


def _only(numbers: Numbers, metrics: Iterable[Metric]) -> Numbers:
    return Numbers(**{metric.value: numbers.of(metric) for metric in metrics})


def _cast(
    round: RoundId, threat: ThreatId, cast: Sequence[Numbers], given: Sequence[str], closed: RoundClosed
) -> Iterable[Event]:
    reasons = iter(sorted(reason for reason in given if reason))
    for number, numbers in enumerate(sorted(cast, key=msgspec.json.encode), start=1):
        ballot = Ballot(numbers=numbers, reason=next(reasons, ""))
        yield BallotCast(
            by=_voter(number), at=closed.at, answer=closed.answer, round=round, threat=threat, ballot=ballot
        )


def _voter(number: int) -> PersonId:
    return PersonId(f"voter-{number}")
