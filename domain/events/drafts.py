"""Events about drafts."""

from domain.drafts.settlement import DraftId, ReleasedKey, SettledDraft, SettledItem
from domain.events.base_event import BaseEvent


class DraftSettled(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="DraftSettled"):
    """Parts of a draft were taken or left; the events that follow in the same answer are what was taken.

    `gone` and `kept` are no longer in its sources: the elements of the former were removed, and their keys
    stand for nothing from then on; those of the latter stay.
    """

    settled: SettledDraft
    taken: tuple[SettledItem, ...] = ()
    left: tuple[SettledItem, ...] = ()
    gone: tuple[ReleasedKey, ...] = ()
    kept: tuple[SettledItem, ...] = ()


class DraftReopened(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="DraftReopened"):
    """The settlement of a draft was undone: `restored` are its keys that were settled before.

    `settled` is the draft as it was settled before; without it, nothing of the draft is settled.
    """

    draft: DraftId
    settled: SettledDraft | None = None
    restored: tuple[SettledItem, ...] = ()
    released: tuple[ReleasedKey, ...] = ()


DraftEvent = DraftSettled | DraftReopened
