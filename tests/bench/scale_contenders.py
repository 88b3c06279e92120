"""What appends one event to a PostgreSQL database: the bot's store, a bare insert, and `eventsourcing`."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol
from uuid import NAMESPACE_URL, uuid5

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from bot.store import CommandKey, StreamId, Summary, codec
from bot.store.postgres.postgres_store import PostgresStore
from domain.kernel.elements import ChannelId
from tests.bench.benchmark_models import revision_event
from tests.bench.scale_server import open_benchmark_store

_LISTED: Final = Summary(name="House", channel=ChannelId("C1"), phase="collection")
_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS raw (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text NOT NULL, version integer NOT NULL,
        type text NOT NULL, data text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (stream, version)
    )
"""
_INSERT: Final = "INSERT INTO raw (stream, version, type, data) VALUES (%s, %s, %s, %s)"


class Contender(Protocol):
    """One way to record an event durably."""

    def append(self, tenant: str, stream: str, version: int) -> None:
        """Record the event after a version of a stream."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class BotStore:
    """An append as the bot does it: event, chain, command key, stream and the model's row of work."""

    def __init__(self, url: str, store: PostgresStore | None = None) -> None:
        self._store = store or open_benchmark_store(url)

    def append(self, tenant: str, stream: str, version: int) -> None:
        """Record the event after a version of a stream."""
        key = f"{stream}:{version}"
        self._store.append(
            tenant,
            StreamId(stream),
            [revision_event(version + 1)],
            expected=version,
            key=CommandKey(key),
            request=key.encode(),
            summary=_LISTED,
        )

    def close(self) -> None:
        """Close the connection."""
        self._store.close()


class BareInsert:
    """The baseline: one row with the same content, inserted and committed in one round trip."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def append(self, tenant: str, stream: str, version: int) -> None:
        """Insert the row of the event."""
        del tenant
        encoded = codec.encode(revision_event(version + 1))
        self._connection.execute(_INSERT, (stream, version + 1, encoded.type, encoded.data.decode()))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class EventSourcing:
    """`eventsourcing`'s PostgreSQL recorder alone, without its mapper, aggregates and application."""

    def __init__(self, url: str) -> None:
        self._recorder = _recorder(url)

    def append(self, tenant: str, stream: str, version: int) -> None:
        """Insert the stored event."""
        del tenant
        encoded = codec.encode(revision_event(version + 1))
        aggregate = uuid5(NAMESPACE_URL, stream)
        self._recorder.insert_events([StoredEvent(aggregate, version + 1, encoded.type, encoded.data)])

    def close(self) -> None:
        """Close the connection."""
        self._recorder.datastore.close()


def create_tables(url: str) -> None:
    """Create the tables of all contenders."""
    open_benchmark_store(url).close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLE)
    recorder = _recorder(url)
    recorder.create_table()
    recorder.datastore.close()


def _recorder(url: str) -> PostgresApplicationRecorder:
    parts = conninfo_to_dict(url)
    datastore = PostgresDatastore(
        dbname=str(parts["dbname"]),
        host=str(parts["host"]),
        port="5432",
        user=str(parts["user"]),
        password="unused",
        pool_size=1,
        max_overflow=0,
    )
    return PostgresApplicationRecorder(datastore, events_table_name="es_events")


OURS: Final = "the bot"
RAW: Final = "bare insert"
ES: Final = "eventsourcing"
CONTENDERS: Final[Mapping[str, Callable[[str], Contender]]] = {
    OURS: BotStore,
    RAW: BareInsert,
    ES: EventSourcing,
}
