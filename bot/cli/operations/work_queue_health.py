"""Health of the work queue."""

from datetime import datetime

from bot.settings import Settings
from bot.store import StoreError, open_database, utc_now
from bot.store.work_queue import PARKED_AFTER, WorkQueue

_NAMED = 5


def work_queue_findings(settings: Settings) -> list[tuple[bool, str]]:
    """For each workspace whether its work is well, and a sentence; nothing where the database is unfit."""
    try:
        store = open_database(settings.database_url, key=settings.key.reveal())
    except StoreError:
        return []  # reported with the database itself
    try:
        queue = store.work
        tenants = sorted({one.tenant for one in store.streams()})
        return [_words(queue, tenant, utc_now()) for tenant in tenants]
    finally:
        store.close()


def _words(queue: WorkQueue, tenant: str, now: datetime) -> tuple[bool, str]:
    backlog, parked = queue.backlog(tenant, now), queue.parked(tenant)
    if parked:
        named = ", ".join(f"{one.kind} {one.subject}".strip() for one in parked[:_NAMED])
        more = f" and {len(parked) - _NAMED} more" if len(parked) > _NAMED else ""
        return False, (
            f"work of {tenant}: {named}{more} failed {PARKED_AFTER} or more times. Look for “put off” "
            f"in the log. Each is retried every hour, and when something changes."
        )
    if not backlog.due:
        return True, f"work of {tenant}: no backlog"
    return True, f"work of {tenant}: {backlog.due} waiting, the oldest for {backlog.oldest_seconds:.0f} s"
