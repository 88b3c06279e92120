"""Health of a database file: the space on its disk, and the age of its backups."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.store.database_store import HealthFinding

FREE_SHARE: Final = 0.1
"""Less free space of a disk than this share leaves little time to react."""

BACKUP_AGE: Final = timedelta(days=2)
"""One daily backup may fail; after two, somebody has to look."""


def file_health(path: Path, now: datetime) -> Iterator[HealthFinding]:
    """Yield whether the disk has space, for a copy of the database as well, and whether backups are made."""
    usage, size = shutil.disk_usage(path.parent), path.stat().st_size
    free = f"disk: {usage.free / 1e9:.1f} GB of {usage.total / 1e9:.1f} GB are free at {path.parent}"
    if usage.free < max(size, FREE_SHARE * usage.total):
        yield HealthFinding(well=False, text=f"{free}. Make space, or move the database to another disk.")
    else:
        yield HealthFinding(well=True, text=free)
    last = last_backup(path)
    if last is None:
        yield HealthFinding(
            well=True,
            text="not checked: backups; neither `threatmodel backup` nor Litestream has left a sign here",
        )
        return
    text = f"backups: the last sign of one is from {last:%Y-%m-%d %H:%M} UTC"
    if now - last > BACKUP_AGE:
        text += ". Look at the job that runs `threatmodel backup`, or at Litestream's log."
    yield HealthFinding(well=now - last <= BACKUP_AGE, text=text)


def backup_mark(database: Path) -> Path:
    """Return the file whose time is that of the last `threatmodel backup`."""
    return database.with_name(f"{database.name}.backup")


def last_backup(database: Path) -> datetime | None:
    """Return the time of the last sign of a backup: of our own, or in Litestream's directory."""
    kept = database.with_name(f".{database.name}-litestream")
    signs = [backup_mark(database), *kept.rglob("*")]
    times = [one.stat().st_mtime for one in signs if one.is_file()]
    return datetime.fromtimestamp(max(times), UTC) if times else None
