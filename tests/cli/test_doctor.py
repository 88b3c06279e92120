"""The doctor looks at everything and names a mend for each thing that is wrong."""

import os
import socket
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest

from bot import settings as settings_module
from bot.cli.operations import serving_health
from bot.cli.operations.doctor import Finding, examine
from bot.cli.operations.serving_health import ReminderHealth, check_reminders
from bot.manifest import build_manifest
from bot.metrics import Metrics
from bot.sandbox.api import Sandbox
from bot.settings import read_settings
from bot.slack.protocol.app_ids import SCOPES
from bot.slack.transport.http_server import HttpServer
from bot.slack.transport.http_sites import ONLY_REFUSED_SECONDS, OperatorSite, RequestResults
from bot.store import StreamId, open_store, utc_now
from bot.store.sqlite import file_health
from bot.store.sqlite.file_health import BACKUP_AGE, backup_mark
from bot.store.work_queue import PARKED_AFTER, Item, Touch
from bot.wiring import load_demo
from domain.events import Erased
from tests.queue_rows import claim_one, end_claims


class Usage(NamedTuple):
    """Bytes of a disk."""

    total: int
    used: int
    free: int


def full_disk(path: Path) -> Usage:
    """A disk without space, wherever it is."""
    del path
    return Usage(10**10, 10**10, 10)


@pytest.fixture(scope="module")
def slack() -> Iterator[Sandbox]:
    with Sandbox(manifest=build_manifest("socket")).start() as sandbox:
        yield sandbox


@pytest.fixture
def environment(slack: Sandbox, tmp_path: Path) -> dict[str, str]:
    return {
        "SLACK_API_URL": slack.url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "DATABASE_URL": f"sqlite:///{tmp_path}/threatmodel.db",
    }


