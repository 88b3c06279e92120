"""Rejections about phases, people, closing and undo."""

from domain.kernel.elements import PersonId
from domain.kernel.event_subjects import CLOSING
from domain.rejections.rejected import Rejected


class NotTheFacilitator(Rejected):
    """The command is reserved for the facilitator."""

    def __init__(self, facilitator: PersonId) -> None:
        super().__init__(
            f"Only the facilitator, @{facilitator}, can do this. To become the facilitator, use “Take "
            f"over” under “More…”; the channel is notified.",
            people=(facilitator,),
        )


class NotAParticipant(Rejected):
    """The author is not a participant of the model."""

    def __init__(self, facilitator: PersonId) -> None:
        super().__init__(
            f"You are not a participant of this model. Ask the facilitator, @{facilitator}, to add you.",
            people=(facilitator,),
        )


class NotInThisPhase(Rejected):
    """The current phase does not allow the command."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class GatesOpen(Rejected):
    """Open gates prevent the move unless a reason is given for each of them.

    `gates` are those without a reason, as id and text.
    """

    def __init__(self, towards: str, gates: tuple[tuple[str, str], ...]) -> None:
        texts = ". ".join(text for _, text in gates)
        one = len(gates) == 1
        unmet, each = (
            (f"A condition for {towards} is", "it")
            if one
            else (f"Conditions for {towards} are", "each of them")
        )
        super().__init__(
            f"{unmet} not met. {texts}. Meet {each}, or give a reason for {each}.",
            field=f"reason_{gates[0][0]}",
        )
        self.gates = gates


class NoClosingProposed(Rejected):
    """No proposed closing is pending."""

    def __init__(self) -> None:
        super().__init__("There is no open proposal to close this model.")
        self.about, self.instead = CLOSING, "No confirmation is needed."


class OwnClosing(Rejected):
    """The proposer of a closing over critical threats cannot confirm it."""

    def __init__(self) -> None:
        super().__init__(
            "You proposed to close the model with open critical threats, so someone else must confirm "
            "it. If you are the only participant, invite a colleague, respond to the critical threats, "
            "or archive the model instead."
        )


class OthersClosing(Rejected):
    """Only the proposer may withdraw a proposed closing; others decline it."""

    def __init__(self, proposer: PersonId) -> None:
        super().__init__(
            f"@{proposer} proposed to close the model. Decline it, or ask them to withdraw it.",
            people=(proposer,),
        )


class ClosingAlreadyProposed(Rejected):
    """Another person's proposal must be answered before a new one is made."""

    def __init__(self, proposer: PersonId) -> None:
        super().__init__(
            f"@{proposer} has already proposed to close the model. Confirm or decline that first.",
            people=(proposer,),
        )


class ProposalChanged(Rejected):
    """The proposal has changed since the author saw it."""

    def __init__(self, proposer: PersonId) -> None:
        super().__init__(
            f"@{proposer} has changed the proposal since you opened it. Open it again and review the change.",
            people=(proposer,),
        )


class ClosingOutdated(Rejected):
    """More is open now than at the time of the proposal."""

    def __init__(self, proposer: PersonId, more: tuple[str, ...]) -> None:
        super().__init__(
            f"More conditions are unmet since @{proposer} proposed to close the model. {'. '.join(more)}. "
            "Decline the proposal, and make a new one with a reason for each condition.",
            people=(proposer,),
        )


class NothingToUndo(Rejected):
    """The author has no answer that can be undone."""

    def __init__(self) -> None:
        super().__init__("You have no change left to undo.")


class UndoBlocked(Rejected):
    """A later event depends on the answer."""

    def __init__(self, about: str, who: PersonId, what: str) -> None:
        super().__init__(
            f"Your last change cannot be undone: since then, @{who} {what} ({about}). Revise or remove "
            f"it instead.",
            people=(who,),
        )


class WordsErased(Rejected):
    """The state before the answer was erased and cannot be restored."""

    def __init__(self) -> None:
        super().__init__(
            "Your last change cannot be undone: the previous value has been erased. Revise or remove it "
            "instead."
        )


class NotStarted(Rejected):
    """The model has not been started."""

    def __init__(self) -> None:
        super().__init__("This threat model does not exist. Start it first.")


class AlreadyStarted(Rejected):
    """The model has already been started."""

    def __init__(self) -> None:
        super().__init__("This threat model has already been started.")
