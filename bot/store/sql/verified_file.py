"""What `verify` has found so far, in a file beside the kept ends, sealed with the installation's key."""

import hmac
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from bot.store.durable_files import replace_file
from bot.store.keys import RequestKey
from bot.store.records import Head, StreamId
from bot.store.sql.database import SqlConnection
from bot.store.timestamps import format_timestamp, parse_timestamp, utc_now

EVERY_SECONDS: Final = 5.0
"""After so long a check under way is kept again: an interruption costs no more."""

RESUMED_FROM: Final = 50_000
"""Events from which a check is kept while it is under way."""

RESUMED_WITHIN: Final = timedelta(days=1)
"""An older check begins again: what it saw first may have changed since."""

_GONE: Final = "SELECT (SELECT count(*) FROM erasures), (SELECT count(*) FROM removals)"


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """Ends of the chains at the last complete check without a fault, and its time."""

    at: str
    heads: tuple[Head, ...]


class UnderWay(msgspec.Struct, kw_only=True):
    """Check that may go on where it was interrupted, if nothing was erased or removed meanwhile."""

    at: str
    erased_before: tuple[int, int]
    """How many erasures and removals were recorded at its begin."""
    place: bytes = b""
    """Where the walk over the events stands, in the words of the kind of database."""
    events: int = 0
    heads: dict[str, tuple[int, bytes]] = {}
    positions: dict[str, int] = {}
    versions: dict[str, int] = {}
    erased: tuple[tuple[str, int, int], ...] = ()
    """Stream, version and sequence of each erased event."""
    compared: dict[StreamId, int] = {}
    """Versions up to which streams were compared with what is derived from them."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Content of the file; `foreign` if another key sealed it, or it was altered."""

    finished: Finished | None = None
    under_way: UnderWay | None = None
    foreign: bool = False


class VerifiedFile:
    """The file; without a path, or a key, nothing is kept."""

    def __init__(self, path: Path | None, key: RequestKey) -> None:
        self._path = path
        self._key = key

    def read(self) -> Verification:
        """Return what is kept, which is nothing if it cannot be read."""
        try:
            seal, _, text = self._path.read_text("utf-8").partition("\n") if self._path else ("", "", "")
        except FileNotFoundError:
            return Verification()
        except (OSError, UnicodeDecodeError):
            return Verification(foreign=True)
        if not text:
            return Verification()
        if not hmac.compare_digest(seal.encode(), self._key.verification_seal(text.encode()).encode()):
            return Verification(foreign=True)
        return msgspec.json.decode(text, type=Verification)

    def write(self, kept: Verification) -> None:
        """Replace what is kept; a file that cannot be written only costs time later."""
        text = msgspec.json.encode(kept).decode()
        seal = self._key.verification_seal(text.encode())
        if self._path is not None and seal:
            try:
                replace_file(self._path, f"{seal}\n{text}")
            except OSError:
                return

    def forget(self) -> None:
        """Remove the file: the database is another one now."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


class Resumed:
    """A check that goes on where an earlier one was interrupted, or begins, and is kept now and then."""

    def __init__(self, file: VerifiedFile | None, connection: SqlConnection) -> None:
        self._file = file
        self._before = file.read() if file else Verification()
        gone = tuple(connection.execute(_GONE).fetchone())
        now = utc_now()
        kept = self._before.under_way
        usable = kept and kept.erased_before == gone and now - parse_timestamp(kept.at) < RESUMED_WITHIN
        self.state = kept if kept and usable else UnderWay(at=format_timestamp(now), erased_before=gone)
        self._kept_at = time.monotonic()

    def is_due(self) -> bool:
        """Return whether so much was done since that it is to be kept."""
        return self._file is not None and time.monotonic() - self._kept_at > EVERY_SECONDS

    def keep(self) -> None:
        """Keep the state, beside the result of the last complete check."""
        if self._file is not None:
            self._file.write(Verification(finished=self._before.finished, under_way=self.state))
        self._kept_at = time.monotonic()
