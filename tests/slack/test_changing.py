"""When time alone changes a card: it is looked at then, also after a start."""

from datetime import timedelta
from pathlib import Path

from tests.slack.remediation_steps import begin_remediation, plan_mitigation
from tests.slack.slack_team import run_bot
from tests.slack.voting_steps import run_bot_on_workspace_clock


def test_what_becomes_overdue_while_nothing_is_said_shows_at_that_moment(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        begin_remediation(team)
        tomorrow = (team.sandbox.clock.moment() + timedelta(days=1)).date()
        plan_mitigation(team, owner="chi", due=tomorrow)
        team.card("To be mitigated: Chi, due")
        team.sandbox.clock.move(timedelta(days=5).total_seconds())
        team.card("⚠ overdue since")


def test_what_became_overdue_while_the_bot_was_down_shows_after_the_start(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    with run_bot_on_workspace_clock(path) as team:
        begin_remediation(team)
        tomorrow = (team.sandbox.clock.moment() + timedelta(days=1)).date()
        plan_mitigation(team, owner="chi", due=tomorrow)
        team.card("To be mitigated: Chi, due")
        team.bot.stop()
        team.sandbox.clock.move(timedelta(days=5).total_seconds())
        with run_bot(path, sandbox=team.sandbox, clock=team.sandbox.clock.moment) as again:
            again.card("⚠ overdue since")
