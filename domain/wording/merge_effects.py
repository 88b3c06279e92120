"""Sentences about what follows from the merge of two elements, before it is done."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from domain import events
from domain.events import Event, described_element
from domain.kernel.elements import kind_of, number_of
from domain.kernel.text_formatting import count_phrase, join_list
from domain.model import ThreatModel
from domain.model.element_labels import name_of
from domain.wording.event_row import element_phrase


def merge_effects(said: Sequence[Event], before: ThreatModel) -> tuple[str, ...]:
    """Return what the events of a merge lead to; none for those of anything else."""
    return tuple(_effects(said, before))


def _effects(said: Sequence[Event], before: ThreatModel) -> Iterator[str]:
    merges = [event for event in said if isinstance(event, events.ElementsMerged)]
    if not merges:
        return
    main = merges[-1]  # before it, flows that are the same; after it, what is assumed of the one that stays
    into = f"“{name_of(before, main.into)}” ({main.into})"
    yield f"The {element_phrase(before, main.element)} becomes {into}."
    revised = {
        element.id: kind_of(element)
        for event in said
        if isinstance(event, events.ElementRevised) and (element := described_element(event)).id != main.into
    }
    if revised:
        kinds = Counter(revised.values())
        verb = "refers" if len(revised) == 1 else "refer"
        yield f"{join_list([number_of(kind, n) for kind, n in kinds.items()])} {verb} to {main.into} instead."
    for event in said:
        match event:
            case events.ElementsMerged() if event is not main:
                yield f"The {element_phrase(before, event.element)} becomes {event.into}: both are the same."
            case events.ElementRemoved():
                yield f"The {element_phrase(before, event.element)} is removed: it would have one end only."
            case events.ThreatsMerged():
                yield f"{event.merged} is merged into {event.kept.id}: both are the same threat there."
            case _:  # counted below, or a detail of what moves
                pass
    if answers := sum(isinstance(event, events.FactAnswered) for event in said):
        yield f"{count_phrase(answers, 'answer')} {'moves' if answers == 1 else 'move'}."
    moved = dict.fromkeys(event.threat.id for event in said if isinstance(event, events.ThreatRevised))
    if moved:
        yield f"{count_phrase(len(moved), 'threat')} {'moves' if len(moved) == 1 else 'move'}: {_ids(moved)}."


def _ids(ids: Iterable[str]) -> str:
    named = [*ids]
    return join_list(named if len(named) <= _NAMED else [*named[:_NAMED], f"{len(named) - _NAMED} more"])


_NAMED = 8
