"""Check that a stream belongs to the workspace of a unit of work."""

from bot.store.errors import ForeignStream
from bot.store.records import StreamId, tenant_of


def check_ownership(stream: StreamId, tenant: str) -> StreamId:
    """Return a stream of the workspace; raises ForeignStream for one of another."""
    if tenant_of(stream) != tenant:
        raise ForeignStream(stream, tenant)
    return stream
