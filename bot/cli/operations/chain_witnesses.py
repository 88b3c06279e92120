"""Heads of hash chains noted outside the database."""

from collections.abc import Sequence

from bot.operator_error import OperatorError
from bot.store import Head
from bot.store.kept_heads import HEAD_PATTERN


def parse_witnesses(noted: Sequence[str], workspace: str | None, known: Sequence[str]) -> list[Head]:
    """Return the noted heads; `known` are the workspaces of the database. Raises OperatorError."""
    return [_head(one, workspace, known) for one in noted]


def _head(noted: str, workspace: str | None, known: Sequence[str]) -> Head:
    found = HEAD_PATTERN.fullmatch(noted.strip())
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
