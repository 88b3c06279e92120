"""Users' text in each table, and its erasure: the only declaration.

A table without a declaration fails a test, so that a new one cannot keep text that was erased elsewhere.
"""

from collections.abc import Mapping
from typing import Final

import msgspec


class ErasureRule(msgspec.Struct, frozen=True, kw_only=True):
    """Users' text in a table; `what` is empty if it contains none of a model.

    `forget` are statements for the erasure of part of a model, `forget_all` those for all of it. They may use
    `:tenant`, `:stream`, `:model` (its key), `:channel` and those of `FORGOTTEN`.
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


_OF_SLACK_ITSELF: Final = "names as Slack has them; they follow Slack and are of no model"

# The row stays without author and content: `verify` counts commands, so that a loss is detected. The keys of
# `RETURNED` models stay.
BLANK_COMMAND: Final = """
    UPDATE commands SET key = 'erased:' || random_hex(), request = :no_request
    WHERE tenant = :tenant AND stream = :stream AND substr(key, 1, 8) <> 'restore/'
"""
FORGOTTEN: Final = {"no_request": b""}
"""What takes the place of the digest of a request."""

ERASURE_RULES: Final[Mapping[str, ErasureRule]] = {
    "events": ErasureRule(what="what people said", by_itself="erasing blanks the events themselves"),
    "commands": ErasureRule(
        what="who pressed what, and a keyed digest of it",
        # A command without events has a version below its first.
        forget=(f"{BLANK_COMMAND} AND version < first",),
        forget_all=(BLANK_COMMAND,),
    ),
    "streams": ErasureRule(
        what="the name of a model", by_itself="its summary is made again from what is left"
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
    "copied_workspaces": SHARED,
    "lanes": NO_TEXT,
    "reminders": NO_TEXT,
    "portfolio_entries": ErasureRule(
        what="names, labels and the next step of a model",
        forget=("DELETE FROM portfolio_entries WHERE tenant = :tenant AND stream = :stream",),
    ),
    "positions": SHARED,
    "projections": NO_TEXT,
    "removals": NO_TEXT,
    "periodic_checks": NO_TEXT,
    "pending_erasures": NO_TEXT,
    "work": NO_TEXT,
    # About Slack, agents and trackers.
    "access_tokens": NO_TEXT,
    "agent_calls": NO_TEXT,
    "installations": ErasureRule(what="URLs of workspaces", by_itself=_OF_SLACK_ITSELF),
    "slack_channels": ErasureRule(what="names of channels", by_itself=_OF_SLACK_ITSELF),
    "pending_imports": ErasureRule(
        what="what was read from a file",
        # It may be the file that became the model. A person who still wants to import it shares it again.
        forget_all=("DELETE FROM pending_imports WHERE tenant = :tenant AND channel = :channel",),
    ),
    "slack_members": NO_TEXT,
    "open_forms": ErasureRule(
        what="what forms showed when they were opened",
        # A form that is still open is shown again before it is saved.
        forget=("DELETE FROM open_forms WHERE tenant = :tenant AND stream = :stream",),
    ),
    "pending_requests": ErasureRule(
        what="requests of people who are being looked up",
        # The requests that name the model, and those that cannot concern another model of the channel.
        forget_all=(
            """
            DELETE FROM pending_requests WHERE tenant = :tenant AND (
                mentions(body, :model)
                OR channel = :channel AND NOT EXISTS (
                    SELECT 1 FROM streams AS other WHERE other.tenant = :tenant
                    AND other.channel = :channel AND other.name IS NOT NULL AND other.stream <> :stream
                )
            )
            """,
        ),
    ),
    "slack_people": ErasureRule(what="names of people", by_itself=_OF_SLACK_ITSELF),
    "write_checks": SHARED,
    "slack_observations": NO_TEXT,
    "tracker_checks": ErasureRule(
        what="addresses and projects of trackers", by_itself="a request is deleted as soon as it is checked"
    ),
    "tracker_connections": ErasureRule(
        what="answers of trackers to failed calls", by_itself="they are about a connection and of no model"
    ),
    "used_install_states": SHARED,
}
"""The rule of each table."""

_FIRST = ("removals", "events", "heads")
"""The chain, before what is compared with it."""

_LEFT_OUT = {"portfolio_entries"}
"""Made again where they are needed."""


def workspace_tables() -> set[str]:
    """Return every table with rows of workspaces."""
    return {table for table, rule in ERASURE_RULES.items() if not rule.shared}


def copied_tables() -> list[str]:
    """Return the tables that are copied between databases, in the order in which their rules allow it."""
    return [*_FIRST, *sorted(workspace_tables().difference(_FIRST, _LEFT_OUT))]
