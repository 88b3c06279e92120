"""Writes a model for other tools, into a file or to the standard output."""

from pathlib import Path

from bot.formats import FORMATS, Source
from bot.store import SqliteStore
from bot.store.codec import Codec
from bot.terminal.faults import Unfit
from bot.terminal.moments import day_of
from bot.terminal.plain import plain
from bot.terminal.reading import Seen, find


def exported(store: SqliteStore, seen: Seen, word: str, *, workspace: str | None, zone: str | None) -> bytes:
    """A model as it was read, in the format of that word; raises Unfit."""
    known = seen.register
    past = list(store.events(find(store, known.key, workspace), until=known.version))
    source = Source(register=known, day=day_of(seen.of, zone), events=past, write=Codec().encode)
    return FORMATS[word].write(source)


def write_file(file: Path, content: bytes) -> None:
    """Write what was exported; raises Unfit where the file cannot be written."""
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Unfit(f"-o: {plain(str(file))} cannot be written ({error.strerror}): name another.") from None
