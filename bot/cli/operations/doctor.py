"""Checks of the installation, with a remedy for each failure."""

# slack_sdk's answers carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import os
import platform
import socket
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path

import msgspec
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.cli.operations.erase_operation import NOT_YET_GONE
from bot.cli.operations.installation_health import installation_findings
from bot.cli.operations.reminder_health import reminder_findings
from bot.cli.operations.tracker_health import tracker_findings
from bot.cli.operations.work_queue_health import work_queue_findings
from bot.mcp_server.sdk_check import MISSING_SDK, is_sdk_installed
from bot.serving_lock import network_filesystem, network_filesystem_error, serving_process
from bot.settings import Settings, WrongSettings, read_settings
from bot.slack.protocol.bot_scopes import needed_scopes
from bot.store import StoreError, open_database, utc_now
from bot.store.records import Fault
from bot.store.sqlite_version import sqlite_version

API_TIMEOUT_SECONDS = 10
SKEW_SECONDS = 60
"""Slack's signatures are refused after five minutes; a clock this far off is on its way there."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Result of one check; the text of a failed one ends with the fix."""

    well: bool
    text: str


def examine(environment: Mapping[str, str]) -> list[Finding]:
    """Run all checks, also after a failed one, as far as they can be run."""
    return [*_machine(), *_settings_and_beyond(environment)]


def _machine() -> Iterator[Finding]:
    yield _well(f"Python {platform.python_version()}")
    version, new_enough = sqlite_version()
    if new_enough:
        yield _well(f"SQLite {version}")
    else:
        yield _bad(f"SQLite {version} is too old. Use a Python with SQLite 3.37 or newer.")


def _settings_and_beyond(environment: Mapping[str, str]) -> Iterator[Finding]:
    try:
        settings = read_settings(environment, serving=True)
    except WrongSettings as wrong:
        yield from (_bad(fault) for fault in wrong.faults)
    else:
        way = "Socket Mode" if settings.delivery == "socket" else "HTTP"
        yield _well(f"settings: complete; connection to Slack: {way}")
        yield from _slack(settings)
        yield from _ports(settings)
    # The database can be checked even if Slack's tokens are missing.
    try:
        reading = read_settings(environment)
    except WrongSettings:
        return
    if reading.database_file is not None:
        yield _serving(reading.database_file)
    yield from _database(reading)
    if reading.database_file is None or reading.database_file.exists():
        for well, text in (
            *reminder_findings(reading),
            *work_queue_findings(reading),
            *installation_findings(reading),
            *tracker_findings(reading),
        ):
            yield Finding(well=well, text=text)


def _database(settings: Settings) -> Iterator[Finding]:
    path = settings.database_file
    if path is not None and not path.exists():
        parent = path.absolute().parent
        if parent.is_dir():
            yield _well(f"database: {path} will be created at the first start")
        else:
            yield _bad(f"DATABASE_URL: the directory {parent} does not exist. Create it.")
        return
    try:
        store = open_database(settings.database_url, key=settings.key.reveal(), heads=settings.heads_file)
        try:
            yield from (Finding(well=one.well, text=one.text) for one in store.health(utc_now()))
            store.check_writable()  # read-only files and full disks show here
            where = store.key_location()
            checked, finished = store.verify(), store.erasing_is_finished()
        finally:
            store.close()
    except StoreError as error:
        yield _bad(str(error))
        return
    if isinstance(checked, Fault):
        yield _bad(f"database: {checked}. {checked.repair}.")
    elif not finished:
        yield _bad(f"database: {NOT_YET_GONE}")
    else:
        place = path or store.location
        yield _well(f"database: {place} has {checked.events} events, all verified; its key is {where}")


def _serving(path: Path) -> Finding:
    if kind := network_filesystem(path):
        return _bad(f"DATABASE_URL: {network_filesystem_error(path, kind)}.")
    if process := serving_process(path):
        return _well(f"database: in use by {process}; a second `serve` would be rejected")
    return _well("database: not in use by a `serve`")


def _slack(settings: Settings) -> Iterator[Finding]:
    client = WebClient(base_url=settings.api_url, timeout=API_TIMEOUT_SECONDS, retry_handlers=[])
    try:
        if settings.many_workspaces:
            yield from _credentials(client, settings)
        else:
            yield from _token(client, settings)
    except OSError as error:
        reason = getattr(error, "reason", error)
        yield _bad(
            f"SLACK_API_URL: {settings.api_url} cannot be reached ({reason}). Check network and proxy."
        )
        return
    except SlackApiError as error:
        yield _bad(_refused("SLACK_BOT_TOKEN", error))
        return
    if settings.delivery == "socket":
        try:
            client.apps_connections_open(app_token=settings.app_token.reveal())
        except SlackApiError as error:
            yield _bad(_refused("SLACK_APP_TOKEN", error))
        else:
            yield _well("Slack: a Socket Mode connection opens")


