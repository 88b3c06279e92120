"""Export of a model's events as JSON Lines: ordered, hash-chained, without the voters' names."""

import hashlib

import msgspec
from msgspec.structs import replace

from bot.formats.exporters.export_source import ExportSource
from bot.formats.exporters.voter_anonymization import AnonymizedHistory
from domain.events import Event

FORMAT = "threatmodel-events"
VERSION = 1


class HistoryHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: the type of the file, the number of events, and the last hash.

    `withheld` counts omitted events: ballots of open rounds, and erased events.
    """

    format: str
    version: int
    key: str
    name: str
    events: int
    head: str
    withheld: int = 0


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One event: its number in the file, its type, its schema version, its content, and its hash."""

    number: int
    type: str
    schema: int
    event: msgspec.Raw
    hash: str = ""


class NoEvents(Exception):
    """Error: the events of the model are missing."""


def export_history(source: ExportSource) -> bytes:
    """Export every event that may be exported, hash-chained; raises NoEvents."""
    if source.write is None:
        raise NoEvents
    events = _numbered(source)
    lines: list[bytes] = []
    seal = first_hash(source.register.key)
    for number, event in enumerate(events, start=1):
        written = source.write(event)
        line = HistoryLine(
            number=number, type=written.type, schema=written.schema, event=msgspec.Raw(written.data)
        )
        seal = next_hash(seal, line)
        lines.append(msgspec.json.encode(replace(line, hash=seal)))
    header = HistoryHeader(
        format=FORMAT,
        version=VERSION,
        key=source.register.key,
        name=source.register.name,
        events=len(lines),
        head=seal,
        withheld=len(source.events) - len(lines),
    )
    return b"\n".join([msgspec.json.encode(header), *lines, b""])


def first_hash(key: str) -> str:
    """Return the hash before the first event."""
    return hashlib.sha256(f"{FORMAT}/{VERSION}/{key}".encode()).hexdigest()


def next_hash(before: str, line: HistoryLine) -> str:
    """Return the hash of a line: over the previous hash and its whole content."""
    said = msgspec.json.encode([before, line.number, line.type, line.schema])
    return hashlib.sha256(said + b"\n" + bytes(line.event)).hexdigest()


def _numbered(source: ExportSource) -> list[Event]:
    """Return the events renumbered for the file, including references to answers."""
    kept = AnonymizedHistory(list(enumerate(source.events, start=1))).events()
    numbers = {version: number for number, (version, _) in reversed(list(enumerate(kept, start=1)))}
    return [
        replace(
            event,
            answer=numbers.get(event.answer, numbers[version]),
            undoes=numbers.get(event.undoes) if event.undoes is not None else None,
        )
        for version, event in kept
    ]
