"""What is logged is readable by people or by collectors, and never holds a token."""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import click
import pytest
import structlog

from bot.logs import set_up_logging, start_logging

TOKENS = [
    "xoxb-1-2-made-up",
    "xapp-1-A1-2-made-up",
    "xoxe.xoxb-1-made-up",
    "tmb_T1_0123456789ab_made_up",
]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_everything_that_a_service_says_is_one_object_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for owner, name in ((sys, "excepthook"), (threading, "excepthook"), (sys, "stdout"), (sys, "stderr")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    start_logging({"LOG_FORMAT": "JSON", "LOG_LEVEL": "error"}, serving=True)

    def fail() -> None:
        raise ValueError("xoxb-1-made-up")

    click.echo("listening at http://127.0.0.1:3000")
    click.echo("threatmodel: two\nlines", err=True)
    print("in ", end="", file=sys.stderr)
    print("parts", file=sys.stderr)
    warnings.warn("nobody asked", RuntimeWarning, stacklevel=1)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    captured = capsys.readouterr()
    entries = [json.loads(line) for line in captured.err.splitlines()]
    assert captured.out == ""
    assert [(entry["level"], entry["event"]) for entry in entries] == [
        ("info", "listening at http://127.0.0.1:3000"),
        ("error", "threatmodel: two"),
        ("error", "lines"),
        ("error", "in parts"),
        ("critical", "an error was not handled"),
        ("critical", "an error was not handled"),
    ], "a warning of Python is below LOG_LEVEL here"
    assert entries[-1]["exception"].endswith("ValueError: (token)")


@pytest.mark.parametrize("given", ["", "yaml"])
def test_a_service_logs_text_unless_json_is_asked_for(
    given: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    start_logging({"LOG_FORMAT": given}, serving=True)
    click.echo("listening")
    warnings.warn("nobody asked", RuntimeWarning, stacklevel=1)
    captured = capsys.readouterr()
    assert captured.out == "listening\n"
    assert "[warning  ]" in captured.err


def test_other_commands_log_to_standard_error_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging({}, serving=False)
    structlog.get_logger("bot").info("not asked for")
    structlog.get_logger("bot").warning("the log was restored")
    captured = capsys.readouterr()
    assert captured.out == "", "which may be a file that they write"
    assert "the log was restored" in captured.err
    assert "not asked for" not in captured.err


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(level="info", format="json")
    structlog.get_logger("bot").info("card posted", stream="T1/TM-1", outcome="new\nline")
    logging.getLogger("slack_bolt").warning("a library's %s", "word")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["level"], ours["stream"]) == ("card posted", "info", "T1/TM-1")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == (
        "a library's word",
        "warning",
        "slack_bolt",
    )


def test_text_is_one_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(level="info", format="text")
    structlog.get_logger("bot").info("card posted", stream="T1/TM-1")
    (line,) = capsys.readouterr().err.splitlines()
    assert "card posted" in line
    assert "stream=T1/TM-1" in line


def test_entries_below_the_level_are_omitted(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(level="warning", format="text")
    structlog.get_logger("bot").info("too much")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("format", ["text", "json"])
def test_no_token_is_logged(
    format: str,  # noqa: A002  the word of the setting
    token: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logging(level="debug", format="json" if format == "json" else "text")
    log = structlog.get_logger("bot")
    log.info("with %s", token, value=token, inside={"headers": [token]})
    logging.getLogger("slack_sdk").debug("sent %s", {"token": token})
    try:
        raise ValueError(token)
    except ValueError:
        log.exception("failed")
    said = capsys.readouterr().err
    assert token[-len("made-up") :] not in said
    assert said.count("(token)") >= 5


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("postgresql://bot:made-up@db/threats", "postgresql://(token)@db/threats"),
        ("https://hooks.slack.com/commands/T1/2/made-up", "https://hooks.slack.com/(token)"),
        ("http://127.0.0.1:3000/healthz", "http://127.0.0.1:3000/healthz"),
    ],
)
def test_no_password_or_reply_address_in_a_url_is_logged(
    said: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(level="info", format="json")
    structlog.get_logger("bot").warning("not reached", url=said)
    assert json.loads(capsys.readouterr().err)["url"] == shown


@pytest.mark.parametrize(
    "library", ["slack_bolt.App", "slack_sdk.web.base_client", "slack_sdk.socket_mode", "uvicorn.error"]
)
def test_no_level_logs_user_text_or_each_step_of_a_library(
    capsys: pytest.CaptureFixture[str], library: str
) -> None:
    set_up_logging(level="debug", format="text")
    logger = logging.getLogger(library)
    logger.setLevel(logging.DEBUG)  # as Bolt does, whatever was set before
    logger.debug("Received: %s", '{"text": "add asset Valuables"}')
    logger.info("A new session has been established: %s", "wss://link/?ticket=Valuables")
    logger.warning("The connection seems to be stale")
    logger.setLevel(logging.NOTSET)
    structlog.get_logger("bot").debug("our own")
    said = capsys.readouterr().err
    assert "Valuables" not in said
    assert "seems to be stale" in said
    assert "our own" in said
