"""Checks of the installation, with a remedy for each failure."""

# slack_sdk's answers carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import platform
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.cli.operations.erase_operation import NOT_YET_GONE
from bot.cli.operations.installation_health import installation_findings
from bot.cli.operations.serving_health import reminder_findings, serving_findings
from bot.cli.operations.tracker_health import tracker_findings
from bot.serving_lock import network_filesystem, network_filesystem_error, serving_process
from bot.settings import Settings, WrongSettings, read_settings
from bot.slack.protocol.app_ids import needed_scopes
from bot.slack.protocol.web_api_client import ApiUnreachable, classify_error
from bot.slack.transport.http_sites import describe_offset
from bot.store import Store, StoreError, open_database, sqlite_version, utc_now
from bot.store.records import Fault
from bot.store.work_queue import PARKED_AFTER, WorkQueue

API_TIMEOUT_SECONDS = 10
CHAIN_SECONDS = 0.8
"""Time for the events since the last `verify`: all checks that need no network take two seconds at most."""

Found = tuple[bool, str]
"""Whether a check is well, and its text."""

SKEW_SECONDS = 60
"""Slack's signatures are refused after five minutes; a clock this far off is on its way there."""


class Finding(NamedTuple):
    """Result of one check; the text of a failed one ends with the fix."""

    well: bool
    text: str


def examine(environment: Mapping[str, str]) -> list[Finding]:
    """Run all checks, also after a failed one, as far as they can be run."""
    return [Finding(*found) for found in (*_machine(), *_settings_and_beyond(environment))]


def _machine() -> Iterator[Found]:
    yield True, f"Python {platform.python_version()}"
    version, new_enough = sqlite_version()
    if new_enough:
        yield True, f"SQLite {version}"
    else:
        yield False, f"SQLite {version} is too old. Use a Python with SQLite 3.37 or newer."


def _settings_and_beyond(environment: Mapping[str, str]) -> Iterator[Found]:
    try:
        settings = read_settings(environment, serving=True)
    except WrongSettings as wrong:
        yield from ((False, fault) for fault in wrong.faults)
    else:
        way = "Socket Mode" if settings.delivery == "socket" else "HTTP"
        yield True, f"settings: complete; connection to Slack: {way}"
        yield from _slack(settings)
        yield from serving_findings(settings)
    # The database can be checked even if Slack's tokens are missing.
    try:
        reading = read_settings(environment)
    except WrongSettings:
        return
    if reading.database_file is not None:
        yield _serving(reading.database_file)
    yield from _database(reading)


def _database(settings: Settings) -> Iterator[Found]:
    path = settings.database_file
    if path is not None and not path.exists():
        parent = path.absolute().parent
        if parent.is_dir():
            yield True, f"database: {path} will be created at the first start"
        else:
            yield False, f"DATABASE_URL: the directory {parent} does not exist. Create it."
        return
    try:
        store = open_database(settings.database_url, key=settings.key.reveal(), heads=settings.heads_file)
        try:
            yield from ((one.well, one.text) for one in store.health(utc_now()))
            store.check_writable()  # read-only files and full disks show here
            if not store.erasing_is_finished():
                yield False, f"database: {NOT_YET_GONE}"
            yield from _chain(store)
            for look in (reminder_findings, work_queue_findings, installation_findings, tracker_findings):
                yield from look(store, settings)
        finally:
            store.close()
    except StoreError as error:
        yield False, str(error)


def _chain(store: Store) -> Iterator[Found]:
    """Check the events since the last `verify`, as far as the time suffices, and say what was left out."""
    where = store.key_location()
    known, checked = store.check_newest(CHAIN_SECONDS)
    if known.foreign:
        yield (
            False,
            (
                f"database: the kept result of `threatmodel verify` was altered, or sealed with another "
                f"key than that {where}. Run `threatmodel verify`."
            ),
        )
    if isinstance(checked, Fault):
        yield False, f"database: {checked}. {checked.repair}."
        return
    yield (
        True,
        (
            f"database: {store.location} has {checked.events} events, of which {checked.checked} were "
            f"checked against the hash chain now; its key is {where}"
        ),
    )
    if known.finished is None:
        yield True, "not checked: the data derived from events; run `threatmodel verify` now and then"
    else:
        yield (
            True,
            (
                f"not checked: events before the last `threatmodel verify` ({known.finished.at[:16]}Z), and "
                "the data derived from events since"
            ),
        )
    if checked.left:
        yield True, f"not checked: the last {checked.left} events; `threatmodel verify` checks all"


def _serving(path: Path) -> Found:
    if kind := network_filesystem(path):
        return False, f"DATABASE_URL: {network_filesystem_error(path, kind)}."
    if process := serving_process(path):
        return True, f"database: in use by {process}; a second `serve` would be rejected"
    return True, "database: not in use by a `serve`"


def _slack(settings: Settings) -> Iterator[Found]:
    client = WebClient(base_url=settings.api_url, timeout=API_TIMEOUT_SECONDS, retry_handlers=[])
    checks = [
        ("SLACK_CLIENT_ID or SLACK_CLIENT_SECRET", _credentials)
        if settings.many_workspaces
        else ("SLACK_BOT_TOKEN", _token)
    ]
    if settings.delivery == "socket":
        checks.append(("SLACK_APP_TOKEN", _connection))
    for variable, check in checks:
        try:
            yield from check(client, settings)
        except SlackApiError as error:
            yield False, _failed(variable, error)
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            yield (
                False,
                (f"SLACK_API_URL: {settings.api_url} cannot be reached ({reason}). Check network and proxy."),
            )
            return


