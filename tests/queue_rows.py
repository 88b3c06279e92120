"""What tests ask a work queue: its claims, and what waits in it."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from msgspec.structs import replace

from bot.store.work_queue import Claim, Row, WorkQueue
from bot.store.work_rows import WorkRows


def claim_one(
    queue: WorkQueue, tenant: str, now: datetime, *, only: Collection[str] = (), exclude: Collection[str] = ()
) -> Claim | None:
    """Claim a row of one workspace, if there is any; a look makes rows due whose moment has come."""
    claims = queue.claim([tenant], now, only=only, exclude=exclude)
    if not claims and tenant in queue.look(now):
        claims = queue.claim([tenant], now, only=only, exclude=exclude)
    return claims[0] if claims else None


def claims_of(queue: WorkQueue, tenant: str) -> list[Row]:
    """Return the claimed rows of a workspace."""
    return [row for row in queue.rows(tenant) if row.token is not None]


def are_waiting(queue: WorkQueue, tenant: str, kinds: Collection[str]) -> bool:
    """Return whether a row of these kinds is due or in its quiet time, and was not put off."""
    return any(row.waits for row in queue.rows(tenant, *kinds))


def due_subjects(queue: WorkQueue, tenant: str, kind: str, now: datetime) -> list[str]:
    """Return the subjects of a kind that are due, put off or claimed."""
    return [row.item.subject for row in queue.rows(tenant, kind) if row.is_due(now)]


def subjects_of(queue: WorkQueue, tenant: str, kind: str) -> list[str]:
    """Return the subjects of a kind that have a row."""
    return [row.item.subject for row in queue.rows(tenant, kind)]


def parked_items(queue: WorkQueue, tenant: str) -> list[tuple[str, str, str]]:
    """Return the rows of a workspace that failed repeatedly."""
    return [row.item for row in queue.rows(tenant) if row.is_parked]


def is_busy(queue: WorkQueue, tenant: str, now: datetime) -> bool:
    """Return whether there is something to do in a workspace."""
    return tenant in queue.look(now)


AnyClaim = TypeVar("AnyClaim", Claim, Row)


def take_over(queue: WorkQueue, claim: AnyClaim) -> AnyClaim:
    """Have another process claim a row, as if this one had lost its session; return its claim."""
    taken = replace(claim, token=uuid4().hex)
    assert isinstance(queue, WorkRows)
    with queue._database.writing(durable=False) as connection:  # pyright: ignore[reportPrivateUsage]  no process does this
        row = {**claim.item._asdict(), "token": claim.token, "taken": taken.token}
        assert connection.execute(_TAKE, row).rowcount == 1
    return taken


def end_claims(queue: WorkQueue) -> None:
    """End all claims, as if their owners had ended."""
    assert isinstance(queue, WorkRows)
    with queue._database.writing(durable=False) as connection:  # pyright: ignore[reportPrivateUsage]  no process does this
        connection.execute("UPDATE work SET token = NULL, not_before = 0 WHERE token IS NOT NULL")


_TAKE = """
    UPDATE work SET token = :taken
    WHERE tenant = :tenant AND kind = :kind AND subject = :subject AND token = :token
"""
