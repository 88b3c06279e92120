"""Rejections about ballots and rounds."""

from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import count_phrase
from domain.rejections.rejected import Rejected


class NoSuchRound(Rejected):
    """No round has this id."""

    def __init__(self, round: str) -> None:
        super().__init__(f"This model has no round {round}.")


class RoundIsOver(Rejected):
    """The round has ended."""

    def __init__(self, round: str) -> None:
        super().__init__(f"The round {round} is closed and its ballots are counted.")


class BallotTooLate(Rejected):
    """The ballot came after the deadline or the end of the round."""

    def __init__(self, round: str, *, over: bool) -> None:
        why = "is over" if over else "has passed its deadline"
        super().__init__(f"Your ballot was not counted: the round {round} {why}.")


class NotAVoter(Rejected):
    """The author was not invited to the round, or has left it."""

    def __init__(self, round: str, facilitator: PersonId) -> None:
        super().__init__(
            f"You are not a voter of the round {round}. The facilitator, @{facilitator}, chooses the "
            f"voters when opening a round.",
            people=(facilitator,),
        )


class NotInTheRound(Rejected):
    """The threat is not in the round, or no longer."""

    def __init__(self, threat: str, round: str) -> None:
        super().__init__(f"{threat} is not part of the round {round}.", field="threat")


class AlreadyInARound(Rejected):
    """The threat is already in an open round."""

    def __init__(self, threat: str, round: str) -> None:
        super().__init__(
            f"{threat} is already part of the open round {round}. Wait until it closes.",
            field="threats",
        )


class OutOfRange(Rejected):
    """The number is not a whole number from 1 to 10."""

    def __init__(self, metric: str, *, field: str) -> None:
        super().__init__(f"{metric} must be a whole number from 1 to 10, or “?” to abstain.", field=field)


class QuorumNotMet(Rejected):
    """The quorum of the round is not met."""

    def __init__(self, round: str, quorum: int) -> None:
        ballots = count_phrase(quorum, "ballot")
        super().__init__(
            f"The round {round} has not reached its quorum. It can be closed after {ballots} on every threat."
        )


class NothingToSettle(Rejected):
    """The round did not fall short of its quorum, so it is neither extended nor settled."""

    def __init__(self, round: str) -> None:
        super().__init__(
            f"Round {round} is still open. Close it once the quorum is reached. After its second deadline, "
            "you can extend it or close it without a quorum."
        )


class NotScored(Rejected):
    """The threat has no score, which the command needs."""

    def __init__(self, threat: str, *, field: str = "threat") -> None:
        super().__init__(f"{threat} has no score. Vote on it first.", field=field)


class RoundEnded(Rejected):
    """An answer that ended a round cannot be undone."""

    def __init__(self, round: str) -> None:
        super().__init__(
            f"Your last change cannot be undone: it closed the round {round}, and closed rounds cannot "
            f"be reopened."
        )
