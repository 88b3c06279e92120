"""The changes between two moments of one model."""

from collections.abc import Iterator, Sequence

from domain.changes.analysis import analysis_changes
from domain.changes.authorship import ChangeAuthors
from domain.changes.change import Change, ChangeDetail, ChangeGroup, ChangeType
from domain.changes.collection import collection_changes
from domain.changes.comparison import change_type, changed_detail, mention
from domain.changes.links_and_screening import link_changes, screening_changes
from domain.changes.remediation import remediation_changes
from domain.changes.steering import steering_changes
from domain.events import RecordedEvent
from domain.kernel.event_subjects import retrospective
from domain.kernel.retrospective import Retrospective
from domain.register import ThreatRegister


def difference(
    before: ThreatRegister, after: ThreatRegister, events: Sequence[RecordedEvent]
) -> tuple[Change, ...]:
    """Return the changes between two moments of one model, in the order of `ChangeGroup`.

    `events` are all events of the model; intermediate states are not reported. With the moments
    swapped, additions become removals.
    """
    first, last = sorted((before.version, after.version))
    authors = ChangeAuthors(events[first:last], first)
    order = tuple(ChangeGroup)
    found = _every(before, after, authors)
    return tuple(sorted(found, key=lambda one: order.index(one.group)))


def _every(before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors) -> Iterator[Change]:
    """Yield all changes, within a group ordered by id."""
    yield from steering_changes(before, after, authors)
    yield from retrospective_changes(before, after, authors)
    yield from collection_changes(before, after, authors)
    yield from link_changes(before, after, authors)
    yield from screening_changes(before, after, authors)
    yield from analysis_changes(before, after, authors)
    yield from remediation_changes(before, after, authors)


def retrospective_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changes of people's answers to the retrospective."""
    was, now = ({one.by: one for one in register.retrospectives} for register in (before, after))
    for person in sorted({*was, *now}):
        details = _answers(was.get(person), now.get(person))
        if details:
            change = change_type(person, was, now)
            yield Change(
                group=ChangeGroup.RETROSPECTIVE,
                type=change,
                id=person,
                name=mention(person),
                how={
                    ChangeType.ADDED: "answered",
                    ChangeType.CHANGED: "answered again",
                    ChangeType.REMOVED: "removed",
                }[change],
                details=details,
                **authors.of(retrospective(person)),
                people=(person,),
            )


def _answers(was: Retrospective | None, now: Retrospective | None) -> tuple[ChangeDetail, ...]:
    before = {one.question: one.text for one in was.answers} if was else {}
    after = {one.question: one.text for one in now.answers} if now else {}
    questions = sorted({*before, *after})
    return tuple(
        detail
        for one in questions
        for detail in changed_detail(one.text, before.get(one, ""), after.get(one, ""))
    )
