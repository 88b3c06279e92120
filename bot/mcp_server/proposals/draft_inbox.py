"""Inbox of drafts: where proposals wait for people."""

from datetime import datetime
from typing import Final, Protocol

import msgspec

from bot.mcp_server.callers import Caller
from domain.drafts.draft import Draft
from domain.model import ThreatModel

MAX_OPEN: Final = 5
"""Drafts of one person in one model that may wait at the same time."""


class SubmittedDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Draft for a model, and who brings it: a caller, and the program that acts for them."""

    caller: Caller
    client: str
    model: ThreatModel
    draft: Draft
    at: datetime


class DraftReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """ID of a draft; `known` if the same proposal was submitted before."""

    id: str
    known: bool


class DraftInbox(Protocol):
    """Inbox of drafts of all workspaces."""

    def submit(self, submitted: SubmittedDraft) -> DraftReceipt:
        """Store a draft, unless the same one waits already; raises TooManyDrafts, StoreUnavailable."""
        ...
