"""Turnout of open rounds: invited voters, ballots owed, quorum and deadlines."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from domain.commands import CloseRound
from domain.dread.metrics import QUICK_METRICS, Ballot, Discoverability, Metric
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import BallotItem, Round, RoundId, RoundKind
from domain.lifecycle import ALLOWED
from domain.model import ThreatModel
from domain.working_hours import USUAL

SMALLEST_PANEL = 3
"""The panel size below which a voter could infer another's numbers."""


class Turnout(msgspec.Struct, frozen=True, kw_only=True):
    """The publicly visible state of an open round; it never contains numbers of ballots.

    `cast` voters of the panel have a ballot on every threat, `missing` are awaited. In a first vote `voted`
    and `waits_for` say who they are; a second vote names no one, because names and two results of the same
    metric are what differencing needs, and nothing in it changes when a person leaves. `to_settle` says that
    the round stayed below its quorum and waits for the facilitator. `ballots` of `ballots_expected` are cast
    on single threats.
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
    ballots: int
    ballots_expected: int
    voted: tuple[PersonId, ...] = ()
    waits_for: tuple[PersonId, ...] = ()


class OwedVotes(msgspec.Struct, frozen=True, kw_only=True):
    """The threats of one round on which a person has not voted; `panel` is the number of voters."""

    round: RoundId
    deadline: datetime
    threats: tuple[ThreatId, ...]
    panel: int


def turnouts(model: ThreatModel) -> tuple[Turnout, ...]:
    """Return the turnout of the open rounds, the earliest first."""
    return tuple(_turnout(model, round) for round in model.open_rounds())


def votes_owed(model: ThreatModel, person: PersonId) -> tuple[OwedVotes, ...]:
    """Return the ballots a person still owes, by round; none where they are not invited or have left."""
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
    """Return the commands due now; each closes a round or extends its deadline."""
    return tuple(
        CloseRound(by=SYSTEM, at=now, round=one.id) for one in timed_rounds(model) if one.deadline <= now
    )


def next_deadline(model: ThreatModel) -> datetime | None:
    """Return the next deadline of a round, or None."""
    return min((round.deadline for round in timed_rounds(model)), default=None)


def timed_rounds(model: ThreatModel) -> list[Round]:
    """Return the open rounds that end by deadline; others wait for the facilitator."""
    if model.step not in ALLOWED[CloseRound]:
        return []
    return [round for round in model.open_rounds() if not round.fell_short]


def live_asks(model: ThreatModel, one: Round) -> tuple[BallotItem, ...]:
    """Return the current items of a round, without withdrawn threats."""
    return tuple(ask for ask in one.asks if ask.threat in model.threats)


def invited_voters(one: Round) -> tuple[PersonId, ...]:
    """Return the voters: the panel of the round without those who left it."""
    return tuple(voter for voter in one.voters if voter not in one.left)


def awaited_voters(one: Round) -> tuple[PersonId, ...]:
    """Return the voters whose ballots keep a round open.

    In a second vote they include those who left it, because what changes at the moment at which a person
    leaves would tell whether they had voted again. The deadline ends it.
    """
    return one.voters if one.revote_of is not None else invited_voters(one)


def missing_ballots(model: ThreatModel, one: Round, person: PersonId) -> tuple[ThreatId, ...]:
    """Return the threats of a round on which a person has cast no ballot."""
    return tuple(
        ask.threat for ask in live_asks(model, one) if (one.id, ask.threat, person) not in model.ballots
    )


def default_quorum(voters: int) -> int:
    """Return the default quorum: half of the voters and at least three; all if fewer."""
    return max(minimum_quorum(voters), (voters + 1) // 2)


def minimum_quorum(voters: int) -> int:
    """Return the smallest quorum of a panel, which is also the fewest numbers of a metric ever shown."""
    return min(SMALLEST_PANEL, voters)


def panel_size(model: ThreatModel, one: Round) -> int:
    """Return the size of the panel; for a second vote, that of the first one."""
    first = model.rounds.get(one.revote_of) if one.revote_of is not None else None
    return len((first or one).voters)


def round_of_reminder(model: ThreatModel, reminder: str) -> Round | None:
    """Return the round that a reminder asks a ballot for; None for other reminders."""
    parts = reminder.split(":", 4)
    return model.rounds.get(RoundId(parts[3])) if len(parts) == _PARTS else None


def names_second_voter(model: ThreatModel, reminder: str) -> bool:
    """Return whether a reminder would reveal who has not voted in a second vote."""
    one = round_of_reminder(model, reminder)
    return one is not None and one.revote_of is not None


_PARTS = 5
"""The number of parts of a reminder key: model, person, occasion, subject and mark."""


def is_attributable(voters: int) -> bool:
    """Return whether a panel is so small that shown numbers can be attributed to people."""
    return voters < SMALLEST_PANEL


def has_quorum(model: ThreatModel, one: Round) -> bool:
    """Return whether every threat of a round has enough ballots, including those of voters who left."""
    cast = ballots_by_threat(model, one)
    return all(len(cast[ask.threat]) >= one.quorum for ask in live_asks(model, one))


def ballots_by_threat(
    model: ThreatModel, one: Round, asks: Sequence[BallotItem] | None = None
) -> dict[ThreatId, dict[PersonId, Ballot]]:
    """Return all ballots of a round, or on these items, by threat and voter: sealed, for counting only."""
    return {
        ask.threat: {
            person: ballot
            for person in one.voters
            if (ballot := model.ballots.get((one.id, ask.threat, person))) is not None
        }
        for ask in (one.asks if asks is None else asks)
    }


def _turnout(model: ThreatModel, one: Round) -> Turnout:
    voted = tuple(voter for voter in one.voters if not missing_ballots(model, one, voter))
    waits_for = tuple(voter for voter in awaited_voters(one) if voter not in voted)
    named = one.revote_of is None
    ballots = sum(len(cast) for cast in ballots_by_threat(model, one, live_asks(model, one)).values())
    owed = sum(len(missing_ballots(model, one, voter)) for voter in waits_for)
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
        ballots=ballots,
        ballots_expected=ballots + owed,
        voted=voted if named else (),
        waits_for=waits_for if named else (),
    )


USUAL_LENGTH = timedelta(hours=48)
"""The default duration of a round."""

MAX_DAYS_SKIPPED = 4
"""The limit of days skipped, because the weekends of different people may follow each other."""


class WorkCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """A person's working days by ISO number, their hours if known, and the offset of their zone from UTC."""

    days: tuple[int, ...] = USUAL.days
    starts: time = time.min
    ends: time = time.max
    ahead: timedelta = timedelta(0)

    def works_at(self, moment: datetime) -> bool:
        """Return whether a moment falls on a working day."""
        there = moment.astimezone(UTC) + self.ahead
        return there.isoweekday() in self.days

    def is_open_at(self, moment: datetime) -> bool:
        """Return whether a moment falls within working hours."""
        there = (moment.astimezone(UTC) + self.ahead).time()
        return self.works_at(moment) and self.starts <= there <= self.ends


