"""What an open round looks like from outside: who is invited, who has voted, what is owed and due."""

from datetime import datetime

import msgspec

from domain.commands import CloseRound
from domain.dread.metrics import Ballot, Discoverability
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import BallotItem, Round, RoundId, RoundKind
from domain.lifecycle import ALLOWED
from domain.model import ThreatModel

SMALLEST_PANEL = 3
"""Numbers below which a voter could work out what another said."""


class Turnout(msgspec.Struct, frozen=True, kw_only=True):
    """An open round as everyone may see it: never a number of a ballot.

    `cast` voters of the panel have a ballot on every threat, `missing` are awaited. In a first vote `voted`
    and `waits_for` say who they are; a second vote names no one, because names and two results of the same
    metric are what differencing needs. `to_settle` says that the round stayed below its quorum and waits
    for the facilitator.
    """

    round: RoundId
    kind: RoundKind
    asks: tuple[BallotItem, ...]
    opened_at: datetime
    deadline: datetime
    extended: bool
    quorum: int
    quorum_met: bool
    to_settle: bool
    discoverability: Discoverability
    rubric: int
    revote_of: RoundId | None
    voters: tuple[PersonId, ...]
    panel: int
    cast: int
    missing: int
    voted: tuple[PersonId, ...] = ()
    waits_for: tuple[PersonId, ...] = ()


class OwedVotes(msgspec.Struct, frozen=True, kw_only=True):
    """The threats of one round that still lack a person's ballot; `panel` is the number of people asked."""

    round: RoundId
    deadline: datetime
    threats: tuple[ThreatId, ...]
    panel: int


def turnouts(model: ThreatModel) -> tuple[Turnout, ...]:
    """The open rounds, the earliest first."""
    return tuple(_turnout(model, one) for one in model.open_rounds())


def votes_owed(model: ThreatModel, person: PersonId) -> tuple[OwedVotes, ...]:
    """What somebody has still to vote on, by round; nothing where they are not invited, or not any more."""
    owed: list[OwedVotes] = []
    for one in model.open_rounds():
        asked = person in invited_voters(one) and not one.fell_short
        lacking = missing_ballots(model, one, person) if asked else ()
        if lacking:
            owed.append(
                OwedVotes(round=one.id, deadline=one.deadline, threats=lacking, panel=panel_size(model, one))
            )
    return tuple(owed)


def rounds_due(model: ThreatModel, now: datetime) -> tuple[CloseRound, ...]:
    """What the system has to ask for now; each closes a round or gives it another deadline."""
    return tuple(
        CloseRound(by=SYSTEM, at=now, round=one.id) for one in timed_rounds(model) if one.deadline <= now
    )


def next_deadline(model: ThreatModel) -> datetime | None:
    """The next moment at which a round is due, None if none ever is."""
    return min((one.deadline for one in timed_rounds(model)), default=None)


def timed_rounds(model: ThreatModel) -> list[Round]:
    """The open rounds that the clock will do something about: not those that wait for the facilitator."""
    if model.step not in ALLOWED[CloseRound]:
        return []
    return [one for one in model.open_rounds() if not one.fell_short]


def live_asks(model: ThreatModel, one: Round) -> tuple[BallotItem, ...]:
    """What a round still asks: threats that were withdrawn are in it no longer."""
    return tuple(ask for ask in one.asks if ask.threat in model.threats)


def invited_voters(one: Round) -> tuple[PersonId, ...]:
    """Return the voters: the panel as it was when the round opened, without those who left the round."""
    return tuple(voter for voter in one.voters if voter not in one.left)


def missing_ballots(model: ThreatModel, one: Round, person: PersonId) -> tuple[ThreatId, ...]:
    """The threats of a round that somebody has cast no ballot on."""
    return tuple(
        ask.threat for ask in live_asks(model, one) if (one.id, ask.threat, person) not in model.ballots
    )


def default_quorum(voters: int) -> int:
    """At least three and at least half of those invited; of fewer than three all."""
    return max(minimum_quorum(voters), (voters + 1) // 2)


def minimum_quorum(voters: int) -> int:
    """The smallest quorum of a panel of so many, and the fewest numbers of a metric that are ever shown."""
    return min(SMALLEST_PANEL, voters)


def panel_size(model: ThreatModel, one: Round) -> int:
    """How many people were asked for the numbers that a round leads to; of a second vote, the first time."""
    first = model.rounds.get(one.revote_of) if one.revote_of is not None else None
    return len((first or one).voters)


def round_of_nudge(model: ThreatModel, nudge: str) -> Round | None:
    """The round that a nudge asks a ballot for, by its key; None for every other nudge."""
    parts = nudge.split(":", 4)
    return model.rounds.get(RoundId(parts[3])) if len(parts) == _PARTS else None


def names_second_voter(model: ThreatModel, nudge: str) -> bool:
    """Whether a nudge is about a ballot missing in a second vote, whose turnout has no names anywhere."""
    one = round_of_nudge(model, nudge)
    return one is not None and one.revote_of is not None


_PARTS = 5
"""Of the key of a nudge: the model, the person, the occasion, the subject and a mark."""


def is_attributable(voters: int) -> bool:
    """Whether a panel is so small that each number can be attributed to a person once it is shown."""
    return voters < SMALLEST_PANEL


def has_quorum(model: ThreatModel, one: Round) -> bool:
    """Whether enough have voted on every threat of a round, departed voters included."""
    cast = ballots_by_threat(model, one)
    return all(len(cast[ask.threat]) >= one.quorum for ask in live_asks(model, one))


def ballots_by_threat(model: ThreatModel, one: Round) -> dict[ThreatId, dict[PersonId, Ballot]]:
    """Every ballot of a round, by threat and by voter: sealed, so only for counting."""
    return {
        ask.threat: {
            person: ballot
            for person in one.voters
            if (ballot := model.ballots.get((one.id, ask.threat, person))) is not None
        }
        for ask in one.asks
    }


def _turnout(model: ThreatModel, one: Round) -> Turnout:
    voted = tuple(voter for voter in one.voters if not missing_ballots(model, one, voter))
    waits_for = tuple(voter for voter in invited_voters(one) if voter not in voted)
    named = one.revote_of is None
    return Turnout(
        round=one.id,
        kind=one.kind,
        asks=live_asks(model, one),
        opened_at=one.opened_at,
        deadline=one.deadline,
        extended=one.extended,
        quorum=one.quorum,
        quorum_met=has_quorum(model, one),
        to_settle=one.fell_short,
        discoverability=one.discoverability,
        rubric=one.rubric,
        revote_of=one.revote_of,
        voters=one.voters,
        panel=panel_size(model, one),
        cast=len(voted),
        missing=len(waits_for),
        voted=voted if named else (),
        waits_for=waits_for if named else (),
    )
