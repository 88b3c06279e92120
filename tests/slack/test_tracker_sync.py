"""The whole bot with a tracker: a mitigation gets an issue, and what happens there is shown here."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Behavior
from bot.settings import Secret
from bot.slack.protocol.app_ids import READ_EMAIL
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead
from bot.store import StreamId
from bot.store.repositories.tracker_connections import TrackerCheck
from bot.tracker_sync.connected_trackers import APART, MOST
from bot.trackers.connection_secrets import secrets_of
from bot.trackers.tracker import Account, TrackerRefused
from domain.commands import BeginAnalysis, BeginRemediation, PlanMitigation, ReportThreat
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import Stride, ThreatId
from domain.kernel.tracked_issue import IssueState, TrackerId, TrackerKind
from domain.workspace_trackers import DisconnectTracker
from tests.depth import deep_only
from tests.examples import reasons_for_conditions
from tests.queue_rows import subjects_of
from tests.slack.installing import FIRST_KEY
from tests.slack.slack_team import SlackTeam, run_bot
from tests.trackers.fake_tracker import FakeTracker
from tests.waiting import patient_sandbox

TR1, MI1 = TrackerId("TR-1"), MitigationId("MI-1")


class TrackedTeam:
    """A team whose mitigations get issues in a tracker in memory."""

    def __init__(self, team: SlackTeam, tracker: FakeTracker) -> None:
        self.team = team
        self.tracker = tracker
        self.ana = PersonId(team.person("ana").id)
        self._number = 0

    def gives_token(self, *, tracker: TrackerId | str = "") -> None:
        """Have the administrator connect the tracker, or replace its token."""
        self._number += 1
        check = TrackerCheck(
            id=f"check-{self._number}",
            person=self.ana,
            at=self.team.now(),
            kind=TrackerKind.REDMINE,
            url="https://tracker.example",
            project="shop",
            tracker=TrackerId(tracker),
        )
        only = self.team.bot.only
        assert only is not None
        only.services.tracker_requests.connect(check, Secret("made-up-token"), "")
        self.team.wait(lambda: not self.team.unit.tracker_connections.checks())

    def plans_mitigation(self) -> StreamId:
        """Start a model in remediation, and plan a mitigation of Ben in it."""
        team, by, at = self.team, self.ana, self.team.now()
        ben = PersonId(team.person("ben").id)
        team.start()
        (stream,) = team.streams
        for command in (
            ReportThreat(by=by, at=at, title="Forged refunds", stride=(Stride.SPOOFING,)),
            BeginAnalysis(by=by, at=at, reason="a test"),
            BeginRemediation(by=by, at=at, reasons=reasons_for_conditions()),
            PlanMitigation(by=by, at=at, threat=ThreatId("TH-1"), title="Sign refunds", owner=ben),
        ):
            team.command_handler.execute(command, stream=stream, key=team.key())
        return stream

    def webhook(self, secret: str) -> int:
        """Send a webhook of the tracker; return the status of the answer."""
        head = RequestHead(method="POST", path=f"/trackers/{TEAM_ID}/TR-1/{secret}", query="", headers={})
        answer = self.team.bot.public.admit(HttpRequest(head=head, body=b"{}"))
        return (answer if isinstance(answer, HttpResponse) else answer()).status

    def webhook_secret(self) -> str:
        """Return the secret that an administrator enters in the tracker."""
        held, cipher = self.team.unit.tracker_connections.find(TR1), self.team.bot.process.parts.cipher
        assert held is not None
        assert cipher is not None
        secrets = secrets_of(cipher, held, tenant=TEAM_ID)
        return secrets.webhook_secret.reveal()

    def has_asked_ben(self) -> bool | None:
        """Return whether the message that assigns the mitigation asks for his account; None before it."""
        assigned = (one for one in self.team.person("ben").direct_messages() if "Sign refunds" in one.plain)
        message = next(assigned, None)
        return None if message is None else "My account" in [button.label for button in message.buttons]

    def has_rejected_token(self, times: int) -> None:
        """Have the tracker have rejected the token so often, last two minutes ago."""
        connections, at = self.team.unit.tracker_connections, self.team.now() - APART
        held = connections.find(TR1)
        assert held is not None
        connections.record_rejection(held, "HTTP 401", at=at, rejections=times, stopped=False)

    def told(self, words: str) -> list[str]:
        """Return the direct messages to the administrator with some words."""
        return [one.plain for one in self.team.person("ana").direct_messages() if words in one.plain]


@pytest.fixture
def there(tmp_path: Path) -> Generator[TrackedTeam]:
    tracker = FakeTracker(now=lambda: datetime.now(UTC))
    tracker.people = [Account(id="19", name="Ben Berg", email="ben@example.org")]
    url, granted = "https://bot.example", Behavior(extra_scopes=frozenset({READ_EMAIL}))
    with (
        patient_sandbox(manifest=build_manifest("socket", public_url=url), behavior=granted) as sandbox,
        run_bot(
            tmp_path / "threatmodel.db",
            sandbox=sandbox,
            token_keys=(Secret(FIRST_KEY),),
            open_tracker=lambda *_: tracker,
            public_url=url,
        ) as team,
    ):
        yield TrackedTeam(team, tracker)


def test_an_issue_is_created_assigned_followed_and_stopped_with_its_tracker(
    there: TrackedTeam, tmp_path: Path
) -> None:
    team, tracker = there.team, there.tracker
    there.gives_token()
    stream = there.plans_mitigation()
    team.wait(lambda: stream and team.command_handler.model(stream).issues)
    assert tracker.shown("#1").link == "https://bot.example/m/TM-1"

    team.wait(lambda: tracker.shown("#1").assignee == "19")
    team.wait(lambda: there.has_asked_ben() is False)
    team.command("ben", "/threatmodel tracker")
    assert "Your account: Ben Berg (found by your email address)" in team.modal("ben", "Trackers").plain
    files = b"".join(path.read_bytes() for path in tmp_path.glob("threatmodel.db*"))
    assert b"ben@example.org" not in files.lower()
    pushes = tracker.pushes

    tracker.edit("#1", state=IssueState.COMPLETED, reason="Closed")
    assert there.webhook("guessed") == 401
    assert there.webhook(there.webhook_secret()) == 202
    team.wait(lambda: team.command_handler.model(stream).issues[MI1].state is IssueState.COMPLETED)

    there.has_rejected_token(MOST - 1)
    tracker.fail("project", TrackerRefused("The token is not accepted.", unauthorized=True))
    assert there.webhook(there.webhook_secret()) == 202
    team.wait(lambda: there.told("are no longer kept up to date. The tracker rejected the token"))
    assert b"threatmodel_trackers_stopped 1.0" in team.bot.metrics.text()
    calls = len(tracker.calls)
    assert there.webhook(there.webhook_secret()) == 202
    team.wait(lambda: not subjects_of(team.store.work, TEAM_ID, "tracker"))
    assert len(tracker.calls) == calls

    there.gives_token(tracker=TR1)
    team.wait(lambda: there.told("are kept up to date again"))
    assert not there.told("no longer kept up to date")
    assert tracker.pushes == pushes


@deep_only
def test_issues_end_without_a_default_and_go_on_when_the_project_is_connected_again(
    there: TrackedTeam,
) -> None:
    team, tracker, ana = there.team, there.tracker, there.team.person("ana")
    there.gives_token()
    stream = there.plans_mitigation()
    team.wait(lambda: team.command_handler.model(stream).issues)
    team.command("ana", "/threatmodel tracker")
    ana.click(team.modal("ana", "Trackers"), "No default")
    team.wait(lambda: tracker.shown("#1").ended)

    ana.click(team.modal("ana", "Trackers"), "Disconnect")
    tracker.edit("#1", state=IssueState.COMPLETED)
    there.gives_token()
    team.wait(lambda: there.told("It was connected before"))
    team.wait(lambda: not tracker.shown("#1").ended)
    team.wait(lambda: team.command_handler.model(stream).issues[MI1].state is IssueState.COMPLETED)
    assert list(tracker.issues) == ["#1"]

    changed = tracker.calls.count("update")
    command = DisconnectTracker(by=there.ana, at=team.now(), tracker=TR1)
    assert team.bot.only is not None
    team.bot.only.services.tracker_requests.change(command, team.key())
    there.gives_token()
    team.wait(lambda: len(there.told("It was connected before")) == 2)
    team.wait(lambda: team.command_handler.model(stream).inherited.tracker == TR1)
    assert tracker.calls.count("update") == changed, "nothing has changed meanwhile"
