"""Lookup of a model, as it is or as of a moment, and of what has changed since."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
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
from bot.slack.directory.time_zones import PeopleAvailability, time_zone_of
from bot.store import EventStore, Store, StreamId, tenant_of
from domain.changes import Change, difference
from domain.events import Erased
from domain.history import TimelineEntry, timeline
from domain.kernel.due_dates import Zones
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming
from domain.model import ThreatModel
from domain.register import ThreatRegister, register


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


def load_register(
    store: Store,
    model: str,
    *,
    workspace: str | None,
    as_of: str | None,
    zone: str | None,
    holidays: frozenset[date] = frozenset(),
) -> ModelSnapshot:
    """Return the register of a model, at its end or as of a moment; raises OperatorError.

    On `holidays` no reminders are due.
    """
    if as_of is not None:
        moment = parse_moment(as_of, zone)
        return load_register_at(store, model, moment, option="--as-of", workspace=workspace, zone=zone)
    stream = find_model(store, model, workspace)
    reminder_store = store.unit(tenant_of(stream)).reminders
    command_handler = CommandHandler(store)
    try:
        known, today = command_handler.model(stream), datetime.now(UTC)
        now = register(known, now=today, zones=_zones(store, stream))
        told = past_reminders(reminder_store, known, today)
        people = _people(store, stream, command_handler, holidays)
        planned = planned_reminders(reminder_store, known, today, people(known.channel))
        return ModelSnapshot(
            register=now,
            naming=_naming(store, stream),
            as_of=_last_change(store, stream, now.version),
            reminders=merge_reminders(told, planned),
        )
    finally:
        command_handler.close()


def load_model(store: Store, model: str, *, workspace: str | None) -> ThreatModel:
    """Return a model as it is; raises OperatorError."""
    command_handler = CommandHandler(store)
    try:
        return command_handler.model(find_model(store, model, workspace))
    finally:
        command_handler.close()


def load_register_at(
    store: Store, model: str, moment: datetime, *, option: str, workspace: str | None, zone: str | None
) -> ModelSnapshot:
    """Load the register of a model as of a moment; raises OperatorError, which names the option."""
    stream = find_model(store, model, workspace)
    command_handler = CommandHandler(store)
    try:
        then = command_handler.model_at(stream, moment)
    finally:
        command_handler.close()
    when = format_moment(moment, zone)
    if not then.version:
        raise OperatorError(f"{option}: {terminal_text(model)} did not exist at {when}. Choose a later time.")
    reminder_store = store.unit(tenant_of(stream)).reminders
    return ModelSnapshot(
        register=register(then, now=moment, zones=_zones(store, stream)),
        naming=_naming(store, stream),
        as_of=moment,
        note=f" (as of {when}, by today's rules)",
        reminders=merge_reminders(past_reminders(reminder_store, then, moment), ()),
    )


def load_registers(
    store: Store, models: Sequence[str], *, workspace: str | None
) -> tuple[ThreatRegister, ...]:
    """Return the registers of these models now, without any of all that are not archived; by key.

    Raises OperatorError.
    """
    if models:
        streams = [find_model(store, one, workspace) for one in models]
    else:
        streams = [one.stream for one in store.streams(workspace) if one.phase != "archived"]
    command_handler, today = CommandHandler(store), datetime.now(UTC)
    try:
        return tuple(
            register(command_handler.model(one), now=today, zones=_zones(store, one))
            for one in dict.fromkeys(streams)
        )
    finally:
        command_handler.close()


def load_history(store: Store, model: str, *, workspace: str | None) -> ModelHistory:
    """Load every event of a model in words, in order; raises OperatorError."""
    stream = find_model(store, model, workspace)
    entries = timeline([one.event for one in store.read(stream)])
    return ModelHistory(entries=entries, naming=_naming(store, stream))


def find_model(store: EventStore, model: str, workspace: str | None) -> StreamId:
    """Find the stream of a model; raises OperatorError if there is none, or one in several workspaces."""
    found = [one for one in store.streams(workspace) if one.key == model.strip().upper()]
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


def _naming(store: Store, stream: StreamId) -> Naming:
    directory = Directory(store.unit(tenant_of(stream)))

    def name(person: PersonId) -> str:
        known = directory.person(person)
        return known.name if known else person

    return name


def _people(
    store: Store, stream: StreamId, command_handler: CommandHandler, holidays: frozenset[date]
) -> PeopleAvailability:
    tenant = tenant_of(stream)
    return PeopleAvailability(
        Directory(store.unit(tenant)),
        hours=lambda person: command_handler.working_hours(tenant, person),
        holidays=lambda: holidays | {*command_handler.settings.current(tenant).holidays},
    )


def _zones(store: Store, stream: StreamId) -> Zones:
    directory = Directory(store.unit(tenant_of(stream)))

    @cache
    def zone(person: PersonId) -> tzinfo:
        known = directory.person(person)
        return time_zone_of(known.zone if known else "").rules

    return zone


class ModelDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A model at two moments, and what has changed from one to the other; `until` is the later moment."""

    before: ModelSnapshot
    after: ModelSnapshot
    until: datetime
    changes: tuple[Change, ...]


def load_difference(
    store: Store, model: str, since: str, *, as_of: str | None, zone: str | None, workspace: str | None
) -> ModelDifference:
    """Load the changes since a moment, until another or until now; raises OperatorError."""
    moment = parse_moment(since, zone, option="--since")
    until = parse_moment(as_of, zone) if as_of is not None else datetime.now(UTC)
    if moment > until:
        raise OperatorError(
            f"--since: {format_moment(moment, zone)} comes after {format_moment(until, zone)}: "
            "name an earlier one."
        )
    before = load_register_at(store, model, moment, option="--since", workspace=workspace, zone=zone)
    after = load_register(store, model, workspace=workspace, as_of=as_of, zone=zone)
    events = list(store.events(find_model(store, model, workspace), until=after.register.version))
    return ModelDifference(
        before=before, after=after, until=until, changes=difference(before.register, after.register, events)
    )
