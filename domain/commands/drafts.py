"""Commands about drafts."""

import msgspec

from domain.commands.base_command import BaseCommand
from domain.drafts.draft import (
    DraftItem,
    DraftSource,
    ProposedAnswer,
    ProposedAssumption,
    ProposedProgress,
    ProposedThreat,
    SourceKey,
)
from domain.drafts.settlement import DraftId, SettledItem
from domain.kernel.elements import ElementId, PersonId


class AcceptedItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item that is accepted: as the element `same`, as the item `same_item`, or as another one.

    An item with the name of an element, or a similar one, needs one of these.

    Its answers are taken with it as far as they are open. `confirmed` are the facts whose answers the person
    chose by themselves: those that a control is in place, and those that replace answers of people.
    """

    item: DraftItem
    same: ElementId | None = None
    same_item: SourceKey = SourceKey("")
    another: bool = False
    confirmed: tuple[str, ...] = ()


class AcceptedAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A proposed answer that is accepted; `confirmed` if the person chose it by itself."""

    answer: ProposedAnswer
    confirmed: bool = False


class AcceptDraft(BaseCommand, frozen=True, kw_only=True, tag="AcceptDraft"):
    """Accept parts of a draft, and leave others.

    `removed` and `kept` are keys that are no longer in the sources: the elements of the former are removed,
    those of the latter stay.
    """

    draft: DraftId
    sources: tuple[DraftSource, ...]
    brought_by: PersonId | None = None
    client: str = ""
    items: tuple[AcceptedItem, ...] = ()
    answers: tuple[AcceptedAnswer, ...] = ()
    threats: tuple[ProposedThreat, ...] = ()
    assumptions: tuple[ProposedAssumption, ...] = ()
    progress: tuple[ProposedProgress, ...] = ()
    left: tuple[SettledItem, ...] = ()
    removed: tuple[SourceKey, ...] = ()
    kept: tuple[SourceKey, ...] = ()

    @property
    def taken(self) -> int:
        """Return the number of proposals that are accepted, with the elements to remove."""
        accepted = (self.items, self.answers, self.threats, self.assumptions, self.progress, self.removed)
        return sum(map(len, accepted))
