"""Five questions on how the work went, for when a threat model is closed."""

from enum import StrEnum

import msgspec

from domain.kernel.elements import PersonId


class RetrospectiveQuestion(StrEnum):
    """What a team may look back on; the value is kept for ever, the words may become better."""

    SURPRISE = "surprise"
    MISSED = "missed"
    SLOW = "slow"
    DOUBT = "doubt"
    NEXT_TIME = "next_time"

    @property
    def words(self) -> str:
        """The question as people read it."""
        return _WORDS[self]


class RetrospectiveAnswer(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """One answer to one of the questions."""

    question: RetrospectiveQuestion
    text: str


class Retrospective(msgspec.Struct, frozen=True, kw_only=True):
    """What one person answered, in the order of the questions."""

    by: PersonId
    answers: tuple[RetrospectiveAnswer, ...]


_WORDS = {
    RetrospectiveQuestion.SURPRISE: "What surprised you most?",
    RetrospectiveQuestion.MISSED: "What did we find late, or only by luck?",
    RetrospectiveQuestion.SLOW: "What took longer than it was worth?",
    RetrospectiveQuestion.DOUBT: "Which of our answers do you trust least?",
    RetrospectiveQuestion.NEXT_TIME: "What should we do differently next time?",
}