@contextmanager
def answering(headers: dict[str, str], status: int = 200, body: bytes = b'{"ok": true}') -> Generator[str]:
    """A Web API that says yes to everything, or something else, with some headers."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/"
        server.shutdown()


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.text for finding in findings if not finding.well]


def test_a_valid_environment_passes(environment: dict[str, str], tmp_path: Path) -> None:
    findings = examine(environment)
    assert wrong(findings) == []
    assert "Slack: a Socket Mode connection opens" in [finding.text for finding in findings]
    assert list(tmp_path.iterdir()) == []


def test_over_http_the_port_must_be_free(environment: dict[str, str], slack: Sandbox) -> None:
    del environment["SLACK_APP_TOKEN"]
    taken = slack.url.removesuffix("/api/").rpartition(":")[2]
    http = {**environment, "SLACK_SIGNING_SECRET": "0" * 32}
    assert wrong(examine({**http, "PORT": "0"})) == []
    (text,) = wrong(examine({**http, "PORT": taken}))
    assert text.startswith(f"PORT: 127.0.0.1:{taken} is not available")


def test_the_port_is_the_one_that_serve_opens(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    http = {**environment, "SLACK_SIGNING_SECRET": "0" * 32}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(settings_module, "HTTP_PORT", taken.getsockname()[1])
        assert wrong(examine(http)) == [], "Socket Mode opens none"
        for needed in ({"SLACK_APP_TOKEN": ""}, {"PUBLIC_URL": "https://threats.example.org"}):
            (*_, text) = wrong(examine({**http, **needed}))
            assert text.startswith(f"PORT: 127.0.0.1:{taken.getsockname()[1]} is not available")


def test_a_port_without_a_right_address_is_not_called_taken(environment: dict[str, str]) -> None:
    (text,) = wrong(examine({**environment, "METRICS_PORT": "0", "METRICS_HOST": "192.0.2.1"}))
    assert text.startswith("METRICS_HOST: 192.0.2.1 is not an address of this machine.")


def test_a_running_bot_has_its_ports_and_says_what_it_refuses(environment: dict[str, str]) -> None:
    now = [0.0]
    results = RequestResults(lambda _: None, clock=lambda: now[0])
    results.record("signature")
    now[0] += ONLY_REFUSED_SECONDS
    problem = ["the database is gone"]
    site = OperatorSite(
        Metrics(), readiness_problem=lambda: "".join(problem), status_line=lambda: results.problem
    )
    pages = HttpServer.start(site, host="127.0.0.1", port=0)
    running = {**environment, "METRICS_PORT": pages.address.rpartition(":")[2]}
    try:
        unready, refused = wrong(examine(running))
        assert unready == "the running bot: the database is gone"
        problem.clear()
        (refused_only,) = wrong(examine(running))
    finally:
        pages.stop()
    assert refused == refused_only
    assert refused.startswith("requests of Slack: all refused for 2 minutes")
    assert refused.endswith(
        "SLACK_SIGNING_SECRET is not the app's. Copy it from the app's page *Basic Information*."
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"Internal Server Error"),
        (500, b'{"ok": false, "error": "internal_error"}'),
        (503, b"<html>no service</html>"),
        (200, b'{"ok": false, "error": "fatal_error"}'),
        (200, b"<html>Sign in to the guest network</html>"),
        (403, b"The proxy does not permit this address"),
        (429, b'{"ok": false, "error": "ratelimited"}'),
    ],
)
@pytest.mark.parametrize("many", [False, True], ids=["one workspace", "many workspaces"])
def test_an_outage_of_slack_is_not_called_a_rejection(
    environment: dict[str, str], status: int, body: bytes, *, many: bool
) -> None:
    if many:
        del environment["SLACK_BOT_TOKEN"]
        environment |= {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "0" * 32}
        environment |= {"THREATMODEL_TOKEN_KEYS": f"{'A' * 43}=", "PORT": "0"}
    with answering({"date": formatdate(time.time() + 600)}, status, body) as url:
        clock, first, second = wrong(examine({**environment, "SLACK_API_URL": url}))
    assert clock.startswith("the clock of this machine is "), "it is named whatever Slack answers"
    assert clock.endswith("behind Slack's. Turn on time synchronization.")
    for text, setting in (
        (first, "SLACK_CLIENT_SECRET" if many else "SLACK_BOT_TOKEN"),
        (second, "SLACK_APP_TOKEN"),
    ):
        assert f"{setting} was not checked" in text
        assert "reject" not in text


def test_where_agents_are_served_their_port_must_be_free_and_the_sdk_there(
    environment: dict[str, str], slack: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = slack.url.removesuffix("/api/").rpartition(":")[2]
    monkeypatch.setattr(serving_health, "is_sdk_installed", lambda: True)
    (text,) = wrong(examine({**environment, "MCP_PORT": taken}))
    assert text.startswith(f"MCP_PORT: 127.0.0.1:{taken} is not available")
    monkeypatch.setattr(serving_health, "is_sdk_installed", lambda: False)
    (text,) = wrong(examine({**environment, "MCP_PORT": taken}))
    assert text == "MCP_PORT needs the MCP SDK. In a checkout of the project: pip install '.[mcp]'"


def test_a_token_that_slack_refuses_is_named_and_not_shown(environment: dict[str, str]) -> None:
    for name, token in (("SLACK_BOT_TOKEN", "xoxb-of-somebody"), ("SLACK_APP_TOKEN", "xapp-of-somebody")):
        (text,) = wrong(examine({**environment, name: token}))
        assert text.startswith(f"Slack rejected {name} (invalid_auth). Copy the token")
        assert "somebody" not in text


def test_the_scopes_in_slacks_response_headers_are_checked(environment: dict[str, str]) -> None:
    told = {"x-oauth-scopes": "chat:write,commands,users:read", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    with answering(told) as url:
        scopes, clock = wrong(examine({**environment, "SLACK_API_URL": url}))
    lacking = sorted(set(SCOPES) - set(told["x-oauth-scopes"].split(",")))
    assert scopes.startswith(f"SLACK_BOT_TOKEN lacks {', '.join(lacking)}")
    assert clock.startswith("the clock of this machine is ")


def test_an_unreachable_address_is_named(environment: dict[str, str]) -> None:
    (text,) = wrong(examine({**environment, "SLACK_API_URL": "http://127.0.0.1:9/api/"}))
    assert text.startswith("SLACK_API_URL: http://127.0.0.1:9/api/ cannot be reached")


def test_a_database_without_a_directory_is_named(environment: dict[str, str]) -> None:
    (text,) = wrong(examine({**environment, "DATABASE_URL": "sqlite:////nowhere/at/all.db"}))
    assert text == "DATABASE_URL: the directory /nowhere/at does not exist. Create it."


def test_a_key_that_others_can_read_is_named_and_not_shown(
    environment: dict[str, str], tmp_path: Path
) -> None:
    store = open_store(environment["DATABASE_URL"])
    load_demo(store, "house", workspace="T1", channel="C1")
    store.close()
    key = tmp_path / "threatmodel.db.key"
    assert any(one.text.endswith(f"its key is in {key}") for one in examine(environment))
    key.chmod(0o640)
    text, *_ = wrong(examine(environment))
    assert text == (
        f"THREATMODEL_KEY: {key} is open to other users (mode 0640); "
        f"run `chmod 600 {key}`, or set THREATMODEL_KEY"
    )
    by_setting = [one.text for one in examine({**environment, "THREATMODEL_KEY": "k" * 32})]
    assert any(one.endswith("its key is set as THREATMODEL_KEY") for one in by_setting)
    short, *_ = wrong(examine({**environment, "THREATMODEL_KEY": "short"}))
    assert short.startswith("THREATMODEL_KEY must be at least 32 characters without spaces. ")


def test_unsent_reminders_are_counted(environment: dict[str, str], tmp_path: Path) -> None:
    store = open_store(environment["DATABASE_URL"])
    load_demo(store, "house", workspace="T1", channel="C1")
    told = list(store.events(StreamId("T1/TM-1")))[-1]
    assert not isinstance(told, Erased)
    settings = read_settings(environment)
    assert check_reminders(store, settings, told.at + timedelta(days=5)) == [
        ReminderHealth(tenant="T1", at=None, overdue=())
    ]
    (later,) = check_reminders(store, settings, told.at + timedelta(days=100))
    store.close()
    assert later.overdue, "the owners of open questions should be reminded a week later"


def besides_reminders(environment: dict[str, str]) -> list[Finding]:
    """Return what doctor finds; the demo's reminders are overdue or not by the hour of the day."""
    return [one for one in examine(environment) if not one.text.startswith("reminders")]


