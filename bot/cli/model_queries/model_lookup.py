"""Lookup of a model, as it is or as of a moment, and of what has changed since."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache

import msgspec

from bot.cli.local_moments import format_moment, parse_moment
from bot.cli.model_queries.reminder_lines import (
    ReminderLine,
    merge_reminders,
    past_reminders,
    planned_reminders,
)
from bot.cli.terminal_text import terminal_text
from bot.commands.command_handler import CommandHandler
from bot.operator_error import OperatorError
from bot.slack.directory.member_directory import Directory
from bot.slack.directory.time_zones import PeopleAvailability, zones_of
from bot.store import EventStore, Store, StreamId, tenant_of
from domain.changes import Change, difference
from domain.events import Erased
from domain.history import TimelineEntry, timeline
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import Naming
from domain.model import ThreatModel
from domain.register import ThreatRegister, register


class AskedModel(msgspec.Struct, frozen=True, kw_only=True):
    """What a command about one model is given: the store, the model, and the moment and zone asked for."""

    store: Store
    model: str
    workspace: str | None
    zone: str | None
    as_of: str | None = None


class ModelSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A model's register, the moment that it is of, and a remark on how it was computed.

    `reminders` are those that were sent or not by then; of the model as it is, also those to come.
    """

    register: ThreatRegister
    naming: Naming
    as_of: datetime
    note: str = ""
    reminders: tuple[ReminderLine, ...] = ()


class ModelHistory(msgspec.Struct, frozen=True, kw_only=True):
    """A model's history and how the people in it are called."""

    entries: tuple[TimelineEntry, ...]
    naming: Naming


def load_register(asked: AskedModel, *, holidays: frozenset[date] = frozenset()) -> ModelSnapshot:
    """Return the register of a model, at its end or as of a moment; raises OperatorError.

    On `holidays` no reminders are due.
    """
    if asked.as_of is not None:
        return _load_register_at(asked, parse_moment(asked.as_of, asked.zone), option="--as-of")
    store, stream = asked.store, _stream_of(asked)
    tenant = tenant_of(stream)
    reminder_store, directory = store.unit(tenant).reminders, Directory(store.unit(tenant))
    handler = CommandHandler(store)
    known, today = handler.model(stream), datetime.now(UTC)
    people = PeopleAvailability(
        directory,
        hours=lambda person: handler.working_hours(tenant, person),
        holidays=lambda: holidays | {*handler.settings.current(tenant).holidays},
    )
    now = register(known, now=today, zones=cache(zones_of(directory)))
    planned = planned_reminders(reminder_store, known, today, people(known.channel))
    return ModelSnapshot(
        register=now,
        naming=names_of(directory),
        as_of=_last_change(store, stream, now.version),
        reminders=merge_reminders(past_reminders(reminder_store, known, today), planned),
    )


def load_model(store: Store, model: str, *, workspace: str | None) -> ThreatModel:
    """Return a model as it is; raises OperatorError."""
    return CommandHandler(store).model(find_model(store, model, workspace))


def _load_register_at(asked: AskedModel, moment: datetime, *, option: str) -> ModelSnapshot:
    """Load the register of a model as of a moment; raises OperatorError, which names the option."""
    store, stream = asked.store, _stream_of(asked)
    then = CommandHandler(store).model_at(stream, moment)
    when = format_moment(moment, asked.zone)
    if not then.version:
        name = terminal_text(asked.model)
        raise OperatorError(f"{option}: {name} did not exist at {when}. Choose a later time.")
    unit = store.unit(tenant_of(stream))
    directory = Directory(unit)
    return ModelSnapshot(
        register=register(then, now=moment, zones=cache(zones_of(directory))),
        naming=names_of(directory),
        as_of=moment,
        note=f" (as of {when}, by today's rules)",
        reminders=merge_reminders(past_reminders(unit.reminders, then, moment), ()),
    )


def load_registers(
    store: Store, models: Sequence[str], *, workspace: str | None
) -> tuple[ThreatRegister, ...]:
    """Return the registers of these models now, without any of all that are not archived; by key.

    Raises OperatorError.
    """
    if models:
        streams = [find_model(store, model, workspace) for model in models]
    else:
        streams = [stream.stream for stream in store.streams(workspace) if stream.phase != "archived"]
    today = datetime.now(UTC)
    handler = CommandHandler(store)
    return tuple(
        register(handler.model(stream), now=today, zones=cache(zones_of(_directory(store, stream))))
        for stream in dict.fromkeys(streams)
    )


def load_history(asked: AskedModel) -> ModelHistory:
    """Load every event of a model in words, in order; raises OperatorError."""
    stream = _stream_of(asked)
    entries = timeline([one.event for one in asked.store.read(stream)])
    return ModelHistory(entries=entries, naming=names_of(_directory(asked.store, stream)))


def _stream_of(asked: AskedModel) -> StreamId:
    return find_model(asked.store, asked.model, asked.workspace)


def find_model(store: EventStore, model: str, workspace: str | None) -> StreamId:
    """Find the stream of a model; raises OperatorError if there is none, or one in several workspaces."""
    found = [stream for stream in store.streams(workspace) if stream.key == model.strip().upper()]
    where = f" in workspace {terminal_text(workspace)}" if workspace else ""
    if not found:
        raise OperatorError(
            f"There is no model {terminal_text(model)}{where}. Run `threatmodel list` to list the models."
        )
    if len(found) > 1:
        workspaces = ", ".join(one.tenant for one in found)
        raise OperatorError(
            f"{found[0].key} exists in several workspaces ({workspaces}). Choose one with --workspace."
        )
    return found[0].stream


def _last_change(store: Store, stream: StreamId, version: int) -> datetime:
    """When something was said last; when it was recorded, where that was erased."""
    last = next(iter(store.read(stream, version - 1, version)))
    return last.recorded_at if isinstance(last.event, Erased) else last.event.at


def _directory(store: Store, stream: StreamId) -> Directory:
    return Directory(store.unit(tenant_of(stream)))


def names_of(directory: Directory) -> Naming:
    """Return the function that returns a person's name, or the ID of one who is not known."""

    def name(person: PersonId) -> str:
        known = directory.person(person)
        return known.name if known else person

    return name


class ModelDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A model at two moments, and what has changed from one to the other; `until` is the later moment."""

    before: ModelSnapshot
    after: ModelSnapshot
    until: datetime
    changes: tuple[Change, ...]


def load_difference(asked: AskedModel, since: str) -> ModelDifference:
    """Load the changes since a moment, until another or until now; raises OperatorError."""
    zone = asked.zone
    moment = parse_moment(since, zone, option="--since")
    until = parse_moment(asked.as_of, zone) if asked.as_of is not None else datetime.now(UTC)
    if moment > until:
        raise OperatorError(
            f"--since: {format_moment(moment, zone)} comes after {format_moment(until, zone)}: "
            "name an earlier one."
        )
    before, after = _load_register_at(asked, moment, option="--since"), load_register(asked)
    events = list(asked.store.events(_stream_of(asked), until=after.register.version))
    return ModelDifference(
        before=before, after=after, until=until, changes=difference(before.register, after.register, events)
    )
