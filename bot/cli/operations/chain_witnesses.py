"""Heads of hash chains noted outside the database, and the progress of verification."""

import re
import time
from collections.abc import Callable, Sequence

import click

from bot.operator_error import OperatorError
from bot.store import Head

QUIET_SECONDS = 1.0
"""Checking that takes longer says how far it is."""

_FORM = re.compile(r"(?:(?P<tenant>[^\s:/]+):)?(?P<sequence>[1-9][0-9]{0,17}):(?P<hash>[0-9a-fA-F]{64})")


def parse_witnesses(noted: Sequence[str], workspace: str | None, known: Sequence[str]) -> list[Head]:
    """Return the noted heads; `known` are the workspaces of the database. Raises OperatorError."""
    return [_head(one, workspace, known) for one in noted]


def progress_printer(clock: Callable[[], float] = time.monotonic) -> Callable[[int, int], None]:
    """Says on standard error each second how far something is, from the first second on."""
    due = clock() + QUIET_SECONDS

    def told(done: int, steps: int) -> None:
        nonlocal due
        if clock() >= due:
            due = clock() + QUIET_SECONDS
            click.echo(f"threatmodel: {100 * done // max(steps, 1)} % checked", err=True)

    return told


def _head(noted: str, workspace: str | None, known: Sequence[str]) -> Head:
    found = _FORM.fullmatch(noted.strip())
    if found is None:
        raise OperatorError(
            f"--witness: {noted[:80]!r} must be SEQ:HASH or ID:SEQ:HASH, with the number and the 64 "
            "hexadecimal digits that `verify` printed."
        )
    tenant = found["tenant"] or workspace
    if tenant is None and len(known) > 1:
        raise OperatorError(
            f"--witness: {noted[:20]}… names no workspace, and there are {', '.join(known)}: "
            "write ID:SEQ:HASH, or choose one with --workspace."
        )
    if tenant is None:
        # The workspace itself may be gone: then the witness is of whichever there was.
        tenant = known[0] if known else "?"
    return Head(tenant=tenant, sequence=int(found["sequence"]), hash=bytes.fromhex(found["hash"]))
