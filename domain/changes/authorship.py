"""Authors and times of changes, and the changes of things that are known by an ID."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, TypeVar

from domain.changes.change import Change, ChangeDetail, ChangeGroup, ChangeType, change_type
from domain.events import Erased, Event, RecordedEvent, RoundClosed
from domain.history import undone_answers
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.event_subjects import Subject
from domain.replay import EMPTY
from domain.wording import changed_subjects, displayed_author


class Authorship(TypedDict):
    """The authors of a change in order of their first event, and the time of the last one."""

    by: tuple[PersonId, ...]
    at: datetime | None


_NOBODY = Authorship(by=(), at=None)


class ChangeAuthors:
    """The authors of the events between two moments, without events that were undone in between."""

    def __init__(self, between: Sequence[RecordedEvent], since: int) -> None:
        """`since` is the number of earlier events."""
        self._done: dict[Subject, Authorship] = {}
        for event in _holding(between, since):
            for subject in changed_subjects(event):
                known = self._done.get(subject, _NOBODY)
                self._done[subject] = _and(known, Authorship(by=_authors(event), at=event.at))

    def of(self, *about: Subject) -> Authorship:
        """Return the authors of changes to any of these subjects."""
        done = _NOBODY
        for subject in about:
            done = _and(done, self._done.get(subject, _NOBODY))
        return done


def _holding(between: Sequence[RecordedEvent], since: int) -> Iterator[Event]:
    undone = undone_answers(between)
    # An answer is numbered by its first event; undoing one from before the period is a change itself.
    said = {event.answer for event in between if not isinstance(event, Erased) and event.answer > since}
    for event in between:
        if isinstance(event, Erased):
            continue
        taken_back = event.answer in undone and event.undoes is None
        if not taken_back and event.undoes not in said:
            yield event


def _authors(event: Event) -> tuple[PersonId, ...]:
    """Return the author; none for time-driven events, and for the end of a round, to hide the last voter."""
    if isinstance(event, RoundClosed):
        return ()
    author = displayed_author(event, EMPTY)  # ballots, for which the model matters, change no subject
    return (author,) if author and author != SYSTEM else ()


def _and(one: Authorship, other: Authorship) -> Authorship:
    moments = [at for at in (one["at"], other["at"]) if at is not None]
    return Authorship(by=tuple(dict.fromkeys((*one["by"], *other["by"]))), at=max(moments, default=None))


_Key = TypeVar("_Key", bound=str)
_Thing = TypeVar("_Thing")


def compared(
    group: ChangeGroup,
    was: Mapping[_Key, _Thing],
    now: Mapping[_Key, _Thing],
    authors: ChangeAuthors,
    *,
    subjects: Callable[[_Key], Sequence[Subject]],
    name: Callable[[_Thing], str],
    details: Callable[[_Thing | None, _Thing | None], tuple[ChangeDetail, ...]],
    how: tuple[str, str, str],
    people: Callable[[_Thing], Sequence[PersonId | None]] = lambda _: (),
    order: Callable[[_Key], Any] = str,
) -> Iterator[Change]:
    """Yield the changes of things by ID, in order; one that exists at both moments only with details.

    `how` says how they were added, changed and removed.
    """
    for id in sorted({*was, *now}, key=order):
        old, new, turn = was.get(id), now.get(id), change_type(id, was, now)
        found = details(old, new)
        if turn is ChangeType.CHANGED and not found:
            continue
        mentioned = (person for thing in (old, new) if thing is not None for person in people(thing))
        yield Change(
            group=group,
            type=turn,
            id=id,
            name=name(now[id] if id in now else was[id]),
            how=how[tuple(ChangeType).index(turn)],
            details=found,
            **authors.of(*subjects(id)),
            people=tuple(dict.fromkeys(person for person in mentioned if person)),
        )
