"""Event handlers of the model: settled drafts; and what a key of a source stands for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from domain.drafts.draft import SourceKey
from domain.drafts.settlement import DraftId, ReleasedKey, SettledItem, erased_key, is_erased
from domain.events import DraftReopened, DraftSettled
from domain.kernel.persistent_maps import items_of
from domain.model.threat_model import ThreatModel, handlers_by_event

if TYPE_CHECKING:
    from domain.model.threat_model import SettledItems


def settled_item(model: ThreatModel, key: SourceKey) -> SettledItem | None:
    """Return what was settled about a key, also if the person who settled it was erased."""
    return model.settled.get(key) or model.settled.get(erased_key(key))


def _draft_settled(model: ThreatModel, event: DraftSettled, version: int) -> ThreatModel:
    draft = event.settled.draft
    items = _released(model.settled, event.gone)
    items = _with_items(items, (*event.taken, *event.left, *event.kept), draft)
    return replace(
        model,
        version=version,
        settled=items,
        settled_drafts=model.settled_drafts.insert(draft, event.settled),
    )


def _draft_reopened(model: ThreatModel, event: DraftReopened, version: int) -> ThreatModel:
    drafts = model.settled_drafts
    drafts = drafts.insert(event.draft, event.settled) if event.settled else drafts.discard(event.draft)
    items = _with_items(_released(model.settled, event.released), event.restored, event.draft)
    return replace(model, version=version, settled=items, settled_drafts=drafts)


def _with_items(items: "SettledItems", more: Sequence[SettledItem], draft: DraftId) -> "SettledItems":
    items = _released(items, more)
    for one in more:
        items = items.insert(one.key, one if one.draft else replace(one, draft=draft))
    return items


def _released(items: "SettledItems", keys: Sequence[ReleasedKey | SettledItem]) -> "SettledItems":
    """Remove keys, also where one of the two is a digest because a person was erased."""
    for one in keys:
        items = items.discard(one.key).discard(erased_key(one.key))
    if erased := {one.key for one in keys if is_erased(one.key)}:
        for key in [key for key, _ in items_of(items) if erased_key(key) in erased]:
            items = items.discard(key)
    return items


DRAFT_EVOLVERS = handlers_by_event(
    _draft_settled,
    _draft_reopened,
)
