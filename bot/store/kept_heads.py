"""Ends of the hash chains, kept outside of the database: by them a lost end of its log is found.

A database that loses the end of its log, or is replaced by an earlier copy, is sound by itself: all of its
tables end at the same earlier moment.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bot.store.durable_files import replace_file
from bot.store.errors import StoreUnavailable
from bot.store.records import Head

SETTING: Final = "HEADS_FILE"

HEAD_PATTERN: Final = re.compile(
    r"(?:(?P<tenant>[^\s:/]+):)?(?P<sequence>[1-9][0-9]{0,17}):(?P<hash>[0-9a-fA-F]{64})"
)
"""An end of a chain as text: `ID:SEQ:HASH`, or without the ID of the workspace."""

REPAIR: Final = (
    "Restore a newer copy of the database. To go on with this state, stop the bot and run "
    "`threatmodel restored`"
)


class KeptHeads:
    """The last known ends of all chains, in a file; without one, only in the memory of this process.

    Only ends that are durable in the database may be kept, or a loss of power would look like a loss of data.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: tuple[Head, ...] = ()

    @property
    def path(self) -> Path | None:
        """The file, if there is one."""
        return self._path

    def read(self) -> tuple[Head, ...]:
        """Return the kept ends; raises StoreUnavailable if the file cannot be read."""
        if self._path is None:
            return self._known
        try:
            lines = self._path.read_text("ascii").splitlines()
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise StoreUnavailable(f"{SETTING}: {self._path} cannot be read ({error}). {REPAIR}") from None
        return tuple(self._parsed(line) for line in lines)

    def write(self, heads: Iterable[Head]) -> None:
        """Replace the kept ends durably; raises StoreUnavailable if the file cannot be written."""
        self._known = tuple(sorted(set(heads), key=lambda head: (head.tenant, head.sequence, head.hash)))
        if self._path is None:
            return
        text = "".join(f"{one.tenant}:{one.sequence}:{one.hash.hex()}\n" for one in self._known)
        try:
            replace_file(self._path, text)
        except OSError as error:
            raise StoreUnavailable(
                f"{SETTING}: {self._path} cannot be written ({error.strerror}). Give this user write "
                f"permission for the directory, or set {SETTING} to another file"
            ) from None

    def _parsed(self, line: str) -> Head:
        found = HEAD_PATTERN.fullmatch(line)
        if found is None or found["tenant"] is None:
            raise StoreUnavailable(f"{SETTING}: {self._path} is damaged. {REPAIR}")
        return Head(
            tenant=found["tenant"], sequence=int(found["sequence"]), hash=bytes.fromhex(found["hash"])
        )


def verified_file(heads: Path | None) -> Path | None:
    """Return the file with the result of `verify`, beside the kept ends."""
    return heads and heads.with_name(f"{heads.name.removesuffix('.heads')}.verified")


def heads_file(database: Path) -> Path:
    """Return the file of a database file's ends if the setting names none."""
    resolved = database.resolve()
    return resolved.with_name(f"{resolved.name}.heads")
