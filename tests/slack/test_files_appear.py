"""A file counts as shown once Slack shows it; one that never appears is shared again, then told in words."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.sandbox.api import VisibleMessage
from bot.slack.protocol.file_download import download_file, is_slack_address
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.sinks.files import NEVER_SHOWN
from bot.slack.slots.model_files import COMMENT, not_shown
from bot.store.repositories.file_slots import file_parameters
from tests.depth import deep_only
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.test_pictures import BALLOTS, voted
from tests.slack.voting_steps import begin_analysis_with
from tests.waiting import patient_sandbox

ANNOUNCE = "files.getUploadURLExternal"


class Later:
    """A clock that can be moved on."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
def team(tmp_path: Path, clock: Later) -> Generator[SlackTeam]:
    with run_bot(tmp_path / "bot.db", clock=clock) as running:
        yield running


def behave(team: SlackTeam, **points: Any) -> None:
    workspace = team.sandbox.workspace
    workspace.behavior = replace(workspace.behavior, **points)


def thread(team: SlackTeam) -> list[VisibleMessage]:
    return team.person("dee").thread("#house", team.cards()[0].ts)


def shown(team: SlackTeam) -> list[str]:
    """The names of the files that people see."""
    return [file.name for one in thread(team) for file in one.files]


def announced(team: SlackTeam) -> list[tuple[str, bool]]:
    """The files that were uploaded, and whether each came with words for screen readers."""
    calls = team.sandbox.calls_of(ANNOUNCE)
    return [(str(call.arguments["filename"]), "alt_txt" in call.arguments) for call in calls]


def in_time(team: SlackTeam, clock: Later, until: Callable[[], object]) -> None:
    """Let minutes pass until something holds."""
    for _ in range(8):
        clock.by += timedelta(seconds=61)
        try:
            team.wait(until, seconds=2.5)
        except AssertionError:
            continue
        return
    raise AssertionError("not within eight minutes")


def settled(team: SlackTeam, surface: str = "export") -> bool:
    known = team.unit.deliveries.of_kind(surface)
    return not any(file_parameters(one).shared_at or not one.external_id for one in known)


@pytest.mark.parametrize(
    "word", ["export otm", "export csv", "report html", "report pdf", "chart scores", "diagram"]
)
def test_every_file_appears_and_only_images_have_words_for_screen_readers(team: SlackTeam, word: str) -> None:
    create_collected_house(team)
    team.command("dee", f"/threatmodel {word}")
    team.wait(lambda: shown(team))
    assert announced(team) == [(name, name.endswith(".png")) for name in shown(team)]
    team.wait(lambda: all(settled(team, one) for one in ("export", "diagram")))


def test_a_file_that_appears_late_is_waited_for_and_shared_once(team: SlackTeam) -> None:
    create_collected_house(team)
    behave(team, files_appear_after=1.5)
    team.command("dee", "/threatmodel report md")
    team.wait(lambda: len(team.sandbox.calls_of("files.info")) > 1)
    assert [one for one in thread(team) if "report" in one.plain.lower() and not one.files] == []
    team.wait(lambda: settled(team))
    assert len(announced(team)) == 1
    assert len(shown(team)) == 1


def test_a_file_that_never_appears_is_shared_again_and_then_told_in_words(
    team: SlackTeam, clock: Later
) -> None:
    create_collected_house(team)
    behave(team, files_appear_after=None)
    team.command("dee", "/threatmodel export sarif")
    team.wait(lambda: team.sandbox.calls_of("files.info"))
    assert len(announced(team)) == 1
    in_time(team, clock, lambda: any(NEVER_SHOWN in one.plain for one in thread(team)))
    assert settled(team)
    assert len(announced(team)) == 2


def test_a_picture_that_its_words_hide_is_shared_again_without_them(team: SlackTeam, clock: Later) -> None:
    create_collected_house(team)
    behave(team, files_appear_after=None)
    team.command("dee", "/threatmodel diagram")
    team.wait(lambda: team.sandbox.calls_of("files.info"))
    behave(team, files_appear_after=0.0)
    in_time(team, clock, lambda: shown(team) == ["TM-1.png"])
    assert announced(team) == [("TM-1.png", True), ("TM-1.png", False)]


def test_a_diagram_that_never_appears_is_told_in_words(team: SlackTeam, clock: Later) -> None:
    create_collected_house(team)
    behave(team, files_appear_after=None)
    team.command("dee", "/threatmodel diagram")
    team.wait(lambda: team.sandbox.calls_of("files.info"))
    in_time(team, clock, lambda: any(NEVER_SHOWN in one.plain for one in thread(team)))
    team.wait(lambda: settled(team, "diagram"))


@deep_only
def test_pictures_of_a_round_that_never_appear_are_said_to_be_missing(team: SlackTeam, clock: Later) -> None:
    begin_analysis_with(team, "Curtains left open")
    behave(team, files_appear_after=None)
    voted(team, BALLOTS)
    team.wait(lambda: team.sandbox.calls_of("files.info"))
    said = not_shown().text
    in_time(team, clock, lambda: any(one.text == said for one in thread(team)))
    assert len(announced(team)) == 2
    assert COMMENT not in [one.plain for one in thread(team)]


