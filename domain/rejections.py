"""Rejections: refused commands, each with the sentence that people read.

Most are declared as data: the sentence with the places of its values, the field that it is about, and what
replaces it where another person may just have decided the same. Those that compute it are classes.
"""

import re
from collections.abc import Callable

import msgspec

from domain.dread.scoring import Band
from domain.kernel.answer import Answer
from domain.kernel.elements import SINGULAR, ElementId, Kind, LikelyDuplicate, PersonId
from domain.kernel.event_subjects import CLOSING, Subject, issue, response, thing
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import Naming, count_phrase, join_list, with_names


class Rejected(Exception):
    """A refused command; the message is the sentence that people read.

    `field` names the attribute of the command that the sentence is about, if there is one.
    `people` are the people whom the sentence mentions by id. `also` are other rejections of the same command.
    If another person may just have decided it, `about` names the subject, and `instead` replaces the
    sentence after the words that say who did what.
    """

    field: str | None = None
    about: Subject | None = None
    instead: str = ""
    also: "tuple[Rejected, ...]" = ()

    def __init__(self, sentence: str, *, field: str | None = None, people: tuple[PersonId, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.people = people
        if field is not None:
            self.field = field

    def text_with_names(self, naming: Naming) -> str:
        """Return the sentence with the people called by name."""
        return with_names(self.sentence, self.people, naming)


class DeclaredRejection(Rejected):
    """A rejection whose sentence is declared, with the places of its values; those after an @ are people."""

    says: str
    subject: Callable[[str], Subject] | None = None

    def __init__(self, *values: object, field: str | None = None) -> None:
        mentioned = (values[int(place)] for place in re.findall(r"@\{(\d)\}", self.says))
        people = tuple(PersonId(str(person)) for person in mentioned)
        super().__init__(self.says.format(*values), field=field, people=people)
        if self.subject is not None:
            self.about = self.subject(str(values[0]) if values else "")
        self.instead = self.instead.format(*values)


def _declared(
    name: str,
    says: str,
    *,
    field: str | None = None,
    about: Callable[[str], Subject] | None = None,
    instead: str = "",
) -> type[DeclaredRejection]:
    """Return a rejection of a name; `about` is the subject of its first value."""
    subject = staticmethod(about) if about else None
    return type(
        name, (DeclaredRejection,), {"says": says, "field": field, "subject": subject, "instead": instead}
    )


# Invalid input: incomplete, too long, or without a change

TooLong = _declared("TooLong", "{0} has {1:,} characters. Shorten it to {2:,} or fewer.")
NotALink = _declared(
    "NotALink",
    "The link is not a valid URL. Enter one that begins with https:// and contains no spaces and none of "
    '< > " | \\.',
)
NotATicket = _declared(
    "NotATicket",
    "The ticket is neither a key nor a URL. Enter a key such as REFILL-123 or acme/shop#12, or a URL that"
    " begins with https:// and contains no spaces.",
)
TooMany = _declared("TooMany", "{1} {0} are too many. Enter at most {2} at a time.")


class NameMissing(Rejected):
    """The name is missing."""

    def __init__(self, what: str = "", *, field: str = "name") -> None:
        whose = f" of {what}" if what else ""
        super().__init__(f"The name{whose} is missing. Enter one.", field=field)


class ContentMissing(Rejected):
    """The command has no content."""


class NothingChanged(Rejected):
    """The command would change nothing."""


# Elements, facts, their order, assumptions and drafts

LinkedAlready = _declared(
    "LinkedAlready", "{0} is already the same thing as {1}. State first that these are two different things."
)
LinkedIsExternal = _declared(
    "LinkedIsExternal",
    "{0} is the same thing as the external dependency {1}, so it is an external entity. To change its "
    "type, state first that these are two different things.",
    field="sort",
)
AnswerTakenBack = _declared(
    "AnswerTakenBack",
    "“{0}” was answered with “{1}”. Select it, or choose that the others in its list do not exist.",
    field="exists",
)
NoSuchElement = _declared("NoSuchElement", "This model has no element {0}. It may have been removed.")
OthersReferToIt = _declared(
    "OthersReferToIt", "Meanwhile, other elements refer to {0} than the form shows. Open it again."
)
ReplacedByItself = _declared(
    "ReplacedByItself", "{0} is the one to remove. Choose another element.", field="replacement"
)
SameEnds = _declared(
    "SameEnds",
    "The source and the target of a data flow are the same. Choose two different components.",
    field="target",
)
UnknownTechnology = _declared(
    "UnknownTechnology", "The catalog has no technology “{0}”. Choose one from the list.", field="technology"
)
BoundaryInItself = _declared(
    "BoundaryInItself", "{0} cannot be inside itself. Choose another boundary.", field="parent"
)
OrderIncomplete = _declared(
    "OrderIncomplete",
    "The order must contain every trust level once. Someone may have added one meanwhile. Open the form "
    "again.",
    field="order",
)
NoSuchQuestion = _declared("NoSuchQuestion", "{0} has no question “{1}”.")
NoSuchAssumption = _declared(
    "NoSuchAssumption", "This model has no assumption {0}. It may have been withdrawn."
)
CannotAnswer = _declared(
    "CannotAnswer",
    "@{0} is not a participant of this model. Choose a participant, or ask the facilitator to add them.",
    field="person",
)


NothingAssigned = _declared(
    "NothingAssigned", "@{0} has nothing left to do in this model. Choose another person.", field="of"
)
SamePerson = _declared("SamePerson", "Choose another person than the one who has it now.", field="person")


class NameTaken(Rejected):
    """The name is already used in the register."""

    def __init__(self, kind: Kind, name: str, element: ElementId) -> None:
        super().__init__(
            f"The name “{name}” is already used by {SINGULAR[kind]} {element}. Enter another name.",
            field="name",
        )
        self.element = element


class LikelyDuplicates(Rejected):
    """New names are like others; each has to be confirmed as the same or as another thing."""

    def __init__(self, found: tuple[LikelyDuplicate, ...]) -> None:
        first, closest = found[0], found[0].others[0]
        there = f" ({closest.element})" if closest.element else ""
        rest = len(found) - 1
        more = f" The same question arises for {count_phrase(rest, 'other name')}." if rest else ""
        super().__init__(
            f"The {SINGULAR[first.kind]} “{first.name}” may be the same as “{closest.name}”{there}. "
            f"Choose whether it is the same element or a different one.{more}"
        )
        self.found = found


class WrongKind(Rejected):
    """The element is of another kind than required."""

    def __init__(self, element: ElementId, kind: Kind, *, field: str | None = None) -> None:
        noun = SINGULAR[kind]
        super().__init__(f"{element} is not {'an' if noun[0] in 'aeiou' else 'a'} {noun}.", field=field)


class StillUsed(Rejected):
    """Other elements refer to the element, so it cannot be removed."""

    def __init__(self, element: str, users: tuple[str, ...]) -> None:
        shown = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
        super().__init__(f"{element} is used by {shown}. Change or remove these references first.")


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Two answers to one question, of which one stays: that of the element that is kept, or the other one."""

    element: ElementId
    merged: ElementId
    fact: str
    answer: Answer
    other: Answer


class AnswersContradict(Rejected):
    """Both elements have an answer, and no one has chosen which one stays."""

    def __init__(self, found: tuple[Contradiction, ...]) -> None:
        verb = "contradicts its counterpart" if len(found) == 1 else "contradict their counterparts"
        super().__init__(f"{count_phrase(len(found), 'answer')} {verb}. Choose which one stays.")
        self.found = found


class FlowAlreadyDrawn(Rejected):
    """The same flow already exists."""

    def __init__(self, label: str, element: ElementId) -> None:
        super().__init__(f"The flow “{label}” already exists ({element}).", field="target")
        self.element = element


class FlowEndsMissing(Rejected):
    """An end of an accepted data flow is neither accepted nor part of the model."""

    def __init__(self, source: str, target: str, missing: tuple[str, ...]) -> None:
        named = join_list([f"“{one}”" for one in missing])
        lacks = f"{'is' if len(missing) == 1 else 'are'} neither part of the model nor accepted"
        end = "this component" if len(missing) == 1 else "these components"
        super().__init__(
            f"The data flow from “{source}” to “{target}” cannot be added: {named} {lacks}. "
            f"Accept {end} as well, or leave the data flow out."
        )
        self.missing = missing


DraftConflict = _declared(
    "DraftConflict",
    "The {0} “{1}” may be the same as {2}. Choose whether it is the same element or a different one.",
)


class DraftItemInvalid(Rejected):
    """An accepted item cannot be added as it is."""

    def __init__(self, kind: Kind, name: str, why: str) -> None:
        shown = name if len(name) <= 60 else f"{name[:60]}…"
        super().__init__(f"The {SINGULAR[kind]} “{shown}” cannot be added. {why} Leave it out to continue.")


# Suggested threats, threats and rows of the coverage grid

NoSuchThreat = _declared("NoSuchThreat", "This model has no threat {0}. It may have been withdrawn.")
AlreadyReported = _declared(
    "AlreadyReported",
    "{1} says the same: “{0}”, at the same element. Add to it, or describe what differs.",
    field="title",
)
ThreatMerged = _declared(
    "ThreatMerged", "{0} was merged into {1}. Use {1} instead.", about=thing, instead="Use {1} instead."
)
ThreatGone = _declared(
    "ThreatGone",
    "{0} was withdrawn. If the threat exists, report it again.",
    about=thing,
    instead="If the threat exists, report it again.",
)
MergedWithItself = _declared(
    "MergedWithItself", "A threat cannot be merged into itself. Choose another threat.", field="kept"
)
NoSuchSuggestedThreat = _declared(
    "NoSuchSuggestedThreat",
    "{0} no longer applies, because the model has changed. No decision is needed.",
    about=thing,
    instead="No decision is needed.",
)
AlreadyConfirmed = _declared(
    "AlreadyConfirmed",
    "{0} is already confirmed as {1}. If it is not a threat, withdraw {1}.",
    about=thing,
    instead="If it is not a threat, withdraw {1}.",
)
AlreadyDismissed = _declared(
    "AlreadyDismissed",
    "{0} was dismissed already. To decide again, reopen it under *Dismissed*.",
    about=thing,
    instead="To decide again, reopen it under *Dismissed*.",
)
OtherRule = _declared(
    "OtherRule", "{0} comes from another rule than {1}. Confirm it as a threat of its own.", field="decision"
)
PlacesSettled = _declared(
    "PlacesSettled",
    "{0} is {1}: this was decided for the places that it has. Confirm the new ones as a threat of their own.",
    field="decision",
)
LastPlace = _declared(
    "LastPlace", "{0} needs at least one place. To give up the whole threat, withdraw it.", field="places"
)
NotAPlace = _declared("NotAPlace", "{1} is no longer a place of {0}.", about=thing)
NotDismissed = _declared(
    "NotDismissed", "{0} is not dismissed.", about=thing, instead="It is no longer dismissed."
)
NoSuchTopic = _declared(
    "NoSuchTopic", "The screening form has no topic “{0}” with this answer. Open the form again."
)
NothingToConfirm = _declared(
    "NothingToConfirm", "Nothing needs to be confirmed: no topic is screened out, or all are confirmed."
)
OwnScreening = _declared(
    "OwnScreening", "You screened this out yourself. Another participant must confirm it."
)


NothingToCheck = _declared(
    "NothingToCheck",
    "The answer about {0} has changed or was removed in the meantime. No check is needed.",
    about=thing,
    instead="No check is needed.",
)
NotPicked = _declared(
    "NotPicked",
    "The answer about {0} is not picked for a spot check. Check one of the answers that are picked.",
    about=thing,
    instead="It is not picked for a spot check.",
)
AlreadyChecked = _declared(
    "AlreadyChecked",
    "@{0} has checked this answer in the meantime: {1}. Your check was not saved.",
    field="outcome",
)
OwnAnswer = _declared(
    "OwnAnswer", "You gave this answer yourself. Another participant must check it.", field="outcome"
)


NoSuchPrompt = _declared("NoSuchPrompt", "Nothing of this kind is asked about {0}.")
NotInTheGrid = _declared(
    "NotInTheGrid", "{0} has no row in the coverage grid: {1} are covered by the elements that use them."
)


# Ballots and rounds

NoSuchRound = _declared("NoSuchRound", "This model has no round {0}.")
RoundIsOver = _declared("RoundIsOver", "The round {0} is closed and its ballots are counted.")
NotAVoter = _declared(
    "NotAVoter",
    "You are not a voter of the round {0}. The facilitator, @{1}, chooses the voters when opening a round.",
)
NotInTheRound = _declared("NotInTheRound", "{0} is not part of the round {1}.", field="threat")
AlreadyInARound = _declared(
    "AlreadyInARound", "{0} is already part of the open round {1}. Wait until it closes.", field="threats"
)
OutOfRange = _declared("OutOfRange", "{0} must be a whole number from 1 to 10, or “?” to abstain.")
NothingToSettle = _declared(
    "NothingToSettle",
    "Round {0} is still open. Close it once the quorum is reached. After its second deadline, you can "
    "extend it or close it without a quorum.",
)
NotScored = _declared("NotScored", "{0} has no score. Vote on it first.", field="threat")
RoundEnded = _declared(
    "RoundEnded",
    "Your last change cannot be undone: it closed the round {0}, and closed rounds cannot be reopened.",
)


BallotTooLate = _declared("BallotTooLate", "Your ballot was not counted: the round {0} {1}.")


QuorumNotMet = _declared(
    "QuorumNotMet", "The round {0} has not reached its quorum. It can be closed after {1} on every threat."
)


# Responses and mitigations

NoSuchMitigation = _declared(
    "NoSuchMitigation", "This model has no mitigation {0}. It may have been removed."
)
OwnMitigation = _declared("OwnMitigation", "You own or implemented {0}, so someone else must verify it.")
AssigneeOfIssue = _declared(
    "AssigneeOfIssue",
    "The issue of {0} was assigned to you or to an account that you stated to be yours, so someone else "
    "must verify it.",
)
NothingVerified = _declared(
    "NothingVerified", "{0} has no verified mitigation. Verify one before you vote on the residual risk."
)
NoProposal = _declared(
    "NoProposal",
    "There is no open proposal to accept {0}: it was decided or withdrawn.",
    about=response,
    instead="No decision is needed.",
)
ProposalOver = _declared(
    "ProposalOver",
    "The proposal has expired: the risk was to be accepted until {0}. Propose the acceptance again with a"
    " later date.",
)
OwnProposal = _declared("OwnProposal", "You proposed this acceptance, so someone else must decide on it.")
NoIssue = _declared("NoIssue", "{0} has no issue in a tracker.", about=issue, instead="It has no issue.")
IssueStillThere = _declared(
    "IssueStillThere",
    "{0} has the issue {1}. Unlink it before you request another one.",
    about=issue,
    instead="It has the issue {1}.",
)
NothingProposed = _declared(
    "NothingProposed",
    "The issue of {0} no longer asks for a decision.",
    about=thing,
    instead="No decision is needed.",
)
LastThreat = _declared("LastThreat", "{0} serves no other threat than {1}. Drop it instead.")
NotLinked = _declared(
    "NotLinked", "{0} no longer serves {1}.", about=thing, instead="Open it again to see what it serves now."
)


class WrongMitigationState(Rejected):
    """The state of the mitigation does not allow the command."""

    def __init__(self, mitigation: str, state: MitigationState) -> None:
        super().__init__(f"{mitigation} {_HOW_FAR[state]}")
        self.about, self.instead = thing(mitigation), _NOW[state]


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
        whom = " or ".join(f"@{approver}" for approver in approvers)
        about = f"of {band} threats" if band else "of threats without a score"
        super().__init__(
            f"Only {whom} may approve accepted risks and overrides {about}. The policy is under Settings.",
            field=field,
            people=approvers,
        )


# Phases, people, closing and undo

NotTheFacilitator = _declared(
    "NotTheFacilitator",
    "Only the facilitator, @{0}, can do this. To become the facilitator, use “Take over” under “More…”; "
    "the channel is notified.",
)
NotAParticipant = _declared(
    "NotAParticipant", "You are not a participant of this model. Ask the facilitator, @{0}, to add you."
)
NoClosingProposed = _declared(
    "NoClosingProposed",
    "There is no open proposal to close this model.",
    about=lambda _: CLOSING,
    instead="No confirmation is needed.",
)
OwnClosing = _declared(
    "OwnClosing",
    "You proposed to close the model with open critical threats, so someone else must confirm it. If you "
    "are the only participant, invite a colleague, respond to the critical threats, or archive the model "
    "instead.",
)
OthersClosing = _declared(
    "OthersClosing", "@{0} proposed to close the model. Decline it, or ask them to withdraw it."
)
ClosingAlreadyProposed = _declared(
    "ClosingAlreadyProposed", "@{0} has already proposed to close the model. Confirm or decline that first."
)
ProposalChanged = _declared(
    "ProposalChanged",
    "@{0} has changed the proposal since you opened it. Open it again and review the change.",
)
NothingToUndo = _declared("NothingToUndo", "You have no change left to undo.")
UndoBlocked = _declared(
    "UndoBlocked",
    "Your last change cannot be undone: since then, @{1} {2} ({0}). Revise or remove it instead.",
)
WordsErased = _declared(
    "WordsErased",
    "Your last change cannot be undone: the previous value has been erased. Revise or remove it instead.",
)
NotStarted = _declared("NotStarted", "This threat model does not exist. Start it first.")
AlreadyStarted = _declared("AlreadyStarted", "This threat model has already been started.")


class NotInThisPhase(Rejected):
    """The current phase does not allow the command."""


class UnmetConditions(Rejected):
    """Unmet conditions prevent the move unless a reason is given for each of them.

    `conditions` are those without a reason, as id and text.
    """

    def __init__(self, towards: str, conditions: tuple[tuple[str, str], ...]) -> None:
        texts = ". ".join(text for _, text in conditions)
        one = len(conditions) == 1
        unmet, each = (
            (f"A condition for {towards} is", "it")
            if one
            else (f"Conditions for {towards} are", "each of them")
        )
        super().__init__(
            f"{unmet} not met. {texts}. Meet {each}, or give a reason for {each}.",
            field=f"reason_{conditions[0][0]}",
        )
        self.conditions = conditions


class ClosingOutdated(Rejected):
    """More is open now than at the time of the proposal."""

    def __init__(self, proposer: PersonId, more: tuple[str, ...]) -> None:
        super().__init__(
            f"More conditions are unmet since @{proposer} proposed to close the model. {'. '.join(more)}. "
            "Decline the proposal, and make a new one with a reason for each condition.",
            people=(proposer,),
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
