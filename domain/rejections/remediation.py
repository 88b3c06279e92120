"""Rejections about responses and mitigations."""

from domain.kernel.event_subjects import response, thing
from domain.kernel.mitigation import MitigationState
from domain.rejections.rejected import Rejected


class NoSuchMitigation(Rejected):
    """No mitigation has this id."""

    def __init__(self, mitigation: str) -> None:
        super().__init__(f"The mitigation {mitigation} is not part of this model (any more).")


class WrongMitigationState(Rejected):
    """The state of the mitigation does not allow the command."""

    def __init__(self, mitigation: str, state: MitigationState) -> None:
        super().__init__(f"{mitigation} {_HOW_FAR[state]}")
        self.about, self.instead = thing(mitigation), _NOW[state]


class OwnMitigation(Rejected):
    """The author implemented the mitigation and may not verify it."""

    def __init__(self, mitigation: str) -> None:
        super().__init__(f"Somebody else has to verify {mitigation}: you own it, or you put it in place.")


class NothingVerified(Rejected):
    """A residual vote needs a verified mitigation."""

    def __init__(self, threat: str, *, field: str) -> None:
        super().__init__(
            f"No mitigation of {threat} is verified yet; what remains of it is voted on after that.",
            field=field,
        )


class NoProposal(Rejected):
    """There is no proposed acceptance."""

    def __init__(self, threat: str) -> None:
        super().__init__(
            f"Nobody proposes to accept {threat} (any more): it was answered or taken back meanwhile."
        )
        self.about, self.instead = response(threat), "There is nothing left to answer."


class ProposalOver(Rejected):
    """The proposed acceptance has expired."""

    def __init__(self, day: str) -> None:
        super().__init__(
            f"It is too late to approve this: the risk was to be borne until {day}. "
            "It has to be proposed anew, until a day to come."
        )


class OwnProposal(Rejected):
    """The proposer of an acceptance may not approve it."""

    def __init__(self) -> None:
        super().__init__("Somebody else has to answer this: you proposed it yourself.")


_HOW_FAR = {
    MitigationState.PLANNED: "is planned, and not in place yet.",
    MitigationState.STARTED: "is started, and not in place yet.",
    MitigationState.IMPLEMENTED: "is in place already. Somebody else has to look next whether it holds.",
    MitigationState.VERIFIED: "is in place already, and somebody else has found that it holds.",
    MitigationState.DROPPED: "was dropped. “Plan it after all” brings it back.",
}

_NOW = {
    MitigationState.PLANNED: "It is planned and not implemented yet.",
    MitigationState.STARTED: "Work on it goes on.",
    MitigationState.IMPLEMENTED: "Someone else must verify it next.",
    MitigationState.VERIFIED: "There is nothing left to verify.",
    MitigationState.DROPPED: "“Plan it after all” brings it back.",
}
"""The sentence after the words that say who changed the state of a mitigation."""
