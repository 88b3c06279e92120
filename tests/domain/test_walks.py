"""Random walks through the real decider: whatever people do in whatever order, the promises hold."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, note, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands import Command, Undo
from domain.decide import decide
from domain.elements import ElementId, Kind
from domain.events import ElementAdded, Past, element_told
from domain.history import difference, timeline
from domain.lifecycle import LEAVES
from domain.model import EMPTY, ThreatModel, evolve, replay
from domain.register import ThreatRegister, register
from domain.rejections import Rejected
from tests.examples import at, started, told
from tests.walks import FURNISHED, anything, people, walks

beginnings = st.sampled_from(["empty", "furnished"])


@settings(max_examples=120)
@given(beginnings, walks)
def test_whatever_people_do_the_promises_hold(beginning: str, walk: Sequence[Command]) -> None:
    events = _begun(beginning)
    model = replay(events)
    ever: set[ElementId] = set(model.elements)
    for command in walk:
        try:
            said = decide(command, model, lambda: tuple(events))
        except Rejected as refusal:
            _is_a_sentence(refusal)
            note(f"refused {command}: {refusal}")
            continue
        note(f"{command} -> {said}")
        first = len(events) + 1
        for event in said:
            assert event.answer == first
            assert event.by == command.by
            if isinstance(event, ElementAdded):
                assert element_told(event).id not in ever, "an id is never used again"
                ever.add(element_told(event).id)
            events.append(event)
            model = evolve(model, event)
        assert model.step in LEAVES
        _names_are_unique(register(model))
    assert replay(events) == model
    _every_prefix_replays(events)
    assert len(timeline(events)) == len(events)


@settings(max_examples=120)
@given(beginnings, walks, anything, people)
def test_after_an_undo_the_register_is_the_one_before(
    beginning: str, walk: Sequence[Command], last: Command, who: Any
) -> None:
    events = _walked(beginning, walk)
    before = replay(events)
    last = replace(last, by=who)
    if isinstance(last, Undo):
        return
    try:
        answered = [*events, *decide(last, before, lambda: tuple(events))]
        if len(answered) == len(events):
            return
        undone = [
            *answered,
            *decide(Undo(by=who, at=at(2)), replay(answered), lambda: tuple(answered)),
        ]
    except Rejected:
        return
    undoing = undone[len(answered) :]
    if {getattr(event, "undoes", None) for event in undoing} != {len(events) + 1}:
        return  # the last answer was a move, which is never taken back: an earlier one was
    assert _said(register(replay(undone))) == _said(register(before))
    changes = difference(before, replay(undone))
    assert (changes.added, changes.revised, changes.removed) == ((), (), ())


def _begun(beginning: str) -> list[Past]:
    return [started()] if beginning == "empty" else told(*FURNISHED, after=[started()])


def _walked(beginning: str, walk: Sequence[Command]) -> list[Past]:
    events = _begun(beginning)
    model = replay(events)
    for command in walk:
        try:
            said = decide(command, model, lambda: tuple(events))
        except Rejected:
            continue
        events.extend(said)
        model = replay(said, model)
    return events


def _is_a_sentence(refusal: Rejected) -> None:
    assert refusal.sentence[0].isupper() or refusal.sentence[0] in "@“"
    assert refusal.sentence[-1] in ".?"


def _every_prefix_replays(events: Sequence[Past]) -> None:
    model: ThreatModel = EMPTY
    for end, event in enumerate(events, start=1):
        model = evolve(model, event)
        assert model.version == end
    half = len(events) // 2
    assert replay(events[half:], replay(events[:half])) == model


def _names_are_unique(seen: ThreatRegister) -> None:
    for kind in Kind:
        if kind is not Kind.DATA_FLOW:
            called = [item.name.casefold() for item in seen.items(kind)]
            assert len(called) == len(set(called))


def _said(seen: ThreatRegister) -> ThreatRegister:
    """All but what only history knows: the version, and that something was there in between."""
    return replace(seen, version=0, removed=(), withdrawn=())
