"""Numbered migrations of a database, each a file of SQL; databases of other versions are refused."""

import hashlib
from collections.abc import Mapping
from importlib import resources

import msgspec

from bot.store.errors import StoreUnavailable


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """Numbered step of SQL; a released one is never changed, another one follows it."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """Digest of the step in hexadecimal digits."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(package: str) -> tuple[Migration, ...]:
    """Return the steps of this release in a package, in order."""
    files = resources.files(package).joinpath("migrations").iterdir()
    found = [
        Migration(number=int(file.name[:4]), name=file.name[5:].removesuffix(".sql"), sql=file.read_text())
        for file in files
        if file.name.endswith(".sql")
    ]
    return tuple(sorted(found, key=lambda step: step.number))


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
            f"DATABASE_URL: {place} was written by a newer release (migration {max(newer)}); install that one"
        )
    return tuple(step for step in steps if step.number not in applied)
