"""Inbox of proposed drafts, which wait for a person."""

from datetime import datetime
from typing import Final, Protocol

import msgspec

from bot.mcp_server.call_refusals import Caller, TooManyDrafts
from bot.slack.slots.proposal_messages import ProposalMessages
from bot.store import Store
from bot.store.repositories.drafts import encode_draft
from bot.store.work_queue import Item, Touch
from domain.draft_comparison.compared_draft import compare_draft
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


PROPOSALS: Final = ProposalMessages.planning
"""Work of the bot: to tell people in Slack about drafts of agents, whichever process received them."""

UNNAMED_CLIENT: Final = "an agent"
"""The name of a program that states none: a draft without a client is that of a file."""


class StoredDrafts:
    """Inbox whose drafts wait in the store until people have accepted or rejected their parts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def submit(self, submitted: SubmittedDraft) -> DraftReceipt:
        """Store a draft, unless the same one waits already; raises TooManyDrafts, StoreUnavailable."""
        unit, model = self._store.unit(submitted.caller.tenant), submitted.model
        _, digest = encode_draft(submitted.draft)
        with unit.transaction():
            stored = unit.drafts.of_home(model.key)
            known = any(one.digest == digest for one in stored)
            own = [one for one in stored if one.client and one.person == submitted.caller.person]
            if not known and sum(bool(compare_draft(one.draft, model).open) for one in own) >= MAX_OPEN:
                raise TooManyDrafts(MAX_OPEN)
            kept = unit.drafts.add(
                model.key,
                submitted.draft,
                person=submitted.caller.person,
                client=submitted.client or UNNAMED_CLIENT,
                at=submitted.at,
            )
            if not known:
                self._store.work.touch(
                    Touch(item=Item(unit.tenant, PROPOSALS, model.key), lane=f"{PROPOSALS}/{model.key}")
                )
        return DraftReceipt(id=kept.id, known=known)
