"""Rejections about ballots and rounds."""

from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import count_phrase
from domain.rejections.rejected import Rejected


class NoSuchRound(Rejected):
    """No round has this id."""

    def __init__(self, round: str) -> None:
        super().__init__(f"There is no round {round} in this model.")


class RoundIsOver(Rejected):
    """The round has ended."""

    def __init__(self, round: str) -> None:
        super().__init__(f"The round {round} is over; its ballots have been counted.")


class BallotTooLate(Rejected):
    """The ballot came after the deadline or the end of the round."""

    def __init__(self, round: str, *, over: bool) -> None:
        why = "is over" if over else "has passed its deadline"
        super().__init__(f"Your ballot came too late and was not counted: the round {round} {why}.")


class NotAVoter(Rejected):
    """The author was not invited to the round, or has left it."""

    def __init__(self, round: str, facilitator: PersonId) -> None:
        super().__init__(
            f"You are not among the voters of the round {round}. "
            f"The facilitator, @{facilitator}, chooses them when a round is opened.",
            people=(facilitator,),
        )


class NotInTheRound(Rejected):
    """The threat is not in the round, or no longer."""

    def __init__(self, threat: str, round: str) -> None:
        super().__init__(f"The round {round} is not about {threat} (any more).", field="threat")


class AlreadyInARound(Rejected):
    """The threat is already in an open round."""

    def __init__(self, threat: str, round: str) -> None:
        super().__init__(
            f"{threat} is being voted on in the round {round} already. Wait until that is over.",
            field="threats",
        )


class OutOfRange(Rejected):
    """The number is not a whole number from 1 to 10."""

    def __init__(self, metric: str, *, field: str) -> None:
        super().__init__(f"{metric} takes a whole number from 1 to 10, or “?”.", field=field)


class QuorumNotMet(Rejected):
    """The quorum of the round is not met."""

    def __init__(self, round: str, quorum: int) -> None:
        ballots = count_phrase(quorum, "ballot")
        super().__init__(f"The round {round} needs {ballots} on every threat before it can be closed.")


class NothingToSettle(Rejected):
    """The round did not fall short of its quorum, so it is neither extended nor settled."""

    def __init__(self, round: str) -> None:
        super().__init__(
            f"The round {round} still has time. It can be extended or settled when too few have voted "
            "by its second deadline, and closed once enough have."
        )


class NotScored(Rejected):
    """The threat has no score, which the command needs."""

    def __init__(self, threat: str, *, field: str = "threat") -> None:
        super().__init__(f"{threat} has no score yet; vote on it first.", field=field)


class RoundEnded(Rejected):
    """An answer that ended a round cannot be undone."""

    def __init__(self, round: str) -> None:
        super().__init__(
            f"Your last answer cannot be taken back: it ended the round {round}, and rounds stay as they are."
        )