def default_deadline(opened_at: datetime, calendars: Sequence[WorkCalendar] = ()) -> datetime:
    """Return the default deadline of a round: the first moment at which most voters are at work."""
    usual = opened_at + USUAL_LENGTH
    first, last = skip_weekends(usual, calendars), usual + timedelta(days=MAX_DAYS_SKIPPED)
    quarter = first + (datetime.min.replace(tzinfo=UTC) - first.astimezone(UTC)) % _QUARTER
    quarters = (quarter + number * _QUARTER for number in range((last - first) // _QUARTER))
    moments = (first, *(moment for moment in quarters if moment <= last))
    return max(moments, key=lambda moment: sum(calendar.is_open_at(moment) for calendar in calendars))


def skip_weekends(moment: datetime, calendars: Sequence[WorkCalendar] = ()) -> datetime:
    """Return the moment, or the same time on the next day that is no voter's weekend, within a limit."""
    for skipped in range(MAX_DAYS_SKIPPED + 1):
        later = moment + timedelta(days=skipped)
        if all(calendar.works_at(later) for calendar in calendars or (WorkCalendar(),)):
            return later
    return moment + timedelta(days=MAX_DAYS_SKIPPED)


_QUARTER: Final = timedelta(minutes=15)

BALLOTS_ON_A_PAGE: Final = 5
"""The number of threats on a page of quick ballots, or of a second vote."""

SECONDS_FOR_THREAT, SECONDS_FOR_NUMBER = 15, 10
"""Estimated time to read a threat, and to choose a number by the rubric."""


class VotingEffort(msgspec.Struct, frozen=True, kw_only=True):
    """The pages that a voter fills in, the numbers on them, and the estimated minutes."""

    pages: int
    numbers: int
    minutes: int


def voting_effort(*, full: int, quick: int = 0, follow_ups: int = 0) -> VotingEffort:
    """Return the effort for threats with full ballots, with quick ones, and with a follow-up."""
    numbers = (full * len(Metric)) + (quick * len(QUICK_METRICS))
    numbers += follow_ups * (len(Metric) - len(QUICK_METRICS))
    seconds = (full + quick + follow_ups) * SECONDS_FOR_THREAT + numbers * SECONDS_FOR_NUMBER
    return VotingEffort(
        pages=full + math.ceil(quick / BALLOTS_ON_A_PAGE) + math.ceil(follow_ups / BALLOTS_ON_A_PAGE),
        numbers=numbers,
        minutes=max(1, round(seconds / 60)),
    )
