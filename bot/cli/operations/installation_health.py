"""Health of the installations of the app in many workspaces: their keys, tokens and permissions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.settings import Settings
from bot.slack.directory.app_installations.installation_work import TENANT
from bot.slack.directory.app_installations.stored_installations import bot_token, refresh_token
from bot.slack.directory.app_installations.token_renewal import half_life
from bot.slack.protocol.app_ids import needed_scopes
from bot.store import Store, utc_now
from bot.store.repositories.installations import InstallationRecord
from bot.token_cipher import TokenCipher, TokenUnreadable

LATE: Final = timedelta(hours=1)
"""How long after half of its life a token that was not renewed is reported."""

_NAMED: Final = 5


def installation_findings(store: Store, settings: Settings) -> list[tuple[bool, str]]:
    """Return whether the installations are well, in sentences; nothing for a bot of one workspace."""
    if not settings.many_workspaces or not settings.token_keys:
        return []
    records = store.installations.all()
    parked = [row.item for row in store.work.rows(TENANT) if row.is_parked]
    of_trackers = [one.key_id for _, one in store.housekeeping.tracker_connections()]
    findings = list(
        check_installations(
            records,
            TokenCipher(settings.token_keys),
            utc_now(),
            settings.public_url,
            of_trackers=of_trackers,
        )
    )
    findings += check_allowed(settings, records)
    if parked:
        named = ", ".join(f"{one.kind} of {one.subject}" for one in parked[:_NAMED])
        findings.append((False, _PARKED.format(named=named)))
    return findings


def check_installations(
    records: Sequence[InstallationRecord],
    cipher: TokenCipher,
    now: datetime,
    public_url: str = "",
    *,
    of_trackers: Sequence[str] = (),
) -> Iterator[tuple[bool, str]]:
    """Yield the findings about some installations; `of_trackers` are the keys of the tokens of trackers."""
    installed = [record for record in records if record.state == "installed"]
    workspaces = sum(1 for one in installed if one.team)
    ended = len(records) - len(installed)
    yield True, f"installations: {workspaces} workspaces, and {ended} that have ended"
    of_installations = [one.key_id for one in installed if one.key_id]
    yield from key_findings(cipher, [*of_installations, *of_trackers])
    yield from _unreadable(installed, cipher)
    late = [one for one in installed if one.expires_at and half_life(one) + LATE < now]
    if late:
        yield False, _LATE.format(names=_names(late))
    needed = set(needed_scopes(public_url))
    lacking = [one for one in installed if one.key_id and needed - set(one.scopes.split(","))]
    if lacking:
        yield False, _LACKING.format(names=_names(lacking))


def check_allowed(settings: Settings, records: Sequence[InstallationRecord]) -> Iterator[tuple[bool, str]]:
    """Yield which installations ALLOWED_WORKSPACES would refuse today: it concerns new ones only."""
    refused = [
        record
        for record in records
        if record.state == "installed"
        and record.key_id
        and not settings.may_install(team=record.team, enterprise=record.enterprise)
    ]
    if refused:
        yield False, _NOT_ALLOWED.format(names=_names(refused))


def _unreadable(installed: Sequence[InstallationRecord], cipher: TokenCipher) -> Iterator[tuple[bool, str]]:
    faults: list[str] = []
    for one in installed:
        if not one.key_id:
            continue
        try:
            bot_token(cipher, one)
            refresh_token(cipher, one)
        except TokenUnreadable as fault:
            faults.append(str(fault))
    for fault in faults[:_NAMED]:
        yield False, fault
    if len(faults) > _NAMED:
        yield False, f"The tokens of {len(faults) - _NAMED} more installations cannot be read either."


def _names(records: Sequence[InstallationRecord]) -> str:
    named = ", ".join(record.tenant for record in records[:_NAMED])
    return named if len(records) <= _NAMED else f"{named} and {len(records) - _NAMED} more"


_LATE: Final = (
    "tokens of {names} were not renewed in time. Look for “a token cannot be renewed” in the log. If the bot "
    "was not running, it renews them after its start. Otherwise install the app there again at "
    "/slack/install."
)
_LACKING: Final = (
    "{names} did not permit all scopes of this release. Ask an administrator there to install the app "
    "again at /slack/install."
)
_NOT_ALLOWED: Final = (
    "ALLOWED_WORKSPACES no longer allows {names}, where the app is installed and still works. Add the IDs to "
    "the setting, or ask an administrator there to remove the app."
)
_PARKED: Final = (
    "installations: {named} failed repeatedly. Look for “put off” in the log. Each is retried every hour."
)


def key_findings(cipher: TokenCipher, needed: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """Yield which keys are still needed; `needed` has the ID of a key for each token that it encrypts.

    A new key is first added at the end: a replica that reads only the earlier ones could not read what
    another one writes with it.
    """
    used = Counter(needed)
    for number, key in enumerate(cipher.key_ids, start=1):
        which = f"THREATMODEL_TOKEN_KEYS: key {number} ({key})"
        if key == cipher.newest:
            yield True, f"{which} encrypts new tokens, and is used by {used[key]}"
        elif used[key]:
            yield True, f"{which} is still needed by {used[key]}; `serve` encrypts their tokens again"
        else:
            yield True, f"{which} is used by no token. Remove an earlier key; move a new one to the front."
