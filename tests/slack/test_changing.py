"""When time alone changes a card: it is looked at then, once, also after a start that knows of nothing."""

from datetime import datetime, timedelta
from pathlib import Path

from bot.slack.surfaces.changing import AT_A_LOOK, Changing
from bot.store import StreamId
from tests.examples import at
from tests.slack.crew import house
from tests.slack.remedied import planned, remedied
from tests.slack.voters import clocked

HOUSE, SHED = StreamId("T0SANDBOX/TM-1"), StreamId("T0SANDBOX/TM-2")
NOON: datetime = at(180)


def test_a_card_is_due_once_when_its_moment_has_come() -> None:
    changing = Changing()
    changing.learn(HOUSE, NOON, at(0))
    changing.learn(SHED, None, at(0))
    assert changing.due(at(179)) == []
    assert changing.due(NOON) == [HOUSE]
    assert changing.due(NOON) == [], "it is being looked at"
    assert changing.learn(HOUSE, at(240), at(181)), "time had changed it"
    assert not changing.learn(HOUSE, at(240), at(182))
    assert changing.due(at(240)) == [HOUSE]


def test_whoever_looks_for_another_reason_sees_that_time_has_changed_it() -> None:
    changing = Changing()
    changing.learn(HOUSE, NOON, at(0))
    assert changing.learn(HOUSE, None, at(200)), "nobody has noticed the moment yet"
    assert changing.due(at(300)) == []


def test_after_a_start_every_model_is_looked_at_once_some_at_a_time() -> None:
    changing = Changing()
    streams = [StreamId(f"T0SANDBOX/TM-{number}") for number in range(1, AT_A_LOOK + 3)]
    assert changing.unseen(streams) == streams[:AT_A_LOOK]
    assert changing.unseen(streams) == streams[AT_A_LOOK:]
    assert changing.unseen(streams) == []


def test_what_became_overdue_while_the_bot_was_down_shows_after_the_start(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    with clocked(path) as there:
        remedied(there)
        tomorrow = (there.sandbox.clock.moment() + timedelta(days=1)).date()
        planned(there, owner="chi", due=tomorrow)
        there.card("To be mitigated: Chi, due")
        there.bot.stop()
        there.sandbox.clock.move(timedelta(days=5).total_seconds())
        with house(path, sandbox=there.sandbox, clock=there.sandbox.clock.moment) as again:
            again.card("⚠ overdue since")
