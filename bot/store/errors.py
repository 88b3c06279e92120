"""Errors of the store."""

from bot.store.records import StreamId, tenant_of


class StoreError(Exception):
    """Base of all errors of a store."""


class StoreUnavailable(StoreError):
    """The database cannot be used now; the message names the file and the repair."""


class HistoryUnreadable(StoreError):
    """A recorded event cannot be read: it is damaged, or a newer release wrote it."""


class VersionConflict(StoreError):
    """Another command appended first: the stream is not at the expected version."""

    def __init__(self, stream: StreamId, *, expected: int, actual: int) -> None:
        super().__init__(f"{stream} stands at version {actual}, not at {expected}")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class ForeignStream(StoreError):
    """Programming error: a unit of work was asked for a stream of another workspace."""

    def __init__(self, stream: StreamId, tenant: str) -> None:
        super().__init__(f"{stream} does not belong to workspace {tenant}")
        self.stream = stream
        self.tenant = tenant


def check_ownership(stream: StreamId, tenant: str) -> StreamId:
    """Return a stream of the workspace; raises ForeignStream for one of another."""
    if tenant_of(stream) != tenant:
        raise ForeignStream(stream, tenant)
    return stream


class KeyUsedForAnother(StoreError):
    """The command key was used before, for a command with other content.

    `first` and `version` are the versions of the first and last event of the earlier command.
    """

    def __init__(self, stream: StreamId, *, first: int, version: int) -> None:
        super().__init__(f"this was already answered otherwise, as version {version} of {stream}")
        self.stream = stream
        self.first = first
        self.version = version
