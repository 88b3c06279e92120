"""Who said what and when: timeline, as-of, and the difference of two moments."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from domain.decisions import decides
from domain.elements import Element, PersonId
from domain.events import Erased, Past
from domain.model import ThreatModel, evolve, replay
from domain.wording import author_shown, described, mentioned


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event as people read it; `text` goes on from the author's name and mentions persons as `@id`.

    Nobody is named as the author of what was erased, or of what was said on condition of that.
    `undone` if it was taken back later, `undoes` the answer that it takes back itself; `decides` if it
    settled something, rather than added to what is known.
    """

    version: int
    answer: int
    by: PersonId
    at: datetime | None
    text: str
    people: tuple[PersonId, ...] = ()
    undone: bool = False
    undoes: int | None = None
    decides: bool = False


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What came, changed and went between two moments."""

    added: tuple[Element, ...]
    revised: tuple[tuple[Element, Element], ...]
    removed: tuple[Element, ...]


def timeline(events: Sequence[Past]) -> tuple[Entry, ...]:
    """Every event in words, the first one first."""
    undone = undone_answers(events)
    entries: list[Entry] = []
    model = ThreatModel()
    for version, event in enumerate(events, start=1):
        if isinstance(event, Erased):
            nobody = PersonId("")
            entries.append(Entry(version=version, answer=version, by=nobody, at=None, text="(erased)"))
        else:
            entries.append(
                Entry(
                    version=version,
                    answer=event.answer,
                    by=author_shown(event),
                    at=event.at,
                    text=described(event, model),
                    people=mentioned(event),
                    undone=event.answer in undone and event.undoes is None,
                    undoes=event.undoes,
                    decides=decides(event),
                )
            )
        model = evolve(model, event)
    return tuple(entries)


def as_of(events: Iterable[Past], moment: datetime) -> ThreatModel:
    """The model as it was at a moment, by today's fold; an erased event counts with the one before it."""
    kept: list[Past] = []
    for event in events:
        if not isinstance(event, Erased) and event.at > moment:
            break
        kept.append(event)
    return replay(kept)


def difference(before: ThreatModel, after: ThreatModel) -> Difference:
    """What came, changed and went from one moment to another."""
    came = [element for id, element in after.elements.items() if id not in before.elements]
    went = [element for id, element in before.elements.items() if id not in after.elements]
    changed = [
        (old, new)
        for id, new in after.elements.items()
        if (old := before.elements.get(id)) is not None and old != new
    ]
    return Difference(
        added=tuple(sorted(came, key=lambda one: one.id)),
        revised=tuple(sorted(changed, key=lambda pair: pair[0].id)),
        removed=tuple(sorted(went, key=lambda one: one.id)),
    )


def undone_answers(events: Iterable[Past]) -> frozenset[int]:
    """The answers that were taken back."""
    return frozenset(
        event.undoes for event in events if not isinstance(event, Erased) and event.undoes is not None
    )
