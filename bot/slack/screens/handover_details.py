"""Handovers: a person was assigned or asked something, or their proposal was answered."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from bot.slack.protocol.escaping import clip
from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    ApprovalReassigned,
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    Erased,
    Event,
    MitigationPlanned,
    MitigationReassigned,
    PersonAsked,
    RecordedEvent,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelImported,
    VerificationRefused,
)
from domain.history import undone_answers
from domain.kernel.due_dates import short_day
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.kernel.text_formatting import Naming
from domain.kernel.threat import Response, ThreatId
from domain.kernel.tracked_issue import TrackerId
from domain.model import ThreatModel
from domain.register import ThreatRegister
from domain.remediation.status import TrackedMitigation
from domain.replay import replay

JoinedEvent = (
    MitigationPlanned | MitigationReassigned | AcceptanceProposed | AcceptanceApproved | ApprovalReassigned
)
"""Events of which one command may record many, about different threats."""


class HandoverGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The versions of the events that one message to a person is about."""

    versions: tuple[int, ...]
    person: PersonId


def handover_groups(
    events: Sequence[RecordedEvent], handovers: Iterable[tuple[int, PersonId]]
) -> list[HandoverGroup]:
    """Return the groups of handovers, which are given by version and recipient, in order."""
    found: dict[tuple[int, type[RecordedEvent], PersonId], list[int]] = {}
    for version, person in handovers:
        event = events[version - 1]
        joined = isinstance(event, JoinedEvent)
        answer = version if isinstance(event, Erased) or not joined else event.answer
        found.setdefault((answer, type(event), person), []).append(version)
    return [
        HandoverGroup(versions=tuple(versions), person=person) for (_, _, person), versions in found.items()
    ]


NO_LONGER_PLANNED = "The mitigation no longer exists."


def mitigation_outcome(tracked: TrackedMitigation, naming: Naming, *, whose: PersonId | None) -> str:
    """Return the outcome of a mitigation; empty while its owner still has to implement it."""
    one = tracked.mitigation
    by = f" by {naming(one.implemented_by)}" if one.implemented_by else ""
    match one.state:
        case MitigationState.IMPLEMENTED:
            return f"Implemented{by}. Someone else must verify it."
        case MitigationState.VERIFIED:
            return (
                f"Implemented{by} and verified{f' by {naming(one.verified_by)}' if one.verified_by else ''}."
            )
        case MitigationState.DROPPED:
            return f"Dropped: “{clip(one.reason, _REASON)}”" if one.reason else "Dropped."
        case MitigationState.PLANNED | MitigationState.STARTED:
            pass
    if tracked.orphan:
        return "The threat no longer exists."
    if whose is not None and one.owner is not None and whose not in tracked.owners:
        if whose in one.owners:
            return "Implemented at your places."
        return f"The owner is now {naming(one.owner)}."
    return ""


_REASON = 200


def threat_to_approve(event: RecordedEvent) -> ThreatId | None:
    """Return the threat whose acceptance an event asks a person to approve; None for other events."""
    if isinstance(event, AcceptanceProposed):
        return event.proposal.threat
    return event.threat if isinstance(event, ApprovalReassigned) else None


def approver_sentence(proposal: Response, naming: Naming, to: PersonId) -> str:
    """Return a sentence about the current approver, for the previous one."""
    if proposal.asked is None:
        return "There is no longer a requested approver."
    return (
        "You are asked again." if proposal.asked == to else (f"The approver is now {naming(proposal.asked)}.")
    )


def closing_outcome(events: Sequence[RecordedEvent], version: int, naming: Naming, to: PersonId) -> str:
    """Return the answer to the closing proposal of a version; empty while it is pending."""
    for later in _standing(events, version):
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
            case _:  # every other event is no answer
                pass
    return ""


def _standing(events: Sequence[RecordedEvent], after: int) -> Iterator[Event]:
    """Yield the events after a version that were neither erased nor undone, and that undo nothing."""
    undone = undone_answers(events)
    for event in events[after:]:
        if not isinstance(event, Erased) and event.answer not in undone and event.undoes is None:
            yield event


