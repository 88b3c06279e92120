"""A thousand reminders after an outage of a week are sent as fast as Slack accepts them."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.command_handler import CommandHandler
from bot.delivery.work_kinds import Waits
from bot.manifest import build_manifest
from bot.metrics import Metrics
from bot.sandbox.api import TEAM_ID, Sandbox
from bot.scheduled_jobs.reminder_work import DUE_REMINDER
from bot.slack.app import compose_workspace
from bot.slack.process_app import ProcessApp
from bot.slack.protocol.installation import ConfiguredInstallation, make_slack_api, read_installation
from bot.slack.slots.work_scheduler import Pace
from bot.store import SqliteStore, open_store
from domain.reminder_deliveries import DeliveryState
from tests.depth import deep_only
from tests.queue_rows import due_subjects
from tests.reminders.reminder_story import MODEL, create_due_mitigations, person
from tests.reminders.stage import messages
from tests.reminders.ticker import RemindsOnly
from tests.slack.slack_team import settings_for
from tests.waiting import wait_until

PEOPLE, EACH = 10, 100
A_WEEK_LATER = datetime(2027, 1, 20, 10, 0, tzinfo=UTC)

PATIENCE = 120.0
"""Seconds for a thousand reminders to be planned and sent; seconds of it are spent on a machine at rest."""


@pytest.fixture
def store(tmp_path: Path) -> Generator[SqliteStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'threatmodel.db'}")
    yield opened
    opened.close()


@deep_only
def test_a_thousand_overdue_reminders_are_joined_by_person_marked_late_and_rate_limited(
    store: SqliteStore, tmp_path: Path
) -> None:
    with Sandbox(manifest=build_manifest("socket")).start() as slack:
        command_handler = CommandHandler(store)
        people = [person(slack, number) for number in range(PEOPLE)]
        create_due_mitigations(store, command_handler, people, each=EACH)
        slack.faults.fail_next("chat.postMessage", "ratelimited", retry_after=1)
        now = [A_WEEK_LATER]
        settings = settings_for(slack, tmp_path / "threatmodel.db")
        pace = Pace(home=Waits(quiet=0.3, longest=5.0), channel_interval=0.05, update=0.0)
        installation = read_installation(make_slack_api(settings))
        directory = ConfiguredInstallation(settings, installation)
        process = ProcessApp(
            settings, directory, command_handler, store, lambda: now[0], metrics=Metrics(), pace=pace
        )
        parts = compose_workspace(process.parts, installation, token=settings.bot_token.reveal)
        reminds = RemindsOnly(settings, parts, store, command_handler, pace)
        reminds.start()
        wait_until(lambda: len(messages(slack)) == PEOPLE - 1, PATIENCE)
        posts = [call for call in slack.api_calls if call.method == "chat.postMessage"]
        assert len(posts) == PEOPLE, "Slack asked to wait with one of them"
        now[0] += timedelta(seconds=2)
        wait_until(lambda: len(messages(slack)) == PEOPLE, PATIENCE)
        told = messages(slack)
        assert sorted(len(keys) for keys in told.values()) == [EACH] * PEOPLE
        reminders = parts.services.unit.reminders
        wait_until(
            lambda: (
                [one.state for one in reminders.of(MODEL).values()].count(DeliveryState.SENT) == PEOPLE * EACH
            ),
            PATIENCE,
        )
        assert reminders.attempts() == []
        # Whatever is still queued leads to nothing more.
        wait_until(lambda: not due_subjects(store.work, TEAM_ID, DUE_REMINDER, now[0]), PATIENCE)
        assert len(messages(slack)) == PEOPLE, "nothing comes twice"
        one = slack.workspace.messages(slack.workspace.direct(people[0]).id, None)[0]
        assert "100 reminders (late)" in one.text
        reminds.dispatcher.end()
