"""By whom something was changed, and when last."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from domain.event_kinds import changed_subjects
from domain.events import Erased, Event, RecordedEvent, RoundClosed
from domain.history import undone_answers
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.subjects import Subject
from domain.model import ThreatModel
from domain.wording import displayed_author


class Authorship(msgspec.Struct, frozen=True, kw_only=True):
    """Those who changed something, in the order in which they did so first, and when that was last."""

    by: tuple[PersonId, ...] = ()
    at: datetime | None = None


class ChangeAuthors:
    """What was done in a stretch of the past; what was taken back within it does not count."""

    def __init__(self, between: Sequence[RecordedEvent], since: int) -> None:
        """`since` is how many events came before."""
        self._done: dict[Subject, Authorship] = {}
        for event in _holding(between, since):
            for subject in changed_subjects(event):
                known = self._done.get(subject, Authorship())
                self._done[subject] = _and(known, Authorship(by=_authors(event), at=event.at))

    def of(self, *about: Subject) -> Authorship:
        """Who changed one or another of these things, and when last."""
        done = Authorship()
        for subject in about:
            done = _and(done, self._done.get(subject, Authorship()))
        return done


def _holding(between: Sequence[RecordedEvent], since: int) -> Iterator[Event]:
    undone = undone_answers(between)
    # An answer has the number of its first event; where that came before, taking it back is a deed.
    said = {event.answer for event in between if not isinstance(event, Erased) and event.answer > since}
    for event in between:
        if isinstance(event, Erased):
            continue
        taken_back = event.answer in undone and event.undoes is None
        if not taken_back and event.undoes not in said:
            yield event


def _authors(event: Event) -> tuple[PersonId, ...]:
    """Nobody for what the clock did; nor for the end of a round, which tells who voted last."""
    if isinstance(event, RoundClosed):
        return ()
    author = displayed_author(event, ThreatModel())  # ballots, for which the model counts, are no deeds
    return (author,) if author and author != SYSTEM else ()


def _and(one: Authorship, other: Authorship) -> Authorship:
    moments = [at for at in (one.at, other.at) if at is not None]
    return Authorship(by=tuple(dict.fromkeys((*one.by, *other.by))), at=max(moments, default=None))
