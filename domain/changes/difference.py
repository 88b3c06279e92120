"""The changes between two moments of one model."""

from collections.abc import Iterator, Sequence

from domain.changes.analysis import analysis_changes
from domain.changes.authorship import ChangeAuthors, compared
from domain.changes.change import Change, ChangeDetail, ChangeGroup, change_type, changed_detail, mention
from domain.changes.collection import collection_changes
from domain.changes.remediation import remediation_changes
from domain.changes.steering import steering_changes
from domain.events import RecordedEvent
from domain.kernel import event_subjects
from domain.kernel.closing import Retrospective
from domain.kernel.elements import ElementId, ElementLink, PersonId
from domain.kernel.screening_answer import ScreeningAnswer
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
    yield from _retrospectives(before, after, authors)
    yield from collection_changes(before, after, authors)
    yield from _link_changes(before, after, authors)
    yield from _screening_changes(before, after, authors)
    yield from analysis_changes(before, after, authors)
    yield from remediation_changes(before, after, authors)


def _retrospectives(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changes of people's answers to the retrospective."""
    was, now = ({one.by: one for one in register.retrospectives} for register in (before, after))
    return compared(
        ChangeGroup.RETROSPECTIVE,
        was,
        now,
        authors,
        subjects=lambda person: (event_subjects.retrospective(person),),
        name=lambda answered: mention(answered.by),
        details=_retrospective_answers,
        how=("answered", "answered again", "removed"),
        people=lambda answered: (answered.by,),
    )


def _retrospective_answers(was: Retrospective | None, now: Retrospective | None) -> tuple[ChangeDetail, ...]:
    before, after = (
        {answer.question: answer.text for answer in known.answers} if known else {} for known in (was, now)
    )
    return tuple(
        detail
        for question in sorted({*before, *after})
        for detail in changed_detail(question.text, before.get(question, ""), after.get(question, ""))
    )


def _link_changes(before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors) -> Iterator[Change]:
    """Yield the changed answers whether an external dependency and a component are the same thing."""
    was, now = _links(before), _links(after)
    for pair in sorted({*was, *now}):
        old, new = was.get(pair), now.get(pair)
        authorship = authors.of(event_subjects.link(*pair))
        if (old and old.same) == (new and new.same) or authorship["at"] is None:
            continue  # the answer also disappears with one of its elements
        register = after if new else before
        yield Change(
            group=ChangeGroup.LINKS,
            type=change_type(pair, was, now),
            name=" and ".join(f"{register.name_of(id)} ({id})" for id in pair),
            how=_LINKED[new.same if new else None],
            **authorship,
        )


def _screening_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changed answers of the screening, and their confirmations."""
    was, now = _answers(before), _answers(after)
    for topic in after.catalog.topics.values():
        old, new = was.get(topic.id), now.get(topic.id)
        details = (
            *changed_detail("", _reply(old), _reply(new)),
            *changed_detail("confirmed by", mention(_confirmer(old)), mention(_confirmer(new))),
        )
        if not details:
            continue
        yield Change(
            group=ChangeGroup.SCREENING,
            type=change_type(topic.id, was, now),
            name=topic.label,
            how="left open" if new is None else "confirmed" if _only_confirmed(details) else "answered",
            details=details,
            people=tuple(one for one in (_confirmer(old), _confirmer(new)) if one),
            **authors.of(event_subjects.screening(topic.id)),
        )


def _links(register: ThreatRegister) -> dict[tuple[ElementId, ElementId], ElementLink]:
    return {(link.dependency, link.component): link for link in register.links}


def _answers(register: ThreatRegister) -> dict[str, ScreeningAnswer]:
    return {one.topic.id: one.answer for one in register.screening if one.answer}


def _reply(said: ScreeningAnswer | None) -> str:
    return said.answer.label if said else ""


def _confirmer(said: ScreeningAnswer | None) -> PersonId | None:
    return said.confirmed_by if said else None


def _only_confirmed(details: tuple[ChangeDetail, ...]) -> bool:
    return all(detail.name for detail in details)


_LINKED = {True: "the same thing", False: "two things", None: "left open"}
