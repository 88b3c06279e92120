"""Choices of people in a draft, and the acceptance that follows from them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from domain.commands import AcceptDraft, AcceptedAnswer, AcceptedItem
from domain.draft_comparison.compared_draft import (
    ComparedProposal,
    DraftComparison,
    ItemState,
    SimilarThing,
)
from domain.draft_comparison.differences import ComparedAnswer
from domain.drafts.draft import (
    REFERENCE_ORDER,
    Draft,
    DraftItem,
    ProposedAnswer,
    ProposedAssumption,
    ProposedProgress,
    ProposedThreat,
    SourceKey,
)
from domain.drafts.settlement import DraftId, settled
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import LINES

ANOTHER: Final = "another"
"""The resolution of a conflict that an item is a different element."""
LEAVE: Final = "leave"
"""The resolution of a conflict that an item is not accepted."""


class DraftChoices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What people chose in a draft, as far as it differs from what is proposed.

    `items` and `answers` are ticks, the latter by `answer_key`. `conflicts` are
    resolutions: ANOTHER, LEAVE, or what `resolution_of` returns. `removed` are gone items whose elements are
    to be removed. `seen` are the keys that were shown: only these are accepted or left.
    """

    items: Mapping[SourceKey, bool] = {}
    answers: Mapping[str, bool] = {}
    conflicts: Mapping[SourceKey, str] = {}
    removed: frozenset[SourceKey] = frozenset()
    seen: frozenset[SourceKey] = frozenset()

    def with_choices(self, more: "DraftChoices") -> "DraftChoices":
        """Return these choices with later ones, those about what the later ones have seen replaced."""
        return DraftChoices(
            items={**self.items, **more.items},
            answers={**self.answers, **more.answers},
            conflicts={**self.conflicts, **more.conflicts},
            removed=(self.removed - more.seen) | more.removed,
            seen=self.seen | more.seen,
        )


class DraftOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """The ID of a draft, and who brought it."""

    draft: DraftId
    brought_by: PersonId | None = None
    client: str = ""


def answer_key(key: SourceKey, answer: ComparedAnswer) -> str:
    """Return the key of the tick of one answer of a proposal.

    An answer that people gave meanwhile makes it another choice.
    """
    return f"{answer.choice} {answer.fact} {key}"


def resolution_of(similar: SimilarThing) -> str:
    """Return the resolution that an item is the same as an element or another item."""
    return f"same {similar.element}" if similar.element else f"item {similar.key}"


def resolution(compared: ComparedProposal, choices: DraftChoices) -> str:
    """Return how a conflict is resolved; empty if that is still to be chosen.

    Without a choice, an item is the same as the element that has exactly its name.
    """
    chosen = choices.conflicts.get(compared.key, "")
    possible = {ANOTHER, LEAVE, *map(resolution_of, compared.similar)}
    if chosen in possible:
        return chosen
    return resolution_of(compared.similar[0]) if compared.identical else ""


def is_taken(compared: ComparedProposal, choices: DraftChoices) -> bool:
    """Return whether an open proposal is accepted as things are chosen."""
    if compared.state is ItemState.CONFLICT:
        return resolution(compared, choices) not in ("", LEAVE)
    if isinstance(compared.proposal, ProposedAnswer) and (own := _by_itself(compared)):
        return compared.is_open and all(is_confirmed(compared, one, choices) for one in own)
    return compared.is_open and choices.items.get(compared.key, proposed_tick(compared))


def proposed_tick(compared: ComparedProposal) -> bool:
    """Return whether a proposal is ticked before anyone chooses, and by *All*."""
    if compared.is_guess:
        return False
    return not (isinstance(compared.proposal, ProposedAnswer) and _by_itself(compared))


def is_confirmed(compared: ComparedProposal, answer: ComparedAnswer, choices: DraftChoices) -> bool:
    """Return whether an answer that has to be chosen by itself was chosen."""
    return choices.answers.get(answer_key(compared.key, answer), False)


def undecided(comparison: DraftComparison, choices: DraftChoices) -> tuple[ComparedProposal, ...]:
    """Return the conflicts without a resolution."""
    conflicts = comparison.in_state(ItemState.CONFLICT)
    return tuple(conflict for conflict in conflicts if not resolution(conflict, choices))


def accept_chosen(
    draft: Draft,
    origin: DraftOrigin,
    comparison: DraftComparison,
    choices: DraftChoices,
    *,
    by: PersonId,
    at: datetime,
) -> AcceptDraft:
    """Return the command that accepts what is chosen, at most 200 proposals; others refer to the first.

    Only what was shown counts: it is accepted or left, and a conflict without a resolution stays open.
    """
    chosen = [one for one in comparison.open if one.key in choices.seen and is_taken(one, choices)]
    removed = [one.key for one in comparison.gone if one.key in choices.removed]
    some = sorted(chosen, key=_place)[: LINES - len(removed[:LINES])]
    proposals = [one.proposal for one in some]
    return AcceptDraft(
        by=by,
        at=at,
        draft=origin.draft,
        sources=draft.sources,
        brought_by=origin.brought_by,
        client=origin.client,
        items=tuple(_item(one, one.proposal, choices) for one in some if isinstance(one.proposal, DraftItem)),
        answers=tuple(
            AcceptedAnswer(
                answer=one.proposal,
                confirmed=any(is_confirmed(one, answer, choices) for answer in one.answers),
            )
            for one in some
            if isinstance(one.proposal, ProposedAnswer)
        ),
        threats=tuple(proposal for proposal in proposals if isinstance(proposal, ProposedThreat)),
        assumptions=tuple(proposal for proposal in proposals if isinstance(proposal, ProposedAssumption)),
        progress=tuple(proposal for proposal in proposals if isinstance(proposal, ProposedProgress)),
        left=tuple(
            settled(one.proposal)
            for one in comparison.open
            if one.key in choices.seen and not is_taken(one, choices) and not _is_undecided(one, choices)
        ),
        removed=tuple(removed[:LINES]),
        kept=tuple(
            one.key for one in comparison.gone if one.key in choices.seen and one.key not in choices.removed
        ),
    )


def _by_itself(compared: ComparedProposal) -> list[ComparedAnswer]:
    return [answer for answer in compared.answers if answer.choice.by_itself]


def _is_undecided(compared: ComparedProposal, choices: DraftChoices) -> bool:
    return compared.state is ItemState.CONFLICT and not resolution(compared, choices)


def _item(compared: ComparedProposal, item: DraftItem, choices: DraftChoices) -> AcceptedItem:
    accepted = AcceptedItem(
        item=item,
        confirmed=tuple(one.fact for one in compared.answers if is_confirmed(compared, one, choices)),
    )
    if compared.state is not ItemState.CONFLICT:
        return accepted
    how = resolution(compared, choices)
    if how == ANOTHER:
        return replace(accepted, another=True)
    same = next(one for one in compared.similar if resolution_of(one) == how)
    return replace(accepted, same=same.element, same_item=same.key)


def _place(compared: ComparedProposal) -> int:
    proposal = compared.proposal
    return REFERENCE_ORDER.index(proposal.kind) if isinstance(proposal, DraftItem) else len(REFERENCE_ORDER)
