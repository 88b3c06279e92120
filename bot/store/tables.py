"""A room's tables: the steps to them, and what each holds of people's words."""

from collections.abc import Iterable, Mapping

from sqlite_utils import Migrations

from bot.store.erasure_rules import ErasureRule


class Tables(Migrations):
    """The steps to a room's tables, and what each of these tables holds."""

    def __init__(self, name: str, erasure_rules: Mapping[str, ErasureRule]) -> None:
        super().__init__(name)
        self.erasure_rules = erasure_rules


def erasure_rules_of(steps: Iterable[Migrations]) -> dict[str, ErasureRule]:
    """Return what the tables of several packages hold, by table."""
    declared: dict[str, ErasureRule] = {}
    for one in steps:
        if isinstance(one, Tables):
            declared |= one.erasure_rules
    return declared
