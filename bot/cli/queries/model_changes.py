"""What has changed about a model between two moments."""

from datetime import UTC, datetime

import msgspec

from bot.cli.local_moments import as_of_moment, shown
from bot.cli.queries.model_lookup import Seen, find, register_at, register_of
from bot.operator_error import Unfit
from bot.store import SqliteStore
from domain.changes import Change, difference


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """A model at two moments, and what has changed from one to the other; `until` is the later moment."""

    before: Seen
    after: Seen
    until: datetime
    changes: tuple[Change, ...]


def changed_since(
    store: SqliteStore, model: str, since: str, *, as_of: str | None, zone: str | None, workspace: str | None
) -> Since:
    """What has changed since a moment, until another or until now; raises Unfit."""
    moment = as_of_moment(since, zone, option="--since")
    until = as_of_moment(as_of, zone) if as_of is not None else datetime.now(UTC)
    if moment > until:
        raise Unfit(f"--since: {shown(moment, zone)} comes after {shown(until, zone)}: name an earlier one.")
    before = register_at(store, model, moment, option="--since", workspace=workspace, zone=zone)
    after = register_of(store, model, workspace=workspace, as_of=as_of, zone=zone)
    events = list(store.events(find(store, model, workspace), until=after.register.version))
    return Since(
        before=before, after=after, until=until, changes=difference(before.register, after.register, events)
    )
