"""Export of a whole workspace as a ZIP archive of JSON Lines, without secrets."""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from bot.cli.local_moments import format_rfc3339
from bot.cli.operations.erase_operation import no_such_workspace
from bot.cli.operations.export_operation import new_private_file
from bot.cli.output.json_document import fields, json_text
from bot.cli.terminal_text import terminal_text
from bot.formats import FORMATS, ExportSource
from bot.store import Head, Recorded, Store, StreamSummary, codec
from bot.store.repositories.workspace_directory import Channel, Person
from bot.store.timestamps import utc_now
from bot.version import version
from domain.events import Erased
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.text_formatting import count_phrase
from domain.register import register
from domain.replay import replay

FORMAT = "threatmodel-workspace"
VERSION = 1
_PAGE = 1_000
_MEMBER: Final = "w"
_OF_INSTALLATIONS = ("app", "enterprise", "team", "bot_user", "scopes", "installed_at", "state")
_OF_TRACKERS = ("tracker", "saved_at", "polled_at", "failures", "error", "stopped")
"""What is exported of connections: neither tokens nor other secrets."""


def export_workspace(store: Store, workspace: str, file: Path) -> str:
    """Write all data of a workspace to a new file that only its owner may read; raises OperatorError."""
    head = next((one for one in store.heads() if one.tenant == workspace), None)
    if head is None:
        raise no_such_workspace(workspace)
    with new_private_file(file) as opened, zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        models = _Archive(store, head, archive).write()
    return (
        f"{workspace}: {count_phrase(head.sequence, 'event')} and {count_phrase(models, 'model')} are in "
        f"{terminal_text(str(file))}. "
        f"It contains every ballot with its voter, also of open rounds. Only your account may read it: "
        f"store it as securely as the database."
    )


class _Archive:
    def __init__(self, store: Store, head: Head, archive: zipfile.ZipFile) -> None:
        self._store = store
        self._unit = store.unit(head.tenant)
        self._head = head
        self._archive = archive
        self._people: set[PersonId] = set()

    def write(self) -> int:
        """Write every file of the archive; return the number of models."""
        models = self._store.streams(self._head.tenant)
        self._lines("events.jsonl", map(self._event_line, self._events()))
        channels = sorted({model.channel for model in models})
        known = [(channel, self._unit.directory.channel(channel)) for channel in channels]
        self._lines("channels.jsonl", [found or Channel(id=id, name="") for id, found in known])
        self._people.update(member for id in channels for member in self._unit.directory.members(id))
        self._lines("people.jsonl", self._accounts())
        installed = self._store.installations.of_tenant(self._head.tenant)
        self._lines("installations.jsonl", [fields(one, *_OF_INSTALLATIONS) for one in installed])
        connected = self._unit.tracker_connections.all()
        self._lines("trackers.jsonl", [fields(one, *_OF_TRACKERS) for one in connected])
        for model in models:
            self._model(model)
        described = {
            "format": FORMAT,
            "version": VERSION,
            "workspace": self._head.tenant,
            "exported_at": format_rfc3339(utc_now()),
            "release": version(),
            "events": self._head.sequence,
            "head": self._head.hash.hex(),
            "models": [model.key for model in models],
        }
        self._archive.writestr("workspace.json", f"{json_text(described)}\n")
        return len(models)

    def _events(self) -> Iterator[Recorded]:
        after = 0
        while page := self._store.tail(self._head.tenant, after, _PAGE):
            for one in page:
                if one.sequence > self._head.sequence:  # recorded since the export began
                    return
                yield one
            after = page[-1].sequence

    def _event_line(self, one: Recorded) -> dict[str, object]:
        """Return an event in the order of the workspace; `event` is null if it was erased."""
        schema, raw = None, None
        if not isinstance(one.event, Erased):
            encoded = codec.encode(one.event)
            schema, raw = encoded.schema, msgspec.Raw(encoded.data)
            by = getattr(one.event, "by", SYSTEM)
            if by != SYSTEM:
                self._people.add(by)
        return {**fields(one, "sequence", "stream", "version", "recorded_at"), "schema": schema, "event": raw}

    def _accounts(self) -> list[Person]:
        found = (self._unit.directory.person(person) for person in sorted(self._people))
        return [one for one in found if one is not None]

    def _model(self, summary: StreamSummary) -> None:
        past = list(self._store.events(summary.stream, until=summary.version))
        seen = register(replay(past), summary.updated_at)
        source = ExportSource(
            register=seen,
            day=summary.updated_at.date(),
            events=past,
            write=codec.encode,
            seal=lambda content: self._store.export_seal(self._head.tenant, content),
        )
        for one in FORMATS.values():
            name = f"models/{summary.key}/{summary.key}{one.suffix}"
            self._archive.writestr(name, one.write(source))

    def _lines(self, name: str, lines: Iterable[object]) -> None:
        # Of more than 2 GiB, perhaps: the size is not known beforehand.
        with self._archive.open(name, mode=_MEMBER, force_zip64=True) as opened:
            for line in lines:
                opened.write(msgspec.json.encode(line) + b"\n")
