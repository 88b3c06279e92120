"""People's text in each table, and how it is erased: the only declaration.

A table that is declared nowhere fails a test, so that a new one cannot keep what was erased elsewhere.
"""

from collections.abc import Mapping

import msgspec


class ErasureRule(msgspec.Struct, frozen=True, kw_only=True):
    """People's text in a table; `what` is empty if it contains none of a model.

    `forget` are statements that are run when something of a model is erased, `forget_all` those for when all
    of it is. They may name `:tenant`, `:stream`, `:model` (its key) and `:channel`.
    """

    what: str
    forget: tuple[str, ...] = ()
    forget_all: tuple[str, ...] = ()
    by_itself: str = ""
    """Why no statement is needed: who else sees to it that the words go."""


NO_TEXT = ErasureRule(what="")
"""Numbers, moments, ids and digests."""


# The row stays, without who and what: `verify` counts commands, so that none can vanish without a trace.
_BLANK = """
    UPDATE commands SET key = 'erased:' || hex(randomblob(12)), request = x''
    WHERE tenant = :tenant AND stream = :stream
"""

EVENT_STORE_RULES: Mapping[str, ErasureRule] = {
    "events": ErasureRule(what="what people said", by_itself="erasing blanks the events themselves"),
    "commands": ErasureRule(
        what="who pressed what, and a keyed digest of it",
        # What changed nothing has a version below its first.
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
    "deliveries": ErasureRule(what="digests of what is shown", by_itself="erasing drops the salt of each"),
    "erasures": NO_TEXT,
    "heads": NO_TEXT,
    "lanes": NO_TEXT,
    "nudges": NO_TEXT,
    "positions": NO_TEXT,
    "projections": NO_TEXT,
    "removals": NO_TEXT,
    "ticks": NO_TEXT,
    "unfinished": NO_TEXT,
    "work": NO_TEXT,
}
"""The holdings of the store's own tables."""
