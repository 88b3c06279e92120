"""Why nothing of the kind is done about a threat."""

from domain.rejections.rejected import Rejected


class NoSuchMitigation(Rejected):
    """A mitigation that is not, or not any more, in the model."""

    def __init__(self, mitigation: str) -> None:
        super().__init__(f"The mitigation {mitigation} is not part of this model (any more).")


class MitigationElsewhere(Rejected):
    """A mitigation that has come too far, or not far enough, for what is asked."""

    def __init__(self, mitigation: str, state: str, to_be: str, possible: tuple[str, ...]) -> None:
        *others, last = possible
        wanted = f"{', '.join(others)} or {last}" if others else last
        super().__init__(f"{mitigation} is {state}. To be {to_be}, it has to be {wanted}.")


class OwnMitigation(Rejected):
    """Nobody verifies their own work."""

    def __init__(self, mitigation: str) -> None:
        super().__init__(f"Somebody else has to verify {mitigation}: you own it, or you put it in place.")


class NothingVerified(Rejected):
    """What remains of a threat is voted on when something against it holds."""

    def __init__(self, threat: str, *, field: str) -> None:
        super().__init__(
            f"No mitigation of {threat} is verified yet; what remains of it is voted on after that.",
            field=field,
        )


class NoProposal(Rejected):
    """Nobody wants to bear a risk, so there is nothing to agree to."""

    def __init__(self, threat: str) -> None:
        super().__init__(f"Nobody proposes to accept {threat} (any more).")


class OwnProposal(Rejected):
    """A risk is not accepted by one person alone."""

    def __init__(self) -> None:
        super().__init__("Somebody else has to answer this: you proposed it yourself.")
