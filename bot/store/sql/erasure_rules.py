"""Users' text in each table, and its erasure: the only declaration.

A table without a declaration fails a test, so that a new one cannot keep text that was erased elsewhere.
"""

from collections.abc import Mapping

import msgspec


class ErasureRule(msgspec.Struct, frozen=True, kw_only=True):
    """Users' text in a table; `what` is empty if it contains none of a model.

    `forget` are statements for the erasure of part of a model, `forget_all` those for all of it. They may use
    `:tenant`, `:stream`, `:model` (its key) and `:channel`.
    """

    what: str
    forget: tuple[str, ...] = ()
    forget_all: tuple[str, ...] = ()
    by_itself: str = ""
    """The reason why no statement is needed: how the text is erased otherwise."""
    shared: bool = False
    """Whether the rows are of the database and stay when a workspace is removed or copied."""


NO_TEXT = ErasureRule(what="")
"""Numbers, times, IDs and digests."""

SHARED = ErasureRule(what="", shared=True)
"""Numbers and times of no workspace."""


# The row stays without author and content: `verify` counts commands, so that a loss is detected. The keys of
# `RETURNED` models stay.
_BLANK = """
    UPDATE commands SET key = 'erased:' || random_hex(), request = CAST('' AS BLOB)
    WHERE tenant = :tenant AND stream = :stream AND substr(key, 1, 8) <> 'restore/'
"""

EVENT_STORE_RULES: Mapping[str, ErasureRule] = {
    "events": ErasureRule(what="what people said", by_itself="erasing blanks the events themselves"),
    "commands": ErasureRule(
        what="who pressed what, and a keyed digest of it",
        # A command without events has a version below its first.
        forget=(f"{_BLANK} AND version < first",),
        forget_all=(_BLANK,),
    ),
    "streams": ErasureRule(
        what="the name of a model", by_itself="its summary is made again from what is left"
    ),
    "snapshots": ErasureRule(
        what="a whole model", forget=("DELETE FROM snapshots WHERE tenant = :tenant AND stream = :stream",)
    ),
    "counters": NO_TEXT,
    "database_epoch": SHARED,
    "deliveries": ErasureRule(what="digests of what is shown", by_itself="erasing drops the salt of each"),
    "draft_numbers": NO_TEXT,
    "drafts": ErasureRule(
        what="what files and agents propose",
        # Text that was accepted and is erased now may stand in it as well.
        forget=("DELETE FROM drafts WHERE tenant = :tenant AND home = :model",),
        forget_all=("DELETE FROM drafts WHERE tenant = :tenant AND home = :channel",),
    ),
    "erasures": NO_TEXT,
    "heads": NO_TEXT,
    "imports": SHARED,
    "lanes": NO_TEXT,
    "nudges": NO_TEXT,
    "portfolio_entries": ErasureRule(
        what="names, labels and the next step of a model",
        forget=("DELETE FROM portfolio_entries WHERE tenant = :tenant AND stream = :stream",),
    ),
    "positions": SHARED,
    "projections": NO_TEXT,
    "removals": NO_TEXT,
    "ticks": NO_TEXT,
    "unfinished": NO_TEXT,
    "work": NO_TEXT,
}
"""The rules of the store's own tables."""
