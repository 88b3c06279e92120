"""A file is fetched from where Slack keeps files, and the token is shown to nobody else."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.slack.protocol.file_download import download_file, is_slack_address
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable

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
