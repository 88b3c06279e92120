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
from domain.lifecycle import LEAVES, phase_of
from domain.model import EMPTY, ThreatModel, evolve, replay
from domain.register import ThreatRegister, register
from domain.rejections import Rejected
from domain.scores import ranked_threats
from domain.voting import turnouts
from tests.domain import voted
from tests.domain.remedied import TH2, THREATS, implement, plan, start
from tests.domain.voted import IDENTIFIED, opening
from tests.examples import ANA, BEN, CHI, at, started, told
from tests.walks import FURNISHED, anything, people, walks

beginnings = st.sampled_from(["empty", "furnished", "remedied", "voting"])


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
        _rounds_end_when_nothing_is_left_to_wait_for(model)
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
    match beginning:
        case "empty":
            return [started()]
        case "furnished":
            return told(*FURNISHED, after=[started()])
        case "voting":
            # Until long after the walk, and by all who walk: nothing but what they do ends it.
            vote_on = opening(voted.TH1, voted.TH2, voters=(ANA, BEN, CHI), at=at(0), deadline=at(9_999))
            return told(vote_on, after=IDENTIFIED)
        case _:
            return told(plan(), plan(TH2), start(), implement(), after=THREATS)


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
    assert refusal.sentence[0].isupper() or refusal.sentence[0].isdigit() or refusal.sentence[0] in "@“"
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


def _rounds_end_when_nothing_is_left_to_wait_for(model: ThreatModel) -> None:
    if phase_of(model.step) == "analysis":
        assert (model.step == "voting") == bool(model.open_rounds())
    for one in turnouts(model):
        assert one.asks
        assert one.waits_for
    for one in ranked_threats(model):
        for score in (one.score, one.residual):
            assert score is None or 1 <= score.tally.mean <= 10
