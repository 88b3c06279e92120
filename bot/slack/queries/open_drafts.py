"""Look-up of drafts, compared with the current model."""

from typing import Final

from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.queries.services import Services
from bot.slack.screens.open_draft import OpenDraft
from bot.store import StreamId
from bot.store.repositories.drafts import StoredDraft
from domain.draft_comparison.compared_draft import compare_draft
from domain.drafts.settlement import DraftId
from domain.model import ThreatModel

DRAFT_EXPIRED: Final = (
    "This draft no longer exists: drafts are deleted after 30 days. Choose “Draft from file” again in the "
    "menu of a message with the files."
)

MOST_WAITING: Final = 4
"""Drafts of a model that are offered where all of it is listed."""


def find_draft(services: Services, target: Target) -> StoredDraft:
    """Return the draft of a target; raises StaleButton if it is gone, or is not of the target's model."""
    id = DraftId(f"{target.key}/{target.element}")
    found = services.unit.drafts.find(id) if target.stream else None
    if found is None or found.home != target.key:
        raise StaleButton(DRAFT_EXPIRED)
    return found


def waiting_drafts(services: Services, stream: StreamId) -> tuple[OpenDraft, ...]:
    """Return the latest drafts of a model in which something is to be decided, the newest first."""
    model = services.command_handler.model(stream)
    opened = (open_draft(one, model) for one in services.unit.drafts.latest(model.key, MOST_WAITING))
    return tuple(one for one in opened if not one.comparison.is_empty)


def open_draft(stored: StoredDraft, model: ThreatModel) -> OpenDraft:
    """Return a draft compared with a model."""
    return OpenDraft(
        draft=stored.draft,
        origin=stored.origin,
        comparison=compare_draft(stored.draft, model),
        choices=stored.choices,
    )
