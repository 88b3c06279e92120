"""Permanent erasure of a model's content."""

import msgspec

from bot.cli.model_queries.model_lookup import find_model
from bot.cli.terminal_text import terminal_text
from bot.operator_error import OperatorError
from bot.store import EventStore, StreamId, key_of
from domain.events import ThreatModelImported

START = 1
"""The entry with which a model begins: without it there is no model."""


NOT_YET_GONE = (
    "the text is erased but still in the write-ahead log (-wal), because another process is reading the "
    "file. Stop that process (a backup tool, a shell). The bot, or the next command, then empties the log."
)
"""The message to the operator if erasing could not be finished."""


class ErasureRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Content to erase: entries of a stream, or the whole stream if none are named."""

    stream: StreamId
    entries: tuple[int, ...]
    description: str


def plan_erasure(
    store: EventStore, model: str, entries: tuple[int, ...], *, workspace: str | None
) -> ErasureRequest:
    """Find the data to erase, and describe it; raises OperatorError."""
    stream = find_model(store, model, workspace)
    state = store.state(stream)
    last = state.version if state else 0
    beyond = [one for one in entries if one > last]
    if beyond:
        raise OperatorError(
            f"--entry: {key_of(stream)} has {last} entries, and none with number {beyond[0]}."
        )
    if START in entries:
        raise OperatorError(
            f"--entry: entry {START} started {key_of(stream)} and cannot be erased alone. Erase the "
            f"whole model instead."
        )
    marks = [one.version for one in store.read(stream) if isinstance(one.event, ThreatModelImported)]
    if entries and (kept := set(entries).intersection(marks)):
        raise OperatorError(
            f"--entry: entry {min(kept)} states that {key_of(stream)} was imported: without it, approvals of "
            "the file would count. Erase the whole model instead."
        )
    name = next(one.name for one in store.streams(workspace) if one.stream == stream)
    what = _listed(entries) if entries else f"all {last} entries"
    words = f"{what} of {key_of(stream)} ({terminal_text(name)})"
    return ErasureRequest(stream=stream, entries=tuple(sorted(set(entries))), description=words)


def erase(store: EventStore, meant: ErasureRequest) -> str:
    """Forget it, and say so."""
    if meant.entries:
        count = store.erase(meant.stream, meant.entries)
        return f"{count} erased. A running bot updates its messages."
    count = store.erase_stream(meant.stream)
    return f"{count} erased; {key_of(meant.stream)} no longer exists. A running bot deletes its card."


def _listed(entries: tuple[int, ...]) -> str:
    numbers = [str(one) for one in sorted(set(entries))]
    return f"entr{'y' if len(numbers) == 1 else 'ies'} {', '.join(numbers)}"
