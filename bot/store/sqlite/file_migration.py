"""Migration of the files of models into the table of deliveries."""

import secrets
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace
from sqlite_utils import Database

from bot.store.records import StreamId, key_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import (
    CANVAS,
    DIAGRAM,
    DIAGRAM_MESSAGE,
    EXPORT,
    EXPORT_MESSAGE,
    PICTURE,
    FileParameters,
)
from bot.store.salted_digests import salted_digest
from bot.store.timestamps import parse_timestamp

TABLES = ("slack_pictures", "slack_diagrams", "slack_exports", "slack_uploads")


def move_files(db: Database) -> None:
    """Create a slot for each file that is shown or pending, and drop the earlier tables."""
    for tenant, record in [*_pictures(db), *_diagrams(db), *_exports(db)]:
        (place,) = db.conn.execute(
            "SELECT ifnull(max(channel), '') FROM streams WHERE tenant = ? AND stream = ?",
            (tenant, record.stream),
        ).fetchone()
        db.conn.execute(
            """
            INSERT INTO deliveries (tenant, kind, slot, sink, stream, place, thread, external_id,
                attempt, shown, erasures, over, of)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
            """,
            (
                tenant, record.kind, record.slot, record.sink, record.stream, place, record.thread,
                record.external_id, record.attempt, record.shown, record.erasures, record.parameters,
            ),
        )  # fmt: skip
    # Of the messages announced before, each pending picture has a slot already.
    for (tenant, stream), told in _result_threads(db).items():
        db.conn.execute(
            "INSERT INTO projections (tenant, kind, stream, version, erasures) VALUES (?, ?, ?, ?, 0)",
            (tenant, PICTURE, stream, max(told)),
        )
    for table in TABLES:
        db.conn.execute(f"DROP TABLE {table}")


Moved = tuple[str, DeliveryRecord]
"""A slot, with its workspace."""


def _result_threads(db: Database) -> dict[tuple[str, str], dict[int, str]]:
    """Return the threads of the messages about events, by version and model."""
    told: dict[tuple[str, str], dict[int, str]] = {}
    rows = db.conn.execute("""
        SELECT tenant, stream, slot, thread FROM deliveries WHERE kind = 'result' AND external_id <> ''
    """)
    for tenant, stream, slot, thread in rows.fetchall():
        told.setdefault((tenant, stream), {})[int(slot.rpartition("/")[2])] = thread
    return told


def _pictures(db: Database) -> Iterator[Moved]:
    told = _result_threads(db)
    known = {key: set[int]() for key in told}
    rows = db.conn.execute("SELECT tenant, stream, version, files, words, erasures FROM slack_pictures")
    for tenant, stream, version, files, words, erasures in rows.fetchall():
        known.setdefault((tenant, stream), set()).add(version)
        if files:
            thread = told.get((tenant, stream), {}).get(version, "")
            record = _slot(
                PICTURE, stream, version, "file", FileParameters(version=version, digest=words), thread
            )
            yield tenant, _posted(db, tenant, record, files, erasures, about=str(version))
    for (tenant, stream), threads in told.items():
        for version, thread in threads.items():
            if version not in known[tenant, stream]:
                tries = _tries(db, tenant, stream, PICTURE, str(version))
                owed = FileParameters(version=version, tries=tries)
                yield tenant, _slot(PICTURE, stream, version, "file", owed, thread)


def _diagrams(db: Database) -> Iterator[Moved]:
    rows = db.conn.execute("""
        SELECT tenant, stream, key, asked, answered, shown, old, phase, erasures FROM slack_diagrams
    """)
    for tenant, stream, key, asked, answered, shown, old, phase, erasures in rows.fetchall():
        for number, place in ((1, old), (2, shown)):
            if place:
                in_words = "." in place  # the timestamp of a message
                kind, sink = (DIAGRAM_MESSAGE, "thread") if in_words else (DIAGRAM, "file")
                record = _slot(kind, stream, number, sink, FileParameters(phase=phase))
                about = "diagram" if place == shown else ""
                yield tenant, _posted(db, tenant, record, place, erasures, about=about)
        if asked != answered or not shown:
            tries = _tries(db, tenant, stream, DIAGRAM, "diagram")
            order = FileParameters(key=key if asked != answered else "", tries=tries)
            yield tenant, _slot(DIAGRAM, stream, 3, "file", order)


