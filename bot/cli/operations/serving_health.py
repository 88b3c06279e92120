"""Health of a serving bot: its ports and requests, and its reminders."""

import errno
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import urlopen

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.mcp_server.sdk_check import MISSING_SDK, is_sdk_installed
from bot.scheduled_jobs.reminder_planner import ReminderPlanner
from bot.scheduled_jobs.reminder_work import overdue_reminders
from bot.server_process import port_unavailable
from bot.serving_lock import serving_process
from bot.settings import Settings
from bot.slack.directory.member_directory import Directory
from bot.slack.directory.time_zones import PeopleAvailability
from bot.slack.transport.http_server import open_socket
from bot.slack.transport.http_sites import ONLY_REFUSED
from bot.store import Store, StoreError

PLANNED = 10
"""Models whose reminders are planned for a finding: each may have thousands of events to replay."""

STALE = timedelta(minutes=5)
"""After so long without a tick a bot that serves is stuck."""


class ReminderHealth(msgspec.Struct, frozen=True, kw_only=True):
    """The last check of the reminders, and the due times of those of a workspace that were not sent."""

    tenant: str
    at: datetime | None
    overdue: tuple[datetime, ...]
    unplanned: int = 0
    """Models that wait for a look at what is due in them, and were not looked at here."""


def check_reminders(store: Store, settings: Settings, now: datetime) -> list[ReminderHealth]:
    """Return the state of the reminders of every workspace; raises StoreError."""
    tenants = sorted({stream.tenant for stream in store.streams()})
    most = max(1, PLANNED // max(1, len(tenants)))
    return [_ticked(store, settings, tenant, now, most) for tenant in tenants]


def reminder_findings(store: Store, settings: Settings) -> Iterator[tuple[bool, str]]:
    """Yield whether the reminders of each workspace are sent in time, and a line about it."""
    now = datetime.now(UTC)
    try:
        found = check_reminders(store, settings, now)
    except StoreError:
        return  # reported with the database itself
    serves = serving_process(settings.database_file) is not None
    for one in found:
        yield _words(one, now, serves=serves)


def _words(one: ReminderHealth, now: datetime, *, serves: bool) -> tuple[bool, str]:
    looked = f"last checked {one.at:%Y-%m-%d %H:%M} UTC" if one.at else "not checked yet"
    overdue = "none is overdue"
    if one.overdue:
        overdue = f"{len(one.overdue)} overdue, the first since {min(one.overdue):%Y-%m-%d %H:%M} UTC"
    said = f"reminders of {one.tenant}: {looked}, {overdue}"
    if one.unplanned:
        said += f"; not checked: {one.unplanned} more models"
    stuck = serves and (one.at is None or now - one.at > STALE)
    if stuck:
        return False, f"{said}. The serving process does not respond; restart it."
    if one.overdue and not serves:
        return False, f"{said}. Start `threatmodel serve` to send them as delayed."
    return True, said


def _ticked(store: Store, settings: Settings, tenant: str, now: datetime, most: int) -> ReminderHealth:
    command_handler = CommandHandler(store)
    reminder_store = store.unit(tenant).reminders
    people = PeopleAvailability(
        Directory(store.unit(tenant)),
        hours=lambda person: command_handler.working_hours(tenant, person),
        holidays=lambda: settings.holidays | {*command_handler.settings.current(tenant).holidays},
    )
    planner = ReminderPlanner(
        command_handler, reminder_store, tenant=tenant, people=people, is_suspended=lambda _: False
    )
    overdue, unplanned = overdue_reminders(store.work, planner, tenant, now, most)
    at = store.housekeeping.last_reminder_check()
    return ReminderHealth(tenant=tenant, at=at, overdue=tuple(overdue), unplanned=unplanned)


_SECONDS = 0.5
_NAMES = {"PORT": "port", "METRICS_PORT": "port of operators", "MCP_PORT": "port of agents"}


def serving_findings(settings: Settings) -> Iterator[tuple[bool, str]]:
    """Yield whether the ports of `serve` are free or in use by the bot, and what a running bot says."""
    runs = serving_process(settings.database_file) is not None
    for setting, host, port in (
        ("PORT", settings.host, settings.public_port),
        ("METRICS_PORT", settings.metrics_host, settings.metrics_port),
    ):
        if port is not None:
            alive = port > 0 and _ask(host, port, "/healthz") == (200, "alive")
            runs = runs or alive
            yield _check_port(setting, host, port, ours=alive)
    if settings.mcp_port is not None and not is_sdk_installed():
        yield False, f"MCP_PORT {MISSING_SDK}"
    elif settings.mcp_port is not None:
        yield _check_port("MCP_PORT", settings.mcp_host, settings.mcp_port, ours=runs)
    yield from _check_requests(settings)


def _check_port(setting: str, host: str, port: int, *, ours: bool) -> tuple[bool, str]:
    try:
        open_socket(host, port).close()
    except OSError as error:
        if ours and error.errno == errno.EADDRINUSE:
            return True, f"{_NAMES[setting]}: {host}:{port} is in use by the running bot"
        return False, str(port_unavailable(host, port, error, setting=setting))
    return True, f"{_NAMES[setting]}: {host}:{port} is free"


def _check_requests(settings: Settings) -> Iterator[tuple[bool, str]]:
    """Yield what the running bot says: a wrong signing secret shows only in the requests that Slack sends."""
    if not settings.metrics_port:
        if settings.delivery == "http":
            yield True, "requests of Slack: not checked, because METRICS_PORT of a running bot is not set"
        return
    answer = _ask(settings.metrics_host, settings.metrics_port, "/readyz")
    if answer is None:
        return
    status, text = answer
    first, *others = text.splitlines() or [""]
    yield status == 200, f"the running bot: {first}"
    yield from ((False, f"{line}.") for line in others if line.startswith(ONLY_REFUSED))


def _ask(host: str, port: int, path: str) -> tuple[int, str] | None:
    """Return the status and the text of a page of the bot on this machine; None if it does not answer."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (asked, not listened on)
    place = f"[{here}]" if ":" in here else here
    try:
        with urlopen(f"http://{place}:{port}{path}", timeout=_SECONDS) as answer:
            return answer.status, answer.read(10_000).decode(errors="replace").strip()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read(10_000).decode(errors="replace").strip()
    except (OSError, HTTPException, ValueError):
        return None
