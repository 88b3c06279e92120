"""Outcomes of proposals to accept a risk or to close a model, in a sentence."""

from collections.abc import Sequence

from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    ApprovalReassigned,
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    Erased,
    RecordedEvent,
    ThreatModelArchived,
    ThreatModelClosed,
)
from domain.history import undone_answers
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming
from domain.kernel.response import Response
from domain.kernel.threat import ThreatId


def threat_to_approve(event: RecordedEvent) -> ThreatId | None:
    """Return the threat whose acceptance an event asks a person to approve; None for other events."""
    match event:
        case AcceptanceProposed():
            return event.proposal.threat
        case ApprovalReassigned():
            return event.threat
        case _:
            return None


def approver_sentence(proposal: Response, naming: Naming, to: PersonId) -> str:
    """Return a sentence about the current approver, for the previous one."""
    if proposal.asked is None:
        return "There is no longer a requested approver."
    return (
        "You are asked again." if proposal.asked == to else (f"The approver is now {naming(proposal.asked)}.")
    )


def closing_outcome(events: Sequence[RecordedEvent], version: int, naming: Naming, to: PersonId) -> str:
    """Return the answer to the closing proposal of a version; empty while it is pending."""
    undone = undone_answers(events)
    for later in events[version:]:
        if isinstance(later, Erased) or later.answer in undone or later.undoes is not None:
            continue
        who = "You" if later.by == to else naming(later.by)
        match later:
            case ThreatModelClosed():
                return f"{who} {'confirmed it' if later.proposed_by else 'closed the model'}."
            case ClosingDeclined():
                because = f" Reason: “{later.reason}”" if later.reason else ""
                return f"{who} declined it.{because}"
            case ClosingWithdrawn():
                return f"{who} withdrew it."
            case ThreatModelArchived():
                return f"{who} archived the model instead."
            case ClosingProposed():
                return "There is a newer proposal."
            case _:
                pass
    return ""


def approval_outcome(
    events: Sequence[RecordedEvent], version: int, waits: Response | None, *, naming: Naming, to: PersonId
) -> str:
    """Return the answer given after a version, for a person who is no longer the approver.

    The sentence also fits several proposals with the same answer. `to`, the reader, may have given it;
    `waits` is the pending proposal. Raises TypeError if the event of the version asks no one.
    """
    asking = events[version - 1]
    threat, undone = threat_to_approve(asking), undone_answers(events)
    if threat is None or isinstance(asking, Erased):
        raise TypeError(version)
    if asking.answer in undone:
        return "Undone."

    def who(person: PersonId) -> str:
        return "you" if person == to else naming(person)

    for later in events[version:]:
        if isinstance(later, Erased) or later.answer in undone or later.undoes is not None:
            continue
        match later:
            case AcceptanceApproved(acceptance=said) if said.threat == threat:
                until = f" until {short_day(said.expires)}" if said.expires else ""
                return f"Approved by {who(later.by)}{until}."
            case AcceptanceDeclined() if later.threat == threat:
                because = f" Reason: “{later.reason}”" if later.reason else ""
                return f"Declined by {who(later.by)}.{because}"
            case AcceptanceProposed() if later.proposal.threat == threat:
                return "Replaced by a newer proposal."
            case _:
                pass
    return "The proposal no longer exists." if waits is None else approver_sentence(waits, naming, to)
