"""Rejections about responses and mitigations."""

from domain.kernel.event_subjects import response, thing
from domain.kernel.mitigation import MitigationState
from domain.rejections.rejected import Rejected


class NoSuchMitigation(Rejected):
    """No mitigation has this id."""

    def __init__(self, mitigation: str) -> None:
        super().__init__(f"This model has no mitigation {mitigation}. It may have been removed.")


class WrongMitigationState(Rejected):
    """The state of the mitigation does not allow the command."""

    def __init__(self, mitigation: str, state: MitigationState) -> None:
        super().__init__(f"{mitigation} {_HOW_FAR[state]}")
        self.about, self.instead = thing(mitigation), _NOW[state]


class OwnMitigation(Rejected):
    """The author implemented the mitigation and may not verify it."""

    def __init__(self, mitigation: str) -> None:
        super().__init__(f"You own or implemented {mitigation}, so someone else must verify it.")


class NothingVerified(Rejected):
    """A residual vote needs a verified mitigation."""

    def __init__(self, threat: str, *, field: str) -> None:
        super().__init__(
            f"{threat} has no verified mitigation. Verify one before you vote on the residual risk.",
            field=field,
        )


class NoProposal(Rejected):
    """There is no proposed acceptance."""

    def __init__(self, threat: str) -> None:
        super().__init__(f"There is no open proposal to accept {threat}: it was decided or withdrawn.")
        self.about, self.instead = response(threat), "No decision is needed."


class ProposalOver(Rejected):
    """The proposed acceptance has expired."""

    def __init__(self, day: str) -> None:
        super().__init__(
            f"The proposal has expired: the risk was to be accepted until {day}. Propose the acceptance "
            f"again with a later date."
        )


class OwnProposal(Rejected):
    """The proposer of an acceptance may not approve it."""

    def __init__(self) -> None:
        super().__init__("You proposed this acceptance, so someone else must decide on it.")


_HOW_FAR = {
    MitigationState.PLANNED: "is planned and not implemented yet.",
    MitigationState.STARTED: "is in progress and not implemented yet.",
    MitigationState.IMPLEMENTED: "is already implemented. Next, someone else must verify it.",
    MitigationState.VERIFIED: "is already implemented and verified.",
    MitigationState.DROPPED: "was dropped. Use “Restore” to restore it.",
}

_NOW = {
    MitigationState.PLANNED: "It is planned and not implemented yet.",
    MitigationState.STARTED: "It is in progress and not implemented yet.",
    MitigationState.IMPLEMENTED: "Someone else must verify it next.",
    MitigationState.VERIFIED: "It is verified.",
    MitigationState.DROPPED: "Use “Restore” to restore it.",
}
"""The sentence after the words that say who changed the state of a mitigation."""