def approval_outcome(
    events: Sequence[RecordedEvent], version: int, waits: Response | None, *, naming: Naming, to: PersonId
) -> str:
    """Return the answer given after a version, for a person who is no longer the approver.

    The sentence also fits several proposals with the same answer. `to`, the reader, may have given it;
    `waits` is the pending proposal. Raises TypeError if the event of the version asks no one.
    """
    asking = events[version - 1]
    threat = threat_to_approve(asking)
    if threat is None or isinstance(asking, Erased):
        raise TypeError(version)
    if asking.answer in undone_answers(events):
        return "Undone."

    def who(person: PersonId) -> str:
        return "you" if person == to else naming(person)

    for later in _standing(events, version):
        match later:
            case AcceptanceApproved(acceptance=said) if said.threat == threat:
                until = f" until {short_day(said.expires)}" if said.expires else ""
                return f"Approved by {who(later.by)}{until}."
            case AcceptanceDeclined() if later.threat == threat:
                because = f" Reason: “{later.reason}”" if later.reason else ""
                return f"Declined by {who(later.by)}.{because}"
            case AcceptanceProposed() if later.proposal.threat == threat:
                return "Replaced by a newer proposal."
            case _:  # every other event is no answer
                pass
    return "The proposal no longer exists." if waits is None else approver_sentence(waits, naming, to)


HandoverEvent = (
    MitigationPlanned
    | MitigationReassigned
    | VerificationRefused
    | AcceptanceProposed
    | ApprovalReassigned
    | AcceptanceApproved
    | AcceptanceDeclined
    | ClosingProposed
    | ClosingDeclined
    | PersonAsked
)
"""Events that notify a person."""

