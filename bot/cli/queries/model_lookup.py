"""Finds the model that was asked for, as it is or as it was."""

from datetime import UTC, date, datetime, tzinfo
from functools import cache

import msgspec

from bot.cli.local_moments import as_of_moment, shown
from bot.cli.queries.reminder_lines import NudgeLine, all_nudges, nudges_planned, nudges_told
from bot.cli.terminal_text import plain
from bot.commands.command_handler import CommandHandler
from bot.operator_error import Unfit
from bot.slack.directory.availability import PeopleAvailability
from bot.slack.directory.member_directory import Directory
from bot.slack.directory.time_zones import time_zone_of
from bot.store import EventStore, Store, StreamId, tenant_of
from domain.events import Erased
from domain.history import TimelineEntry, timeline
from domain.kernel.due_dates import Zones
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming
from domain.register import ThreatRegister, register


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A model's register, the moment that it is of, and a remark on how it was computed.

    `nudges` are those that were sent or not by then; of the model as it is, also those to come.
    """

    register: ThreatRegister
    naming: Naming
    of: datetime
    note: str = ""
    nudges: tuple[NudgeLine, ...] = ()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A model's history and how the people in it are called."""

    entries: tuple[TimelineEntry, ...]
    naming: Naming


def register_of(
    store: Store,
    model: str,
    *,
    workspace: str | None,
    as_of: str | None,
    zone: str | None,
    holidays: frozenset[date] = frozenset(),
) -> Seen:
    """The register of a model, at its end or as of a moment; raises Unfit.

    On `holidays` nobody is reminded.
    """
    if as_of is not None:
        moment = as_of_moment(as_of, zone)
        return register_at(store, model, moment, option="--as-of", workspace=workspace, zone=zone)
    stream = find(store, model, workspace)
    nudges = store.unit(tenant_of(stream)).nudges
    workshop = CommandHandler(store)
    try:
        known, today = workshop.model(stream), datetime.now(UTC)
        now = register(known, now=today, zones=_zones(store, stream))
        told = nudges_told(nudges, known, today)
        people = _people(store, stream, workshop, holidays)
        planned = nudges_planned(nudges, known, today, people(known.channel))
        return Seen(
            register=now,
            naming=_naming(store, stream),
            of=_last_change(store, stream, now.version),
            nudges=all_nudges(told, planned),
        )
    finally:
        workshop.close()


def register_at(
    store: Store, model: str, moment: datetime, *, option: str, workspace: str | None, zone: str | None
) -> Seen:
    """The register of a model as it was; raises Unfit, which names the option that asked for the moment."""
    stream = find(store, model, workspace)
    workshop = CommandHandler(store)
    try:
        then = workshop.model_at(stream, moment)
    finally:
        workshop.close()
    when = shown(moment, zone)
    if not then.version:
        raise Unfit(f"{option}: {plain(model)} did not exist yet at {when}: name a later moment.")
    nudges = store.unit(tenant_of(stream)).nudges
    return Seen(
        register=register(then, now=moment, zones=_zones(store, stream)),
        naming=_naming(store, stream),
        of=moment,
        note=f" (as of {when}, by today's rules)",
        nudges=all_nudges(nudges_told(nudges, then, moment), ()),
    )


def history_of(store: Store, model: str, *, workspace: str | None) -> Told:
    """Every event of a model in words, in order; raises Unfit."""
    stream = find(store, model, workspace)
    entries = timeline([one.event for one in store.read(stream)])
    return Told(entries=entries, naming=_naming(store, stream))


def find(store: EventStore, model: str, workspace: str | None) -> StreamId:
    """The stream of a model's key; raises Unfit when there is none, or one in several workspaces."""
    found = [one for one in store.streams(workspace) if one.key == model.strip().upper()]
    where = f" in workspace {plain(workspace)}" if workspace else ""
    if not found:
        raise Unfit(f"There is no model {plain(model)}{where}: `threatmodel list` shows those there are.")
    if len(found) > 1:
        workspaces = ", ".join(one.tenant for one in found)
        raise Unfit(f"{found[0].key} is in several workspaces ({workspaces}): say which with --workspace.")
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
    store: Store, stream: StreamId, workshop: CommandHandler, holidays: frozenset[date]
) -> PeopleAvailability:
    tenant = tenant_of(stream)
    return PeopleAvailability(
        Directory(store.unit(tenant)),
        hours=lambda person: workshop.working_hours(tenant, person),
        holidays=holidays,
    )


def _zones(store: Store, stream: StreamId) -> Zones:
    directory = Directory(store.unit(tenant_of(stream)))

    @cache
    def zone(person: PersonId) -> tzinfo:
        known = directory.person(person)
        return time_zone_of(known.zone if known else "").rules

    return zone