def test_old_backups_and_a_full_disk_are_named_and_what_was_left_out_is_said(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(environment["DATABASE_URL"])
    load_demo(store, "house", workspace="T1", channel="C1")
    left_out = [one.text for one in examine(environment) if one.text.startswith("not checked: ")]
    assert [one.split()[2] for one in left_out] == ["backups;", "the"]
    store.verify()
    store.backup(tmp_path / "copy.db")
    store.close()
    assert "not checked: events before the last `threatmodel verify`" in str(examine(environment))
    assert "backups: the last sign of one is from" in str(examine(environment))
    assert wrong(besides_reminders(environment)) == []
    days = BACKUP_AGE + timedelta(hours=1)
    os.utime(backup_mark(tmp_path / "threatmodel.db"), times=(time.time() - days.total_seconds(),) * 2)
    monkeypatch.setattr(file_health.shutil, "disk_usage", full_disk)
    disk, backups = wrong(besides_reminders(environment))
    assert disk.startswith("disk: 0.0 GB of 10.0 GB are free at")
    assert backups.endswith("Look at the job that runs `threatmodel backup`, or at Litestream's log.")


def test_without_tokens_the_database_is_still_checked(environment: dict[str, str]) -> None:
    findings = examine({"DATABASE_URL": environment["DATABASE_URL"]})
    assert [text.split()[0] for text in wrong(findings)] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
    assert findings[-1].text.endswith("will be created at the first start")


def test_work_that_failed_repeatedly_is_named(environment: dict[str, str]) -> None:
    store = open_store(environment["DATABASE_URL"])
    load_demo(store, "house", workspace="T1", channel="C1")
    queue = store.work
    queue.touch(Touch(item=Item("T1", "card", "TM-1"), lane="C1"))
    for _ in range(PARKED_AFTER):
        end_claims(queue)
        claim = claim_one(queue, "T1", utc_now(), only=("card",))
        assert claim is not None
        queue.retry_later(claim, 0)
    store.close()
    (text,) = wrong([one for one in examine(environment) if one.text.startswith("work of")])
    assert "card TM-1 failed 8 or more" in text
