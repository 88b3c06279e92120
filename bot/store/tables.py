"""A room's tables: the steps to them, and what each holds of people's words."""

from collections.abc import Iterable, Mapping

from sqlite_utils import Migrations

from bot.store.erasure_rules import Holding


class Tables(Migrations):
    """The steps to a room's tables, and what each of these tables holds."""

    def __init__(self, name: str, holdings: Mapping[str, Holding]) -> None:
        super().__init__(name)
        self.holdings = holdings


def holdings_of(steps: Iterable[Migrations]) -> dict[str, Holding]:
    """Return what the tables of several packages hold, by table."""
    declared: dict[str, Holding] = {}
    for one in steps:
        if isinstance(one, Tables):
            declared |= one.holdings
    return declared
