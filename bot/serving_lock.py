"""Lock that lets one process serve a database file, on a local disk."""

import fcntl
import os
import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.store import StoreUnavailable

HANDOVER_SECONDS: Final = 3.0
"""Seconds that a start waits for the previous process to end, as when a supervisor replaces it."""

MOUNTS: Final = Path("/proc/mounts")

_NETWORKS: Final = {
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "davfs",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "smb",
    "smb2",
    "smb3",
    "smbfs",
    "fuse.ceph",
    "fuse.ceph-fuse",
    "fuse.davfs2",
    "fuse.gcsfuse",
    "fuse.glusterfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.smbnetfs",
    "fuse.sshfs",
}
"""File systems on which SQLite's locks and shared memory are unreliable.

9p is not among them: some container runtimes use it for local files.
"""


@contextmanager
def hold_serving_lock(
    database: Path | None,
    *,
    setting: str = "DATABASE_URL",
    timeout: float = HANDOVER_SECONDS,
    mounts: Path = MOUNTS,
) -> Generator[None]:
    """Hold the lock of a database until the block ends; raises StoreUnavailable.

    The lock is released however this process ends; readers are not blocked. `setting` is the setting that
    names the file, `timeout` is in seconds. A database on a server has no file and needs no lock: any number
    of replicas serve it.
    """
    if database is None:
        yield
        return
    if kind := network_filesystem(database, mounts=mounts):
        raise StoreUnavailable(f"{setting}: {network_filesystem_error(database, kind)}")
    lock = _lock_of(database)
    try:
        opened = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"{setting}: {database} cannot be opened: {lock.name} cannot be created next to it "
            f"({error.strerror}). Choose a file in an existing, writable directory"
        ) from None
    try:
        if not _try_lock(opened, time.monotonic() + timeout):
            raise StoreUnavailable(
                f"{setting}: {database} is already in use by {_process_in(lock)}. Stop that process "
                f"first, or choose another place"
            )
        os.ftruncate(opened, 0)
        os.pwrite(opened, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(opened)


def serving_process(database: Path | None) -> str | None:
    """Return the process that holds the serving lock of a database file; None if there is none."""
    if database is None:
        return None
    lock = _lock_of(database)
    try:
        opened = os.open(lock, os.O_RDONLY)
    except OSError:
        return None
    try:
        # Shared, so that two processes that check do not take each other for the serving one.
        return None if _try_lock(opened, 0, fcntl.LOCK_SH) else _process_in(lock)
    finally:
        os.close(opened)


def network_filesystem(path: Path, *, mounts: Path = MOUNTS) -> str | None:
    """Return the kind of network file system that holds a file, such as `nfs4`; None for a local disk."""
    place = path.absolute().parent.resolve()
    best, kind = -1, ""
    for mounted, mounted_kind in _mounted_filesystems(mounts):
        # Of several mounts in one place, the last one is visible.
        if place.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, kind = len(mounted.parts), mounted_kind
    return kind if kind in _NETWORKS else None


def network_filesystem_error(database: Path, kind: str) -> str:
    """Return why a file on a network file system is not served, and what to do."""
    return (
        f"{database} is on a network file system ({kind}), where SQLite can lose data. Choose a file on "
        f"a local disk"
    )


def _lock_of(database: Path) -> Path:
    return database.absolute().with_name(f"{database.name}.serving")


def _try_lock(opened: int, deadline: float, how: int = fcntl.LOCK_EX) -> bool:
    while True:
        try:
            fcntl.flock(opened, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def _process_in(lock: Path) -> str:
    said = lock.read_text(errors="replace").strip()
    return f"process {said}" if said.isdecimal() else "another process"


def _mounted_filesystems(mounts: Path) -> list[tuple[Path, str]]:
    """Return mount points with their file system type; empty if the system does not report them."""
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return []
    fields = [line.split(" ") for line in lines]
    return [(Path(_ESCAPED.sub(_decoded_character, one[1])), one[2]) for one in fields if len(one) > 2]


_ESCAPED = re.compile(r"\\([0-7]{3})")


def _decoded_character(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 8))