def test_a_restart_goes_on_looking_for_a_file(tmp_path: Path, clock: Later) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "bot.db", sandbox=sandbox, clock=clock) as team:
            create_collected_house(team)
            behave(team, files_appear_after=None)
            team.command("dee", "/threatmodel export csv")
            team.wait(lambda: team.sandbox.calls_of("files.info"))
        behave(team, files_appear_after=0.0)
        clock.by = timedelta(seconds=61)
        with run_bot(tmp_path / "bot.db", sandbox=sandbox, clock=clock) as team:
            team.wait(lambda: shown(team) == ["TM-1.csv"])
            team.wait(lambda: settled(team))


def test_where_the_bot_may_not_look_a_file_is_believed(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next("files.info", "missing_scope")
    team.command("dee", "/threatmodel export csv")
    team.wait(lambda: shown(team) == ["TM-1.csv"])
    team.wait(lambda: settled(team))
    assert team.bot.readiness_problem() == ""


SLACK = "https://slack.com/api/"


@contextmanager
def answering(
    status: int, content: bytes = b"", **headers: str
) -> Generator[tuple[str, list[tuple[str, str | None]]]]:
    """A server that answers everything alike, and what it was asked: path and token."""
    asked: list[tuple[str, str | None]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class calls it so)
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fetched(url: str, api_url: str, most: int = 100) -> bytes:
    return download_file(url, token="xoxb-secret", api_url=api_url, most=most)


def test_what_lies_where_the_web_api_is_comes_with_the_token() -> None:
    with answering(200, b"12345", Content_Type="application/json") as (team, asked):
        assert fetched(f"{team}/files/1?download=1", f"{team}/api/") == b"12345"
    assert asked == [("/files/1?download=1", "Bearer xoxb-secret")]


def test_of_a_large_file_no_more_is_read_than_shows_that_it_is_too_large() -> None:
    with answering(200, b"x" * 1_000_000, Content_Type="text/plain") as (team, _):
        assert len(fetched(f"{team}/f", f"{team}/api/", most=70_000)) == 70_001


def test_no_one_is_followed_elsewhere() -> None:
    with answering(200, b"gotcha", Content_Type="text/plain") as (elsewhere, asked):
        for status in (301, 302, 303, 307, 308):
            with (
                answering(status, Location=f"{elsewhere}/f") as (team, _),
                pytest.raises(ApiRefused, match="redirected"),
            ):
                fetched(f"{team}/f", f"{team}/api/")
    assert asked == []


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(200, "text/html", "signed_out"), (403, "text/plain", "http_403"), (404, "text/html", "http_404")],
)
def test_what_slack_does_not_show_is_refused(status: int, kind: str, code: str) -> None:
    with (
        answering(status, b"<h1>Sign in</h1>", Content_Type=kind) as (team, _),
        pytest.raises(ApiRefused, match=code),
    ):
        fetched(f"{team}/f", f"{team}/api/")


def test_a_broken_or_silent_slack_is_out_of_reach() -> None:
    with answering(503) as (team, _), pytest.raises(ApiUnreachable, match="HTTP 503"):
        fetched(f"{team}/f", f"{team}/api/")
    with pytest.raises(ApiUnreachable):
        fetched(f"{team}/f", f"{team}/api/")


@pytest.mark.parametrize(
    ("url", "api", "slacks"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/a.json", SLACK, True),
        ("https://files.slack.com:443/f", SLACK, True),
        ("https://files.slack-gov.com/f", "https://slack-gov.com/api/", True),
        ("http://127.0.0.1:9/f", "http://127.0.0.1:9/api/", True),
        ("http://files.slack.com/f", SLACK, False),
        ("https://files.slack.com:8443/f", SLACK, False),
        ("https://files.slack.com.evil.example/f", SLACK, False),
        ("https://files.slack.com@evil.example/f", SLACK, False),
        ("https://files.slack.com\\@evil.example/f", SLACK, False),
        ("https://u:p@files.slack.com/f", SLACK, False),
        ("https://evil.example/https://files.slack.com/f", SLACK, False),
        ("https://evil.example#files.slack.com", SLACK, False),
        ("https://files.slack.com.:443/f", SLACK, False),
        ("https://files.slack.com:x/f", SLACK, False),
        ("http://127.0.0.1:8/f", "http://127.0.0.1:9/api/", False),
        ("http://localhost:9/f", "http://127.0.0.1:9/api/", False),
        ("file:///etc/passwd", SLACK, False),
        ("https://[::1/f", SLACK, False),
        ("", SLACK, False),
    ],
)
def test_only_slacks_own_hosts_see_the_token(url: str, api: str, slacks: bool) -> None:
    assert is_slack_address(url, api) is slacks
    if not slacks:
        with pytest.raises(ApiRefused, match="foreign_host"):
            fetched(url, api)
