"""Why a ballot is not counted, or a round neither opened nor closed."""

from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import count_phrase
from domain.rejections.rejected import Rejected


class NoSuchRound(Rejected):
    """A round that was never opened."""

    def __init__(self, round: str) -> None:
        super().__init__(f"There is no round {round} in this model.")


class RoundIsOver(Rejected):
    """A round that has ended takes nothing more."""

    def __init__(self, round: str) -> None:
        super().__init__(f"The round {round} is over; its ballots have been counted.")


class BallotTooLate(Rejected):
    """A ballot after the deadline or after the end; it is refused in words, not silently dropped."""

    def __init__(self, round: str, *, over: bool) -> None:
        why = "is over" if over else "has passed its deadline"
        super().__init__(f"Your ballot came too late and was not counted: the round {round} {why}.")


class NotAVoter(Rejected):
    """Somebody who was not invited to a round, or has left it."""

    def __init__(self, round: str, facilitator: PersonId) -> None:
        super().__init__(
            f"You are not among the voters of the round {round}. "
            f"The facilitator, @{facilitator}, chooses them when a round is opened.",
            people=(facilitator,),
        )


class NotInTheRound(Rejected):
    """A threat that a round is not, or not any more, about."""

    def __init__(self, threat: str, round: str) -> None:
        super().__init__(f"The round {round} is not about {threat} (any more).", field="threat")


class AlreadyInARound(Rejected):
    """A threat is voted on in one round at a time."""

    def __init__(self, threat: str, round: str) -> None:
        super().__init__(
            f"{threat} is being voted on in the round {round} already. Wait until that is over.",
            field="threats",
        )


class OutOfRange(Rejected):
    """A number that is no whole number from 1 to 10."""

    def __init__(self, metric: str, *, field: str) -> None:
        super().__init__(f"{metric} takes a whole number from 1 to 10, or “?”.", field=field)


class QuorumNotMet(Rejected):
    """A round is not closed before enough have voted."""

    def __init__(self, round: str, quorum: int) -> None:
        ballots = count_phrase(quorum, "ballot")
        super().__init__(f"The round {round} needs {ballots} on every threat before it can be closed.")


class NothingToSettle(Rejected):
    """Only a round that fell short of its quorum at its last deadline is extended or settled."""

    def __init__(self, round: str) -> None:
        super().__init__(
            f"The round {round} still has time. It can be extended or settled when too few have voted "
            "by its second deadline, and closed once enough have."
        )


class NotScored(Rejected):
    """Something that only makes sense of a threat with a score."""

    def __init__(self, threat: str, *, field: str = "threat") -> None:
        super().__init__(f"{threat} has no score yet; vote on it first.", field=field)


class RoundEnded(Rejected):
    """An answer that ended a round of votes stays."""

    def __init__(self, round: str) -> None:
        super().__init__(
            f"Your last answer cannot be taken back: it ended the round {round}, and rounds stay as they are."
        )
