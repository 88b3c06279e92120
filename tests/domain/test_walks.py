"""Promises that hold whatever people do: random walks, purity, the same register in every process."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from msgspec.structs import replace

import domain
from domain.catalog import Catalog
from domain.changes import Change, ChangeGroup, ChangeType, difference
from domain.commands import Command, Undo
from domain.decide import decide
from domain.dread.metrics import Ballot
from domain.events import ElementAdded, Erased, RecordedEvent, described_element
from domain.history import timeline
from domain.kernel.elements import SYSTEM, ElementId, Kind
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import ResponseKind
from domain.lifecycle import LEAVES, phase_of
from domain.model import ThreatModel, evolve, review_key
from domain.register import ThreatRegister, register
from domain.rejections import Rejected
from domain.reminders.pending_reviews import mitigations_waiting, proposals_waiting
from domain.replay import EMPTY, replay
from domain.voting.scores import ranked_threats
from domain.voting.turnout import turnouts
from tests.bench.rules import busy
from tests.depth import deep_only, examples
from tests.domain import voting_story
from tests.domain.remediation_story import TH2, THREATS, implement, plan, start
from tests.domain.voting_story import CONTESTED, IDENTIFIED, open_round_command
from tests.examples import ANA, BEN, CHI, at, decide_all, house, started
from tests.random_commands import FURNISHED, anything, people, walks

beginnings = st.sampled_from(["empty", "furnished", "remedied", "voting"])


@examples(120)
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
                assert described_element(event).id not in ever, "an id is never used again"
                ever.add(described_element(event).id)
            events.append(event)
            model = evolve(model, event)
        assert model.step in LEAVES
        seen = register(model, at(60 * 24 * 30))
        _names_are_unique(seen)
        assert not any(map(_has_ballots, _held(seen))), "ballots are sealed"
        _every_threat_and_mitigation_stands_once(seen, model)
        _rounds_end_when_nothing_is_left_to_wait_for(model)
        _what_waits_knows_since_when(model)
    assert replay(events) == model
    _every_prefix_replays(events)
    assert len(timeline(events)) == len(events)


def _has_ballots(value: object) -> bool:
    return isinstance(value, Ballot) or (isinstance(value, ThreatModel) and len(value.ballots) > 0)


def _held(value: object) -> Iterator[object]:
    """Everything that views can reach from a value; the catalog is the same for every model."""
    yield value
    match value:
        case Catalog():
            return
        case msgspec.Struct():
            parts = [getattr(value, name) for name in value.__struct_fields__]
        case tuple() | list() | frozenset() | set():
            parts = list(value)
        case Mapping():
            parts = [*value.keys(), *value.values()]
        case _:  # a text, a number, a day
            return
    for part in parts:
        yield from _held(part)


def test_no_view_can_reach_a_ballot() -> None:
    model = replay(CONTESTED)
    assert _has_ballots(model)
    assert not any(map(_has_ballots, _held(register(model, at(60)))))


@examples(120)
@given(beginnings, walks, anything, people)
def test_after_an_undo_the_register_is_the_one_before(
    beginning: str, walk: Sequence[Command], last: Command, who: Any
) -> None:
    events = walked(beginning, walk)
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
    assert difference(register(before), register(replay(undone)), undone) == ()


@examples(60)
@given(beginnings, walks, st.integers(0, 500), st.floats(0, 0.999))
def test_a_register_stays_the_same_until_the_moment_at_which_time_changes_it(
    beginning: str, walk: Sequence[Command], day: int, share: float
) -> None:
    model, now = replay(walked(beginning, walk)), at(60 * 24 * day)
    before = register(model, now)
    if before.changes_at is None:
        assert register(model, now + timedelta(days=5000)) == before
    elif before.changes_at > now:
        assert register(model, now + share * (before.changes_at - now)) == before


@examples(60)
@given(beginnings, walks, st.integers(0, 40))
def test_the_difference_of_two_moments_tells_all_that_came_and_went(
    beginning: str, walk: Sequence[Command], since: int
) -> None:
    events = walked(beginning, walk)
    before, after = (register(replay(some)) for some in (events[: 1 + since], events))
    changes = difference(before, after, events)
    for group, was, now in _lists(before, after):
        told = {change.id: change.type for change in changes if change.group is group}
        assert {id for id, turn in told.items() if turn is ChangeType.ADDED} == now - was
        assert {id for id, turn in told.items() if turn is ChangeType.REMOVED} == was - now
    assert [change.group for change in changes] == sorted(
        (change.group for change in changes), key=tuple(ChangeGroup).index
    )
    authors = {event.by for event in events[1 + since :] if not isinstance(event, Erased)}
    for one in changes:
        by_itself = one.how == "scored" or SYSTEM in authors  # which reports what trackers show
        assert set(one.by) <= authors, f"not by one of them: {one}"
        assert one.by or by_itself, f"nobody did this: {one}"
        assert one.details or one.type is not ChangeType.CHANGED or one.how in {"marked complete", "reopened"}
    assert difference(after, after, events) == difference(before, before, events) == ()
    assert _turned(difference(after, before, events)) == _turned(changes, round=True)


def _begun(beginning: str) -> list[RecordedEvent]:
    match beginning:
        case "empty":
            return [started()]
        case "furnished":
            return decide_all(*FURNISHED, after=[started()])
        case "voting":
            # Until long after the walk, and by all who walk: nothing but what they do ends it.
            vote_on = open_round_command(
                voting_story.TH1, voting_story.TH2, voters=(ANA, BEN, CHI), at=at(0), deadline=at(9_999)
            )
            return decide_all(vote_on, after=IDENTIFIED)
        case _:
            return decide_all(plan(), plan(TH2), start(), implement(), after=THREATS)


def walked(beginning: str, walk: Sequence[Command]) -> list[RecordedEvent]:
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


def _every_prefix_replays(events: Sequence[RecordedEvent]) -> None:
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


def _every_threat_and_mitigation_stands_once(seen: ThreatRegister, model: ThreatModel) -> None:
    assert set(seen.statuses) == set(model.threats)
    assert [mitigation.mitigation for mitigation in seen.mitigations] == sorted(
        model.mitigations.values(), key=lambda mitigation: int(mitigation.id[3:])
    )
    linked = sorted(
        (one.threat, each.mitigation.id) for one in seen.statuses.values() for each in one.mitigations
    )
    assert linked == sorted(
        (threat, mitigation.id)
        for mitigation in model.mitigations.values()
        for threat in {model.home_of(each) for each in mitigation.threats} & set(model.threats)
    )
    orphans = {mitigation.mitigation.id for mitigation in seen.mitigations if mitigation.orphan}
    assert {id for _, id in linked} | orphans == set(model.mitigations)
    assert orphans.isdisjoint(id for _, id in linked)
    if seen.phase == "remediation":
        lacking = [status for status in seen.statuses.values() if status.response is None]
        assert (seen.step == "tracking") is (bool(seen.statuses) and not lacking)
    for mitigation in model.mitigations.values():
        if mitigation.state is MitigationState.VERIFIED:
            assert mitigation.verified_by is not None
            assert mitigation.verified_by != mitigation.implemented_by
    for response in model.responses.values():
        if response.kind is ResponseKind.ACCEPT:
            assert response.approver not in (None, response.by)
            assert response.reason
            assert response.expires


def _lists(before: ThreatRegister, after: ThreatRegister) -> Iterator[tuple[ChangeGroup, set[str], set[str]]]:
    """The ids of what there is at two moments, by what the changes are about."""

    def ids(seen: ThreatRegister) -> dict[ChangeGroup, set[str]]:
        return {
            **{ChangeGroup(kind.value): {item.id for item in seen.items(kind)} for kind in Kind},
            ChangeGroup.ASSUMPTIONS: {assumption.id for assumption in seen.assumptions},
            ChangeGroup.THREATS: {threat.id for threat in seen.threats},
            ChangeGroup.DISMISSALS: {one.dismissal.suggested_threat for one in seen.dismissed},
            ChangeGroup.MITIGATIONS: {mitigation.mitigation.id for mitigation in seen.mitigations},
            ChangeGroup.RETROSPECTIVE: {retrospective.by for retrospective in seen.retrospectives},
        }

    was, now = ids(before), ids(after)
    yield from ((group, was[group], now[group]) for group in was)


_ROUND = {
    ChangeType.ADDED: ChangeType.REMOVED,
    ChangeType.CHANGED: ChangeType.CHANGED,
    ChangeType.REMOVED: ChangeType.ADDED,
}


def _turned(changes: Sequence[Change], *, round: bool = False) -> list[Any]:
    """What has changed, without what only the later moment has words for; perhaps the other way round."""
    return [
        (
            change.group,
            change.id,
            _ROUND[change.type] if round else change.type,
            [
                (said.name, said.now, said.before) if round else (said.name, said.before, said.now)
                for said in change.details
            ],
        )
        for change in changes
    ]


def _said(seen: ThreatRegister) -> ThreatRegister:
    """All but what only history knows: the version, and that something was there in between."""
    return replace(seen, version=0, removed=(), withdrawn=())


def _what_waits_knows_since_when(model: ThreatModel) -> None:
    waiting = [
        *(one.threat for one in proposals_waiting(model)),
        *(one.id for one in mitigations_waiting(model)),
    ]
    assert [one for one in waiting if review_key(one) not in model.since] == []


def _rounds_end_when_nothing_is_left_to_wait_for(model: ThreatModel) -> None:
    if phase_of(model.step) == "analysis":
        assert (model.step == "voting") == bool(model.open_rounds())
    for turnout in turnouts(model):
        assert turnout.asks
        assert turnout.waits_for
    for threat in ranked_threats(model):
        for score in (threat.score, threat.residual):
            assert score is None or 1 <= score.tally.mean <= 10


SOURCES = sorted(Path(domain.__file__ or "").parent.rglob("*.py"))
IMPURE = frozenset(
    {
        "now",
        "today",
        "utcnow",
        "open",
        "print",
        "input",
        "eval",
        "exec",
        "compile",
        "__import__",
        "breakpoint",
    }
)
_CATCH_ALL = re.compile(r"^ *case _:(?!  # \w)", re.MULTILINE)


def impure_calls(source: str) -> list[str]:
    """Return the calls that reach a clock or the world."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE:
                found.append(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name)):
                found += [name] if name in IMPURE else []
            case _:
                pass
    return found


