"""Rejections about phases, people, closing and undo."""

from domain.kernel.elements import PersonId
from domain.kernel.event_subjects import CLOSING
from domain.rejections.rejected import Rejected


class NotTheFacilitator(Rejected):
    """The command is reserved for the facilitator."""

    def __init__(self, facilitator: PersonId) -> None:
        super().__init__(
            f"Only the facilitator, @{facilitator}, can do this. If that is in the way, use “Take over” "
            "under “More…”: everybody will see it.",
            people=(facilitator,),
        )


class NotAParticipant(Rejected):
    """The author is not a participant of the model."""

    def __init__(self, facilitator: PersonId) -> None:
        super().__init__(
            f"You are not among this model's participants. Ask the facilitator, @{facilitator}, to add you.",
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
        texts = "; ".join(text for _, text in gates)
        one, each = ("this gate is", "it") if len(gates) == 1 else ("these gates are", "each of them")
        super().__init__(
            f"Before {towards}, {one} still open: {texts}. "
            f"Settle {each}, or give a reason for {each} to go on anyway.",
            field=f"reason_{gates[0][0]}",
        )
        self.gates = gates


class NoClosingProposed(Rejected):
    """No proposed closing is pending."""

    def __init__(self) -> None:
        super().__init__("No closing of this model is waiting for a second person (any longer).")
        self.about, self.instead = CLOSING, "There is nothing left to confirm."


class OwnClosing(Rejected):
    """The proposer of a closing over critical threats cannot confirm it."""

    def __init__(self) -> None:
        super().__init__(
            "You proposed to close the model over open critical threats, so someone else must confirm it. "
            "If no one else is here: invite a colleague, respond to the critical threats, "
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
            f"@{proposer} has changed the proposal since you opened it. Open it again before you agree.",
            people=(proposer,),
        )


class ClosingOutdated(Rejected):
    """More is open now than at the time of the proposal."""

    def __init__(self, proposer: PersonId, more: tuple[str, ...]) -> None:
        super().__init__(
            f"Since @{proposer} proposed to close the model, more has become open: {'; '.join(more)}. "
            "Decline it, and propose it again with a reason for that, too.",
            people=(proposer,),
        )


class NothingToUndo(Rejected):
    """The author has no answer that can be undone."""

    def __init__(self) -> None:
        super().__init__("There is no answer of yours left to take back.")


class UndoBlocked(Rejected):
    """A later event depends on the answer."""

    def __init__(self, about: str, who: PersonId, what: str) -> None:
        super().__init__(
            f"Your last answer cannot be taken back: since then @{who} {what} ({about}). "
            "Revise or remove it instead.",
            people=(who,),
        )


class WordsErased(Rejected):
    """The state before the answer was erased and cannot be restored."""

    def __init__(self) -> None:
        super().__init__(
            "Your last answer cannot be taken back: what was there before it has been erased. "
            "Revise or remove it instead."
        )


class NotStarted(Rejected):
    """The model has not been started."""

    def __init__(self) -> None:
        super().__init__("This threat model does not exist (yet). Somebody has to start it first.")


class AlreadyStarted(Rejected):
    """The model has already been started."""

    def __init__(self) -> None:
        super().__init__("This threat model has already been started.")