def _token(client: WebClient, settings: Settings) -> Iterator[Finding]:
    started = time.time()
    answer = client.auth_test(token=settings.bot_token.reveal())
    yield _well(f"Slack: the bot is {answer.get('user')} in {answer.get('team')}")
    yield from _scopes(answer, settings)
    yield from _clock(answer, started)


def _credentials(client: WebClient, settings: Settings) -> Iterator[Finding]:
    """Check the client's secret, by a code that Slack refuses only after it has accepted the secret."""
    started = time.time()
    try:
        secret = settings.client_secret.reveal()
        sent = {"client_id": settings.client_id, "client_secret": secret, "code": _NO_CODE}
        answer = client.api_call("oauth.v2.access", data=sent)
    except SlackApiError as error:
        answer = error.response
    code = str(answer.get("error"))
    if code == "invalid_code":
        yield _well("Slack: it accepts SLACK_CLIENT_ID and SLACK_CLIENT_SECRET")
    else:
        yield _bad(
            f"Slack rejected SLACK_CLIENT_ID or SLACK_CLIENT_SECRET ({code}). Copy both from the app's page "
            "*Basic Information*, *App Credentials*."
        )
    yield from _clock(answer, started)


_NO_CODE = "0.0.threatmodel-doctor"
_MANIFEST = "deploy/slack-manifest.yaml"


def _scopes(answer: SlackResponse, settings: Settings) -> Iterator[Finding]:
    granted = _header(answer, "x-oauth-scopes")
    if granted is None:
        return
    missing = sorted(
        set(needed_scopes(settings.public_url)) - {scope.strip() for scope in granted.split(",")}
    )
    if missing:
        described = "the output of threatmodel manifest" if settings.public_url else _MANIFEST
        yield _bad(
            f"SLACK_BOT_TOKEN lacks {', '.join(missing)}. Paste {described} into the app's "
            "*App Manifest* and reinstall the app."
        )
    else:
        yield _well("Slack: all scopes of the manifest are granted")


def _clock(answer: SlackResponse, started: float) -> Iterator[Finding]:
    told = _header(answer, "date")
    if told is None:
        return
    skew = parsedate_to_datetime(told).timestamp() - (started + time.time()) / 2
    if abs(skew) > SKEW_SECONDS:
        yield _bad(
            f"the clock of this machine is {abs(skew):.0f} s off Slack's. Turn on time synchronization."
        )


def _ports(settings: Settings) -> Iterator[Finding]:
    if settings.port is not None or settings.delivery != "socket":
        yield _port("PORT", settings.host, settings.port or 0)
    if settings.mcp_port is not None:
        if is_sdk_installed():
            yield _port("MCP_PORT", settings.mcp_host, settings.mcp_port)
        else:
            yield _bad(f"MCP_PORT {MISSING_SDK}")


def _port(setting: str, host: str, port: int) -> Finding:
    try:
        with socket.create_server((host, port)):
            return _well(f"{_NAMES[setting]}: {host}:{port} is free")
    except OSError as error:
        why = os.strerror(error.errno or 0)
        return _bad(f"{setting}: {host}:{port} is not available ({why}). Choose another port.")


def _refused(variable: str, error: SlackApiError) -> str:
    code = str(error.response.get("error"))
    fix = _FIXES.get(code, "See this error in the Slack documentation.")
    return f"Slack rejected {variable} ({code}). {fix}"


def _header(answer: SlackResponse, name: str) -> str | None:
    for key, value in answer.headers.items():
        if key.lower() == name:
            return value[0] if isinstance(value, list) else str(value)
    return None


def _well(text: str) -> Finding:
    return Finding(well=True, text=text)


def _bad(text: str) -> Finding:
    return Finding(well=False, text=text)


_NAMES = {"PORT": "port", "MCP_PORT": "port of agents"}

_FIXES = {
    "invalid_auth": "Copy the token from the app's settings again.",
    "not_authed": "Copy the token from the app's settings again.",
    "token_revoked": "Reinstall the app and copy its new token.",
    "token_expired": "Reinstall the app and copy its new token.",
    "account_inactive": "Reinstall the app and copy its new token.",
    "missing_scope": "Create a new token with the missing scope.",
    "not_allowed_token_type": "This setting requires the other kind of token.",
    "forbidden_team": "Turn on Socket Mode in the app's settings.",
}
