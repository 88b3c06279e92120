"""Draft that is open in a form: compared with the model, divided into pages."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from domain.draft_comparison.choices import DraftChoices, DraftOrigin
from domain.draft_comparison.compared_draft import (
    ComparedProposal,
    DraftComparison,
    GoneItem,
    ItemState,
    all_proposals,
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

ROWS: Final = 120
"""Proposals of one page; a conflict and an answer of its own count more, since they take more room."""

GROUPS: Final = (*(kind.value for kind in REFERENCE_ORDER), "answer", "threat", "assumption", "progress")
"""The groups of proposals, in their order: kinds of elements, and other proposals."""

_WEIGHT_OF_CONFLICT = 4
_WEIGHT_OF_ANSWER = 2


class ConfirmedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of an item that a person has to choose by itself."""

    compared: ComparedProposal
    answer: ComparedAnswer


class DraftPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a draft: its open proposals in the order of the groups, and what is gone."""

    proposals: tuple[ComparedProposal, ...] = ()
    gone: tuple[GoneItem, ...] = ()

    @property
    def conflicts(self) -> tuple[ComparedProposal, ...]:
        """Return the conflicts."""
        return tuple(proposal for proposal in self.proposals if proposal.state is ItemState.CONFLICT)

    def group(self, name: str) -> tuple[ComparedProposal, ...]:
        """Return the proposals of a group that have a tick: neither conflicts nor confirmed answers."""
        return tuple(
            one
            for one in self.proposals
            if one.state is not ItemState.CONFLICT and group_of(one) == name and not is_confirmed_alone(one)
        )

    @property
    def confirmations(self) -> tuple[ConfirmedAnswer, ...]:
        """Return the answers that are chosen by themselves."""
        return tuple(
            ConfirmedAnswer(compared=proposal, answer=answer)
            for proposal in self.proposals
            for answer in proposal.answers
            if answer.choice.by_itself
        )


class OpenDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Draft with its comparison with the model, and what people have chosen in it."""

    draft: Draft
    origin: DraftOrigin
    comparison: DraftComparison
    choices: DraftChoices

    @property
    def pages(self) -> tuple[DraftPage, ...]:
        """Return its pages, at least one: conflicts first, then group by group."""
        ordered = sorted(
            self.comparison.open,
            key=lambda one: (one.state is not ItemState.CONFLICT, GROUPS.index(group_of(one))),
        )
        pages = [DraftPage(proposals=tuple(some)) for some in _paged(ordered)] or [DraftPage()]
        gone = self.comparison.gone
        if gone:
            pages[-1] = msgspec.structs.replace(pages[-1], gone=gone[:ROWS])
        return tuple(pages)

    @property
    def numbers(self) -> dict[SourceKey, int]:
        """Return the place of each proposal in the draft, which never changes: its value in forms."""
        return {one.key: number for number, one in enumerate(all_proposals(self.draft))}


def group_of(compared: ComparedProposal) -> str:
    """Return the group of a proposal."""
    match compared.proposal:
        case DraftItem(kind=kind):
            return kind.value
        case ProposedAnswer():
            return "answer"
        case ProposedThreat():
            return "threat"
        case ProposedAssumption():
            return "assumption"
        case ProposedProgress():
            return "progress"


def is_confirmed_alone(compared: ComparedProposal) -> bool:
    """Return whether a proposal consists of an answer that is chosen by itself."""
    own = isinstance(compared.proposal, ProposedAnswer)
    return own and any(answer.choice.by_itself for answer in compared.answers)


def _paged(proposals: Sequence[ComparedProposal]) -> Iterator[list[ComparedProposal]]:
    page: list[ComparedProposal] = []
    room = ROWS
    for proposal in proposals:
        weight = _weight(proposal)
        if page and weight > room:
            yield page
            page, room = [], ROWS
        page.append(proposal)
        room -= weight
    if page:
        yield page


def _weight(compared: ComparedProposal) -> int:
    own = 1 if compared.state is not ItemState.CONFLICT else _WEIGHT_OF_CONFLICT
    return own + _WEIGHT_OF_ANSWER * sum(answer.choice.by_itself for answer in compared.answers)
