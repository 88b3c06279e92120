"""Export of a model to a file or standard output."""

from urllib.parse import quote

from bot.cli.local_moments import local_day
from bot.cli.model_queries.model_lookup import ModelSnapshot, find_model
from bot.cli.terminal_text import terminal_text
from bot.formats import FORMATS, ExportSource
from bot.operator_error import OperatorError
from bot.store import Store
from bot.store.codec import Codec
from bot.store.records import tenant_of


def export_model(
    store: Store,
    seen: ModelSnapshot,
    word: str,
    *,
    workspace: str | None,
    zone: str | None,
    anchor: str | None = None,
) -> bytes:
    """Export a model as it was read, in the format of that word; raises OperatorError."""
    known = seen.register
    stream = find_model(store, known.key, workspace)
    past = list(store.events(stream, until=known.version))
    at = _anchored(anchor, word) if anchor is not None else ""
    source = ExportSource(
        register=known,
        day=local_day(seen.as_of, zone),
        events=past,
        write=Codec().encode,
        seal=lambda content: store.export_seal(tenant_of(stream), content),
        anchor=at,
    )
    return FORMATS[word].write(source)


def _anchored(path: str, word: str) -> str:
    """Return the path of a file in a repository as a relative URI; raises OperatorError where it is none."""
    if word != "sarif":
        raise OperatorError("--anchor: this option requires --format sarif.")
    parts = path.replace("\\", "/").removeprefix("./").split("/")
    if any(part in ("", ".", "..") for part in parts) or ":" in parts[0] or not path.isprintable():
        raise OperatorError(
            f"--anchor: {terminal_text(path)} is not a path in a repository. Enter one relative to the "
            f"repository's root, such as docs/THREATMODEL.md."
        )
    return quote("/".join(parts))