def _token(client: WebClient, settings: Settings) -> Iterator[Found]:
    started = time.time()
    try:
        answer = client.auth_test(token=settings.bot_token.reveal())
    except SlackApiError as error:
        yield from _clock(error.response, started)
        raise
    yield True, f"Slack: the bot is {answer.get('user')} in {answer.get('team')}"
    yield from _scopes(answer, settings)
    yield from _clock(answer, started)


def _connection(client: WebClient, settings: Settings) -> Iterator[Found]:
    client.apps_connections_open(app_token=settings.app_token.reveal())
    yield True, "Slack: a Socket Mode connection opens"


def _credentials(client: WebClient, settings: Settings) -> Iterator[Found]:
    """Check the client's secret, by a code that Slack refuses only after it has accepted the secret."""
    started = time.time()
    secret = settings.client_secret.reveal()
    sent = {"client_id": settings.client_id, "client_secret": secret, "code": _NO_CODE}
    try:
        client.api_call("oauth.v2.access", data=sent)
    except SlackApiError as error:
        yield from _clock(error.response, started)
        if classify_error(error).code != "invalid_code":
            raise
    yield True, "Slack: it accepts SLACK_CLIENT_ID and SLACK_CLIENT_SECRET"


_NO_CODE = "0.0.threatmodel-doctor"
_MANIFEST = "deploy/slack-manifest.yaml"


def _scopes(answer: SlackResponse, settings: Settings) -> Iterator[Found]:
    granted = _header(answer, "x-oauth-scopes")
    if granted is None:
        return
    missing = sorted(
        set(needed_scopes(settings.public_url)) - {scope.strip() for scope in granted.split(",")}
    )
    if missing:
        described = "the output of threatmodel manifest" if settings.public_url else _MANIFEST
        yield (
            False,
            (
                f"SLACK_BOT_TOKEN lacks {', '.join(missing)}. Paste {described} into the app's "
                "*App Manifest* and reinstall the app."
            ),
        )
    else:
        yield True, "Slack: all scopes of the manifest are granted"


def _clock(answer: object, started: float) -> Iterator[Found]:
    told = _header(answer, "date")
    if told is None:
        return
    skew = parsedate_to_datetime(told).timestamp() - (started + time.time()) / 2
    if abs(skew) > SKEW_SECONDS:
        yield (
            False,
            (f"the clock of this machine is {describe_offset(-round(skew))}. Turn on time synchronization."),
        )


def _failed(variable: str, error: SlackApiError) -> str:
    """Return what a failed call says about a setting: an outage says nothing."""
    failure = classify_error(error)
    if isinstance(failure, ApiUnreachable):
        return (
            f"Slack did not process the call ({failure.code}), so {variable} was not checked. Run this again "
            "later, and see Slack's status page."
        )
    if failure.code == "ratelimited":
        return f"Slack limits the calls of this app, so {variable} was not checked. Try again in a minute."
    fix = _FIXES.get(failure.code)
    if fix is not None:
        return f"Slack rejected {variable} ({failure.code}). {fix}"
    return f"Slack refused a call with {variable} ({failure.code}). See this code in the Slack documentation."


def _header(answer: object, name: str) -> str | None:
    headers: Mapping[str, str | list[str]] = getattr(answer, "headers", {})
    for key, value in headers.items():
        if key.lower() == name:
            return value[0] if isinstance(value, list) else str(value)
    return None


_CREDENTIALS = "Copy both from the app's page *Basic Information*, *App Credentials*."
_FIXES = {
    "bad_client_secret": _CREDENTIALS,
    "invalid_client_id": _CREDENTIALS,
    "invalid_auth": "Copy the token from the app's settings again.",
    "not_authed": "Copy the token from the app's settings again.",
    "token_revoked": "Reinstall the app and copy its new token.",
    "token_expired": "Reinstall the app and copy its new token.",
    "account_inactive": "Reinstall the app and copy its new token.",
    "missing_scope": "Create a new token with the missing scope.",
    "not_allowed_token_type": "This setting requires the other kind of token.",
    "forbidden_team": "Turn on Socket Mode in the app's settings.",
}


_NAMED = 5


def work_queue_findings(store: Store, settings: Settings) -> list[tuple[bool, str]]:
    """Return for each workspace whether its work is well, and a sentence."""
    del settings
    tenants = sorted({stream.tenant for stream in store.streams()})
    return [_words(store.work, tenant, utc_now()) for tenant in tenants]


def _words(queue: WorkQueue, tenant: str, now: datetime) -> tuple[bool, str]:
    backlog = queue.backlog(now, tenant=tenant)
    parked = [row.item for row in queue.rows(tenant) if row.is_parked]
    if parked:
        named = ", ".join(f"{one.kind} {one.subject}".strip() for one in parked[:_NAMED])
        more = f" and {len(parked) - _NAMED} more" if len(parked) > _NAMED else ""
        return False, (
            f"work of {tenant}: {named}{more} failed {PARKED_AFTER} or more times. Look for “put off” "
            f"in the log. Each is retried every hour, and when something changes."
        )
    if not backlog.due:
        return True, f"work of {tenant}: no backlog"
    return True, f"work of {tenant}: {backlog.due} waiting, the oldest for {backlog.oldest_seconds:.0f} s"
