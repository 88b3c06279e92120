"""Summaries of answers that consist of several events."""

from collections import Counter
from collections.abc import Sequence

from domain.events import (
    BulkAnswered,
    DraftEvent,
    ElementAdded,
    ElementRemoved,
    ElementRevised,
    ElementsLinked,
    ElementsMerged,
    ElementsSeparated,
    Event,
    FactAnswered,
    FactsAssumed,
    IssueLinked,
    LinkWithdrawn,
    MitigationReassigned,
    PersonAsked,
    PlacesAdded,
    RowConsidered,
    RowReopened,
    ScreeningAnswered,
    SuggestedThreatConfirmed,
    SuggestedThreatDismissed,
    ThreatModelStarted,
    described_element,
)
from domain.kernel.elements import ElementId, Kind, kind_of, kind_of_id, number_of
from domain.kernel.persistent_maps import items_of
from domain.kernel.text_formatting import count_phrase, join_list
from domain.model import ThreatModel
from domain.wording.collection import is_placing
from domain.wording.event_row import reason_suffix
from domain.wording.event_table import describe_event


def summarize_answer(events: Sequence[Event], before: ThreatModel) -> str:
    """Return the description of a single event, or a summary with counts for several.

    Assumptions that follow from a new technology or protocol are left out.
    """
    said = [event for event in events if not isinstance(event, FactsAssumed)]
    if not said and len(events) > 1:
        return f"updated the assumptions about {count_phrase(len(events), 'element')}"
    events = said or events
    if len(events) == 1:
        return describe_event(events[0], before)
    if merges := [event for event in events if isinstance(event, ElementsMerged)]:
        others = [event for event in events if event is not merges[-1]]
        return f"{describe_event(merges[-1], before)}: {summarize_answer(others, before)}"
    if isinstance(events[0], DraftEvent | ThreatModelStarted):
        return f"{describe_event(events[0], before)}: {summarize_answer(events[1:], before)}"
    counts: Counter[tuple[str, Kind]] = Counter()
    others: list[Event] = []
    known, added = dict(items_of(before.elements)), set[ElementId]()
    for event in events:
        match event:
            case _ if isinstance(event, ElementAdded):
                counts["added", kind_of(described_element(event))] += 1
                added.add(described_element(event).id)
                known[described_element(event).id] = described_element(event)
            case _ if isinstance(event, ElementRevised):
                element = described_element(event)
                verb = "placed" if is_placing(known.get(element.id), element) else "revised"
                if verb == "placed" or element.id not in added:
                    counts[verb, kind_of(element)] += 1
            case ElementRemoved():
                counts["removed", kind_of_id(event.element)] += 1
            case _:  # each other event has a line of its own
                others.append(event)
    parts: list[str] = []
    for verb in ("added", "revised", "placed", "removed"):
        numbers = [number_of(kind, number) for (did, kind), number in counts.items() if did == verb]
        if numbers:
            parts.append(f"{verb} {join_list(numbers)}")
    answers = sum(isinstance(event, FactAnswered) for event in others)
    answers += sum(len(event.elements) for event in others if isinstance(event, BulkAnswered))
    if answers:
        parts.append(f"answered {count_phrase(answers, 'question')}")
    if screened := sum(isinstance(event, ScreeningAnswered) for event in others):
        parts.append(f"answered {count_phrase(screened, 'screening question')}")
    links = sum(isinstance(event, _LINKS) for event in others)
    if links > 1:
        parts.append(f"stated of {count_phrase(links, 'pair')} whether they are the same thing")
        others = [event for event in others if not isinstance(event, _LINKS)]
    issues = sum(isinstance(event, IssueLinked) for event in others)
    if issues > 1:
        parts.append(f"linked {count_phrase(issues, 'mitigation')} to issues")
        others = [event for event in others if not isinstance(event, IssueLinked)]
    parts += _judged(others)
    told_one_by_one = (event for event in others if not isinstance(event, _COUNTED))
    parts += [describe_event(event, before) for event in told_one_by_one]
    return join_list(parts)


def _judged(events: Sequence[Event]) -> list[str]:
    """Return how many suggested threats were decided, and how much was assigned to each person."""
    assigned = Counter((event.person, "question") for event in events if isinstance(event, PersonAsked))
    assigned += Counter(
        (event.owner, "mitigation") for event in events if isinstance(event, MitigationReassigned)
    )
    confirmed = sum(
        len(event.suggested_threats) for event in events if isinstance(event, SuggestedThreatConfirmed)
    )
    confirmed += sum(len(event.places) for event in events if isinstance(event, PlacesAdded))
    dismissals = [event.dismissals for event in events if isinstance(event, SuggestedThreatDismissed)]
    dismissed = [one.reason for some in dismissals for one in some]
    parts = [f"confirmed {count_phrase(confirmed, 'suggested threat')}"] if confirmed else []
    if dismissed:
        reasons = " / ".join(dict.fromkeys(dismissed))
        parts.append(f"dismissed {count_phrase(len(dismissed), 'suggested threat')}{reason_suffix(reasons)}")
    considered = [event.consideration.reason for event in events if isinstance(event, RowConsidered)]
    if considered:
        reasons = " / ".join(dict.fromkeys(considered))
        parts.append(f"marked {count_phrase(len(considered), 'row')} as reviewed{reason_suffix(reasons)}")
    if reopened := sum(isinstance(event, RowReopened) for event in events):
        parts.append(f"reopened the coverage of {count_phrase(reopened, 'row')}")
    parts += [
        f"assigned @{person} {count_phrase(count, what)}"
        if person
        else f"unassigned {count_phrase(count, what)}"
        for (person, what), count in assigned.items()
    ]
    return parts


_LINKS = (ElementsLinked, ElementsSeparated, LinkWithdrawn)
_COUNTED = (
    FactAnswered,
    BulkAnswered,
    ScreeningAnswered,
    SuggestedThreatConfirmed,
    PlacesAdded,
    SuggestedThreatDismissed,
    PersonAsked,
    MitigationReassigned,
    RowConsidered,
    RowReopened,
)
