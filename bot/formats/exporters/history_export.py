"""Export of a model's events as JSON Lines: ordered, hash-chained, without the voters' names."""

import hashlib
from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from bot.formats.exporters.export_source import ExportSource, StoredEvent
from bot.formats.exporters.voter_anonymization import AnonymizedHistory
from domain.events import Event, RecordedEvent, ThreatModelImported

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
    for number, event in enumerate(_numbered(events), start=1):
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


def _numbered(events: Sequence[RecordedEvent]) -> list[Event]:
    """Return the events renumbered for the file, including references to answers."""
    kept = AnonymizedHistory(list(enumerate(events, start=1))).events()
    numbers = {version: number for number, (version, _) in reversed(list(enumerate(kept, start=1)))}
    return [
        replace(
            event,
            answer=numbers.get(event.answer, numbers[version]),
            undoes=numbers.get(event.undoes) if event.undoes is not None else None,
        )
        for version, event in kept
    ]
