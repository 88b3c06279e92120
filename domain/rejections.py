"""Why not, in the words people read."""

from domain.elements import PLURAL, SINGULAR, ElementId, Kind, PersonId
from domain.naming import Naming, with_names


class Rejected(Exception):
    """A command is refused; the message is the sentence people read.

    `field` names the attribute of the command that the sentence is about, if there is one.
    `people` are the persons whom the sentence mentions by id.
    """

    field: str | None = None

    def __init__(self, sentence: str, *, field: str | None = None, people: tuple[PersonId, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.people = people
        if field is not None:
            self.field = field

    def told(self, naming: Naming) -> str:
        """The sentence with the persons called by name."""
        return with_names(self.sentence, self.people, naming)


class NameMissing(Rejected):
    """An element or a model needs a name."""

    def __init__(self, what: str = "it", *, field: str = "name") -> None:
        super().__init__(f"Please give {what} a name.", field=field)


class TooLong(Rejected):
    """Something said is longer than what can be shown."""

    def __init__(self, what: str, *, length: int, limit: int, field: str) -> None:
        super().__init__(
            f"{what} has {length:,} characters; at most {limit:,} fit. Please shorten it.", field=field
        )


class NotALink(Rejected):
    """Something that is no address of the web."""

    def __init__(self, *, field: str) -> None:
        super().__init__("A link begins with https:// and has no spaces in it.", field=field)


class TooMany(Rejected):
    """One answer holds more than can be taken at once."""

    def __init__(self, what: str, *, count: int, limit: int, field: str | None = None) -> None:
        super().__init__(f"{count} {what} at once are too many; please send at most {limit}.", field=field)


class NameTaken(Rejected):
    """Names are unique within a register."""

    def __init__(self, kind: Kind, name: str, element: ElementId, *, field: str = "name") -> None:
        super().__init__(
            f"There is already {_article(SINGULAR[kind])} called “{name}” ({element}).", field=field
        )


class NoSuchElement(Rejected):
    """An id that is not, or not any more, in the model."""

    def __init__(self, element: ElementId, *, field: str | None = None) -> None:
        super().__init__(f"{element} is not part of this model (any more).", field=field)


class WrongKind(Rejected):
    """An element of one kind where another kind is needed."""

    def __init__(self, element: ElementId, kind: Kind, *, field: str | None = None) -> None:
        super().__init__(f"{element} is not {_article(SINGULAR[kind])}.", field=field)


class StillUsed(Rejected):
    """An element that others name cannot be removed under them."""

    def __init__(self, element: str, users: tuple[str, ...]) -> None:
        shown = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        super().__init__(f"{element} is still used by {shown}. Change or remove that first.")


class SameEnds(Rejected):
    """A flow goes from one component to another."""

    def __init__(self) -> None:
        super().__init__("A data flow needs two different ends.", field="target")


class FlowAlreadyDrawn(Rejected):
    """The same flow again."""

    def __init__(self, label: str, element: ElementId, *, field: str = "target") -> None:
        super().__init__(f"“{label}” is already there ({element}).", field=field)


class BoundaryInItself(Rejected):
    """Boundaries nest like boxes, never in a circle."""

    def __init__(self, element: ElementId) -> None:
        super().__init__(f"{element} cannot lie within itself.", field="parent")


class OrderIncomplete(Rejected):
    """An order must name every trust level once."""

    def __init__(self) -> None:
        super().__init__(
            "The order must name every trust level exactly once; somebody may have added one just now. "
            "Please open the form again.",
            field="order",
        )


class NoSuchQuestion(Rejected):
    """A fact that this kind of element does not have."""

    def __init__(self, element: ElementId, fact: str) -> None:
        super().__init__(f"There is no question “{fact}” about {element}.")


class NoSuchAssumption(Rejected):
    """An assumption that is not, or not any more, in the model."""

    def __init__(self, assumption: str) -> None:
        super().__init__(f"The assumption {assumption} is not part of this model (any more).")


class NoSuchThreat(Rejected):
    """A threat that is not, or not any more, in the model."""

    def __init__(self, threat: str) -> None:
        super().__init__(f"The threat {threat} is not part of this model (any more).")


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
        ballots = "1 ballot" if quorum == 1 else f"{quorum} ballots"
        super().__init__(f"The round {round} needs {ballots} on every threat before it can be closed.")


class NothingToSettle(Rejected):
    """Only a round that fell short of its quorum at its last deadline is settled."""

    def __init__(self, round: str) -> None:
        super().__init__(
            f"The round {round} still has time. It can be settled when too few have voted "
            "by its second deadline, and closed once enough have."
        )


class NotScored(Rejected):
    """Something that only makes sense of a threat with a score."""

    def __init__(self, threat: str, *, field: str = "threat") -> None:
        super().__init__(f"{threat} has no score yet; vote on it first.", field=field)


class ThreatMerged(Rejected):
    """A threat that lives on in another one."""

    def __init__(self, threat: str, into: str) -> None:
        super().__init__(f"The threat {threat} was merged into {into}; go on there.")


class ThreatGone(Rejected):
    """A threat that somebody withdrew."""

    def __init__(self, threat: str) -> None:
        super().__init__(f"The threat {threat} was withdrawn. Report it again if it is one after all.")


class MergedWithItself(Rejected):
    """Two threats are needed to make one."""

    def __init__(self) -> None:
        super().__init__("A threat cannot be merged into itself; choose another one.", field="kept")


class NoSuchCandidate(Rejected):
    """A candidate that no rule brings up (any more)."""

    def __init__(self, candidate: str) -> None:
        super().__init__(
            f"{candidate} does not come up any more: something it was about has changed since. "
            "There is nothing left to decide."
        )


class AlreadyConfirmed(Rejected):
    """A candidate that is a threat already."""

    def __init__(self, candidate: str, threat: str) -> None:
        super().__init__(f"{candidate} was confirmed already, as {threat}. Withdraw that if it is none.")


class NotDismissed(Rejected):
    """A candidate that nobody dismissed."""

    def __init__(self, candidate: str) -> None:
        super().__init__(f"{candidate} is not dismissed (any more).")


class NotInTheGrid(Rejected):
    """An element that has no row in the coverage grid."""

    def __init__(self, element: ElementId, kind: Kind) -> None:
        super().__init__(
            f"{element} has no row of its own: {PLURAL[kind]} are looked at through what they belong to."
        )


class CannotAnswer(Rejected):
    """Somebody is asked who may not answer."""

    def __init__(self, person: PersonId) -> None:
        super().__init__(
            f"@{person} is not among this model's participants, so they could not answer. "
            "Ask somebody else, or ask the facilitator to add them.",
            field="person",
            people=(person,),
        )


class NothingSaid(Rejected):
    """An answer without content."""

    def __init__(self, hint: str, *, field: str | None = None) -> None:
        super().__init__(hint, field=field)


class AlreadySo(Rejected):
    """Nothing would change."""

    def __init__(self, sentence: str, *, people: tuple[PersonId, ...] = ()) -> None:
        super().__init__(sentence, people=people)


class NotTheFacilitator(Rejected):
    """Some things are the facilitator's; anyone can become it."""

    def __init__(self, facilitator: PersonId) -> None:
        super().__init__(
            f"Only the facilitator, @{facilitator}, can do this. If that is in the way, use “Take over”: "
            "everybody will see it.",
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


class RoundEnded(Rejected):
    """An answer that ended a round of votes stays."""

    def __init__(self, round: str) -> None:
        super().__init__(
            f"Your last answer cannot be taken back: it ended the round {round}, and rounds stay as they are."
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


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