def test_the_domain_calls_no_clock_and_nothing_of_the_world() -> None:
    assert {path.name: calls for path in SOURCES if (calls := impure_calls(path.read_text()))} == {}


@pytest.mark.parametrize("call", ["datetime.now(UTC)", "date.today()", "open('x')", "print(1)"])
def test_an_impure_call_is_found(call: str) -> None:
    assert impure_calls(f"def rule():\n    return {call}\n")


def test_whatever_matches_everything_else_says_what_that_is() -> None:
    assert [path.name for path in SOURCES if _CATCH_ALL.search(path.read_text())] == []


_TELL = "from tests.domain.test_walks import tell; tell()"
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Where a process keeps the functions of a rule is its own affair."""


@deep_only
def test_processes_that_hash_differently_see_the_same() -> None:
    seeds = ("1", "2", "3")
    beginning = [sys.executable, "-c", _TELL]
    running = [
        subprocess.Popen(
            beginning,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in seeds
    ]
    told_by = [process.communicate(timeout=60)[0].splitlines() for process in running]
    assert [process.returncode for process in running] == [0] * len(seeds)
    first, *others = told_by
    assert len(first) > len(_models())
    for other in others:
        assert other == first


def tell() -> None:
    """Print what is seen of every model, an item a line, so that a difference can be read."""
    for model in _models():
        seen = register(model, at(60 * 24 * 30))
        for field in seen.__struct_fields__:
            if field == "catalog":
                continue  # the same for all models; its sets are only looked into, never listed
            # The counter holds the answers by hash; what it counts is read.
            value = seen.question_progress if field == "question_counter" else getattr(seen, field)
            print(field, _ADDRESS.sub("", repr(value)))


def _models() -> list[ThreatModel]:
    return [
        busy(60),
        replay(house()),
        replay(decide_all(*FURNISHED, after=[started()])),
        replay(decide_all(plan(), plan(TH2), start(), implement(), after=THREATS)),
        replay(CONTESTED),
    ]
