"""What closed votes show: the only place that decides which numbers of ballots are published.

A metric of a vote is shown from three numbers on, or from the whole panel if that is smaller. That is not
enough where a threat is voted on again: if most people repeat their numbers, the difference between two
results is the numbers of those who gave one to only one of them. So each group of people that the shown
results tell apart must be as large as that, too. Exchanging the numbers of two people of a group then leaves
everything that was ever shown the same.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

import msgspec

from domain.dread.metrics import Ballot, BallotLength, Metric
from domain.dread.scoring import Band, MetricVote, bands_of_ballots
from domain.kernel.elements import PersonId
from domain.kernel.latest_results import keep_latest
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import Round, RoundId, VoteResult
from domain.model import ThreatModel, id_order
from domain.voting.turnout import ballots_by_threat, minimum_quorum, panel_size

_Panel = tuple[frozenset[PersonId], int]
"""The people who gave a shown number for a metric, and the smallest group of them that may be told apart."""


class PublishedVote(msgspec.Struct, frozen=True, kw_only=True):
    """What one vote on a threat shows: the metrics in `votes`, and the reasons in alphabetical order.

    For the metrics in `stands`, the result of an earlier vote stands, because the people who gave a number
    differ too little from those who gave one then. Other metrics have too few numbers. `bands` are the lowest
    and the highest one of single ballots.
    """

    ballots: int
    votes: dict[Metric, MetricVote]
    stands: tuple[Metric, ...] = ()
    bands: tuple[Band, Band] | None = None
    reasons: tuple[str, ...] = ()


class ShownPanels:
    """The people whose numbers the votes on one threat have shown, by metric."""

    def __init__(self) -> None:
        self._panels: defaultdict[Metric, list[_Panel]] = defaultdict(list)
        self._linked = {metric: frozenset((metric,)) for metric in Metric}

    def allow(self, metrics: Collection[Metric], people: Collection[PersonId], fewest: int) -> bool:
        """Return whether numbers of these people can be shown without telling small groups apart."""
        related = {other for metric in metrics for other in self._linked[metric]}
        panels = [panel for metric in related for panel in self._panels[metric]]
        if not panels:
            return True
        panels.append((frozenset(people), fewest))
        everyone = {person for panel, _ in panels for person in panel}
        groups = Counter(tuple(person in panel for panel, _ in panels) for person in everyone)
        return all(
            size >= max(fewest for (_, fewest), inside in zip(panels, group, strict=True) if inside)
            for group, size in groups.items()
        )

    def add(self, given: Mapping[Metric, Collection[PersonId]], fewest: int) -> bool:
        """Note that the numbers of these people are shown, if all of that can be; return whether it can."""
        added: list[Metric] = []
        for metric, people in given.items():
            if not self.allow([metric], people, fewest):
                for one in added:
                    self._panels[one].pop()
                return False
            self._panels[metric].append((frozenset(people), fewest))
            added.append(metric)
        return True

    def can_repeat(self, metric: Metric, voters: Collection[PersonId]) -> bool:
        """Return whether the latest result of a metric can be followed by one of those who vote again."""
        people, fewest = self._panels[metric][-1]
        again = people.intersection(voters)
        return len(again) >= fewest and self.allow([metric], again, fewest)

    def link(self, metrics: Collection[Metric]) -> None:
        """Note that something is shown that depends on the numbers of the same person for these metrics."""
        linked = frozenset(other for metric in metrics for other in self._linked[metric])
        self._linked |= dict.fromkeys(linked, linked)


class Publications(msgspec.Struct, frozen=True):
    """What all closed votes of a model show, and whose numbers that are, by threat."""

    votes: Mapping[tuple[RoundId, ThreatId], PublishedVote]
    panels: Mapping[ThreatId, ShownPanels]

    def stay_sealed(
        self, threat: ThreatId, metrics: Sequence[Metric], voters: Collection[PersonId]
    ) -> tuple[Metric, ...]:
        """Return the metrics that a further vote would not show if all of these voters gave a number."""
        if (shown := self.panels.get(threat)) is None:
            return ()
        fewest = minimum_quorum(len(voters))
        return tuple(metric for metric in metrics if not shown.allow([metric], voters, fewest))


@keep_latest(8)  # the scores, their messages and the extreme numbers of one model need it
def publications(model: ThreatModel) -> Publications:
    """Return what the closed votes of a model show; those on one threat follow one another."""
    votes: dict[tuple[RoundId, ThreatId], PublishedVote] = {}
    panels: defaultdict[ThreatId, ShownPanels] = defaultdict(ShownPanels)
    from_file = model.imported.rounds if model.imported else ()
    for value in sorted(values_of(model.rounds), key=lambda one: id_order(one.id)):
        if value.ending is None:
            continue
        cast = ballots_by_threat(model, value)
        for threat in value.ending.threats:
            result = value.ending.result_of(threat)
            # Whatever names a file gives to its ballots, it showed no number of a person here.
            shown = ShownPanels() if value.id in from_file else panels[threat]
            votes[value.id, threat] = (
                _publish(model, value, threat, cast.get(threat, {}), shown)
                if result is None
                else _imported(result)
            )
    return Publications(votes, dict(panels))


def published_vote(model: ThreatModel, round: RoundId, threat: ThreatId) -> PublishedVote | None:
    """Return what a vote on a threat shows; None until it is closed."""
    return publications(model).votes.get((round, threat))


def _publish(
    model: ThreatModel,
    one: Round,
    threat: ThreatId,
    cast: Mapping[PersonId, Ballot],
    shown: ShownPanels,
) -> PublishedVote:
    fewest = minimum_quorum(panel_size(model, one))
    asked = [metric for metric in Metric if metric in one.asked(threat)]
    voters = {metric: _voters(model, one, threat, metric) for metric in asked}
    given = {metric: _numbers(cast, metric, voters[metric]) for metric in asked}
    # A part of these is of no use: a quick ballot has no band without both metrics, and all means of threats
    # with five metrics are to be means of the same metrics.
    whole = [metric for metric in asked if metric in _counted_as_a_whole(model, one, threat)]
    votes: dict[Metric, MetricVote] = {}
    stands: list[Metric] = []
    for unit in (whole, *([metric] for metric in asked if metric not in whole)):
        if any(len(given[metric]) < max(1, fewest) for metric in unit):
            continue
        if not shown.add({metric: given[metric].keys() for metric in unit}, fewest):
            stands += unit
            continue
        for metric in unit:
            numbers = tuple(sorted(given[metric].values()))
            abstained = len(voters[metric].intersection(cast)) - len(numbers)
            votes[metric] = MetricVote(numbers=numbers, abstained=abstained)
    return PublishedVote(
        ballots=len(cast),
        votes=votes,
        stands=tuple(stands),
        bands=_bands(one, threat, cast, {metric: given[metric] for metric in votes}, shown, fewest),
        # With fewer ballots, the author of a reason could be inferred.
        reasons=tuple(sorted({ballot.reason for ballot in cast.values()} - {""}))
        if votes and len(cast) >= fewest
        else (),
    )


def _bands(
    one: Round,
    threat: ThreatId,
    cast: Mapping[PersonId, Ballot],
    given: Mapping[Metric, Mapping[PersonId, int]],
    shown: ShownPanels,
    fewest: int,
) -> tuple[Band, Band] | None:
    """Return the lowest and the highest band of single ballots of a first vote.

    They depend on whole ballots, so the same people must have given a number for each metric, and results of
    one metric must not tell apart people whom those of another one do not.
    """
    panels = {frozenset(people) for people in given.values()}
    if one.revote_of is not None or len(panels) != 1:
        return None
    (people,) = panels
    if not shown.allow(given.keys(), people, fewest):
        return None
    shown.link(given.keys())
    numbers = [cast[person].numbers for person in people]
    return bands_of_ballots(numbers, [*given], one.discoverability, one.length_of(threat))


def _counted_as_a_whole(model: ThreatModel, one: Round, threat: ThreatId) -> set[Metric]:
    """Return the metrics of a quick ballot or of a follow-up."""
    if one.revote_of is None:
        return {*one.asked(threat)} if one.length_of(threat) is BallotLength.QUICK else set()
    first = model.rounds.get(one.revote_of)
    return {*one.asked(threat)} - {*first.asked(threat)} if first else set()


def _voters(model: ThreatModel, one: Round, threat: ThreatId, metric: Metric) -> frozenset[PersonId]:
    """Return whose numbers for a metric count: when it is voted on again, of those who gave one before."""
    first = model.rounds.get(one.revote_of) if one.revote_of is not None else None
    if first is None or metric not in first.asked(threat):
        return frozenset(one.voters)
    return frozenset(_numbers(ballots_by_threat(model, first)[threat], metric, frozenset(first.voters)))


def _numbers(
    cast: Mapping[PersonId, Ballot], metric: Metric, voters: frozenset[PersonId]
) -> dict[PersonId, int]:
    found = ((person, ballot.numbers.of(metric)) for person, ballot in cast.items() if person in voters)
    return {person: number for person, number in found if number is not None}


def _imported(result: VoteResult) -> PublishedVote:
    """Return what a file says. It names no one, so later votes are not compared with it."""
    return PublishedVote(
        ballots=result.ballots,
        votes={
            metric.metric: MetricVote(
                numbers=tuple(
                    number for number, times in enumerate(metric.counts, start=1) for _ in range(times)
                ),
                abstained=metric.abstained,
            )
            for metric in result.metrics
            if any(metric.counts)
        },
        stands=result.stands,
        bands=result.bands,
        reasons=result.reasons,
    )
