"""Comparison of what is stored beside each model's events with a replay of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from bot.store import codec
from bot.store.errors import HistoryUnreadable
from bot.store.portfolio_rows import is_entry_of
from bot.store.records import Fault, StreamId, is_model, listed, tenant_of
from bot.store.replacements import NO_REPLACEMENTS, Replacements
from bot.store.sql.database import SqlConnection
from bot.store.sql.reminder_rows import FIELDS, reminder_of
from bot.store.sql.stored_events import load_replacements, stored_event
from bot.store.sql.verified_file import Resumed
from bot.store.sql.verify_workers import Workers
from bot.version import fold
from domain.events import RecordedEvent
from domain.model import ThreatModel
from domain.reminder_deliveries import Delivery, DeliveryEvent, deliveries_after
from domain.replay import EMPTY, replay

_EVENTS = "SELECT type, schema, data FROM events WHERE tenant = :tenant AND stream = :stream ORDER BY version"
_STREAMS = """
    SELECT stream, tenant, version, erasures, name, channel, phase FROM streams ORDER BY stream
"""
_PORTFOLIO = "SELECT stream, version, erasures, fold, data FROM portfolio_entries"

_REMINDERS = f"SELECT tenant, {FIELDS} FROM reminders ORDER BY tenant, key"  # noqa: S608  (our own column names)
_DELIVERIES = """
    SELECT tenant, stream, version, type, schema, data FROM events
    WHERE type IN ('ReminderClaimed', 'ReminderSent', 'ReminderFailed', 'ReminderSkipped')
    ORDER BY tenant, sequence
"""

Step = Callable[[int], None]
"""Called with the number of events examined."""

_SHOWN = ("name", "channel", "phase")


class ReplayComparison:
    """Comparison with a replay; `versions` are the streams' lengths, `erased` those with erased events."""

    def __init__(
        self,
        connection: SqlConnection,
        versions: Mapping[str, int],
        erased: frozenset[str],
        step: Step,
        others: Workers | None = None,
        resumed: Resumed | None = None,
    ) -> None:
        self._connection = connection
        self._versions = versions
        self._erased = erased
        self._step = step
        self._others = others
        self._resumed = resumed
        self._found: list[Fault] = []

    def differences(self) -> Iterator[Fault]:
        """Return every list and portfolio entry that does not match the events of its stream."""
        stored = {row[0]: row[1:] for row in self._connection.execute(_STREAMS)}
        listed = {row[0]: row[1:] for row in self._connection.execute(_PORTFOLIO)}
        for stream in sorted({*self._versions, *stored, *listed}):
            version = self._versions.get(stream, 0)
            if stream not in stored:
                what = "`streams` lacks it" if version else "`portfolio_entries` has one without a stream"
                yield _fault(stream, version, what)
                continue
            tenant, counted, erasures, *shown = stored[stream]
            if tenant != tenant_of(StreamId(stream)):
                yield _fault(stream, version, f"`streams` assigns it to workspace {tenant}")
            if counted != version:
                yield _fault(stream, version, f"`streams` counts {counted} events, but it has {version}")
            if stream in self._erased and not erasures:
                yield _fault(stream, version, "`streams` does not record that some of its text was erased")
            entry = listed.get(stream)
            if entry is not None and entry[0] > version:
                what = f"its portfolio entry has version {entry[0]}, but it has {version} events"
                yield _fault(stream, entry[0], what)
            # Any other one is not read: of an earlier version, from before an erasure, or of another release.
            read = entry is not None and entry[:3] == (version, erasures, fold())
            yield from self._model(stream, version, shown, bytes(entry[3]) if entry and read else None)
        if self._others is not None:
            self._others.wait()
            yield from self._found
        yield from self._reminders()

    def _reminders(self) -> Iterator[Fault]:
        """Return every reminder whose outcome does not match its events, which do not say when it was due."""
        by_tenant: dict[str, list[DeliveryEvent]] = {}
        last: dict[tuple[str, str], tuple[str, int]] = {}
        for tenant, stream, version, kind, schema, data in self._connection.execute(_DELIVERIES):
            if data is not None:
                event = cast("DeliveryEvent", codec.decode(kind, schema, data))
                by_tenant.setdefault(tenant, []).append(event)
                last |= {(tenant, key): (stream, version) for key in event.keys}
        due: dict[tuple[str, str], Delivery] = {
            (tenant, key): one
            for tenant, events in by_tenant.items()
            for key, one in deliveries_after(events, {}).items()
        }
        stored = {(tenant, row[0]): row for tenant, *row in self._connection.execute(_REMINDERS)}
        for found in sorted({*stored, *last}):
            stream, version = last.get(found, ("", 0))
            if stream and found not in stored:
                yield _fault(stream, version, f"`reminders` lacks the reminder {found[1]}")
            elif not _is_outcome(stored[found], due.get(found), stream, version):
                what = f"`reminders` has a reminder {found[1]} that does not match its events"
                yield _fault(stream or f"{found[0]}/reminders", version, what)

    def _model(
        self, stream: str, version: int, shown: list[str | None], entry: bytes | None
    ) -> Iterator[Fault]:
        if not is_model(StreamId(stream)):
            if any(one is not None for one in shown):
                yield _fault(stream, version, "`streams` lists it as a model, which it is not")
            return
        compared = self._resumed.state.compared if self._resumed else {}
        if compared.get(StreamId(stream)) == version:
            self._step(version)
            return
        replaced = NO_REPLACEMENTS
        if stream in self._erased:
            replaced = load_replacements(self._connection, StreamId(stream))
        rows = self._connection.execute(_EVENTS, {"tenant": tenant_of(StreamId(stream)), "stream": stream})
        events = rows.fetchall()
        self._step(len(events))
        arguments = stream, version, shown, entry, events, replaced

        def done(faults: list[Fault]) -> bool:
            self._found += faults
            if not faults:
                compared[StreamId(stream)] = version
            return True

        if self._others is not None:
            self._others.give(compare_model, *arguments, done=done)
        else:
            done(compare_model(*arguments))
            yield from self._found
        if self._resumed is not None and self._resumed.is_due():
            self._resumed.keep()


