"""When time alone changes a card: it is looked at then, also after a start."""

from datetime import timedelta
from pathlib import Path

from tests.slack.remediation_steps import planned, remedied
from tests.slack.running_bot import house
from tests.slack.voting_steps import clocked


def test_what_becomes_overdue_while_nothing_is_said_shows_at_that_moment(tmp_path: Path) -> None:
    with clocked(tmp_path / "threatmodel.db") as there:
        remedied(there)
        tomorrow = (there.sandbox.clock.moment() + timedelta(days=1)).date()
        planned(there, owner="chi", due=tomorrow)
        there.card("To be mitigated: Chi, due")
        there.sandbox.clock.move(timedelta(days=5).total_seconds())
        there.card("⚠ overdue since")


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
