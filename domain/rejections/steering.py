"""Why a model is not moved, or not by this person, and why something is not taken back."""

from domain.elements import ElementId, PersonId
from domain.rejections.rejected import Rejected


class NotTheFacilitator(Rejected):
    """Some things are the facilitator's; anyone can become it."""

    def __init__(self, facilitator: PersonId) -> None:
        super().__init__(
            f"Only the facilitator, @{facilitator}, can do this. If that is in the way, use “Take over” "
            "under “More…”: everybody will see it.",
            people=(facilitator,),
        )


class NotAParticipant(Rejected):
    """The model's participants are named, and the asker is not among them."""

    def __init__(self, facilitator: PersonId) -> None:
        super().__init__(
            f"You are not among this model's participants. Ask the facilitator, @{facilitator}, to add you.",
            people=(facilitator,),
        )


class NotInThisPhase(Rejected):
    """The command does not belong to the phase that the model is in."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class NotYet(Rejected):
    """A guard refuses to move on; a stated reason would open it."""

    def __init__(self, towards: str, missing: tuple[str, ...]) -> None:
        super().__init__(
            f"Before {towards}, this is missing: {'; '.join(missing)}. "
            "Add it, or give a reason to go on without.",
            field="reason",
        )
        self.missing = missing


class NothingToUndo(Rejected):
    """The asker has no answer that could be taken back."""

    def __init__(self) -> None:
        super().__init__("There is no answer of yours left to take back.")


class UndoBlocked(Rejected):
    """Somebody built on the answer in the meantime."""

    def __init__(self, element: ElementId, who: PersonId, what: str) -> None:
        super().__init__(
            f"Your last answer cannot be taken back: since then @{who} {what} ({element}). "
            "Revise or remove it instead.",
            people=(who,),
        )


class WordsErased(Rejected):
    """What was there before an answer has been erased, so nothing can bring it back."""

    def __init__(self) -> None:
        super().__init__(
            "Your last answer cannot be taken back: what was there before it has been erased. "
            "Revise or remove it instead."
        )


class NotStarted(Rejected):
    """There is no model to ask anything of."""

    def __init__(self) -> None:
        super().__init__("This threat model does not exist (yet). Somebody has to start it first.")


class AlreadyStarted(Rejected):
    """A model starts once."""

    def __init__(self) -> None:
        super().__init__("This threat model has already been started.")
