"""Export of the history of a model, with voters made anonymous on request."""

import hashlib
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from bot.formats.exporters.export_source import ExportSource, StoredEvent
from domain.dread.metrics import HIGHEST, LOWEST
from domain.events import (
    BallotCast,
    BallotExplained,
    Erased,
    Event,
    ParticipantsChosen,
    RecordedEvent,
    ReminderSnoozed,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    ThreatModelImported,
    ThreatModelStarted,
    VoterLeft,
)
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import MetricCount, Round, VoteResult
from domain.model import ThreatModel
from domain.replay import replay
from domain.voting.published_votes import PublishedVote, published_vote
from domain.voting.scores import scores_of_round
from domain.voting.turnout import round_of_reminder
from domain.wording import displayed_author

FORMAT = "threatmodel-events"
VERSION = 2
"""The format of the events; `events_of_0_1` reads files of version 1."""


class HistoryHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: the type of the file, the number of events, and the last hash.

    `withheld` counts omitted events: ballots of open rounds, and erased events. `imported` says if the
    history itself came from a file. `seal` is that of this line, by the installation that exported it.
    """

    format: str
    version: int
    key: str
    name: str
    events: int
    head: str
    withheld: int = 0
    imported: str = ""
    seal: str = ""

    @property
    def sealed(self) -> bytes:
        """Return the content of the seal."""
        return msgspec.json.encode(replace(self, seal=""))


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One event: its number in the file, its type, its content, and its hash; `schema` is of version 1."""

    number: int
    type: str
    schema: int | msgspec.UnsetType = msgspec.UNSET
    event: msgspec.Raw
    hash: str = ""


class NoEvents(Exception):
    """Error: the events of the model are missing."""


def export_history(source: ExportSource) -> bytes:
    """Export every event that may be exported, hash-chained; raises NoEvents."""
    if source.write is None:
        raise NoEvents
    past = [*source.events, *_later_import(source)]
    lines, head = chained(source.register.key, past, source.write)
    header = HistoryHeader(
        format=FORMAT,
        version=VERSION,
        key=source.register.key,
        name=source.register.name,
        events=len(lines),
        head=head,
        withheld=len(past) - len(lines),
        imported=source.imported,
    )
    if source.seal is not None:
        header = replace(header, seal=source.seal(header.sealed))
    return b"\n".join([msgspec.json.encode(header), *lines, b""])


def chained(
    key: str, events: Sequence[RecordedEvent], write: Callable[[Event], StoredEvent]
) -> tuple[list[bytes], str]:
    """Return the lines of those events of a model that may be exported, and their last hash."""
    lines: list[bytes] = []
    seal = first_hash(key)
    kept = AnonymizedHistory(list(enumerate(events, start=1))).events()
    for number, event in enumerate(renumbered(kept), start=1):
        written = write(event)
        line = HistoryLine(number=number, type=written.type, event=msgspec.Raw(written.data))
        seal = next_hash(seal, line)
        lines.append(msgspec.json.encode(replace(line, hash=seal)))
    return lines, seal


def _later_import(source: ExportSource) -> Sequence[Event]:
    """Return the import of a model that is exported as of an earlier day: it applies to that as well."""
    mark = source.register.imported
    if mark is None or mark.version <= len(source.events):
        return ()
    answer = len(source.events) + 1
    return [ThreatModelImported(by=mark.importer, at=mark.at, answer=answer, facilitator=mark.importer)]


def first_hash(key: str, version: int = VERSION) -> str:
    """Return the hash before the first event."""
    return hashlib.sha256(f"{FORMAT}/{version}/{key}".encode()).hexdigest()


def next_hash(before: str, line: HistoryLine) -> str:
    """Return the hash of a line: over the previous hash and its whole content."""
    schema = [] if line.schema is msgspec.UNSET else [line.schema]
    content = msgspec.json.encode([before, line.number, line.type, *schema])
    return hashlib.sha256(content + b"\n" + bytes(line.event)).hexdigest()


def renumbered(kept: Sequence[tuple[int, Event]]) -> list[Event]:
    """Return events with their former numbers renumbered, including references to answers."""
    numbers = {version: number for number, (version, _) in reversed(list(enumerate(kept, start=1)))}
    return [
        replace(
            event,
            answer=numbers.get(event.answer, numbers[version]),
            undoes=numbers.get(event.undoes) if event.undoes is not None else None,
        )
        for version, event in kept
    ]


class AnonymizedHistory:
    """History in which each round is one result, without ballots and voters.

    A result has how often each number was given for a metric that is shown, so that the numbers of one ballot
    never stand together. Voters are `voter-1`, `voter-2` and so on, as many as there were. Reasons are in
    alphabetical order. Of an open round nothing is exported, no one is named as a participant, and a round
    that all have voted in is ended by the system, not by the last voter.
    """

    def __init__(self, past: Sequence[tuple[int, RecordedEvent]]) -> None:
        self._past = past
        self._model: ThreatModel = replay([event for _, event in past])
        self._over = {round.id: round for round in self._model.rounds.values() if round.ending is not None}

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
            case ReminderSnoozed(key=key) if round_of_reminder(self._model, key) is not None:
                return []
            case RoundExtended(round=id) | RoundFellShort(round=id):
                return [event] if id in self._over else []
            case RoundClosed(round=id):
                closed = replace(event, by=displayed_author(event, self._model))
                if id not in self._over:
                    return [closed]
                results = self._results(self._over[id], event.threats)
                return [*self._explained(self._over[id], event), replace(closed, results=results)]
            case _:
                return [event]

    def _opened(self, event: RoundOpened, round: Round) -> Event:
        voters = tuple(_voter(number) for number in range(1, len(round.voters) + 1))
        by = displayed_author(event, self._model)
        return replace(event, by=by, round=replace(round, voters=voters))

    def _results(self, round: Round, threats: Iterable[ThreatId]) -> tuple[VoteResult, ...]:
        votes = ((threat, published_vote(self._model, round.id, threat)) for threat in threats)
        return tuple(_result(threat, vote) for threat, vote in votes if vote is not None)

    def _explained(self, round: Round, closed: RoundClosed) -> Iterable[Event]:
        """Yield the explanations of a round at the end of its second vote, or at its own without one."""
        if any(one.revote_of == round.id for one in self._over.values()):
            return
        first = self._over.get(round.revote_of, round) if round.revote_of is not None else round
        shown = scores_of_round(self._model, first, round if round is not first else None)
        sorted_reasons = sorted(
            (threat, one.metric, one.text) for threat, score in shown.items() for one in score.explained
        )
        for number, (threat, metric, text) in enumerate(sorted_reasons, start=1):
            yield BallotExplained(
                by=_voter(number),
                at=closed.at,
                answer=closed.answer,
                round=first.id,
                threat=threat,
                metric=metric,
                text=text,
            )


def _result(threat: ThreatId, vote: PublishedVote) -> VoteResult:
    return VoteResult(
        threat=threat,
        ballots=vote.ballots,
        metrics=tuple(
            MetricCount(
                metric=metric,
                counts=tuple(one.numbers.count(number) for number in range(LOWEST, HIGHEST + 1)),
                abstained=one.abstained,
            )
            for metric, one in vote.votes.items()
        ),
        stands=vote.stands,
        bands=vote.bands,
        reasons=vote.reasons,
    )


def _voter(number: int) -> PersonId:
    return PersonId(f"voter-{number}")
