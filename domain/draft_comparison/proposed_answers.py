"""Proposed answers in comparison with the answers of the model."""

from collections.abc import Collection
from enum import StrEnum

import msgspec

from domain.catalog import Catalog
from domain.drafts.draft import Certainty, DraftAnswer, DraftItem, ProposedAnswer, SourcePlace
from domain.drafts.settlement import Proposal
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind, kind_of
from domain.model import ThreatModel


class AnswerChoice(StrEnum):
    """How an answer is chosen: with its item, or by itself."""

    WITH_ITEM = "with_item"
    CONTROL = "control"
    """It says that a control is in place, which a machine must not decide."""
    REPLACES = "replaces"
    """People gave another answer."""
    GUESS = "guess"

    @property
    def by_itself(self) -> bool:
        """Return whether a person has to choose it explicitly."""
        return self is not AnswerChoice.WITH_ITEM


class ComparedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed answer that the model does not have; `known` is the answer that it would replace."""

    fact: str
    answer: Answer
    place: SourcePlace
    choice: AnswerChoice
    known: Answer | None = None


def compare_answers(
    model: ThreatModel,
    proposal: Proposal,
    id: ElementId | None = None,
    *,
    only: Collection[str] | None = None,
) -> tuple[ComparedAnswer, ...]:
    """Return the answers of a proposal that are to be given; `id` is the element that an item stands for.

    Facts that this release does not ask about such an element are left out; `only` restricts them further.
    """
    if isinstance(proposal, ProposedAnswer):
        element = model.elements.get(proposal.element)
        if element is None:
            return ()
        id, kind, answers = proposal.element, kind_of(element), (proposal.answer,)
    elif isinstance(proposal, DraftItem):
        kind, answers = proposal.kind, proposal.answers
    else:
        return ()
    return tuple(
        found
        for one in answers
        if (only is None or one.fact in only) and (found := _compared(model, id, kind, one))
    )


def asserts_control(catalog: Catalog, fact: str, answer: Answer) -> bool:
    """Return whether an answer says that a control is in place or not needed: its *no* can raise a threat."""
    known = catalog.facts.get(fact)
    return known is not None and bool(known.denial) and answer in (Answer.YES, Answer.NOT_APPLICABLE)


def is_asked(catalog: Catalog, kind: Kind, fact: str) -> bool:
    """Return whether a fact exists for a kind of element."""
    known = catalog.facts.get(fact)
    return known is not None and kind in known.kinds


def answer_choice(catalog: Catalog, proposed: DraftAnswer, known: Answer | None) -> AnswerChoice:
    """Return how a proposed answer is chosen where the model has an answer, or none."""
    if known not in (None, Answer.UNKNOWN):
        return AnswerChoice.REPLACES
    if asserts_control(catalog, proposed.fact, proposed.answer):
        return AnswerChoice.CONTROL
    return AnswerChoice.GUESS if proposed.certainty is Certainty.GUESS else AnswerChoice.WITH_ITEM


def _compared(
    model: ThreatModel, id: ElementId | None, kind: Kind, proposed: DraftAnswer
) -> ComparedAnswer | None:
    known = model.facts.get((id, proposed.fact)) if id else None
    if known is proposed.answer or not is_asked(model.catalog, kind, proposed.fact):
        return None
    return ComparedAnswer(
        fact=proposed.fact,
        answer=proposed.answer,
        place=proposed.place,
        choice=answer_choice(model.catalog, proposed, known),
        known=known,
    )
