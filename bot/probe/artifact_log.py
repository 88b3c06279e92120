"""Log on disk of everything the probe creates, so that it can be deleted after a crash."""

import fcntl
import os
from pathlib import Path
from typing import Literal

import msgspec

Kind = Literal["message", "file", "canvas"]


class ArtifactLogUnusable(Exception):
    """The file cannot be used; the message names it."""


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing made in the workspace; without `id` it is unknown whether it was made at all.

    `id` is a message's timestamp, or the id of a file or canvas. `thread` is set for a reply.
    """

    number: int
    kind: Kind
    channel: str = ""
    thread: str = ""
    id: str = ""
    gone: bool = False


class ArtifactLog:
    """The notes, each on disk before the call that it is about; the file is removed when all is gone."""

    def __init__(self, file: Path) -> None:
        """Open the notes; raises ArtifactLogUnusable where they cannot be, or another process uses them."""
        self._file = file
        try:
            self._opened = os.open(file, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        except OSError as error:
            raise ArtifactLogUnusable(f"{file} cannot be written ({error.strerror})") from None
        try:
            fcntl.flock(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._opened)
            raise ArtifactLogUnusable(f"{file} is in use: another probe is running") from None
        self._made = _read(file)

    def record_intent(self, kind: Kind, *, channel: str = "", thread: str = "") -> Artifact:
        """Note that something is about to be made."""
        number = max(self._made, default=0) + 1
        return self._note(Artifact(number=number, kind=kind, channel=channel, thread=thread))

    def record_created(self, one: Artifact, id: str) -> Artifact:
        """Note under which id it was made."""
        return self._note(msgspec.structs.replace(one, id=id))

    def record_deleted(self, one: Artifact) -> None:
        """Note that it is not there, or no longer."""
        self._note(msgspec.structs.replace(one, gone=True))

    def remaining(self) -> list[Artifact]:
        """Return the artifacts to delete, the newest first, so that replies precede their parents."""
        return [one for _, one in sorted(self._made.items(), reverse=True) if not one.gone]

    def close(self) -> None:
        """Close the notes; where nothing is left, the file is removed."""
        if not self.remaining():
            self._file.unlink(missing_ok=True)
        os.close(self._opened)

    def _note(self, one: Artifact) -> Artifact:
        os.write(self._opened, msgspec.json.encode(one) + b"\n")
        os.fsync(self._opened)
        self._made[one.number] = one
        return one


def _read(file: Path) -> dict[int, Artifact]:
    made: dict[int, Artifact] = {}
    for line in file.read_bytes().splitlines():
        try:
            one = msgspec.json.decode(line, type=Artifact)
        except msgspec.DecodeError:
            continue  # the last line of a process that was killed while it wrote
        made[one.number] = one
    return made
