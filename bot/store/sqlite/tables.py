"""Tables of a package: their migrations, and the erasure rule of each."""

from collections.abc import Iterable, Mapping

from sqlite_utils import Migrations

from bot.store.sql.erasure_rules import ErasureRule


class Tables(Migrations):
    """Migrations of a package's tables, with the erasure rule of each table."""

    def __init__(self, name: str, erasure_rules: Mapping[str, ErasureRule]) -> None:
        super().__init__(name)
        self.erasure_rules = erasure_rules


def erasure_rules_of(steps: Iterable[Migrations]) -> dict[str, ErasureRule]:
    """Return the erasure rules of several packages, by table."""
    declared: dict[str, ErasureRule] = {}
    for one in steps:
        if isinstance(one, Tables):
            declared |= one.erasure_rules
    return declared
