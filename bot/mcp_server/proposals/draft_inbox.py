"""Inbox of proposed drafts, which wait for a person."""

from datetime import datetime
from typing import Final

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


class DraftReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """ID of a draft; `known` if the same proposal was submitted before."""

    id: str
    known: bool


PROPOSALS: Final = ProposalMessages.planning
"""Work of the bot: to tell people in Slack about drafts of agents, whichever process received them."""

UNNAMED_CLIENT: Final = "an agent"
"""The name of a program that states none: a draft without a client is that of a file."""


class DraftInbox(msgspec.Struct, frozen=True, eq=False):
    """Drafts of all workspaces, which wait in the store until people have decided on their parts."""

    store: Store

    def submit(
        self, caller: Caller, draft: Draft, model: ThreatModel, *, client: str, at: datetime
    ) -> DraftReceipt:
        """Store a draft, unless the same one waits already; raises TooManyDrafts, StoreUnavailable.

        The `client` is the program that acts for the caller.
        """
        unit = self.store.unit(caller.tenant)
        _, digest = encode_draft(draft)
        with unit.transaction():
            stored = unit.drafts.of_home(model.key)
            known = any(one.digest == digest for one in stored)
            own = [one for one in stored if one.client and one.person == caller.person]
            if not known and sum(bool(compare_draft(one.draft, model).open) for one in own) >= MAX_OPEN:
                raise TooManyDrafts(MAX_OPEN)
            kept = unit.drafts.add(
                model.key, draft, person=caller.person, client=client or UNNAMED_CLIENT, at=at
            )
            if not known:
                self.store.work.touch(
                    Touch(item=Item(unit.tenant, PROPOSALS, model.key), lane=f"{PROPOSALS}/{model.key}")
                )
        return DraftReceipt(id=kept.id, known=known)