def compare_model(
    stream: str,
    version: int,
    shown: Sequence[str | None],
    entry: bytes | None,
    rows: Sequence[tuple[str, int, bytes | None]],
    replaced: Replacements,
) -> list[Fault]:
    """Return how a model's list entry and portfolio entry differ from its events."""
    events: list[RecordedEvent] = []
    try:
        for number, row in enumerate(rows, start=1):
            events.append(stored_event(row, replaced.events.get(number)))
    except HistoryUnreadable as error:
        return [_fault(stream, len(events) + 1, str(error))]
    model = replay(events, EMPTY)
    found: list[Fault] = []
    if entry is not None and not is_entry_of(entry, model, events):
        found.append(_fault(stream, version, "its portfolio entry does not match its events"))
    for column, stored, due in zip(_SHOWN, shown, _listed(model), strict=True):
        if stored != due:
            found.append(_fault(stream, version, f"`streams` has a {column} that does not match its events"))
    return found


def _is_outcome(row: Sequence[Any], due: Delivery | None, stream: str, version: int) -> bool:
    try:
        stored = reminder_of(tuple(row))
    except ValueError:  # altered to what is no state, or no time
        return False
    return stored.delivery == due and stored.stream == stream and stored.version >= version


def _listed(model: ThreatModel) -> tuple[str | None, ...]:
    summary = listed(model)
    if summary is None:
        return (None,) * len(_SHOWN)
    return summary.name, summary.channel, summary.phase


def _fault(stream: str, version: int, what: str) -> Fault:
    tenant = tenant_of(StreamId(stream))
    return Fault(tenant=tenant, stream=StreamId(stream), version=version or None, what=what)
