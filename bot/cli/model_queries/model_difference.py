"""Difference of a model between two moments."""

from datetime import UTC, datetime

import msgspec

from bot.cli.local_moments import format_moment, parse_moment
from bot.cli.model_queries.model_lookup import ModelSnapshot, find_model, load_register, load_register_at
from bot.operator_error import OperatorError
from bot.store import Store
from domain.changes import Change, difference


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
