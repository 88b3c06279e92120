"""Rejections about responses and mitigations."""

from domain.dread.scoring import Band
from domain.kernel.elements import PersonId
from domain.kernel.event_subjects import issue, response, thing
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


class AssigneeOfIssue(Rejected):
    """The issue of the mitigation was assigned to the author, who may not verify the mitigation."""

    def __init__(self, mitigation: str) -> None:
        super().__init__(
            f"The issue of {mitigation} was assigned to you or to an account that you stated to be yours, so "
            "someone else must verify it."
        )


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


class NoIssue(Rejected):
    """The mitigation has no issue in a tracker."""

    def __init__(self, mitigation: str) -> None:
        super().__init__(f"{mitigation} has no issue in a tracker.")
        self.about, self.instead = issue(mitigation), "It has no issue."


class IssueStillThere(Rejected):
    """The mitigation has an issue, so it gets no new one."""

    def __init__(self, mitigation: str, key: str) -> None:
        super().__init__(f"{mitigation} has the issue {key}. Unlink it before you request another one.")
        self.about, self.instead = issue(mitigation), f"It has the issue {key}."


class NothingProposed(Rejected):
    """The issue of the mitigation proposes nothing that is still open."""

    def __init__(self, mitigation: str) -> None:
        super().__init__(f"The issue of {mitigation} no longer asks for a decision.")
        self.about, self.instead = thing(mitigation), "No decision is needed."


class LastThreat(Rejected):
    """A mitigation serves at least one threat."""

    def __init__(self, mitigation: str, threat: str) -> None:
        super().__init__(f"{mitigation} serves no other threat than {threat}. Drop it instead.")


class NotLinked(Rejected):
    """The mitigation does not serve this threat or place."""

    def __init__(self, mitigation: str, threat: str) -> None:
        super().__init__(f"{mitigation} no longer serves {threat}.")
        self.about, self.instead = thing(mitigation), "Open it again to see what it serves now."


class AcceptedTooLong(Rejected):
    """The policy does not let a risk be accepted for so long."""

    def __init__(self, band: Band | None, days: int, latest: str) -> None:
        risk = f"A {band} risk" if band else "A risk without a score"
        super().__init__(
            f"{risk} can be accepted for at most {days} days. Choose a day until {latest}.", field="expires"
        )


class NotAnApprover(Rejected):
    """The policy names who may approve risks and overrides of this band."""

    def __init__(
        self, band: Band | None, approvers: tuple[PersonId, ...], *, field: str | None = None
    ) -> None:
        whom = " or ".join(f"@{one}" for one in approvers)
        about = f"of {band} threats" if band else "of threats without a score"
        super().__init__(
            f"Only {whom} may approve accepted risks and overrides {about}. The policy is under Settings.",
            field=field,
            people=approvers,
        )


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
