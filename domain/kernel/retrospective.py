"""The retrospective: five questions about the work, asked when a threat model is closed."""

from enum import StrEnum

import msgspec

from domain.kernel.elements import PersonId


class RetrospectiveQuestion(StrEnum):
    """The questions of the retrospective; the values are stored and never change, the words may."""

    SURPRISE = "surprise"
    MISSED = "missed"
    SLOW = "slow"
    DOUBT = "doubt"
    NEXT_TIME = "next_time"

    @property
    def text(self) -> str:
        """Return the question in words."""
        return _TEXTS[self]


class RetrospectiveAnswer(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """One answer to one of the questions."""

    question: RetrospectiveQuestion
    text: str


class Retrospective(msgspec.Struct, frozen=True, kw_only=True):
    """The answers of one person, in the order of the questions."""

    by: PersonId
    answers: tuple[RetrospectiveAnswer, ...]


_TEXTS = {
    RetrospectiveQuestion.SURPRISE: "What surprised you most?",
    RetrospectiveQuestion.MISSED: "What did we find late, or only by luck?",
    RetrospectiveQuestion.SLOW: "What took longer than it was worth?",
    RetrospectiveQuestion.DOUBT: "Which of our answers do you trust least?",
    RetrospectiveQuestion.NEXT_TIME: "What should we do differently next time?",
}
