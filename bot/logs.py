"""Logging to standard error: text lines or one JSON object a line, never with a token in it.

With JSON, a service prints nothing else: what it prints, warnings of Python and errors that nothing catches
become entries as well.

Every line that a request causes has its `request_id`, also lines of its follow-ups on other threads. Every
line that claimed work or a periodic job causes has its `work_id`.
"""

import io
import logging
import re
import secrets
import sys
import threading
from collections.abc import Callable, Collection, Mapping, MutableMapping
from contextlib import AbstractContextManager
from contextvars import copy_context
from types import TracebackType
from typing import Final, TypeVar, get_args

import structlog
from structlog.typing import Processor

from bot.settings import LogFormat, LogLevel

_Word = TypeVar("_Word", LogLevel, LogFormat)

_TELL_TALES: Final = ("mcp", "slack_bolt", "slack_sdk", "sse_starlette", "statemachine", "uvicorn")
_OF_EACH_START: Final = "As you gave `client` as well, `token` will be unused."
_TOKEN: Final = re.compile(
    r"\bxox[a-z](?:\.xox[a-z])?-[\w-]+|\bxapp-[\w-]+"
    r"|(?<=://)[^\s/@]*:[^\s/]*(?=@)"  # a user and a password in a URL, such as that of a database
    r"|\btmb_\w+"  # an access token of a person
    r"|(?<=//hooks\.slack\.com/)[^\s\"'<>]+",  # a reply URL, which needs no other permission
    re.IGNORECASE,
)


def start_logging(environment: Mapping[str, str], *, serving: bool) -> None:
    """Configure logging of a command by the environment, whose invalid values its settings report later."""
    level = _chosen(environment, "LOG_LEVEL", get_args(LogLevel), "info" if serving else "warning")
    format = _chosen(environment, "LOG_FORMAT", get_args(LogFormat), "text")  # noqa: A001  the word of the setting
    set_up_logging(level=level, format=format)
    if not serving:
        return
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda end: _log_uncaught(end.exc_type, end.exc_value, end.exc_traceback)
    if format == "json":
        sys.stdout = _PrintedLines("stdout", logging.INFO)
        sys.stderr = _PrintedLines("stderr", logging.ERROR)


def _chosen(environment: Mapping[str, str], name: str, words: Collection[_Word], default: _Word) -> _Word:
    given = environment.get(name, "").strip().lower()
    return next((word for word in words if word == given), default)


def set_up_logging(*, level: LogLevel, format: LogFormat) -> None:  # noqa: A002  the word of the setting
    """Configure logging of this program and its libraries to standard error, in one format."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    renderer: list[Processor] = (
        [structlog.processors.JSONRenderer(ensure_ascii=False)]
        if format == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        # A line below the level costs nothing: it is left out before anything is rendered.
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _without_tokens,
                *renderer,
            ],
        )
    )
    handler.addFilter(_without_payloads)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


def request_context() -> AbstractContextManager[None]:
    """Return a context in which every logged line has the ID of one request."""
    # Not an ID of Slack's: it sends a request again under the same one.
    return structlog.contextvars.bound_contextvars(request_id=_new_id())


def workspace_context(workspace: str) -> AbstractContextManager[None]:
    """Return a context in which every logged line names the workspace."""
    return structlog.contextvars.bound_contextvars(workspace=workspace)


def work_context(
    work: str, *, work_id: str | None = None, workspace: str | None = None
) -> AbstractContextManager[None]:
    """Return a context in which every logged line has the ID and the name of one piece of background work."""
    named = {"workspace": workspace} if workspace else {}
    return structlog.contextvars.bound_contextvars(work_id=work_id or _new_id(), work=work, **named)


def in_same_context(work: Callable[[], object]) -> Callable[[], object]:
    """Return work that may run later and on another thread, and logs with the IDs of now."""
    context = copy_context()
    return lambda: context.run(work)


class _PrintedLines(io.TextIOBase):
    """Standard stream of a service whose log is JSON: each line that is printed becomes an entry."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, level: int) -> None:
        self._logger = logging.getLogger(name)
        self._logger.setLevel(level)  # also if LOG_LEVEL is higher: as text, it would be printed as well
        self._level = level
        self._part = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._part = (self._part + text).split("\n")
        for line in filter(str.strip, lines):
            self._logger.log(self._level, "%s", line)
        return len(text)


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    if not issubclass(kind, SystemExit):
        known = None if error is None else (kind, error, trace)
        logging.getLogger("bot").critical("an error was not handled", exc_info=known)


def _new_id() -> str:
    return secrets.token_hex(8)


def _without_payloads(record: logging.LogRecord) -> bool:
    """Drop records of libraries below a warning.

    At `debug` they hold users' messages, reply URLs and connection URLs; at `info` they tell each step of a
    connection, which the bot tells in its own words.

    Also drop Bolt's warning at each start that it ignores SLACK_BOT_TOKEN, as it should.

    This concerns the libraries of Slack and of MCP, their servers, and the state machine. It is a filter,
    because Bolt resets its loggers to the level of the root.
    """
    if record.msg == _OF_EACH_START:
        return False
    return record.levelno >= logging.WARNING or not record.name.startswith(_TELL_TALES)


def _without_tokens(
    logger: object, method: str, entry: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    del logger, method
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = _TOKEN.sub("(token)", value)
        elif not isinstance(value, int | float | bool | None):
            entry[key] = _TOKEN.sub("(token)", repr(value))
    return entry