UrgentEvent = MitigationPlanned | MitigationReassigned | AcceptanceProposed | ApprovalReassigned | PersonAsked
"""Events that may be marked urgent."""


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one person, with the model as it is now.

    `outcome` is a sentence about the outcome, empty while it is pending; `count` is the number of questions
    asked; `proposal` is the acceptance to approve.
    """

    stream: str
    event: HandoverEvent
    register: ThreatRegister
    outcome: str = ""
    count: int = 0
    proposal: Response | None = None


def _known(_: PersonId) -> TrackerId | None:
    return None


def _not_asked(_: PersonId, __: TrackerId) -> bool:
    return False


class HandoverSources(msgspec.Struct, frozen=True, kw_only=True):
    """Sources of handovers: a model's events and its current state.

    `unknown_in` returns the tracker of the model if it is not known which account there is a person's.
    `was_asked` returns whether a message about any model has asked a person for their account in a tracker.
    """

    stream: str
    events: Sequence[RecordedEvent]
    model: ThreatModel
    register: ThreatRegister
    naming: Naming
    unknown_in: Callable[[PersonId], TrackerId | None] = _known
    was_asked: Callable[[PersonId, TrackerId], bool] = _not_asked


def asks_account(sources: HandoverSources, versions: Iterable[int], to: PersonId) -> TrackerId | None:
    """Return the tracker in which a new message is to ask a person for their account, if it is.

    The first message that assigns a mitigation to the person does, of all models with the tracker.
    """
    assigns = any(
        isinstance(sources.events[version - 1], MitigationPlanned | MitigationReassigned)
        for version in versions
    )
    tracker = sources.unknown_in(to) if assigns else None
    return tracker if tracker is not None and not sources.was_asked(to, tracker) else None


def handovers_after(events: Sequence[RecordedEvent], after: int) -> Iterator[tuple[int, PersonId]]:
    """Return the versions and recipients of notifying events after a version.

    People are not notified of their own events or of withdrawn answers.
    """
    for version in range(after + 1, len(events) + 1):
        event = events[version - 1]
        if not isinstance(event, HandoverEvent) or event.undoes is not None:
            continue
        for to in _recipients(event, events, version):
            if to is not None and to != event.by:
                yield version, to


def is_urgent_event(event: RecordedEvent) -> bool:
    """Return whether an event notifies people outside their working hours as well."""
    return isinstance(event, UrgentEvent) and event.urgent


def has_open_questions(sources: HandoverSources, version: int, to: PersonId) -> bool:
    """Return whether a person was notified of other questions that are still open."""
    asked = sources.events[version - 1]
    if not isinstance(asked, PersonAsked) or asked.urgent:
        return False
    before = (event for event in sources.events[: version - 1] if isinstance(event, PersonAsked))
    known = {(one.element, one.fact) for one in before if one.person == to and one.answer != asked.answer}
    return any(question in known for question in _open_questions_of(sources, to))


def handover_for(sources: HandoverSources, version: int, to: PersonId) -> Handover | None:
    """Return the current handover of one event to one person; None if the event was erased."""
    event = sources.events[version - 1]
    if not isinstance(event, HandoverEvent):
        return None
    initial = Handover(stream=sources.stream, event=event, register=sources.register)
    if event.answer in undone_answers(sources.events):
        return msgspec.structs.replace(initial, outcome="Undone.")
    match event:
        case MitigationPlanned():
            return msgspec.structs.replace(initial, outcome=_outcome(sources, event.mitigation.id, to))
        case MitigationReassigned() | VerificationRefused():
            return msgspec.structs.replace(initial, outcome=_outcome(sources, event.mitigation, to))
        case AcceptanceProposed():
            return _approval_request(initial, sources, version, to, event.proposal)
        case ApprovalReassigned():
            return _approval_request(
                initial, sources, version, to, _proposed(event.threat, sources.events[: version - 1])
            )
        case AcceptanceApproved() | AcceptanceDeclined() | ClosingDeclined():
            return initial
        case ClosingProposed():
            return msgspec.structs.replace(
                initial, outcome=closing_outcome(sources.events, version, sources.naming, to)
            )
        case PersonAsked():
            together = _assigned_questions(event, sources.events)
            over = "" if any(_open_questions_of(sources, to)) else "No questions remain."
            return msgspec.structs.replace(initial, outcome=over, count=len(together))


def _approval_request(
    initial: Handover, sources: HandoverSources, version: int, to: PersonId, proposal: Response | None
) -> Handover:
    """Return the handover of a request to approve a proposal, pending or over."""
    if proposal is None:  # it was erased
        return msgspec.structs.replace(initial, outcome="The proposal no longer exists.")
    waits, status = (
        sources.model.proposals.get(proposal.threat),
        sources.register.statuses.get(proposal.threat),
    )
    if status is None:
        over = "The threat no longer exists."
    elif waits is None or msgspec.structs.replace(waits, asked=proposal.asked) != proposal:
        over = approval_outcome(sources.events, version, waits, naming=sources.naming, to=to)
    elif waits.asked != to:
        over = approver_sentence(waits, sources.naming, to)
    else:
        over = "The proposal expired without an answer." if status.too_late else ""
    return msgspec.structs.replace(initial, outcome=over, proposal=proposal)


def _recipients(
    event: HandoverEvent, events: Sequence[RecordedEvent], version: int
) -> tuple[PersonId | None, ...]:
    """Return the people whom an event notifies: the owners of a mitigation, or one person, if any."""
    if isinstance(event, MitigationPlanned):
        return event.mitigation.owners
    return (_recipient(event, events, version),)


def _recipient(event: HandoverEvent, events: Sequence[RecordedEvent], version: int) -> PersonId | None:
    match event:
        case MitigationPlanned():
            return event.mitigation.owner
        case MitigationReassigned():
            return event.owner
        case VerificationRefused():
            return _owner(event.mitigation, events[: version - 1])
        case AcceptanceProposed():
            return event.proposal.asked
        case ApprovalReassigned():
            return event.approver
        case AcceptanceApproved():
            return event.acceptance.by
        case AcceptanceDeclined():
            proposal = _proposed(event.threat, events[: version - 1])
            return None if proposal is None else proposal.by
        case ClosingProposed():
            return event.proposal.asked
        case ClosingDeclined():
            before = (one for one in reversed(events[: version - 1]) if isinstance(one, ClosingProposed))
            proposed = next(before, None)
            return None if proposed is None else proposed.proposal.by
        case PersonAsked():
            first = _assigned_questions(event, events)[0] is event
            return event.person if first else None


def _owner(mitigation: MitigationId, before: Sequence[RecordedEvent]) -> PersonId | None:
    for event in reversed(before):
        if isinstance(event, MitigationReassigned) and event.mitigation == mitigation:
            return event.owner
        if isinstance(event, MitigationPlanned) and event.mitigation.id == mitigation:
            return event.mitigation.owner
    return None


def _proposed(threat: ThreatId, before: Sequence[RecordedEvent]) -> Response | None:
    for number in range(len(before), 0, -1):
        event = before[number - 1]
        if isinstance(event, AcceptanceProposed) and event.proposal.threat == threat:
            return event.proposal
        if isinstance(event, ThreatModelImported):
            return replay(before[:number]).proposals.get(threat)  # it is the importer's
    return None


def _assigned_questions(event: PersonAsked, events: Sequence[RecordedEvent]) -> list[PersonAsked]:
    """Return the questions that one answer assigns to people."""
    asked = (one for one in events if isinstance(one, PersonAsked))
    return [one for one in asked if (one.answer, one.person) == (event.answer, event.person)]


def _open_questions_of(sources: HandoverSources, to: PersonId) -> Iterator[tuple[ElementId, str]]:
    """Return the questions that wait for a person's answer now."""
    still = (one for one in sources.register.questions if one.asked_of == to)
    return ((one.element, one.fact) for one in still)


def _outcome(sources: HandoverSources, id: MitigationId, to: PersonId) -> str:
    tracked = next((one for one in sources.register.mitigations if one.mitigation.id == id), None)
    return NO_LONGER_PLANNED if tracked is None else mitigation_outcome(tracked, sources.naming, whose=to)
