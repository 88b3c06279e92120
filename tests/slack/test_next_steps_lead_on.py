"""What the button of a next step opens can be filled in so that the step is taken, whatever a model holds."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from domain.commands import Command, DrawFlows, FlowByNames
from domain.events import Event, RecordedEvent
from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.replay import replay
from tests.depth import count, examples
from tests.domain.test_walks import beginnings, walked
from tests.examples import ANA, at
from tests.random_commands import walks
from tests.slack.next_step_player import PEOPLE, steps_on

NOW = at(60 * 24)
FOLLOWED = count(3, deep=25)
"""How many next steps are taken, one after the other."""


@examples(8, deep=200)
@given(beginnings, walks, st.data())
def test_every_next_step_can_be_taken_from_its_button(
    beginning: str, walk: Sequence[Command], data: st.DataObject
) -> None:
    _follow(walked(beginning, walk), lambda ways: data.draw(st.sampled_from(ways)), steps=FOLLOWED)


def test_components_without_any_trust_level_can_be_placed() -> None:
    drawn = DrawFlows(by=ANA, at=at(1), flows=(FlowByNames(source="Guest", target="House"),))
    after = _follow(walked("empty", [drawn]), lambda ways: ways[-1], steps=2)
    assert not register(replay(after), NOW).unplaced


def _follow(
    events: list[RecordedEvent],
    choose: Callable[[list[list[Event]]], list[Event]],
    *,
    steps: int,
) -> list[RecordedEvent]:
    """Take some next steps, one after the other, and return all events; fail at one that cannot be taken."""
    model = replay(events)
    for number in range(steps):
        now = NOW + timedelta(minutes=number)
        step = register(model, now).next
        if step.act is NextStepKind.NOTHING or {*PEOPLE} <= {*step.not_for}:
            break
        ways = list(islice(steps_on(model, events, now), 3))
        assert ways, f"nothing leads on from “{step.text}”"
        said = choose(ways)
        events.extend(said)
        model = replay(said, model)
    return events
