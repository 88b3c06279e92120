"""Numbered migrations of both databases, each one file of SQL; databases of other versions are refused."""

import hashlib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

import msgspec

from bot.store.errors import StoreUnavailable


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """Kind of database: what stands for each name in braces in the files of the steps.

    `{own_part}` stands for the file of a step that only this kind has, such as `0001_schema.sqlite.sql`.
    """

    name: str
    fragments: Mapping[str, str]


SQLITE: Final = Dialect(
    name="sqlite",
    fragments={
        "text": "TEXT",
        "bytes": "BLOB",
        "real": "REAL",
        "long": "INTEGER",
        "rows": "STRICT, WITHOUT ROWID",
        "wide_rows": "STRICT",
        "is_removed": "EXISTS"
        " (SELECT 1 FROM removals JOIN heads USING (tenant, hash) WHERE tenant = OLD.tenant)",
        "or_moved": "OR NEW.rowid <> OLD.rowid",
        "refuse": "BEGIN SELECT RAISE(ABORT,",
        "refused": "); END",
    },
)
POSTGRES: Final = Dialect(
    name="postgres",
    fragments={
        "text": 'text COLLATE "C"',
        "bytes": "bytea",
        "real": "double precision",
        "long": "bigint",
        "rows": "",
        "wide_rows": "",
        "is_removed": "is_removed(OLD.tenant)",
        "or_moved": "",
        "refuse": "EXECUTE FUNCTION refuse(",
        "refused": ")",
    },
)


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """Numbered step of SQL; a released one is never changed, another one follows it."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """Digest of the step in hexadecimal digits."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(dialect: Dialect, folder: Traversable | None = None) -> tuple[Migration, ...]:
    """Return the steps of this release for a kind of database, in order."""
    files = {
        file.name: file for file in (folder or resources.files("bot.store").joinpath("schema")).iterdir()
    }
    return tuple(
        Migration(number=int(name[:4]), name=name[5:], sql=_filled(dialect, name, files))
        for name in sorted(file.removesuffix(".sql") for file in files if file.count(".") == 1)
    )


def _filled(dialect: Dialect, name: str, files: Mapping[str, Traversable]) -> str:
    own = files.get(f"{name}.{dialect.name}.sql")
    own_part = own.read_text("utf-8") if own is not None else ""
    return files[f"{name}.sql"].read_text("utf-8").format_map({**dialect.fragments, "own_part": own_part})


def missing_steps(
    steps: tuple[Migration, ...], applied: Mapping[int, str], place: str
) -> tuple[Migration, ...]:
    """Return the steps that a database lacks; `applied` has the digests of those that it has, by number.

    Raises StoreUnavailable if the database was written by a newer release or by a development version.
    """
    known = {step.number: step.digest for step in steps}
    if any(known.get(number, digest) != digest for number, digest in applied.items()) or 0 in applied:
        raise StoreUnavailable(
            f"DATABASE_URL: {place} was written by an earlier development version, and was left as it is. "
            "Export each of its models with that version (`threatmodel export MODEL --format events`), and "
            "import the files into a new database (`threatmodel import FILE`)"
        )
    if newer := applied.keys() - known:
        raise StoreUnavailable(
            f"DATABASE_URL: {place} was written by a newer release (migration {max(newer)}); install that "
            "one, or restore the backup from before the upgrade"
        )
    return tuple(step for step in steps if step.number not in applied)