def _exports(db: Database) -> Iterator[Moved]:
    rows = db.conn.execute("""
        SELECT tenant, place, stream, key, word, file, over, erasures, message, person, form
        FROM slack_exports
    """)
    for tenant, place, stream, key, word, file, over, erasures, message, person, form in rows.fetchall():
        if word == CANVAS:
            if file:
                record = replace(
                    _slot(CANVAS, stream, None, "canvas", FileParameters()),
                    external_id=file,
                    attempt=secrets.token_hex(8),
                    erasures=erasures,
                )
                yield tenant, record
            continue
        known = FileParameters(key=key, person=person, form=form, word=word)
        if file:
            record = _slot(EXPORT, stream, place, "file", known)
            # Messages about a file follow once the file is visible.
            yield tenant, _posted(db, tenant, record, file, erasures, about=key, is_seen=bool(over))
        elif not over:
            tries = _tries(db, tenant, stream, EXPORT, key)
            yield tenant, _slot(EXPORT, stream, place, "file", replace(known, tries=tries))
        if message:
            told = _slot(EXPORT_MESSAGE, stream, place, "thread", known)
            yield tenant, _posted(db, tenant, told, message, erasures)


def _slot(
    kind: str, stream: str, number: int | None, sink: str, known: FileParameters, thread: str = ""
) -> DeliveryRecord:
    """Return a slot whose content is still to be posted."""
    subject = key_of(StreamId(stream)) + ("" if number is None else f"/{number:06}")
    return DeliveryRecord(
        slot=f"{kind}/{subject}",
        sink=sink,
        stream=StreamId(stream),
        thread=thread,
        parameters=msgspec.json.encode(known),
    )


def _posted(
    db: Database,
    tenant: str,
    record: DeliveryRecord,
    places: str,
    erasures: int,
    *,
    about: str = "",
    is_seen: bool = True,
) -> DeliveryRecord:
    """Return the slot of a posted file; a file that was not visible yet is still checked."""
    known = msgspec.json.decode(record.parameters, type=FileParameters)
    if record.sink == "file":
        upload = _upload(db, tenant, record.stream, record.kind, about)
        is_seen = is_seen and not (upload and upload[0])
        at, tries = (upload[1], upload[2] - 1) if upload and upload[0] else (_LONG_AGO, 0)
        known = replace(
            known,
            files=tuple(places.split()),
            erasures=erasures,
            shared_at=None if is_seen else parse_timestamp(at),
            tries=0 if is_seen else tries,
        )
    return replace(
        record,
        external_id=places,
        attempt=secrets.token_hex(8),
        shown=salted_digest(secrets.token_hex(8)) if is_seen else "",
        erasures=erasures,
        parameters=msgspec.json.encode(known),
    )


def _tries(db: Database, tenant: str, stream: str, surface: str, about: str) -> int:
    """Return how often a file was shared without appearing."""
    upload = _upload(db, tenant, stream, surface, about)
    return upload[2] if upload and not upload[0] else 0


def _upload(db: Database, tenant: str, stream: str, surface: str, about: str) -> tuple[str, str, int] | None:
    """Return the files of an upload that may not be visible, its time, and its number."""
    return db.conn.execute(
        """
        SELECT files, at, tries FROM slack_uploads
        WHERE tenant = ? AND stream = ? AND surface = ? AND about = ?
        """,
        (tenant, stream, surface, about),
    ).fetchone()


_LONG_AGO = "2000-01-01T00:00:00.000000Z"
